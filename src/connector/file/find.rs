//! What a file holds: it is read back from its start to its end.

use std::{borrow::Cow, collections::BTreeSet};

use super::{Inner, join::ID, rows::Rows};
use crate::{
    connector::{CallError, Find, FindBy, Found, http::Effect},
    json::{Checked, Members, fingerprint},
    value::Fingerprint,
};

/// Fields that hold the id of a record, the first that is there.
const ID_FIELDS: [&str; 2] = [ID, "id"];

impl Inner {
    pub(super) fn found(&self, find: &Find) -> Result<Vec<Found>, CallError> {
        let Some((path, format)) = self.present(&find.object)? else { return Ok(Vec::new()) };
        self.counters.count(Effect::Read);
        let asked = Asked::of(find);
        let mut rows = Rows::open_own(&path, format)?;
        let mut found = Vec::new();
        let mut number = 0_u64;
        while let Some(row) = rows.next()? {
            number += 1;
            let members = Members::of(&row).unwrap_or_default();
            let id = id_of(&members, number);
            let value =
                |name: &String| Some((name.clone(), members.get_set(name)?.text().to_owned()));
            for asked in asked.answered_by(&members, &id) {
                let fields = find.fields.iter().filter_map(value).collect();
                found.push(Found { asked, id: id.clone(), fields });
            }
        }
        found.sort_by_key(|found: &Found| found.asked);
        Ok(found)
    }
}

/// The id that a record holds itself.
pub(super) fn own_id<'a>(record: &Members<'a>) -> Option<Cow<'a, str>> {
    ID_FIELDS.iter().find_map(|name| record.get_text(name))
}

/// The id of a record: its own, or else its number in the file, counted from 1.
pub(super) fn id_of(record: &Members<'_>, number: u64) -> String {
    own_id(record).map_or_else(|| number.to_string(), Cow::into_owned)
}

/// Questions with their values digested once.
enum Asked<'f> {
    Ids(&'f [String]),
    Keys(Vec<Vec<(&'f str, Option<Fingerprint>)>>),
}

impl<'f> Asked<'f> {
    fn of(find: &'f Find) -> Self {
        match &find.by {
            FindBy::Ids(ids) => Self::Ids(ids),
            FindBy::Keys(keys) => {
                let part = |(field, value): &'f (String, String)| {
                    (field.as_str(), Checked::check(value).ok().map(fingerprint))
                };
                Self::Keys(keys.iter().map(|key| key.iter().map(part).collect()).collect())
            }
        }
    }

    fn answered_by(&self, record: &Members<'_>, id: &str) -> BTreeSet<usize> {
        let is_key = |key: &[(&str, Option<Fingerprint>)]| {
            key.iter().all(|(field, asked)| {
                asked.is_some() && record.get(field).map(fingerprint) == *asked
            })
        };
        match self {
            Self::Ids(ids) => positions(ids, |asked| asked == id),
            Self::Keys(keys) => positions(keys, |key| is_key(key)),
        }
    }
}

fn positions<T>(asked: &[T], is_hit: impl Fn(&T) -> bool) -> BTreeSet<usize> {
    asked.iter().enumerate().filter(|(_, one)| is_hit(one)).map(|(at, _)| at).collect()
}
