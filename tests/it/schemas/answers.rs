//! What we say of answers is published: each member, with its type and its values.
//!
//! Answers are described in part, so only what is in our files is compared. See `published`.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::published::published;
use super::{flag, no_faults, read_json, resolve, text, texts, zuora_files};

/// The published schema of each answer.
const ANSWERS: &[(&str, &str)] = &[
    ("AccountResult", "POSTAccountResponseType"),
    ("OrderPreviewResult", "PostOrderPreviewResponseType"),
    ("OrderResult", "PostOrderResponseType"),
    ("Subscription", "GETSubscriptionByKeyWithSuccess"),
];

/// What our connector puts together from several answers, and is published nowhere.
const PUT_TOGETHER: [&str; 1] = ["OrderOutcome"];

/// Follows references and merges the parts of `allOf`.
fn flat(components: &Value, schema: &Value) -> Value {
    if let Some(reference) = schema["$ref"].as_str() {
        let name = reference.rsplit('/').next().unwrap_or_default();
        return flat(components, &components[name]);
    }
    let Some(parts) = schema["allOf"].as_array() else { return schema.clone() };
    let mut properties = Map::new();
    for part in parts {
        let part = flat(components, part);
        properties.extend(part["properties"].as_object().cloned().unwrap_or_default());
    }
    json!({"type": "object", "properties": properties})
}

struct Answer<'a> {
    file: &'a Value,
    components: &'a Value,
    faults: Vec<String>,
}

impl Answer<'_> {
    fn compare(&mut self, place: &str, ours: &Value, theirs: &Value) {
        let (ours, theirs) = (resolve(self.file, ours), flat(self.components, theirs));
        // Some lists are published without their type.
        if ours["type"] != theirs["type"] && theirs["items"].is_null() {
            self.faults.push(format!("{place}: type"));
        }
        let values = |it: &Value| texts(&it["enum"]).iter().map(|&v| v.into()).collect();
        let (mine, published): (BTreeSet<String>, BTreeSet<String>) =
            (values(ours), values(&theirs));
        if !published.is_empty() && mine != published {
            self.faults.push(format!("{place}: enum"));
        }
        if ours["items"].is_object() {
            self.compare(&format!("{place}/[]"), &ours["items"], &theirs["items"]);
        }
        for (name, inner) in ours["properties"].as_object().into_iter().flatten() {
            let place = format!("{place}/{name}");
            match theirs["properties"].get(name) {
                Some(published) => self.compare(&place, inner, published),
                // These two come with every answer, whatever its own schema says.
                None if ["processId", "requestId"].contains(&name.as_str()) => {}
                None => self.faults.push(format!("{place}: not published")),
            }
        }
    }
}

#[test]
fn answers_are_published() {
    let Some(data) = published() else { return };
    let specification = read_json(&data.join("zuora/openapi-full-compact.json"));
    let files = zuora_files();
    let named: BTreeSet<&str> = ANSWERS.iter().map(|(name, _)| *name).collect();
    let described: BTreeSet<&str> =
        files.values().filter(|it| flag(it, "x-read-only")).map(|it| text(it, "title")).collect();
    let described: BTreeSet<&str> = described.difference(&PUT_TOGETHER.into()).copied().collect();
    assert_eq!(described, named, "every answer is compared");

    let components = &specification["components"]["schemas"];
    let mut faults = Vec::new();
    for (name, schema) in ANSWERS {
        let file = &files[*name];
        let mut answer = Answer { file, components, faults };
        answer.compare(name, file, &components[*schema]);
        faults = answer.faults;
    }
    no_faults(faults);
}
