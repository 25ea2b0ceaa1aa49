//! Values that no two objects of the target may share, against what is in the target already.

use std::collections::BTreeMap;

use super::{
    PlanError,
    change::{Change, Decision, Held, Trouble},
    known::Known,
    look::Look,
    text::Place,
    wished::Wished,
    world::World,
};
use crate::{connector::KeyValues, program::Unique};

/// Notes which changes would give an object a value that another one has now. Whether the plan
/// gives it free before is decided when the whole source is read.
///
/// Only what is made, or changes such a field, is asked for: the target guards the rest itself.
pub(super) async fn check_target(
    world: &World<'_>,
    page: &[Wished<'_>],
    known: &Known,
    changes: &mut [Change],
) -> Result<(), PlanError> {
    let look = Look { target: world.target, clock: world.clock };
    for (object, asked) in questions(page, known, changes) {
        let keys: Vec<KeyValues> = asked.iter().map(|question| question.key.clone()).collect();
        let hits = look.by_keys(&object.0, &[], &keys).await?;
        for (question, hits) in asked.iter().zip(hits) {
            let Some(change) = changes.get_mut(question.at) else { continue };
            let own = change.target_id.as_deref();
            let ids: Vec<String> =
                hits.into_iter().map(|hit| hit.id).filter(|id| own != Some(id)).collect();
            if !ids.is_empty() {
                let trouble = question.trouble(&object.0, ids);
                change.held.push(Held { value: question.value.clone(), trouble });
            }
        }
    }
    Ok(())
}

struct Question {
    at: usize,
    key: KeyValues,
    /// The fingerprint of the claim.
    value: String,
    fields: Vec<String>,
    place: Place,
}

/// Questions by object and by the names of their fields, for one call asks for one kind of key.
type Questions = BTreeMap<(String, Vec<String>), Vec<Question>>;

fn questions(page: &[Wished<'_>], known: &Known, changes: &[Change]) -> Questions {
    let mut all = Questions::new();
    for (at, (wished, change)) in page.iter().zip(changes).enumerate() {
        for unique in wished.resource.unique.iter().filter(|unique| touches(change, unique)) {
            let Some(key) = key_of(page, known, wished, unique) else { continue };
            // Such a key was asked for already, and nothing but the object itself has it.
            if key == wished.key(known.parent_id(page, wished)) {
                continue;
            }
            let claim = change.unique.iter().find(|claim| claim.fields == unique.fields);
            let Some(claim) = claim else { continue };
            let (value, place) = (claim.value.clone(), claim.place.clone());
            let group = (change.object.clone(), key.iter().map(|(name, _)| name.clone()).collect());
            let question = Question { at, key, value, fields: unique.fields.clone(), place };
            all.entry(group).or_default().push(question);
        }
    }
    all
}

fn touches(change: &Change, unique: &Unique) -> bool {
    match change.decision {
        Decision::Create => true,
        Decision::Update(_) | Decision::AdoptAndUpdate(_) => {
            change.body.iter().any(|(name, _)| unique.fields.contains(name))
        }
        _ => false,
    }
}

fn key_of(
    page: &[Wished<'_>],
    known: &Known,
    wished: &Wished<'_>,
    unique: &Unique,
) -> Option<KeyValues> {
    let values = wished.unique_values(unique)?;
    if !unique.within_parent {
        return Some(values);
    }
    let field = wished.resource.parent_field.clone()?;
    let parent = known.parent_id(page, wished)?;
    let parent = super::text::Json::of_text(parent).text().to_owned();
    Some(std::iter::once((field, parent)).chain(values).collect())
}

impl Question {
    fn trouble(&self, object: &str, targets: Vec<String>) -> Trouble {
        let shown = |(name, value): &(String, String)| format!("{name} = {value}");
        let values: Vec<_> = self.key.iter().map(shown).collect();
        Trouble {
            rule: "unique-value".into(),
            what: format!("the target has another {object} with {}", values.join(", ")),
            way_out: format!(
                "rename it there, take it over with `adopt_by`, or tell them apart at {}",
                self.place
            ),
            field: self.fields.first().cloned(),
            place: Some(self.place.clone()),
            targets,
            ..Trouble::default()
        }
    }
}
