//! The decision for one wish, always with a reason. Pure: everything that is known enters.

use std::collections::HashSet;

use super::{
    change::{Change, Decision, FieldChange, Sent, Trouble},
    diff::diff,
    known::{Known, Standing},
    text::{Json, Place, WishId, digest_unordered},
    wished::Wished,
};
use crate::{
    connector::Found,
    ledger::{Entry, Wish},
    program::{Change as MayChange, DraftValue, FieldRule, Reference},
};

/// Decides for one wish of a page.
pub(super) fn decide(
    page: &[Wished<'_>],
    at: usize,
    known: &Known,
    in_doubt: &HashSet<Wish>,
) -> Option<Change> {
    let (wished, standing) = page.get(at).zip(known.standings.get(at))?;
    let case = Case { page, wished, known, entry: known.entry(wished) };
    let mut change = case.start();
    if in_doubt.contains(&wished.id) {
        change.block(in_doubt_trouble(&wished.resource.object, standing));
        return Some(change);
    }
    match standing {
        Standing::Same => {}
        Standing::Several(ids) => change.conflict(several_trouble(&wished.resource.object, ids)),
        Standing::Absent => case.create(&mut change),
        Standing::There(found) => case.compare(&mut change, found),
    }
    Some(change)
}

struct Case<'c, 'a> {
    page: &'c [Wished<'a>],
    wished: &'c Wished<'a>,
    known: &'c Known,
    entry: Option<&'c Entry>,
}

impl Case<'_, '_> {
    /// A change that changes nothing.
    fn start(&self) -> Change {
        let parent = self.wished.parent.and_then(|at| self.page.get(at));
        let parent = parent.map(|parent| WishId::from(&parent.id));
        Change {
            wish: WishId::from(&self.wished.id),
            record: self.wished.draft.record.clone(),
            label: self.wished.draft.label.clone(),
            object: self.wished.resource.object.clone(),
            place: Place::from(&self.wished.resource.origin),
            decision: Decision::Unchanged,
            reason: "it is as it was applied".into(),
            from_version: self.entry.map(|entry| entry.version),
            target_id: self.entry.map(|entry| entry.target_id.clone()),
            unique: self.wished.unique_claims(parent.as_ref()),
            held: Vec::new(),
            estranged: self.known.estranged.get(&self.wished.id).cloned(),
            after: Vec::new(),
            needs: self.parent_need(parent.as_ref()),
            parent,
            unwished: false,
            action: None,
            body: Vec::new(),
            before: None,
            lookup: Vec::new(),
            digests: std::collections::BTreeMap::new(),
            result: self.entry.and_then(|entry| Json::new(&entry.result)),
        }
    }

    /// A parent that the ledger does not know, or that is to be made again, has to hold before.
    fn parent_need(&self, parent: Option<&WishId>) -> Vec<WishId> {
        let Some(at) = self.wished.parent else { return Vec::new() };
        let entry = self.page.get(at).and_then(|parent| self.known.entry(parent));
        let standing = self.known.standings.get(at);
        let holds = entry.is_some() && !matches!(standing, Some(Standing::Absent));
        if holds { Vec::new() } else { parent.cloned().into_iter().collect() }
    }

    fn create(&self, change: &mut Change) {
        change.decision = Decision::Create;
        change.reason = match (self.entry, self.wished.parent) {
            (Some(entry), _) => format!("`{}` is gone from the target", entry.target_id),
            (None, _) => "nothing in the target has its key".into(),
        };
        change.target_id = None;
        change.lookup = self.lookup();
        change.digests.clone_from(&self.wished.digests);
        let mut body = self.parent_field();
        for (rule, value) in self.wished.fields() {
            // A new object has nothing that could be emptied.
            if *value == DraftValue::Clear {
                continue;
            }
            match self.sent(value, change) {
                Ok(sent) => body.push((rule.name.clone(), sent)),
                Err(trouble) => return change.block(at_field(trouble, rule)),
            }
        }
        change.body = with_key(body, self.wished);
    }

