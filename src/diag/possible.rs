//! What could stand at the place of a finding: for editors, never part of a report.

/// A name that is possible at a place, or missing there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Possible {
    /// The name, as it would be written.
    pub name: String,
    /// What it is, in a few words; may be empty.
    pub detail: String,
    /// What it is for; may be empty.
    pub doc: String,
}

impl Possible {
    /// A name of which nothing more is to be said.
    pub fn of(name: impl Into<String>) -> Self {
        Self { name: name.into(), ..Self::default() }
    }
}
