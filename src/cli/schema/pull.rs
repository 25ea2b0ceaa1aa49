//! `schema pull`: writes what the systems, or an OpenAPI document, say of their objects.

use std::path::{Path, PathBuf};

use serde_json::json;

use super::{
    super::{
        args::SchemaPull,
        fault::{Ending, Fault},
        findings::counted,
        screen::Screen,
        set::Loaded,
    },
    described,
    live::{Live, Told},
    openapi::Document,
    pinned, text_of, zuora,
};
use crate::{
    diag::nearest,
    schema::{Catalog, Layer},
};

/// What became of the objects.
#[derive(Default)]
struct Pulled {
    written: Vec<PathBuf>,
    absent: Vec<String>,
    refused: Vec<String>,
}

/// Writes what the systems say of their objects.
///
/// # Errors
/// [`Fault`] when a system or a file cannot be used.
pub(super) async fn pull(asked: &SchemaPull, screen: &Screen) -> Result<Ending, Fault> {
    let loaded = super::loaded(&asked.place)?;
    let environment = super::environment(&loaded)?;
    let folder = asked.out.clone().unwrap_or_else(|| super::folder(&loaded, environment));
    let mut catalog = Catalog::embedded();
    check_names(&mut catalog, &asked.object)?;
    let is_asked = |object: &String| asked.object.is_empty() || asked.object.contains(object);
    let mut pulled = Pulled::default();
    if let Some(path) = &asked.openapi {
        let document = Document::read(path)?;
        let objects = document.objects();
        if objects.is_empty() {
            let what = format!("{} has no operation of an object of Zuora", path.display());
            return Err(Fault::argument(what, "name Zuora's OpenAPI document"));
        }
        for (object, fields) in objects.iter().filter(|(object, _)| is_asked(object)) {
            let path = pinned::path(&folder, "zuora", object, Layer::OpenApi);
            let before = text_of(&path)?;
            let text = zuora::text(object, &document.name, fields, before.as_deref());
            write(&path, &text)?;
            pulled.written.push(path);
        }
    } else {
        let live = Live::connect(&loaded, environment, screen).await?;
        for system in live.systems() {
            for object in described::objects(&mut catalog, system).iter().filter(|o| is_asked(o)) {
                pull_one(&live, &folder, system, object, &mut pulled).await?;
            }
        }
    }
    show(&folder, &pulled, screen);
    let is_named = environment.schemas.as_ref() == Some(&folder);
    if !is_named && !pulled.written.is_empty() && !screen.is_json() {
        hint(&loaded, &environment.name, &folder, screen);
    }
    let is_whole = pulled.refused.is_empty() && !pulled.written.is_empty();
    Ok(if is_whole { Ending::Done } else { Ending::Incomplete })
}

/// The objects that were named are some that can be described.
fn check_names(catalog: &mut Catalog, named: &[String]) -> Result<(), Fault> {
    let systems = ["salesforce", "zuora"].into_iter();
    let known: Vec<String> =
        systems.flat_map(|system| described::objects(catalog, system)).collect();
    let Some(unknown) = named.iter().find(|name| !known.contains(name)) else { return Ok(()) };
    let meant = nearest(unknown, known.iter().map(String::as_str));
    let way_out = meant.map_or_else(
        || "leave out --object to pull all of them".to_owned(),
        |meant| format!("did you mean `{meant}`?"),
    );
    Err(Fault::argument(format!("no mapping can name an object `{unknown}`"), way_out))
}

async fn pull_one(
    live: &Live,
    folder: &Path,
    system: &str,
    object: &str,
    pulled: &mut Pulled,
) -> Result<(), Fault> {
    match live.describe(system, object).await? {
        Told::Described(text) => {
            let path = pinned::path(folder, system, object, Layer::Describe);
            let before = text_of(&path)?;
            write(&path, &pinned::text(system, object, &text, before.as_deref())?)?;
            pulled.written.push(path);
        }
        Told::Absent => pulled.absent.push(format!("{system} {object}")),
        Told::Refused(fault) => {
            pulled.refused.push(format!("{system} {object}: {}", fault.said));
        }
    }
    Ok(())
}

fn write(path: &Path, text: &str) -> Result<(), Fault> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(|fault| Fault::file(folder, &fault))?;
    }
    std::fs::write(path, text).map_err(|fault| Fault::file(path, &fault))
}

fn show(folder: &Path, pulled: &Pulled, screen: &Screen) {
    let Pulled { written, absent, refused } = pulled;
    if screen.is_json() {
        screen.json(&json!({
            "format": "crosswalk-schema-pull/1",
            "folder": folder.display().to_string(),
            "written": written.iter().map(|path| path.display().to_string()).collect::<Vec<_>>(),
            "absent": absent,
            "refused": refused,
        }));
        return;
    }
    for object in absent {
        screen.say(&format!("{object}: not there, or not visible to this user"));
    }
    for object in refused {
        screen.say(&format!("refused: {object}"));
    }
    let objects = counted(written.len(), "object");
    screen.say(&format!("{objects} written to {}", folder.display()));
}

/// Says how what was written comes to count.
fn hint(loaded: &Loaded, environment: &str, folder: &Path, screen: &Screen) {
    let shown = folder.strip_prefix(&loaded.set.folder).unwrap_or(folder);
    let shown = shown.display();
    screen.say(&format!(
        "add `schemas: {shown}` to the environment {environment}, so that it counts"
    ));
}