    fn compare(&self, change: &mut Change, found: &Found) {
        change.target_id = Some(found.id.clone());
        if self.entry.is_none() {
            // What is taken over was never answered to us; what was read stands for the answer.
            change.result = Some(before(found));
        }
        change.lookup = self.lookup();
        change.digests.clone_from(&self.wished.digests);
        let mut changes = Vec::new();
        for (rule, value) in self.wished.fields() {
            let sent = match self.sent(value, change) {
                Ok(sent) => sent,
                Err(trouble) => return change.block(at_field(trouble, rule)),
            };
            let differing = differing(rule, &sent, found);
            if differing.is_empty() {
                continue;
            }
            if let MayChange::Never(reason) = &rule.change {
                return change.block(never_trouble(rule, reason, &differing));
            }
            changes.extend(differing);
            change.body.push((rule.name.clone(), sent));
        }
        if !change.body.is_empty() {
            change.before = Some(before(found));
        }
        self.name_comparison(change, changes);
    }

    fn name_comparison(&self, change: &mut Change, changes: Vec<FieldChange>) {
        let retired = self.entry.is_some_and(|entry| entry.retired);
        let (decision, reason) = match (self.entry, changes.is_empty()) {
            (Some(_), true) => (Decision::Adopt, "the target has the wished values already"),
            (None, true) => (Decision::Adopt, "the target has it already, as it is wished for"),
            (None, false) => (Decision::AdoptAndUpdate(changes), "the target has it already"),
            (Some(_), false) if retired => (Decision::Update(changes), "it is wished for again"),
            (Some(_), false) => (Decision::Update(changes), "the wish has changed"),
        };
        change.decision = decision;
        change.reason = reason.into();
    }

    /// The key by which the target is asked for it, with the parent's id known or pending.
    fn lookup(&self) -> Vec<(String, Sent)> {
        let own = self.wished.key(None).into_iter();
        let own = own.filter_map(|(name, text)| Some((name, Sent::Json(Json::new(&text)?))));
        self.parent_field().into_iter().chain(own).collect()
    }

    fn parent_field(&self) -> Vec<(String, Sent)> {
        let Some(field) = &self.wished.resource.parent_field else { return Vec::new() };
        let Some(parent) = self.wished.parent.and_then(|at| self.page.get(at)) else {
            return Vec::new();
        };
        let sent = match self.known.parent_id(self.page, self.wished) {
            Some(id) => Sent::Json(Json::of_text(id)),
            None => Sent::Pending { of: WishId::from(&parent.id), take: None },
        };
        vec![(field.clone(), sent)]
    }

    /// The value that is sent; what it has to wait for is added to the needs of the change.
    fn sent(&self, value: &DraftValue, change: &mut Change) -> Result<Sent, Box<Trouble>> {
        match value {
            DraftValue::Json(range) => {
                let json = Json::new(self.wished.draft.json(range));
                Ok(Sent::Json(json.unwrap_or_else(Json::null)))
            }
            DraftValue::Clear => Ok(Sent::Json(Json::null())),
            DraftValue::Ref(reference) => self.referred(reference, change),
        }
    }

    fn referred(&self, reference: &Reference, change: &mut Change) -> Result<Sent, Box<Trouble>> {
        let Reference { mapping, resource, key, take } = reference.clone();
        let of = WishId { mapping, resource, key };
        let Some(entry) = self.known.entries.get(&of.wish()) else {
            if !change.needs.contains(&of) {
                change.needs.push(of.clone());
            }
            return Ok(Sent::Pending { of, take });
        };
        taken(&entry.target_id, &entry.result, take.as_deref())
            .map(Sent::Json)
            .ok_or_else(|| Box::new(answer_trouble(&of, take.as_deref())))
    }
}

/// The id, or the field of an answer, that a reference takes.
pub fn taken(target_id: &str, result: &str, take: Option<&str>) -> Option<Json> {
    let Some(field) = take else { return Some(Json::of_text(target_id)) };
    let answer = Json::new(result)?.tree();
    answer.get(field).filter(|value| !value.is_null()).map(Json::of)
}

/// Key fields that no rule sends are sent all the same: by them the object is found again.
fn with_key(mut body: Vec<(String, Sent)>, wished: &Wished<'_>) -> Vec<(String, Sent)> {
    for (name, text) in wished.key(None) {
        if !body.iter().any(|(known, _)| *known == name)
            && let Some(json) = Json::new(&text)
        {
            body.push((name, Sent::Json(json)));
        }
    }
    body
}

