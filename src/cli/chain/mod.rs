//! `crosswalk explain RECORD`: where each value comes from, and what became of it.
//!
//! For one value the chain is: fields of the source and what they held, the rows of tables and maps
//! that were used, the line in the mapping, the value that is sent, the answer of the target. The
//! record comes from a golden case, or from the source of an environment.

mod answer;
mod human;
mod json;
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
            object.values.retain(|value| is_meant(&name, &value.path, field));
            found |= !object.values.is_empty();
        }
        names.extend(chain.unfinished.iter().map(|value| value.path.clone()));
        chain.unfinished.retain(|value| is_meant("", &value.path, field));
        found |= !chain.unfinished.is_empty() || chain.left_out.is_some();
        chain.objects.retain(|object| !object.values.is_empty());
    }
    if found {
        return Ok(());
    }
    let near = nearest(field, names.iter().map(String::as_str));
    let way_out = match near {
        Some(near) => format!("`{near}` is near to it"),
        None => "leave it out to see all fields".to_owned(),
    };
    Err(Fault::argument(format!("nothing that comes of it has a field `{field}`"), way_out))
}

/// Whether a path is the field, lies in it, or ends with it: `UOM`, `ProductRatePlanCharge.UOM`,
/// `subscriptions[0]`, `subscriptions[].subscriptionNumber`.
fn is_meant(object: &str, path: &str, field: &str) -> bool {
    let plain = |text: &str| {
        let mut inside = false;
        let kept = text.chars().filter(|c| {
            let keep = !inside || *c == ']';
            inside = (inside || *c == '[') && *c != ']';
            keep
        });
        kept.collect::<String>()
    };
    let field = field.strip_prefix(object).and_then(|rest| rest.strip_prefix('.')).unwrap_or(field);
    let lies_in = |path: &str, field: &str| {
        path.strip_prefix(field).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
    };
    lies_in(path, field)
        || lies_in(&plain(path), field)
        || path.rsplit('.').next().is_some_and(|last| last == field)
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

#[cfg(test)]
mod tests {
    use super::is_meant;

    #[test]
    fn a_field_is_named_in_several_ways() {
        for field in [
            "subscriptions[0].orderActions[1].type",
            "subscriptions[].orderActions[].type",
            "subscriptions[0]",
            "subscriptions",
            "type",
            "Order.subscriptions",
        ] {
            assert!(is_meant("Order", "subscriptions[0].orderActions[1].type", field), "{field}");
        }
        for field in ["subscriptions[1]", "subscription", "orderActions", "typ", "Account.type"] {
            assert!(!is_meant("Order", "subscriptions[0].orderActions[1].type", field), "{field}");
        }
    }
}
