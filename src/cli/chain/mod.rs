//! `crosswalk explain RECORD`: where each value comes from, and what became of it.
//!
//! For one value the chain is: fields of the source and what they held, the rows of tables and maps
//! that were used, the line in the mapping, the value that is sent, the answer of the target. The
//! record comes from a golden case, or from the source of an environment.

mod answer;
mod human;
mod json;
mod path;
mod read;

use super::{
    args::Explain,
    cases::Fate,
    fault::{Ending, Fault},
    screen::Screen,
};
use crate::{
    diag::nearest,
    plan::ACTION,
    program::{Explained, Mapped, Program, Verdict},
};

/// All that a mapping makes of a record, with the chain of each value.
struct Chain {
    mapping: String,
    record: String,
    label: Option<String>,
    objects: Vec<Object>,
    /// Why there is nothing of it: `skipped` or `rejected`, and the reason.
    left_out: Option<(&'static str, Verdict)>,
    /// What was calculated for an object that did not come to be.
    unfinished: Vec<Explained>,
}

/// One object, action or document, and its values.
struct Object {
    /// The target's object.
    object: String,
    /// The resource, or what the action does.
    part: String,
    /// The key, or the number of the action.
    key: String,
    /// Resource and key as a ledger knows them.
    known_as: (String, String),
    values: Vec<Explained>,
    /// What became of it; nothing where nothing is sent, as in a case.
    answer: Option<answer::Answer>,
}

/// Explains a record.
///
/// # Errors
/// [`Fault`] when there is no such record or field, or something cannot be used.
pub(super) async fn explain(
    record: &str,
    asked: &Explain,
    screen: &Screen,
) -> Result<Ending, Fault> {
    let mut chains = match &asked.case {
        Some(case) => read::of_case(case, record).await?,
        None => read::of_source(record, asked, screen).await?,
    };
    if chains.is_empty() {
        let way_out = "name it by its Id; with --case also by its name. --data, --env and --set say \
                       where it is";
        return Err(Fault::argument(format!("there is no record `{record}`"), way_out));
    }
    if let Some(field) = &asked.field {
        narrow(&mut chains, field)?;
    }
    for chain in &chains {
        match screen.is_json() {
            true => json::show(chain, screen),
            false => human::show(chain, asked.field.as_deref(), screen),
        }
    }
    Ok(Ending::Done)
}

/// Keeps the values of a field, and of what lies in it.
fn narrow(chains: &mut [Chain], field: &str) -> Result<(), Fault> {
    let mut names: Vec<String> = Vec::new();
    let mut found = false;
    for chain in chains.iter_mut() {
        for object in &mut chain.objects {
            names.extend(object.values.iter().map(|value| value.path.clone()));
            let name = object.object.clone();
            object.values.retain(|value| path::is_meant(&name, &value.path, field));
            found |= !object.values.is_empty();
        }
        names.extend(chain.unfinished.iter().map(|value| value.path.clone()));
        chain.unfinished.retain(|value| path::is_meant("", &value.path, field));
        found |= !chain.unfinished.is_empty() || chain.left_out.is_some();
        chain.objects.retain(|object| !object.values.is_empty());
    }
    if found {
        return Ok(());
    }
    let segments = names.iter().flat_map(|name| path::segments(name).map(path::plain));
    let whole = names.iter().map(|name| path::segments(name).map(path::plain).collect::<Vec<_>>());
    let known: Vec<String> =
        segments.map(str::to_owned).chain(whole.map(|path| path.join("."))).collect();
    // Indices say which item is meant, and not what it is called.
    let written: Vec<&str> = path::segments(field).map(path::plain).collect();
    let near = |name: &str| nearest(name, known.iter().map(String::as_str));
    let is_unknown = |name: &&&str| !known.iter().any(|known| known == **name);
    let near = near(&written.join(".")).or_else(|| near(written.iter().find(is_unknown)?));
    let way_out = match near {
        Some(near) => format!("`{near}` is near to it"),
        None => "leave it out to see all fields".to_owned(),
    };
    Err(Fault::argument(format!("nothing that comes of it has a field `{field}`"), way_out))
}

/// The chain of a record that was evaluated.
fn chain_of(program: &Program, fate: Fate) -> Chain {
    let Fate { record, label, mapped, document, values } = fate;
    let mapping = program.head.mapping.clone();
    let mut chain = Chain {
        mapping,
        record,
        label,
        objects: Vec::new(),
        left_out: None,
        unfinished: Vec::new(),
    };
    match mapped {
        Mapped::Skipped(left) => chain.left_out = Some(("skipped", left.verdict)),
        Mapped::Rejected(left) => chain.left_out = Some(("rejected", left.verdict)),
        Mapped::Draft(draft) => {
            for wish in &draft.wishes {
                let resource = program.resources().get(wish.resource);
                chain.objects.push(Object {
                    object: resource.map(|one| one.object.clone()).unwrap_or_default(),
                    part: resource.map(|one| one.name.clone()).unwrap_or_default(),
                    key: wish.key.clone(),
                    known_as: (
                        resource.map(|one| one.name.clone()).unwrap_or_default(),
                        wish.key.clone(),
                    ),
                    values: Vec::new(),
                    answer: None,
                });
            }
            for action in &draft.actions {
                let object = program.action().map(|action| action.object.clone());
                chain.objects.push(Object {
                    object: object.unwrap_or_default(),
                    part: format!("{} {}", action.kind, action.day),
                    key: action.number.clone(),
                    known_as: (ACTION.to_owned(), format!("{}/{}", chain.record, action.key)),
                    values: Vec::new(),
                    answer: None,
                });
            }
            if document.is_some() {
                chain.objects.push(Object {
                    object: "document".to_owned(),
                    part: String::new(),
                    key: String::new(),
                    known_as: Default::default(),
                    values: Vec::new(),
                    answer: None,
                });
            }
        }
    }
    for value in values {
        match chain.objects.get_mut(value.object) {
            Some(object) => object.values.push(value),
            None => chain.unfinished.push(value),
        }
    }
    chain
}
