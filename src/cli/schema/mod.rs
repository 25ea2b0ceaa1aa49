//! `crosswalk schema`: what the org and the tenant say of themselves, pinned in files that an
//! environment names, and compared with what they say today.

mod changes;
mod compare;
mod described;
mod diff;
mod live;
mod openapi;
mod pinned;
mod pull;
mod zuora;

use std::path::{Path, PathBuf};

use super::{
    args::{SchemaCommand, SchemaPlace},
    environment::Environment,
    fault::{Ending, Fault},
    screen::Screen,
    set::{Loaded, Set, Unnamed, read_text},
};
use crate::compile::grammar;
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
        SchemaCommand::Pull(asked) => pull::pull(asked, screen).await,
        SchemaCommand::Diff(asked) => diff::diff(asked, screen).await,
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

/// The folder of the pins of an environment: the one that it names, else the usual one.
fn folder(loaded: &Loaded, environment: &Environment) -> PathBuf {
    let usual = || loaded.set.folder.join(FOLDER).join(&environment.name);
    environment.schemas.clone().unwrap_or_else(usual)
}

/// The text of a file, where it is there.
fn text_of(path: &Path) -> Result<Option<String>, Fault> {
    if path.is_file() { read_text(path).map(Some) } else { Ok(None) }
}
