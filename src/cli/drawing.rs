//! A plan for people: what is created, changed, taken over, retired or held back, by record.

use serde_json::Value;

use super::{
    actions,
    findings::counted,
    screen::style::{BOLD, DIM, GREEN, RED, YELLOW, paint},
};
use crate::plan::{
    Change, Decision, FieldChange, Json, LeftOut, Place, RecordFate, RecordLine, Retirement,
    Segment, Sent, Trouble,
};

/// Created objects that are shown with their fields; further ones are counted.
const CREATED_SHOWN_MAX: usize = 12;
/// Records that are left out for a reason that the mapping gives, and are shown each.
const SKIPPED_SHOWN_MAX: usize = 10;
/// The longest value that is shown whole.
const VALUE_LENGTH_MAX: usize = 96;

/// What of a plan is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fold {
    /// Long lists are counted after their beginning.
    Long,
    /// Everything is drawn.
    Nothing,
}

/// The drawing of one plan, segment by segment.
pub(super) struct Drawing {
    fold: Fold,
    created_shown: usize,
    created_folded: usize,
    skipped_shown: usize,
    skipped_folded: usize,
}

impl Drawing {
    /// A drawing of nothing yet.
    pub(super) fn new(fold: Fold) -> Self {
        Self { fold, created_shown: 0, created_folded: 0, skipped_shown: 0, skipped_folded: 0 }
    }

    /// The lines of a segment.
    pub(super) fn segment(&mut self, segment: &Segment) -> Vec<String> {
        let mut lines = Vec::new();
        for record in &segment.records {
            self.left_out(record, &mut lines);
        }
        for record in segment.records.iter().filter(|record| !record.changed.is_empty()) {
            lines.push(title(&record.record, record.label.as_deref()));
            lines.extend(record.changed.iter().map(actions::row_changed));
        }
        let mut titled: Option<&str> = None;
        for change in &segment.changes {
            let drawn = self.change(change);
            if drawn.is_empty() {
                continue;
            }
            if titled != Some(&change.record) {
                lines.push(title(&change.record, change.label.as_deref()));
                titled = Some(&change.record);
            }
            lines.extend(drawn);
        }
        lines
    }

    /// What was only counted.
    pub(super) fn rest(&self) -> Vec<String> {
        let mut lines = Vec::new();
        if self.created_folded > 0 {
            let more = counted(self.created_folded, "further object");
            lines.push(paint(GREEN, &format!("+ {more} to create or send (--verbose shows all)")));
        }
        if self.skipped_folded > 0 {
            let more = counted(self.skipped_folded, "further record or item");
            lines.push(paint(DIM, &format!("  {more} left out by the mapping (--verbose)")));
        }
        lines
    }

    fn left_out(&mut self, record: &RecordLine, lines: &mut Vec<String>) {
        let name = title(&record.record, record.label.as_deref());
        match &record.fate {
            RecordFate::Rejected(why) => {
                lines.push(name);
                lines.push(format!("  {} rejected: {}", paint(RED, "!"), because(why)));
            }
            RecordFate::Skipped(why) => self.skipped(&name, "skipped", why, lines),
            RecordFate::Mapped { items_skipped, .. } => {
                for why in items_skipped {
                    self.skipped(&name, "a part is skipped", why, lines);
                }
            }
        }
    }

    fn skipped(&mut self, name: &str, what: &str, why: &LeftOut, lines: &mut Vec<String>) {
        if self.fold == Fold::Long && self.skipped_shown >= SKIPPED_SHOWN_MAX {
            self.skipped_folded += 1;
            return;
        }
        self.skipped_shown += 1;
        lines.push(name.to_owned());
        lines.push(paint(DIM, &format!("    {what}: {}", because(why))));
    }

    fn change(&mut self, change: &Change) -> Vec<String> {
        let name = object_name(change);
        let line = |sign: &str, text: &str| format!("  {sign} {name}{text}");
        let with_fields = |sign: &str, fields: &[FieldChange]| {
            let drawn = fields.iter().map(field_change);
            std::iter::once(line(sign, "")).chain(drawn).collect()
        };
        match &change.decision {
            Decision::Unchanged | Decision::Merged | Decision::Settled => Vec::new(),
            Decision::Send => self.acting(change, line(&paint(GREEN, "→"), "")),
            Decision::Preview => self.acting(change, line(&paint(GREEN, "?"), "")),
            Decision::Create => self.created(change, line(&paint(GREEN, "+"), "")),
            Decision::Update(fields) => with_fields(&paint(YELLOW, "~"), fields),
            Decision::AdoptAndUpdate(fields) => with_fields(&paint(YELLOW, "=~"), fields),
            Decision::Adopt => vec![line("=", &format!(" is there already: {}", change.reason))],
            Decision::Retire(Retirement::Expire(field)) => {
                let said = format!(" is retired: {}", change.reason);
                vec![line(&paint(YELLOW, "-"), &said), field_change(field)]
            }
            Decision::Retire(Retirement::Keep) => {
                vec![line("-", &format!(" is kept as it is: {}", change.reason))]
            }
            Decision::Conflict(trouble) => {
                troubled(line(&paint(RED, "!"), " is in conflict"), trouble, &change.place)
            }
            Decision::Blocked(trouble) => {
                troubled(line(&paint(RED, "!"), " is blocked"), trouble, &change.place)
            }
        }
    }

