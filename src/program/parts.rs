//! The parts of a mapping that records may use, each with its place: what coverage counts.

use std::collections::BTreeMap;

use super::{
    Origin, Program,
    code::{Cell, Constant, TableRow},
    walk::{Found, walk},
    watch::{PartKind, Watch},
};

/// A part of a mapping that records may use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// What it is.
    pub kind: PartKind,
    /// How it is called: `ProductRatePlanCharge.UOM`, `billing_period: Monthly`.
    pub name: String,
    /// Where it stands.
    pub origin: Origin,
    /// Whether a watched record used it.
    pub used: bool,
}

/// The parts of a program in the order of their places, and which of them were used. A part that
/// stands in several places of the program because it is written once and used often, as in a
/// shape, counts once.
pub fn parts(program: &Program, watch: &Watch) -> Vec<Part> {
    let mut found: BTreeMap<(u32, u32, PartKind), Part> = BTreeMap::new();
    let mut add = |kind: PartKind, origin: usize, name: String| {
        let place = program.code.origin(origin);
        if place.line == 0 {
            return;
        }
        let used = watch.used().contains(&(kind, origin));
        let key = (place.line, place.column, kind);
        let part = found.entry(key).or_insert(Part { kind, name, origin: place, used: false });
        part.used |= used;
    };
    walk(program, &mut |part| match part {
        Found::Leaf(leaf) => {
            if let Some(origin) = leaf.from.counted() {
                add(PartKind::Field, origin, format!("{}.{}", leaf.object, leaf.path));
            }
        }
        Found::Case(case, origin) => {
            let name = case.map_or_else(|| "$other".to_owned(), Constant::shown);
            add(PartKind::Case, origin, name);
        }
        Found::Guard(stop) => add(PartKind::Guard, stop.origin, stop.shown()),
    });
    for table in &program.code.tables {
        for (at, row) in table.rows.iter().enumerate() {
            let name = format!("{}, row {}: {}", table.name, at + 1, cells(row));
            add(PartKind::TableRow, row.origin, name);
        }
    }
    for map in &program.code.maps {
        for ((value, _), origin) in map.arms.iter().zip(&map.origins) {
            add(PartKind::MapRow, *origin, format!("{}: {value}", map.name));
        }
        for (arm, origin, name) in
            [(&map.other, map.other_origin, "$other"), (&map.null, map.null_origin, "$null")]
        {
            if arm.is_some() {
                add(PartKind::MapRow, origin, format!("{}: {name}", map.name));
            }
        }
    }
    found.into_values().collect()
}

/// What a row matches, for people.
fn cells(row: &TableRow) -> String {
    let listed =
        |all: &[Constant]| all.iter().map(Constant::shown).collect::<Vec<_>>().join(" or ");
    let cell = |cell: &Cell| match cell {
        Cell::Any => "any".to_owned(),
        Cell::Null => "null".to_owned(),
        Cell::OneOf(all) => listed(all),
        Cell::NoneOf(all) if all.is_empty() => "other".to_owned(),
        Cell::NoneOf(all) => format!("neither {}", listed(all)),
    };
    row.cells.iter().map(cell).collect::<Vec<_>>().join(", ")
}
