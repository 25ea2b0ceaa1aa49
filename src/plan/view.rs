//! The plan as others see it: one flat form per change, for `--output json` and for drawing.
//!
//! Its keys are stable: a key is added, never renamed, unless [`VIEW_FORMAT`] counts up.

use std::path::Path;

use serde::Serialize;

use super::{
    PlanError,
    action::{ExpectedFigures, NotSent, PlannedAction, RowChange},
    change::{Change, Decision, FieldChange, Retirement, Sent, Trouble},
    file::{Header, PlanReader},
    preview::Previewed,
    segment::{LeftOut, RecordFate, RecordLine},
    text::{Json, Place},
    totals::Totals,
};

/// The version of the form.
pub const VIEW_FORMAT: u32 = 1;

/// What of a plan is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// What is as it should be, too.
    All,
    /// Only what changes, is held back or is left out.
    Differences,
}

/// A plan as it is shown.
#[derive(Clone, Debug, Serialize)]
pub struct PlanView {
    /// The version of the form, [`VIEW_FORMAT`].
    #[serde(rename = "crosswalk-plan-view")]
    pub format: u32,
    /// What it is bound to.
    pub header: Header,
    /// Records that are left out, or of which items are.
    pub records: Vec<RecordView>,
    /// The changes.
    pub changes: Vec<ChangeView>,
    /// Rows that have changed since an action consumed them, by record.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rows_changed: Vec<RowsChangedView>,
    /// The accounts.
    pub totals: Totals,
}

/// Rows of a record that have changed since actions consumed them.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RowsChangedView {
    /// The id of the record.
    pub record: String,
    /// How a person knows it.
    pub label: Option<String>,
    /// The rows.
    pub rows: Vec<RowChange>,
}

/// A record that is left out as a whole or in part.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RecordView {
    /// `skipped`, `rejected` or `item_skipped`.
    pub kind: &'static str,
    /// Its id.
    pub record: String,
    /// How a person knows it.
    pub label: Option<String>,
    /// Why.
    #[serde(flatten)]
    pub why: LeftOut,
}

/// A change as it is shown.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ChangeView {
    /// `create`, `update`, `unchanged`, `adopt`, `adopt_and_update`, `retire`, `keep`, `merged`,
    /// `send`, `settled`, `preview`, `conflict` or `blocked`.
    pub kind: &'static str,
    /// The resource of the mapping.
    pub resource: String,
    /// The target's object.
    pub object: String,
    /// The key.
    pub key: String,
    /// The key of what it lies within.
    pub parent: Option<String>,
    /// The id of the source record.
    pub record: String,
    /// How a person knows the record.
    pub label: Option<String>,
    /// The id in the target.
    pub target_id: Option<String>,
    /// Why this is decided.
    pub reason: String,
    /// Fields with their old and new values; all fields of what is created.
    pub fields: Vec<FieldView>,
    /// What stands in the way, and the way out.
    pub trouble: Option<Trouble>,
    /// Where the mapping wishes for it.
    pub place: Place,
    /// What it is beside, where it is an action.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action: Option<ActionView>,
}

/// What an action is beside a change, as it is shown.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ActionView {
    /// What it does.
    pub kind: String,
    /// The number under which the target will know it.
    pub number: String,
    /// What its followers are held back by.
    pub sequence: String,
    /// The day on which it takes effect.
    pub day: String,
    /// The ids of the rows that it consumes.
    pub rows: Vec<String>,
    /// The action of the plan that comes before it.
    pub after: Option<String>,
    /// What it does not send, by rule.
    pub not_sent: Vec<NotSent>,
    /// What the source says that it should come to.
    pub expected: Option<ExpectedFigures>,
    /// What the target says.
    pub preview: Option<Previewed>,
}

/// A value that changes, as it is shown.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FieldView {
    /// The path from the object.
    pub path: String,
    /// The value in the target; null where there is none.
    pub old: Option<Json>,
    /// The value that is sent; null where the field is emptied or the item goes.
    pub new: Option<Json>,
    /// The object whose id, or whose answer, will be the value.
    pub pending: Option<String>,
}

impl PlanView {
    /// Reads a plan to be shown.
    ///
    /// # Errors
    /// [`PlanError`] when it cannot be read or is cut off.
    pub fn read(path: &Path, detail: Detail) -> Result<Self, PlanError> {
        let mut plan = PlanReader::open(path)?;
        let (mut records, mut changes) = (Vec::new(), Vec::new());
        let mut rows_changed = Vec::new();
        while let Some(segment) = plan.segment()? {
            records.extend(segment.records.iter().flat_map(record_views));
            rows_changed.extend(segment.records.iter().filter_map(rows_changed_view));
            let shown = segment.changes.iter().filter(|change| detail.shows(change));
            changes.extend(shown.map(ChangeView::of));
        }
        let (header, totals) = (plan.header, plan.footer.totals);
        Ok(Self { format: VIEW_FORMAT, header, records, changes, rows_changed, totals })
    }
}