    /// An action: its body is folded as that of a created object is, what is said of it is not.
    fn acting(&mut self, change: &Change, line: String) -> Vec<String> {
        let notes = change.action.as_deref().map(actions::notes);
        let notes = notes.unwrap_or_default();
        let mut lines = self.created(change, line.clone());
        if lines.is_empty() && !notes.is_empty() {
            // Its line was folded away, and it has something to say.
            self.created_folded -= 1;
            lines.push(line);
        }
        lines.extend(notes);
        lines
    }

    fn created(&mut self, change: &Change, line: String) -> Vec<String> {
        if self.fold == Fold::Long && self.created_shown >= CREATED_SHOWN_MAX {
            self.created_folded += 1;
            return Vec::new();
        }
        self.created_shown += 1;
        let mut lines = vec![line];
        // What its own line says is not said twice.
        let told = change.action.as_ref().map(|action| action.number_field.as_str());
        for (name, sent) in change.body.iter().filter(|(name, _)| Some(name.as_str()) != told) {
            match sent {
                Sent::Pending { of, take } => {
                    let field = take.as_deref().unwrap_or("id");
                    let said = format!("the {field} of {of}, once it is made");
                    lines.push(format!("      {name}: {}", paint(DIM, &said)));
                }
                Sent::Json(json) => lines.extend(field(name, json, self.fold)),
                Sent::Holed(holes) => lines.extend(field(name, &holes.text, self.fold)),
            }
        }
        lines
    }
}

/// How a record is named.
pub(super) fn title(record: &str, label: Option<&str>) -> String {
    match label.filter(|label| !label.is_empty()) {
        Some(label) => format!("{} {}", paint(BOLD, label), paint(DIM, record)),
        None => paint(BOLD, record),
    }
}

/// The object and the name that is sent for it; its key where it has none.
fn object_name(change: &Change) -> String {
    if let Some(action) = &change.action {
        return actions::head(&change.object.to_lowercase(), action);
    }
    let name = change.body.iter().find(|(field, _)| field == "Name").map(|(_, sent)| sent);
    let name = match name {
        Some(Sent::Json(json)) => json.tree().as_str().map(str::to_owned),
        _ => None,
    };
    let id = change.target_id.as_ref().map(|id| format!(" {}", paint(DIM, id)));
    let shown = name.unwrap_or_else(|| change.wish.key.clone());
    format!("{} {shown}{}", change.object, id.unwrap_or_default())
}

fn because(why: &LeftOut) -> String {
    let path = why.path.as_ref().map(|path| format!(", {path}")).unwrap_or_default();
    format!("{} {}", why.reason, paint(DIM, &format!("({}{path})", why.place)))
}

fn troubled(line: String, trouble: &Trouble, place: &Place) -> Vec<String> {
    let mut lines = vec![format!("{line}: {}", trouble.what)];
    if !trouble.records.is_empty() {
        let more = match trouble.more_records {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        lines.push(format!("      with {}{more}", trouble.records.join(", ")));
    }
    if !trouble.targets.is_empty() {
        lines.push(format!("      in the target: {}", trouble.targets.join(", ")));
    }
    let place = trouble.place.as_ref().unwrap_or(place);
    let place = paint(DIM, &format!("({place})"));
    lines.push(format!("      way out: {} {place}", trouble.way_out));
    lines
}

fn field_change(change: &FieldChange) -> String {
    let shown = |value: &Option<Json>| value.as_ref().map_or("nothing".into(), short);
    let place = paint(DIM, &format!("({})", change.place));
    format!("      {}: {} → {} {place}", change.path, shown(&change.old), shown(&change.new))
}

/// A field that is sent; a list of objects inside it has a line for each.
fn field(name: &str, json: &Json, fold: Fold) -> Vec<String> {
    let tree = json.tree();
    match items(&tree) {
        Some(items) => {
            let mut lines = vec![format!("      {name}: {}", counted(items.len(), "item"))];
            lines.extend(items.iter().map(|item| format!("        {}", members(item, fold))));
            lines
        }
        None => vec![format!("      {name}: {}", short(json))],
    }
}

/// The objects of a list, or of the list inside a single wrapper.
pub(super) fn items(tree: &Value) -> Option<&Vec<Value>> {
    let list = match tree {
        Value::Object(members) if members.len() == 1 => members.values().next()?.as_array()?,
        Value::Array(list) => list,
        _ => return None,
    };
    (!list.is_empty() && list.iter().all(Value::is_object)).then_some(list)
}

fn members(item: &Value, fold: Fold) -> String {
    let shown = |value: &Value| match (value, fold) {
        (Value::String(text), _) => text.clone(),
        // Lists of objects inside of items are long; a tier has none.
        (Value::Array(_) | Value::Object(_), Fold::Long) => short(&Json::of(value)),
        _ => value.to_string(),
    };
    let pairs = item.as_object().into_iter().flatten();
    let pairs: Vec<String> =
        pairs.map(|(name, value)| format!("{name} {}", shown(value))).collect();
    pairs.join(", ")
}

fn short(json: &Json) -> String {
    let text = json.text();
    match text.char_indices().nth(VALUE_LENGTH_MAX) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or_default()),
        None => text.to_owned(),
    }
}
