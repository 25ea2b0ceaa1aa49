//! What is known of a page's wishes: by the ledger, and where it does not know, by the target.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::{
    PlanError,
    change::Trouble,
    decide::{before, taken},
    diff::diff,
    look::Look,
    text::Json,
    wished::Wished,
    world::World,
};
use crate::{
    connector::{Found, KeyValues},
    ledger::{Entry, Wish},
    program::Reference,
};

/// Wishes in one question to the ledger; a store may have a limit on parameters.
const WISHES_PER_QUESTION: usize = 500;

/// What stands in the target for a wish.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Standing {
    /// Nothing: it is to be made.
    Absent,
    /// The ledger has it with just these digests; the target was not asked.
    Same,
    /// An object, with its current values.
    There(Found),
    /// Several objects, and nobody can tell which one is meant.
    Several(Vec<String>),
}

/// What is known for one page.
pub(super) struct Known {
    /// The entries of its wishes and of what they refer to.
    pub entries: HashMap<Wish, Entry>,
    /// What stands in the target, wish by wish.
    pub standings: Vec<Standing>,
    /// What fits `adopt_by` of a wish and has another key.
    pub estranged: HashMap<Wish, Trouble>,
}

/// Loads the entries of wishes, a question at a time.
pub(super) async fn entries_of(
    world: &World<'_>,
    wishes: impl Iterator<Item = Wish>,
) -> Result<HashMap<Wish, Entry>, PlanError> {
    let wishes: Vec<Wish> = wishes.collect::<HashSet<_>>().into_iter().collect();
    let mut entries = HashMap::new();
    for chunk in wishes.chunks(WISHES_PER_QUESTION) {
        let found = world.ledger.of_wishes(chunk).await?;
        entries.extend(found.into_iter().map(|entry| (entry.wish.clone(), entry)));
    }
    Ok(entries)
}

/// Loads the entries of references. Where one takes a field that was never answered, because its
/// object was taken over, the target is asked for the field.
pub(super) async fn entries_of_references<'r>(
    world: &World<'_>,
    references: impl Iterator<Item = &'r Reference>,
) -> Result<HashMap<Wish, Entry>, PlanError> {
    let references: Vec<(Wish, Option<&str>)> =
        references.map(|reference| (wish_of(reference), reference.take.as_deref())).collect();
    let mut entries = entries_of(world, references.iter().map(|(wish, _)| wish.clone())).await?;
    let mut lacking: BTreeMap<(String, String), BTreeSet<Wish>> = BTreeMap::new();
    for (wish, take) in references {
        let Some((entry, take)) = entries.get(&wish).zip(take) else { continue };
        if taken(&entry.target_id, &entry.result, Some(take)).is_none() {
            let question = (entry.object.clone(), take.to_owned());
            lacking.entry(question).or_default().insert(wish);
        }
    }
    let look = Look { target: world.target, clock: world.clock };
    for ((object, field), wishes) in lacking {
        let wishes: Vec<Wish> = wishes.into_iter().collect();
        let id = |wish: &Wish| entries.get(wish).map(|entry| entry.target_id.clone());
        let ids: Vec<String> = wishes.iter().filter_map(id).collect();
        // What the target cannot be asked for stays lacking, and says so where it is needed.
        let Ok(hits) = look.by_ids(&object, &[field], &ids).await else { continue };
        for (wish, hits) in wishes.iter().zip(hits) {
            let found = hits.first().map(before);
            if let (Some(entry), Some(found)) = (entries.get_mut(wish), found) {
                entry.result = merged(&entry.result, &found);
            }
        }
    }
    Ok(entries)
}

fn wish_of(reference: &Reference) -> Wish {
    let Reference { mapping, resource, key, .. } = reference.clone();
    Wish { mapping, resource, key }
}

/// An answer with what was read over it.
fn merged(answer: &str, found: &Json) -> String {
    let members = |json: Option<Json>| match json.map(|json| json.tree()) {
        Some(serde_json::Value::Object(members)) => members,
        _ => serde_json::Map::new(),
    };
    let mut all = members(Json::new(answer));
    all.extend(members(Some(found.clone())));
    serde_json::Value::Object(all).to_string()
}

