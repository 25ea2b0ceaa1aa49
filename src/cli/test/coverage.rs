//! What of a mapping its cases use: fields, rows of tables and maps, cases of switches, guards.

use crate::{
    cli::cases::Ran,
    program::{Part, PartKind},
};

/// The parts of one mapping, over all its cases.
pub(super) struct Coverage {
    /// The mapping.
    pub(super) mapping: String,
    parts: Vec<Part>,
}

/// The kinds of parts with what they are called: one, and several.
pub(super) const KINDS: [(PartKind, &str, &str); 5] = [
    (PartKind::Field, "field", "fields"),
    (PartKind::TableRow, "table row", "table rows"),
    (PartKind::MapRow, "map row", "map rows"),
    (PartKind::Case, "case", "cases"),
    (PartKind::Guard, "guard", "guards"),
];

/// How a kind of part is called.
pub(super) fn word(kind: PartKind) -> &'static str {
    KINDS.iter().find(|(known, ..)| *known == kind).map_or("part", |(_, one, _)| one)
}

/// Adds what a case used.
pub(super) fn add(all: &mut Vec<Coverage>, ran: &Ran) {
    let mapping = &ran.program.head.mapping;
    let Some(known) = all.iter_mut().find(|one| one.mapping == *mapping && one.fits(&ran.parts))
    else {
        all.push(Coverage { mapping: mapping.clone(), parts: ran.parts.clone() });
        return;
    };
    for part in &ran.parts {
        let same = |one: &&mut Part| one.kind == part.kind && one.origin == part.origin;
        match known.parts.iter_mut().find(same) {
            Some(one) => one.used |= part.used,
            // A part that only some tenants have: a row for a unit that others lack.
            None => known.parts.push(part.clone()),
        }
    }
}

impl Coverage {
    /// Whether these are parts of the same file: two sets may have mappings of one name.
    fn fits(&self, parts: &[Part]) -> bool {
        match (self.parts.first(), parts.first()) {
            (Some(a), Some(b)) => a.origin.file == b.origin.file,
            _ => true,
        }
    }

    /// How many parts of a kind are used, of how many.
    pub(super) fn count(&self, kind: PartKind) -> (usize, usize) {
        let of_kind = || self.parts.iter().filter(|part| part.kind == kind);
        (of_kind().filter(|part| part.used).count(), of_kind().count())
    }

    /// The parts that no case uses, in the order of their places.
    pub(super) fn unused(&self) -> impl Iterator<Item = &Part> {
        self.parts.iter().filter(|part| !part.used)
    }
}
