//! Known objects that no record wishes for any more.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::{
    PlanError,
    change::{Change, Decision, FieldChange, Retirement, Sent, Trouble},
    decide::before,
    look::Look,
    text::{Json, Place, WishId, digest},
    world::{Asked, World},
};
use crate::{
    connector::Found,
    ledger::{Entry, Wish},
    program::{Resource, Retire},
    value::Date,
};

/// What is to become of entries that are no longer wished for; retired ones stay as they are.
pub(super) async fn leave(
    world: &World<'_>,
    asked: &Asked<'_>,
    entries: Vec<Entry>,
    in_doubt: &HashSet<Wish>,
    reason: &str,
) -> Result<Vec<Change>, PlanError> {
    let entries: Vec<Entry> = entries.into_iter().filter(|entry| !entry.retired).collect();
    let there = look_at(world, asked, &entries).await?;
    let decide = |entry: &Entry| {
        let mut change = start(asked, entry, reason);
        if in_doubt.contains(&entry.wish) {
            change.block(Trouble {
                rule: "in-doubt".into(),
                what: "an earlier write of it has no known fate".into(),
                way_out: "run again when the target answers".into(),
                ..Trouble::default()
            });
        } else {
            retire(asked, &mut change, entry, there.get(&entry.wish));
        }
        change
    };
    Ok(entries.iter().map(decide).collect())
}

/// The current values of what would be expired.
async fn look_at(
    world: &World<'_>,
    asked: &Asked<'_>,
    entries: &[Entry],
) -> Result<HashMap<Wish, Found>, PlanError> {
    let mut groups: BTreeMap<(&str, &str), Vec<&Entry>> = BTreeMap::new();
    for entry in entries {
        let resource = asked.resource(&entry.wish.resource);
        if let Some(Retire::Expire { field }) = resource.map(|resource| &resource.retire) {
            groups.entry((&entry.object, field)).or_default().push(entry);
        }
    }
    let look = Look { target: world.target, clock: world.clock };
    let mut there = HashMap::new();
    for ((object, field), entries) in groups {
        let ids: Vec<_> = entries.iter().map(|entry| entry.target_id.clone()).collect();
        let hits = look.by_ids(object, &[field.to_owned()], &ids).await?;
        let pairs = entries.iter().zip(hits);
        there.extend(
            pairs.filter_map(|(entry, hits)| Some((entry.wish.clone(), hits.into_iter().next()?))),
        );
    }
    Ok(there)
}

fn start(asked: &Asked<'_>, entry: &Entry, reason: &str) -> Change {
    let resource = asked.resource(&entry.wish.resource);
    let parent = resource.and_then(|resource| asked.parent_of(resource, entry.parent.as_deref()));
    let place = resource.map_or_else(|| asked.place(), |resource| Place::from(&resource.origin));
    Change {
        wish: WishId::from(&entry.wish),
        record: entry.record.clone(),
        label: None,
        object: entry.object.clone(),
        parent: parent.as_ref().map(WishId::from),
        place,
        decision: Decision::Retire(Retirement::Keep),
        reason: reason.to_owned(),
        from_version: Some(entry.version),
        target_id: Some(entry.target_id.clone()),
        unwished: true,
        action: None,
        body: Vec::new(),
        before: None,
        lookup: Vec::new(),
        digests: entry.digests.clone(),
        needs: Vec::new(),
        after: Vec::new(),
        held: Vec::new(),
        estranged: None,
        result: Json::new(&entry.result),
        unique: Vec::new(),
    }
}

fn retire(asked: &Asked<'_>, change: &mut Change, entry: &Entry, there: Option<&Found>) {
    match asked.resource(&entry.wish.resource).map(|resource| (resource, &resource.retire)) {
        None => change.reason = "its resource is no longer in the mapping".into(),
        Some((_, Retire::Keep)) => {}
        Some((resource, Retire::Reject)) => {
            let what = change.reason.clone();
            change.conflict(reject_trouble(resource, what, &entry.target_id));
        }
        Some((resource, Retire::Expire { field })) => match there {
            Some(found) => expire(change, resource, field, found, asked.today),
            None => change.reason = format!("{}, and gone from the target", change.reason),
        },
    }
}

fn expire(change: &mut Change, resource: &Resource, field: &str, found: &Found, today: Date) {
    let old = found.fields.iter().find(|(name, _)| name == field);
    let old = old.and_then(|(_, text)| Json::new(text));
    let new = Json::of_text(&today.to_string());
    if old.as_ref().and_then(date_of).is_some_and(|old| old <= today) {
        change.reason = format!("{}, and expired in the target already", change.reason);
        return;
    }
    if let Some(digest) = digest(new.text()) {
        change.digests.insert(field.to_owned(), digest);
    }
    let rule = resource.fields.iter().find(|rule| rule.name == field);
    let place = Place::from(rule.map_or(&resource.origin, |rule| &rule.origin));
    change.before = Some(before(found));
    change.body = vec![(field.to_owned(), Sent::Json(new.clone()))];
    let path = field.to_owned();
    let field = FieldChange { path, old, new: Some(new), place };
    change.decision = Decision::Retire(Retirement::Expire(field));
}

fn date_of(json: &Json) -> Option<Date> {
    Date::parse(json.tree().as_str()?).ok()
}

fn reject_trouble(resource: &Resource, what: String, target: &str) -> Trouble {
    Trouble {
        rule: "retire-rejected".into(),
        what,
        way_out: format!(
            "bring the record back, or let `{}` say `retire: expire` or `retire: keep`",
            resource.name
        ),
        place: Some(Place::from(&resource.origin)),
        targets: vec![target.to_owned()],
        ..Trouble::default()
    }
}
