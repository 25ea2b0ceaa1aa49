//! `schema diff`: what is pinned against what is there, or against what was pinned elsewhere.

use std::path::Path;

use serde_json::json;

use super::{
    super::{
        args::SchemaDiff,
        environment::Environment,
        fault::{Ending, Fault},
        findings::counted,
        screen::Screen,
        set::Loaded,
    },
    compare::{Comparison, Difference, Other},
    described,
    live::{Live, Told},
    openapi::Document,
    pinned, text_of, zuora,
};
use crate::{
    diag::{Colour, SourceMap, Span, render, report},
    schema::Layer,
};

/// How many places of one field are told.
const USES_TOLD_MAX: usize = 3;

/// Compares what is pinned with the other side, as far as the mappings use it.
///
/// # Errors
/// [`Fault`] when a system or a file cannot be used.
pub(super) async fn diff(asked: &SchemaDiff, screen: &Screen) -> Result<Ending, Fault> {
    let loaded = super::loaded(&asked.place)?;
    let environment = super::environment(&loaded)?;
    let mut compared = Comparison::new(&loaded);
    let used = described::used(&mut loaded.catalog.clone());
    match (&asked.against, &asked.openapi) {
        (Some(folder), _) => with_folder(&mut compared, &used, folder, screen)?,
        (None, Some(path)) => with_document(&mut compared, &loaded, environment, path)?,
        (None, None) => {
            let live = Live::connect(&loaded, environment, screen).await?;
            let folder = super::folder(&loaded, environment);
            for (system, object) in &used {
                if live.systems().all(|known| known != system) {
                    continue;
                }
                let other = match live.describe(system, object).await? {
                    Told::Absent => Other::Absent,
                    Told::Refused(fault) => return Err(fault.into()),
                    Told::Described(text) => {
                        let path = pinned::path(&folder, system, object, Layer::Describe);
                        let counts = environment.schemas.is_some();
                        let before = text_of(&path)?.filter(|_| counts);
                        let text = pinned::text(system, object, &text, before.as_deref())?;
                        Other::Pin(Layer::Describe, text)
                    }
                };
                compared.compare(system, object, other)?;
            }
        }
    }
    show(&compared, &loaded.sources, screen);
    let breaking = compared.found.iter().any(Difference::is_breaking);
    Ok(if breaking { Ending::Incomplete } else { Ending::Done })
}

/// What is pinned in another folder. An object that is not in it was not pulled there.
fn with_folder(
    compared: &mut Comparison<'_>,
    used: &[(String, String)],
    folder: &Path,
    screen: &Screen,
) -> Result<(), Fault> {
    if !folder.is_dir() {
        let what = format!("{}: there is no such folder", folder.display());
        return Err(Fault::argument(what, "name a folder that `crosswalk schema pull` wrote"));
    }
    let mut missing = Vec::new();
    for (system, object) in used {
        let mut is_there = false;
        for layer in [Layer::Describe, Layer::OpenApi] {
            let path = pinned::path(folder, system, object, layer);
            if let Some(text) = text_of(&path)? {
                compared.compare(system, object, Other::Pin(layer, text))?;
                is_there = true;
            }
        }
        missing.extend((!is_there).then(|| format!("{system} {object}")));
    }
    if missing.len() == used.len() {
        let what = format!("{} has none of the objects that are used", folder.display());
        return Err(Fault::argument(what, "name a folder that `crosswalk schema pull` wrote"));
    }
    if !missing.is_empty() {
        screen.tell(&format!("not compared, since it is not there: {}", missing.join(", ")));
    }
    Ok(())
}

/// What an OpenAPI document says of the objects that are used.
fn with_document(
    compared: &mut Comparison<'_>,
    loaded: &Loaded,
    environment: &Environment,
    path: &Path,
) -> Result<(), Fault> {
    let document = Document::read(path)?;
    let folder = super::folder(loaded, environment);
    let used = loaded.catalog.used();
    for (object, fields) in document.objects() {
        let key = ("zuora".to_owned(), object.clone());
        if !used.contains(&key) {
            continue;
        }
        let before = text_of(&pinned::path(&folder, "zuora", &object, Layer::OpenApi))?;
        let before = before.filter(|_| environment.schemas.is_some());
        let text = zuora::text(&object, &document.name, &fields, before.as_deref());
        compared.compare("zuora", &object, Other::Pin(Layer::OpenApi, text))?;
    }
    Ok(())
}

fn show(compared: &Comparison<'_>, sources: &SourceMap, screen: &Screen) {
    for difference in &compared.found {
        match screen.is_json() {
            true => screen.json(&as_json(difference, sources)),
            false => say(difference, sources, screen),
        }
    }
    let breaking = compared.found.iter().filter(|difference| difference.is_breaking()).count();
    let harmless = compared.found.len() - breaking;
    if screen.is_json() {
        screen.json(&json!({
            "format": "crosswalk-schema-diff/1",
            "objects": compared.objects.len(),
            "breaking": breaking,
            "harmless": harmless,
        }));
        return;
    }
    let objects = counted(compared.objects.len(), "object");
    screen.say(&format!(
        "compared {objects} that the mappings use: {breaking} breaking, {harmless} harmless"
    ));
}

fn as_json(difference: &Difference, sources: &SourceMap) -> serde_json::Value {
    let Difference { system, object, field, what, uses, findings, .. } = difference;
    let uses = uses.iter().map(|(mapping, span)| {
        let place = sources.place(*span);
        json!({
            "mapping": mapping,
            "file": sources.name(span.file),
            "line": place.line,
            "column": place.column,
        })
    });
    json!({
        "format": "crosswalk-schema-difference/1",
        "system": system,
        "object": object,
        "field": field,
        "what": what,
        "breaking": difference.is_breaking(),
        "uses": uses.collect::<Vec<_>>(),
        "findings": findings.iter().map(|finding| report::json(finding, sources))
            .collect::<Vec<_>>(),
        "way_out": difference.way_out(),
    })
}

fn say(difference: &Difference, sources: &SourceMap, screen: &Screen) {
    let Difference { system, object, field, what, uses, findings, .. } = difference;
    let place = field.as_ref().map_or_else(|| object.clone(), |f| format!("{object}.{f}"));
    let weight = if difference.is_breaking() { "breaking" } else { "harmless" };
    screen.say(&format!("{weight}: {system} {place}: {}", what.join("; ")));
    for (mapping, span) in uses.iter().take(USES_TOLD_MAX) {
        screen.say(&format!("  used by {mapping} at {}", at(*span, sources)));
    }
    let more = uses.len().saturating_sub(USES_TOLD_MAX);
    if more > 0 {
        screen.say(&format!("  and at {more} more places"));
    }
    for finding in findings {
        screen.say(&render(finding, sources, Colour::Ansi));
    }
    screen.say(&format!("  → {}", difference.way_out()));
    screen.say("");
}

fn at(span: Span, sources: &SourceMap) -> String {
    let place = sources.place(span);
    format!("{}:{}:{}", sources.name(span.file), place.line, place.column)
}
