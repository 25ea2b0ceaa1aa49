//! Wished objects of one page, side by side, with what identifies and digests them.

use std::collections::BTreeMap;

use super::{
    PlanError,
    change::UniqueClaim,
    text::{Json, Place, WishId, digest, digest_unordered},
    world::Asked,
};
use crate::{
    connector::KeyValues,
    ledger::Wish,
    program::{Draft, DraftValue, FieldRule, Reference, Resource, Unique, WishDraft},
    value::{Fingerprint, FingerprintOf},
};

/// One wished object.
pub(super) struct Wished<'a> {
    /// The draft that it stands in.
    pub draft: &'a Draft,
    /// What is wished for.
    pub wish: &'a WishDraft,
    /// Its resource.
    pub resource: &'a Resource,
    /// What identifies it.
    pub id: Wish,
    /// What it lies within, by its place among the wishes of the page.
    pub parent: Option<usize>,
    /// How many parents are above it.
    pub depth: usize,
    /// One digest per field.
    pub digests: BTreeMap<String, Fingerprint>,
}

/// The wishes of a draft, added to those of the page.
///
/// # Errors
/// [`PlanError::Draft`] when the draft does not fit the program.
pub(super) fn add_wishes<'a>(
    asked: &'a Asked<'a>,
    draft: &'a Draft,
    page: &mut Vec<Wished<'a>>,
) -> Result<(), PlanError> {
    let offset = page.len();
    for wish in &draft.wishes {
        let impossible = |said: &str| PlanError::Draft {
            record: draft.record.clone(),
            said: format!("{said} in `{}`", wish.key),
        };
        let resource = asked.resources.get(wish.resource);
        let resource = resource.ok_or_else(|| impossible("a resource that does not exist"))?;
        let parent = wish.parent.map(|parent| parent + offset);
        let depth = match parent {
            None => 0,
            Some(at) => {
                page.get(at).ok_or_else(|| impossible("a parent that comes later"))?.depth + 1
            }
        };
        let digests = digests(draft, wish, resource)
            .ok_or_else(|| impossible("a value that is no JSON, or a rule that does not exist"))?;
        let id = asked.wish(resource, &wish.key);
        page.push(Wished { draft, wish, resource, id, parent, depth, digests });
    }
    Ok(())
}

fn digests(
    draft: &Draft,
    wish: &WishDraft,
    resource: &Resource,
) -> Option<BTreeMap<String, Fingerprint>> {
    let one = |field: &crate::program::FieldDraft| {
        let rule = resource.fields.get(field.rule)?;
        let value = match &field.value {
            DraftValue::Json(range) if rule.unordered => digest_unordered(draft.json(range))?,
            DraftValue::Json(range) => digest(draft.json(range))?,
            DraftValue::Clear => digest("null")?,
            DraftValue::Ref(reference) => reference_digest(reference),
        };
        Some((rule.name.clone(), value))
    };
    wish.fields.iter().map(one).collect()
}

/// A reference is digested as what it means, so that a pending one and a known one are equal.
fn reference_digest(reference: &Reference) -> Fingerprint {
    let Reference { mapping, resource, key, take } = reference;
    let kind = FingerprintOf::kind("reference").text(mapping).text(resource).text(key);
    kind.text(take.as_deref().unwrap_or_default()).end()
}

impl<'a> Wished<'a> {
    /// The fields with their rules, in order.
    pub fn fields(&self) -> impl Iterator<Item = (&'a FieldRule, &'a DraftValue)> {
        let resource = self.resource;
        let fields = self.wish.fields.iter();
        fields.filter_map(move |field| Some((resource.fields.get(field.rule)?, &field.value)))
    }

    /// The references among the fields.
    pub fn references(&self) -> impl Iterator<Item = &'a Reference> {
        self.fields().filter_map(|(_, value)| match value {
            DraftValue::Ref(reference) => Some(reference),
            DraftValue::Json(_) | DraftValue::Clear => None,
        })
    }

    /// The names of all fields that may be compared.
    pub fn field_names(&self) -> Vec<String> {
        self.resource.fields.iter().map(|rule| rule.name.clone()).collect()
    }

    /// The key as the target knows it; with the parent's id where it lies within one.
    pub fn key(&self, parent_id: Option<&str>) -> KeyValues {
        self.values(&self.wish.key_fields, parent_id)
    }

    /// The values by which hand-made data is adopted; empty where there are none.
    pub fn adopt_by(&self, parent_id: Option<&str>) -> KeyValues {
        if self.wish.adopt_by.is_empty() {
            return KeyValues::new();
        }
        self.values(&self.wish.adopt_by, parent_id)
    }

    fn values(
        &self,
        fields: &[(String, std::ops::Range<usize>)],
        parent_id: Option<&str>,
    ) -> KeyValues {
        let within = self.resource.parent_field.clone().zip(parent_id);
        let within = within.map(|(field, id)| (field, Json::of_text(id).text().to_owned()));
        let own = fields.iter().map(|(name, range)| (name.clone(), self.draft.json(range).into()));
        within.into_iter().chain(own).collect()
    }

    /// The fields of a unique set and their values; `None` unless all of them are sent.
    pub fn unique_values(&self, unique: &Unique) -> Option<KeyValues> {
        let value = |name: &String| {
            self.fields().find(|(rule, _)| rule.name == *name).and_then(|(_, value)| match value {
                DraftValue::Json(range) => Some((name.clone(), self.draft.json(range).to_owned())),
                DraftValue::Clear | DraftValue::Ref(_) => None,
            })
        };
        unique.fields.iter().map(value).collect()
    }

    /// Its claims on values that no two objects may share.
    pub fn unique_claims(&self, parent: Option<&WishId>) -> Vec<UniqueClaim> {
        self.resource.unique.iter().filter_map(|unique| self.unique_claim(unique, parent)).collect()
    }

    fn unique_claim(&self, unique: &Unique, parent: Option<&WishId>) -> Option<UniqueClaim> {
        let values = self.unique_values(unique)?;
        let mut value = FingerprintOf::kind("unique").text(&self.resource.object);
        if unique.within_parent {
            let parent = parent.map(|parent| parent.fingerprint().to_string());
            value = value.text(&parent.unwrap_or_default());
        }
        for (name, text) in &values {
            value = value.text(name).text(&digest(text)?.to_string());
        }
        let shown: Vec<_> = values.iter().map(|(_, text)| text.as_str()).collect();
        Some(UniqueClaim {
            value: value.end().to_string(),
            fields: unique.fields.clone(),
            shown: shown.join(", "),
            place: self.place_of(&unique.fields),
        })
    }

    /// Where the mapping gives the first of these fields its value.
    fn place_of(&self, fields: &[String]) -> Place {
        let named = self.resource.fields.iter().find(|rule| fields.contains(&rule.name));
        Place::from(named.map_or(&self.resource.origin, |rule| &rule.origin))
    }

    /// One fingerprint over all that is wished for.
    pub fn values_fingerprint(&self) -> Fingerprint {
        let start = FingerprintOf::kind("values");
        let add = |so_far: FingerprintOf, (name, digest): (&String, &Fingerprint)| {
            so_far.text(name).text(&digest.to_string())
        };
        self.digests.iter().fold(start, add).end()
    }
}