/// Finds out what is known of a page's wishes; parents first, for a child's key has the id of its
/// parent, and what lies within an object that is yet to be made cannot be there.
pub(super) async fn know(world: &World<'_>, page: &[Wished<'_>]) -> Result<Known, PlanError> {
    let wishes = page.iter().map(|wished| wished.id.clone());
    let references = page.iter().flat_map(Wished::references);
    let mut entries = entries_of(world, wishes).await?;
    entries.extend(entries_of_references(world, references).await?);
    let mut known =
        Known { entries, standings: vec![Standing::Absent; page.len()], estranged: HashMap::new() };
    let look = Look { target: world.target, clock: world.clock };
    let depth_max = page.iter().map(|wished| wished.depth).max().unwrap_or(0);
    for depth in 0..=depth_max {
        let level: Vec<usize> =
            (0..page.len()).filter(|at| page.get(*at).is_some_and(|w| w.depth == depth)).collect();
        known.look_at_level(look, page, &level).await?;
    }
    Ok(known)
}

impl Known {
    /// The entry of a wish.
    pub fn entry(&self, wished: &Wished<'_>) -> Option<&Entry> {
        self.entries.get(&wished.id)
    }

    /// The id in the target of a wish of the page, where it is known.
    pub fn target_id(&self, page: &[Wished<'_>], at: usize) -> Option<&str> {
        match self.standings.get(at)? {
            Standing::Same => self.entry(page.get(at)?).map(|entry| entry.target_id.as_str()),
            Standing::There(found) => Some(&found.id),
            Standing::Absent | Standing::Several(_) => None,
        }
    }

    /// The id of the parent of a wish, where it is known.
    pub fn parent_id(&self, page: &[Wished<'_>], wished: &Wished<'_>) -> Option<&str> {
        self.target_id(page, wished.parent?)
    }

    async fn look_at_level(
        &mut self,
        look: Look<'_>,
        page: &[Wished<'_>],
        level: &[usize],
    ) -> Result<(), PlanError> {
        let (mut by_id, mut by_key) = (Vec::new(), Vec::new());
        for at in level {
            let Some(wished) = page.get(*at) else { continue };
            let parent_is_there = wished.parent.is_none() || self.parent_id(page, wished).is_some();
            let current = |entry: &Entry| !entry.retired && is_current(wished, entry);
            match self.entry(wished) {
                _ if !parent_is_there => {}
                Some(entry) if current(entry) => self.set(*at, Standing::Same),
                Some(_) => by_id.push(*at),
                None => by_key.push(*at),
            }
        }
        by_key.extend(self.look_by_id(look, page, &by_id).await?);
        let rest = self.look_by_values(look, page, &by_key, Wished::key).await?;
        self.look_by_values(look, page, &rest, Wished::adopt_by).await?;
        rest.iter().for_each(|at| self.estrange(page, *at));
        Ok(())
    }

    /// What fits `adopt_by` and has another key is not there for this wish.
    fn estrange(&mut self, page: &[Wished<'_>], at: usize) {
        let (Some(wished), Some(Standing::There(found))) = (page.get(at), self.standings.get(at))
        else {
            return;
        };
        if let Some(trouble) = other_key(wished, found) {
            self.estranged.insert(wished.id.clone(), trouble);
            self.set(at, Standing::Absent);
        }
    }

    /// Looks up known objects and gives back those that are gone.
    async fn look_by_id(
        &mut self,
        look: Look<'_>,
        page: &[Wished<'_>],
        which: &[usize],
    ) -> Result<Vec<usize>, PlanError> {
        let mut gone = Vec::new();
        for (_, group) in by_resource(page, which) {
            let Some(fields) = group.first().map(|(_, wished)| wished.field_names()) else {
                continue;
            };
            let entries = group.iter().filter_map(|(at, wished)| Some((*at, self.entry(wished)?)));
            let (places, ids): (Vec<_>, Vec<_>) =
                entries.map(|(at, entry)| (at, entry.target_id.clone())).unzip();
            let object = group.first().map(|(_, w)| w.resource.object.as_str()).unwrap_or_default();
            let hits = look.by_ids(object, &fields, &ids).await?;
            gone.extend(self.take_hits(&places, hits));
        }
        Ok(gone)
    }

    /// Looks up by the values of a key and gives back those that are not there.
    async fn look_by_values<'a>(
        &mut self,
        look: Look<'_>,
        page: &[Wished<'a>],
        which: &[usize],
        values: impl Fn(&Wished<'a>, Option<&str>) -> KeyValues,
    ) -> Result<Vec<usize>, PlanError> {
        let mut rest = Vec::new();
        for (_, group) in by_resource(page, which) {
            let Some(fields) = group.first().map(|(_, wished)| wished.field_names()) else {
                continue;
            };
            let object = group.first().map(|(_, w)| w.resource.object.as_str()).unwrap_or_default();
            let keyed = group.iter().map(|(at, w)| (*at, values(w, self.parent_id(page, w))));
            let (places, keys): (Vec<_>, Vec<_>) = keyed.filter(|(_, key)| !key.is_empty()).unzip();
            let hits = look.by_keys(object, &fields, &keys).await?;
            rest.extend(self.take_hits(&places, hits));
        }
        Ok(rest)
    }

    /// Notes what was found and gives back the places without a hit.
    fn take_hits(&mut self, places: &[usize], hits: Vec<Vec<Found>>) -> Vec<usize> {
        let mut without = Vec::new();
        for (at, mut hits) in places.iter().zip(hits) {
            match hits.len() {
                0 => without.push(*at),
                1 => hits.drain(..).for_each(|hit| self.set(*at, Standing::There(hit))),
                _ => {
                    let ids = hits.into_iter().map(|hit| hit.id).collect();
                    self.set(*at, Standing::Several(ids));
                }
            }
        }
        without
    }

    fn set(&mut self, at: usize, standing: Standing) {
        if let Some(slot) = self.standings.get_mut(at) {
            *slot = standing;
        }
    }
}

/// An object that was found by `adopt_by` and has another key already is somebody else's.
fn other_key(wished: &Wished<'_>, found: &Found) -> Option<Trouble> {
    let differs = |(name, wished): &(String, String)| {
        let (_, there) = found.fields.iter().find(|(known, _)| known == name)?;
        let (wished, there) = (Json::new(wished)?, Json::new(there)?);
        let differs = !diff(name, &wished.tree(), Some(&there.tree()), &[]).is_empty();
        differs.then(|| (name.clone(), there))
    };
    let (name, there) = wished.key(None).iter().find_map(differs)?;
    Some(Trouble {
        rule: "other-key".into(),
        what: format!(
            "`{}` fits `adopt_by`, but belongs to {name} = {} already",
            found.id,
            there.text()
        ),
        way_out: format!("empty {name} of it in the target if it is to be taken over"),
        field: Some(name),
        targets: vec![found.id.clone()],
        ..Trouble::default()
    })
}

/// Whether the ledger holds all that is wished for. A field that is known and no longer wished
/// for is left as it is: absence never erases.
fn is_current(wished: &Wished<'_>, entry: &Entry) -> bool {
    wished.digests.iter().all(|(name, digest)| entry.digests.get(name) == Some(digest))
}

/// Wishes by resource, for one question asks for one kind of object.
fn by_resource<'p, 'a>(
    page: &'p [Wished<'a>],
    which: &[usize],
) -> BTreeMap<usize, Vec<(usize, &'p Wished<'a>)>> {
    let mut groups: BTreeMap<usize, Vec<_>> = BTreeMap::new();
    for at in which {
        if let Some(wished) = page.get(*at) {
            groups.entry(wished.wish.resource).or_default().push((*at, wished));
        }
    }
    groups
}
