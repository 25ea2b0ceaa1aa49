//! What a run did, for people and as JSON.

use std::{collections::BTreeMap, path::Path};

use serde_json::json;

use super::{
    account, actions, drawing,
    screen::{
        Screen,
        style::{BOLD, DIM, GREEN, RED, paint},
    },
};
use crate::{
    apply::{Failure, Fate, Report},
    connector::http::Traffic,
    plan::{Decision, PlanError, PlanReader, RecordFate, RecordLine, Sent},
    program::Program,
};

/// Rejected records and failures that are shown each; further ones are in the plan.
const SHOWN_MAX: usize = 20;

/// A run, and what has to be known to show it.
pub(super) struct Summary<'a> {
    pub(super) program: &'a Program,
    pub(super) report: &'a Report,
    pub(super) traffic: Traffic,
    /// The plan that was carried out.
    pub(super) plan: &'a Path,
}

impl Summary<'_> {
    /// Shows it.
    pub(super) fn show(&self, screen: &Screen) {
        if screen.is_json() {
            self.show_json(screen);
            return;
        }
        self.left_undone(screen);
        self.arrived(screen);
        account::lines(&self.report.planned)
            .iter()
            .take_while(|line| !line.contains("objects:"))
            .for_each(|line| screen.say(line));
        let fates = self.report.fates.iter().map(|(fate, count)| (word(*fate), *count));
        screen.say(&account::objects(self.report.planned.drafts.drafts, fates));
        actions::by_kind(&self.report.actions, word).iter().for_each(|line| screen.say(line));
        actions::findings(&self.report.planned).iter().for_each(|line| screen.say(line));
        if let Some(back) = &self.report.write_back {
            let lines = actions::written_back(back, &self.program.head.source);
            lines.iter().for_each(|line| screen.say(line));
        }
        if let Some(profile) = &self.report.profile {
            screen.say(&format!("profile: {profile}"));
        }
        let Traffic { reads, writes, sign_ins } = self.traffic;
        screen.say(&format!(
            "writes sent: {writes} ({} objects written); reads: {reads}; sign-ins: {sign_ins}",
            self.report.written
        ));
    }

    fn show_json(&self, screen: &Screen) {
        let Traffic { reads, writes, sign_ins } = self.traffic;
        screen.json(&json!({
            "format": "crosswalk-run/1",
            "report": serde_json::to_value(self.report).unwrap_or_default(),
            "inside": self.inside(),
            "requests": {"writes": writes, "reads": reads, "sign_ins": sign_ins},
            "plan": self.plan.display().to_string(),
        }));
    }

    /// What arrived in the target, by object.
    fn arrived(&self, screen: &Screen) {
        let counts = self.by_object();
        let inside = self.inside();
        if counts.is_empty() {
            let unchanged = self.report.count(Fate::Unchanged);
            // Failed writes were something to do.
            let mut open = self.report.count(Fate::Failed) + self.report.count(Fate::InDoubt);
            if self.program.action().is_some() {
                open += self.report.count(Fate::Blocked) + self.report.count(Fate::Conflict);
            }
            let begin = if open == 0 { "nothing to do" } else { "nothing arrived" };
            let said = match self.program.action() {
                Some(_) if open == 0 => {
                    format!("{begin}: every row of the mapped records has been sent")
                }
                Some(_) => begin.to_owned(),
                None => format!("{begin}: {unchanged} objects are as the mapping wishes them"),
            };
            screen.say(&paint(if open == 0 { GREEN } else { RED }, &said));
            screen.say("");
            return;
        }
        let only_previewed = counts.iter().all(|(_, fates)| fates.keys().eq([&Fate::Previewed]));
        let what = if only_previewed { "asked of" } else { "arrived in" };
        screen.say(&paint(BOLD, &format!("{what} {}:", self.program.head.target)));
        for (object, fates) in &counts {
            let parts: Vec<String> =
                fates.iter().map(|(fate, count)| format!("{count} {}", word(*fate))).collect();
            screen.say(&format!("  {object:<28} {}", parts.join(", ")));
            for (item, count) in inside.get(object).into_iter().flatten() {
                screen.say(&format!("    {item:<26} {count} created with them"));
            }
        }
        screen.say("");
    }

    /// What took effect, by object in the order of the mapping.
    fn by_object(&self) -> Vec<(String, BTreeMap<Fate, u64>)> {
        let effects = [
            Fate::Created,
            Fate::Updated,
            Fate::Adopted,
            Fate::Retired,
            Fate::Sent,
            Fate::Previewed,
        ];
        let mut counts: Vec<(String, BTreeMap<Fate, u64>)> = Vec::new();
        if let Some(action) = self.program.action() {
            let fates = effects.map(|fate| (fate, self.report.count(fate)));
            let fates = fates.into_iter().filter(|(_, count)| *count > 0);
            let fates: BTreeMap<Fate, u64> = fates.collect();
            counts.extend((!fates.is_empty()).then(|| (action.object.clone(), fates)));
        }
        for resource in self.program.resources() {
            let Some(fates) = self.report.resources.get(&resource.name) else { continue };
            for fate in effects {
                let Some(count) = fates.get(&fate).filter(|count| **count > 0) else { continue };
                let at = match counts.iter().position(|(object, _)| *object == resource.object) {
                    Some(at) => at,
                    None => {
                        counts.push((resource.object.clone(), BTreeMap::new()));
                        counts.len() - 1
                    }
                };
                if let Some((_, fates)) = counts.get_mut(at) {
                    *fates.entry(fate).or_default() += count;
                }
            }
        }
        counts
    }

    /// Objects in lists inside created ones (tiers in charges), by object and name of the list.
    /// Nothing where it cannot be told which were created.
    fn inside(&self) -> BTreeMap<String, BTreeMap<String, usize>> {
        let untold = self.report.failures_not_listed + self.report.count(Fate::Unreached);
        if untold > 0 { BTreeMap::new() } else { self.count_inside().unwrap_or_default() }
    }

    fn count_inside(&self) -> Result<BTreeMap<String, BTreeMap<String, usize>>, PlanError> {
        let mut counts: BTreeMap<String, BTreeMap<String, usize>> = BTreeMap::new();
        let mut plan = PlanReader::open(self.plan)?;
        while let Some(segment) = plan.segment()? {
            for change in &segment.changes {
                let failed = |failure: &Failure| {
                    failure.resource == change.wish.resource && failure.key == change.wish.key
                };
                let created = change.decision == Decision::Create;
                if !created || self.report.failures.iter().any(failed) {
                    continue;
                }
                for (field, sent) in &change.body {
                    let Sent::Json(json) = sent else { continue };
                    let tree = json.tree();
                    let Some(items) = drawing::items(&tree) else { continue };
                    let wrapper = tree.as_object().and_then(|members| members.keys().next());
                    let name = wrapper.unwrap_or(field).clone();
                    let of_object = counts.entry(change.object.clone()).or_default();
                    *of_object.entry(name).or_default() += items.len();
                }
            }
        }
        Ok(counts)
    }

    /// Every record and object that was not done, with its reason and the next step.
    fn left_undone(&self, screen: &Screen) {
        for record in self.report.rejected.iter().take(SHOWN_MAX) {
            self.rejected(record, screen);
        }
        for failure in self.report.failures.iter().take(SHOWN_MAX) {
            failed(failure, screen);
        }
        let rejected: u64 = self.report.planned.records.rejected.iter().map(|r| r.count).sum();
        let failures = u64::try_from(self.report.failures.len()).unwrap_or(u64::MAX);
        let all = rejected + failures + self.report.failures_not_listed;
        let shown =
            self.report.rejected.len().min(SHOWN_MAX) + self.report.failures.len().min(SHOWN_MAX);
        let hidden = all.saturating_sub(u64::try_from(shown).unwrap_or(u64::MAX));
        if hidden > 0 {
            let way = "`crosswalk plan` shows all of them";
            screen.say(&format!("… and {hidden} more: {way}; this run: {}", self.plan.display()));
        }
        if all > 0 {
            screen.say("");
        }
    }

    fn rejected(&self, record: &RecordLine, screen: &Screen) {
        let RecordFate::Rejected(why) = &record.fate else { return };
        let name = drawing::title(&record.record, record.label.as_deref());
        screen.say(&format!("{} {name} is rejected: {}", paint(RED, "!"), why.reason));
        let path = why.path.as_ref().map(|path| format!(" looks at {path}")).unwrap_or_default();
        let step = format!(
            "    next: correct it in {}, or change {}{path}",
            self.program.head.source, why.place
        );
        screen.say(&paint(DIM, &step));
    }
}

