//! `crosswalk schema`: what the org and the tenant say of themselves, pinned in files that an
//! environment names, and compared with what they say today.

mod compare;
mod custom;
mod live;
mod pinned;

use std::path::{Path, PathBuf};

use serde_json::json;

use super::{
    args::{SchemaCommand, SchemaPlace},
    environment::Environment,
    fault::{Ending, Fault},
    findings::counted,
    screen::Screen,
    set::{Loaded, Set, Unnamed},
};
use crate::{
    compile::grammar,
    diag::{Colour, render, report},
    schema::Catalog,
};
use live::Live;
pub(super) use pinned::lay;

/// The folder of a set that pinned schemas go to where none is named.
const FOLDER: &str = "schemas";

/// Does what was asked of schemas.
///
/// # Errors
/// [`Fault`] when a system or a file cannot be used.
pub(super) async fn schema(asked: &SchemaCommand, screen: &Screen) -> Result<Ending, Fault> {
    match asked {
        SchemaCommand::Mapping => {
            screen.say(grammar::json_schema_text().trim_end());
            Ok(Ending::Done)
        }
        SchemaCommand::Pull(asked) => {
            pull(&asked.place, asked.out.as_deref(), &asked.object, screen).await
        }
        SchemaCommand::Diff(asked) => diff(&asked.place, screen).await,
    }
}

/// The set, with findings or without, and its environment.
fn loaded(place: &SchemaPlace) -> Result<Loaded, Fault> {
    let set = Set::find(place.place.set.as_deref(), place.place.env.as_deref())?;
    set.load(&place.place, Unnamed::Embedded)
}

fn environment(loaded: &Loaded) -> Result<&Environment, Fault> {
    loaded.environment.as_ref().ok_or_else(|| {
        Fault::argument(
            "no environment was named, and the set has none that is called `embedded`",
            "name one with --env",
        )
    })
}

/// Writes what the systems say of their objects.
async fn pull(
    place: &SchemaPlace,
    out: Option<&Path>,
    only: &[String],
    screen: &Screen,
) -> Result<Ending, Fault> {
    let loaded = loaded(place)?;
    let environment = environment(&loaded)?;
    let folder = match (out, &environment.schemas) {
        (Some(out), _) => out.to_owned(),
        (None, Some(named)) => named.clone(),
        (None, None) => loaded.set.folder.join(FOLDER).join(&environment.name),
    };
    let live = Live::connect(&loaded, environment, screen).await?;
    let mut catalog = Catalog::embedded();
    let (mut written, mut absent) = (Vec::new(), Vec::new());
    for system in live.systems() {
        for object in described_objects(&mut catalog, system) {
            if !only.is_empty() && !only.contains(&object) {
                continue;
            }
            let Some(described) = live.describe(system, &object).await? else {
                absent.push(format!("{system} {object}"));
                continue;
            };
            let path = folder.join(system).join(format!("{object}.json"));
            write(&path, &pinned::text(system, &object, &described)?)?;
            written.push(path);
        }
    }
    show_pulled(&folder, &written, &absent, screen);
    let is_named = environment.schemas.as_ref() == Some(&folder);
    if !is_named && !screen.is_json() {
        let shown = folder.strip_prefix(&loaded.set.folder).unwrap_or(&folder);
        let name = &environment.name;
        screen.say(&format!(
            "add `schemas: {}` to the environment {name}, so that it counts",
            shown.display()
        ));
    }
    Ok(Ending::Done)
}

fn show_pulled(folder: &Path, written: &[PathBuf], absent: &[String], screen: &Screen) {
    if screen.is_json() {
        screen.json(&json!({
            "format": "crosswalk-schema-pull/1",
            "folder": folder.display().to_string(),
            "written": written.iter().map(|path| path.display().to_string()).collect::<Vec<_>>(),
            "absent": absent,
        }));
        return;
    }
    for object in absent {
        screen.say(&format!("{object}: not there, or not visible to this user"));
    }
    let objects = counted(written.len(), "object");
    screen.say(&format!("{objects} written to {}", folder.display()));
}

/// The objects of a system that are described: all of Salesforce that mappings can name, and those
/// of Zuora that have custom fields.
fn described_objects(catalog: &mut Catalog, system: &str) -> Vec<String> {
    let names: Vec<String> = catalog.objects(system).map(str::to_owned).collect();
    let has_custom = |name: &String| {
        let object = catalog.object(system, name);
        system != "zuora" || object.is_ok_and(|object| object.is_some_and(|o| o.custom_fields))
    };
    names.into_iter().filter(has_custom).collect()
}

fn write(path: &Path, text: &str) -> Result<(), Fault> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(|fault| Fault::file(folder, &fault))?;
    }
    std::fs::write(path, text).map_err(|fault| Fault::file(path, &fault))
}

/// Compares what is pinned with what the systems say, as far as the mappings use it.
async fn diff(place: &SchemaPlace, screen: &Screen) -> Result<Ending, Fault> {
    let loaded = loaded(place)?;
    let environment = environment(&loaded)?;
    let live = Live::connect(&loaded, environment, screen).await?;
    let mut compared = compare::Comparison::new(&loaded);
    for (system, object) in compared.used() {
        if !live.systems().any(|known| known == system) {
            continue;
        }
        let custom = loaded.catalog.clone().object(&system, &object);
        let custom = custom.is_ok_and(|object| object.is_some_and(|o| o.custom_fields));
        if system == "zuora" && !custom {
            continue;
        }
        let described = live.describe(&system, &object).await?;
        compared.compare(&system, &object, described.as_deref())?;
    }
    show(&compared, &loaded, screen);
    let breaking = compared.found.iter().any(|difference| difference.is_breaking());
    Ok(if breaking { Ending::Incomplete } else { Ending::Done })
}

fn show(compared: &compare::Comparison<'_>, loaded: &Loaded, screen: &Screen) {
    let breaking = compared.found.iter().filter(|difference| difference.is_breaking()).count();
    let harmless = compared.found.len() - breaking;
    for difference in &compared.found {
        let compare::Difference { system, object, field, what, findings } = difference;
        if screen.is_json() {
            screen.json(&json!({
                "format": "crosswalk-schema-difference/1",
                "system": system,
                "object": object,
                "field": field,
                "what": what,
                "breaking": difference.is_breaking(),
                "findings": findings.iter().map(|finding| report::json(finding, &loaded.sources))
                    .collect::<Vec<_>>(),
            }));
            continue;
        }
        let place = field.as_ref().map_or_else(|| object.clone(), |f| format!("{object}.{f}"));
        let weight = if difference.is_breaking() { "breaking" } else { "harmless" };
        screen.say(&format!("{weight}: {system} {place}: {}", what.join("; ")));
        for finding in findings {
            screen.say(&render(finding, &loaded.sources, Colour::Ansi));
            screen.say("");
        }
    }
    if screen.is_json() {
        screen.json(&json!({
            "format": "crosswalk-schema-diff/1",
            "objects": compared.objects,
            "breaking": breaking,
            "harmless": harmless,
        }));
        return;
    }
    let objects = counted(compared.objects, "object");
    screen.say(&format!(
        "compared {objects} that the mappings use: {breaking} breaking, {harmless} harmless"
    ));
}
