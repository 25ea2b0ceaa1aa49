//! `crosswalk lineage`: which fields of the target depend on which of the source, and the other way
//! round. It holds for all records, since nothing is read.

mod json;
mod page;
mod reach;
mod text;

use super::{
    args::{self, LineageFormat},
    fault::{Ending, Fault},
    findings,
    screen::Screen,
    set::{Set, Unnamed},
};
use crate::{destination::Destination, diag::nearest, program::Lineage};
use reach::Reach;
use std::{io, path::Path};

/// Shows the lineage of a set, or of one field.
///
/// # Errors
/// [`Fault`] when the set is wrong, or there is no such field.
pub(super) fn lineage(asked: &args::Lineage, screen: &Screen) -> Result<Ending, Fault> {
    let place = asked.place();
    let set = Set::find(place.set.as_deref(), place.env.as_deref())?;
    let name = set.name();
    let loaded = set.load(&place, Unnamed::Embedded)?;
    findings::refuse(&loaded.findings, &loaded.sources, screen)?;
    let mut lineage = Lineage::default();
    loaded.programs.iter().for_each(|program| lineage.add(program));
    let meant = match &asked.field {
        Some(field) => meant(&lineage, field)?,
        None => Vec::new(),
    };
    let shown = match asked.format {
        LineageFormat::Human if meant.is_empty() => text::whole(&lineage),
        LineageFormat::Human => text::of(&lineage, &meant),
        LineageFormat::Json => json::lines(&lineage, &meant),
        LineageFormat::Html => page::page(&name, &kept(lineage, &meant)),
    };
    match &asked.out {
        Some(path) => {
            write(path, &Screen::plain(&shown)).map_err(|fault| Fault::file(path, &fault))?
        }
        None => screen.say(shown.trim_end()),
    }
    Ok(Ending::Done)
}

/// Writes a text to where it was asked for; a file is there only when it is whole.
fn write(path: &Path, text: &str) -> io::Result<()> {
    let place = Destination::of(path, "new")?;
    std::fs::write(place.draft(), text)?;
    place.finish()
}

/// The things that are meant by a name: those of this name, else those whose field has it.
fn meant(lineage: &Lineage, field: &str) -> Result<Vec<String>, Fault> {
    let of = |fits: &dyn Fn(&str) -> bool| -> Vec<String> {
        let nodes = lineage.nodes.iter().filter(|(_, node)| fits(&node.name));
        nodes.map(|(id, _)| id.clone()).collect()
    };
    let ends = format!(".{field}");
    for found in [of(&|name| name == field), of(&|name| name.ends_with(&ends))] {
        if !found.is_empty() {
            return Ok(found);
        }
    }
    let names = lineage.nodes.values().map(|node| node.name.as_str());
    let way_out = match nearest(field, names) {
        Some(near) => format!("`{near}` is near to it"),
        None => "leave it out to see all fields".to_owned(),
    };
    Err(Fault::argument(format!("the mappings have no field `{field}`"), way_out))
}

/// What is connected to some things; everything where none is named.
fn kept(mut lineage: Lineage, meant: &[String]) -> Lineage {
    if meant.is_empty() {
        return lineage;
    }
    let reach = Reach::over(&lineage);
    let mut ids: Vec<String> = meant.to_vec();
    for id in meant {
        ids.extend(reach.up(id).into_iter().chain(reach.down(id)).flat_map(|one| one.all()));
    }
    lineage.nodes.retain(|id, _| ids.contains(id));
    lineage.edges.retain(|(from, to), _| ids.contains(from) && ids.contains(to));
    lineage
}
