//! Parts put into a record: everything else stays the text that arrived.

use std::collections::BTreeMap;

use crate::json::{JsonError, Members, ObjectText};

/// What is put into a record, by the path of lookups that leads to its place.
#[derive(Clone, Debug, Default)]
pub(super) struct Patch {
    members: BTreeMap<String, String>,
    parents: BTreeMap<String, Patch>,
}

impl Patch {
    /// Puts a value at a name below a path of parents.
    pub(super) fn put(&mut self, path: &[&str], name: &str, value: String) {
        match path.split_first() {
            None => drop(self.members.insert(name.to_owned(), value)),
            Some((first, rest)) => {
                self.parents.entry((*first).to_owned()).or_default().put(rest, name, value);
            }
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.members.is_empty() && self.parents.is_empty()
    }

    /// The record with the parts in it. A member that is there is replaced where it stands, one
    /// that is not is added at the end; a parent that is null stays null.
    pub(super) fn apply(&self, record: &str) -> Result<String, JsonError> {
        let mut out = ObjectText::new();
        let members = Members::of(record)?;
        for (name, value) in members.iter() {
            match (self.members.get(name), self.parents.get(name)) {
                (Some(put), _) => out.push(name, put),
                (None, Some(patch)) if value.text() != "null" => {
                    out.push(name, &patch.apply(value.text())?);
                }
                _ => out.push(name, value.text()),
            }
        }
        for (name, put) in &self.members {
            if members.get(name).is_none() {
                out.push(name, put);
            }
        }
        Ok(out.end())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replaces_adds_and_leaves_the_rest_as_it_was() {
        let mut patch = Patch::default();
        patch.put(&[], "Lines", "[1]".into());
        patch.put(&["A__r"], "Tiers__r", "[2]".into());
        patch.put(&["B__r", "C__r"], "Rates", "[3]".into());
        let record = r#"{"Lines":null,"Price":1.10,"A__r":{"Id":"a"},"B__r":null}"#;
        let patched = patch.apply(record).expect("object");
        let expected = r#"{"Lines":[1],"Price":1.10,"A__r":{"Id":"a","Tiers__r":[2]},"B__r":null}"#;
        assert_eq!(patched, expected);
    }
}