fn failed(failure: &Failure, screen: &Screen) {
    let name = drawing::title(&failure.record, failure.label.as_deref());
    let field = failure.field.as_ref().map(|field| format!(", {field}")).unwrap_or_default();
    screen.say(&format!(
        "{} {name}, {}{field} {}: {} ({})",
        paint(RED, "!"),
        failure.resource,
        is(failure.fate),
        failure.said,
        failure.code,
    ));
    if !failure.records.is_empty() {
        let more = match failure.more_records {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        screen.say(&paint(DIM, &format!("    with {}{more}", failure.records.join(", "))));
    }
    if !failure.targets.is_empty() {
        screen.say(&paint(DIM, &format!("    in the target: {}", failure.targets.join(", "))));
    }
    screen.say(&paint(DIM, &format!("    next: {} ({})", failure.next_step, failure.place)));
}

fn is(fate: Fate) -> &'static str {
    match fate {
        Fate::Conflict => "is in conflict",
        Fate::Blocked => "is blocked",
        Fate::InDoubt => "is in doubt",
        Fate::Unreached => "was not reached",
        _ => "failed",
    }
}

fn word(fate: Fate) -> &'static str {
    match fate {
        Fate::Created => "created",
        Fate::Updated => "changed",
        Fate::Unchanged => "unchanged",
        Fate::Adopted => "adopted",
        Fate::Retired => "retired",
        Fate::Merged => "merged",
        Fate::Sent => "sent",
        Fate::Settled => "already settled",
        Fate::Previewed => "previewed",
        Fate::Conflict => "in conflict",
        Fate::Blocked => "blocked",
        Fate::Failed => "failed",
        Fate::InDoubt => "in doubt",
        Fate::Unreached => "not reached",
    }
}