impl Detail {
    fn shows(self, change: &Change) -> bool {
        let quiet =
            matches!(change.decision, Decision::Unchanged | Decision::Merged | Decision::Settled);
        self == Self::All || !quiet
    }
}

fn rows_changed_view(record: &RecordLine) -> Option<RowsChangedView> {
    let rows = record.changed.clone();
    let (record, label) = (record.record.clone(), record.label.clone());
    (!rows.is_empty()).then_some(RowsChangedView { record, label, rows })
}

fn record_views(record: &RecordLine) -> Vec<RecordView> {
    let view = |kind: &'static str, why: &LeftOut| RecordView {
        kind,
        record: record.record.clone(),
        label: record.label.clone(),
        why: why.clone(),
    };
    match &record.fate {
        RecordFate::Skipped(why) => vec![view("skipped", why)],
        RecordFate::Rejected(why) => vec![view("rejected", why)],
        RecordFate::Mapped { items_skipped, .. } => {
            items_skipped.iter().map(|why| view("item_skipped", why)).collect()
        }
    }
}

impl ChangeView {
    /// The form of one change.
    pub fn of(change: &Change) -> Self {
        let trouble = match &change.decision {
            Decision::Conflict(trouble) | Decision::Blocked(trouble) => Some(trouble.clone()),
            _ => None,
        };
        Self {
            kind: kind(&change.decision),
            resource: change.wish.resource.clone(),
            object: change.object.clone(),
            key: change.wish.key.clone(),
            parent: change.parent.as_ref().map(|parent| parent.key.clone()),
            record: change.record.clone(),
            label: change.label.clone(),
            target_id: change.target_id.clone(),
            reason: change.reason.clone(),
            fields: fields(change),
            action: change.action.as_deref().map(ActionView::of),
            trouble,
            place: change.place.clone(),
        }
    }
}

impl ActionView {
    fn of(action: &PlannedAction) -> Self {
        Self {
            kind: action.kind.clone(),
            number: action.number.clone(),
            sequence: action.sequence.clone(),
            day: action.day.clone(),
            rows: action.rows.keys().cloned().collect(),
            after: action.after.clone(),
            not_sent: action.not_sent.clone(),
            expected: action.expected.clone(),
            preview: action.preview.clone(),
        }
    }
}

fn kind(decision: &Decision) -> &'static str {
    match decision {
        Decision::Create => "create",
        Decision::Update(_) => "update",
        Decision::Unchanged => "unchanged",
        Decision::Adopt => "adopt",
        Decision::AdoptAndUpdate(_) => "adopt_and_update",
        Decision::Retire(Retirement::Expire(_)) => "retire",
        Decision::Retire(Retirement::Keep) => "keep",
        Decision::Merged => "merged",
        Decision::Send => "send",
        Decision::Settled => "settled",
        Decision::Preview => "preview",
        Decision::Conflict(_) => "conflict",
        Decision::Blocked(_) => "blocked",
    }
}

fn fields(change: &Change) -> Vec<FieldView> {
    match &change.decision {
        Decision::Create | Decision::Send | Decision::Preview => {
            change.body.iter().map(|(name, sent)| created(name, sent)).collect()
        }
        Decision::Update(fields) | Decision::AdoptAndUpdate(fields) => {
            fields.iter().map(|field| changed(field, change)).collect()
        }
        Decision::Retire(Retirement::Expire(field)) => vec![changed(field, change)],
        _ => Vec::new(),
    }
}

fn created(name: &str, sent: &Sent) -> FieldView {
    let (new, pending) = value(sent);
    FieldView { path: name.to_owned(), old: None, new, pending }
}

fn changed(field: &FieldChange, change: &Change) -> FieldView {
    let sent = change.body.iter().find(|(name, _)| *name == field.path);
    let pending = sent.and_then(|(_, sent)| value(sent).1);
    FieldView { path: field.path.clone(), old: field.old.clone(), new: field.new.clone(), pending }
}

fn value(sent: &Sent) -> (Option<Json>, Option<String>) {
    match sent {
        Sent::Json(json) => (Some(json.clone()), None),
        Sent::Pending { of, .. } => (None, Some(of.to_string())),
        Sent::Holed(holes) => {
            let of: Vec<String> = sent.waits_for().map(ToString::to_string).collect();
            (Some(holes.text.clone()), Some(of.join(", ")))
        }
    }
}