fn differing(rule: &FieldRule, sent: &Sent, found: &Found) -> Vec<FieldChange> {
    let old = found.fields.iter().find(|(name, _)| *name == rule.name);
    let old = old.and_then(|(_, text)| Json::new(text));
    let place = Place::from(&rule.origin);
    if let (true, Sent::Json(new), Some(old)) = (rule.unordered, sent, &old)
        && digest_unordered(new.text()) == digest_unordered(old.text())
    {
        return Vec::new();
    }
    let Sent::Json(new) = sent else {
        return vec![FieldChange { path: rule.name.clone(), old, new: None, place }];
    };
    let parts = diff(&rule.name, &new.tree(), old.map(|old| old.tree()).as_ref(), &rule.item_key);
    let named = parts.into_iter().map(|part| FieldChange {
        path: part.path,
        old: part.old.as_ref().map(Json::of),
        new: part.new.as_ref().map(Json::of),
        place: place.clone(),
    });
    named.collect()
}

/// The object as it was read.
pub(super) fn before(found: &Found) -> Json {
    let own = [("Id", Json::of_text(&found.id).text().to_owned())];
    let own = own.iter().map(|(name, text)| (*name, text.as_str()));
    let has_id = found.fields.iter().any(|(name, _)| name == "Id");
    let fields = found.fields.iter().map(|(name, text)| (name.as_str(), text.as_str()));
    Json::of_members(own.filter(|_| !has_id).chain(fields))
}

impl Change {
    /// Holds it back: nothing of it is sent.
    pub(super) fn block(&mut self, trouble: Trouble) {
        self.reason.clone_from(&trouble.what);
        self.stop(Decision::Blocked(trouble));
    }

    /// Puts it in conflict: nothing of it is sent.
    pub(super) fn conflict(&mut self, trouble: Trouble) {
        self.reason.clone_from(&trouble.what);
        self.stop(Decision::Conflict(trouble));
    }

    fn stop(&mut self, decision: Decision) {
        self.decision = decision;
        self.body.clear();
        self.before = None;
        self.digests.clear();
    }
}

fn in_doubt_trouble(object: &str, standing: &Standing) -> Trouble {
    if let Standing::Several(ids) = standing {
        // Which of them came from that write nobody can tell, now or later.
        return Trouble { rule: "in-doubt".into(), ..several_trouble(object, ids) };
    }
    Trouble {
        rule: "in-doubt".into(),
        what: "an earlier write of it has no known fate".into(),
        way_out: "run again when the target answers; the write is looked up there first".into(),
        ..Trouble::default()
    }
}

fn several_trouble(object: &str, ids: &[String]) -> Trouble {
    Trouble {
        rule: "several-in-target".into(),
        what: format!("the target has {} objects {object} that fit its key", ids.len()),
        way_out: "leave one of them in the target, or give the others another key".into(),
        targets: ids.to_vec(),
        ..Trouble::default()
    }
}

fn never_trouble(rule: &FieldRule, reason: &str, changes: &[FieldChange]) -> Trouble {
    let paths: Vec<_> = changes.iter().map(|change| change.path.as_str()).collect();
    Trouble {
        rule: "never-changes".into(),
        what: format!("the target does not let {} change after creation", paths.join(", ")),
        way_out: reason.to_owned(),
        field: Some(rule.name.clone()),
        place: Some(Place::from(&rule.origin)),
        ..Trouble::default()
    }
}

fn answer_trouble(of: &WishId, take: Option<&str>) -> Trouble {
    let field = take.unwrap_or("Id");
    Trouble {
        rule: "answer-lacks-field".into(),
        what: format!("what the target answered for {of} has no field `{field}`"),
        way_out: format!("run the mapping `{}` again, or refer to another field", of.mapping),
        by: Some(of.clone()),
        ..Trouble::default()
    }
}

fn at_field(trouble: Box<Trouble>, rule: &FieldRule) -> Trouble {
    let place = Some(Place::from(&rule.origin));
    Trouble { field: Some(rule.name.clone()), place, ..*trouble }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_takes_the_id_or_a_field_of_the_answer() {
        let text = |take| taken("T1", r#"{"AccountNumber":"A-7","Notes":null}"#, take);
        assert_eq!(text(None).unwrap().text(), "\"T1\"");
        assert_eq!(text(Some("AccountNumber")).unwrap().text(), "\"A-7\"");
        assert_eq!((text(Some("Notes")), text(Some("Other"))), (None, None));
        assert_eq!(taken("T1", "", Some("Id")), None);
    }
}
