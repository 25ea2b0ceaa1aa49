//! The JSON Schema of mapping files, made from the table of the language.
//!
//! It is for editors: completion, docs, and a mark at the key that is wrong. So a block is one
//! schema with closed keys, never a choice among several: a choice would light up as a whole. What
//! depends on the two systems, or on other keys, is for the compiler to say.

use serde_json::{Map, Value, json};

use super::{
    ACTION, Block, EXPECT, Key, MAPPING, RANGES, RESOURCE, RULE, SHAPE, SOURCE, STOP, TABLE,
    TARGET, Takes, WRITE_BACK, instructions,
};

/// The schema as the text of its file.
pub fn json_schema_text() -> String {
    format!("{:#}\n", json_schema())
}

/// The schema, JSON Schema 2020-12.
pub fn json_schema() -> Value {
    let blocks = [
        &MAPPING,
        &SOURCE,
        &TARGET,
        &RULE,
        &RESOURCE,
        &ACTION,
        &EXPECT,
        &WRITE_BACK,
        &TABLE,
        &RANGES,
    ];
    let mut defs: Map<String, Value> =
        blocks.iter().map(|block| (block.name.to_owned(), closed(block))).collect();
    defs.insert(SHAPE.name.into(), open(SHAPE.keys.iter()));
    defs.insert("answer".into(), answer());
    defs.insert("map_or_table".into(), map_or_table());
    defs.insert("value".into(), value());
    defs.insert("condition".into(), condition());
    for (name, needed) in REQUIRED {
        if let Some(Value::Object(block)) = defs.get_mut(*name) {
            block.insert("required".into(), json!(needed));
        }
    }
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A mapping of crosswalk, version 1 of the language",
        "description": "Made from the program's own table of keys: `crosswalk schema mapping` prints it.",
        "$ref": "#/$defs/mapping",
        "$defs": defs,
    })
}

/// The keys that a block cannot do without.
const REQUIRED: &[(&str, &[&str])] = &[
    ("mapping", &["crosswalk", "name", "source", "target"]),
    ("source", &["system", "object"]),
    ("target", &["system"]),
    ("rule", &["when", "reason"]),
    ("resource", &["object", "key"]),
    ("table", &["inputs", "outputs", "rows"]),
];

/// A block that has its keys and no others.
fn closed(block: &Block) -> Value {
    let properties: Map<String, Value> = block.keys.iter().map(property).collect();
    json!({"type": "object", "properties": properties, "additionalProperties": false})
}

fn property(key: &Key) -> (String, Value) {
    let mut taken = taken(key.takes);
    if let Some(taken) = taken.as_object_mut() {
        taken.insert("description".into(), key.doc.into());
    }
    (key.name.to_owned(), taken)
}

/// Keys with `$`, and beside them the names of the target.
fn open<'a>(keys: impl Iterator<Item = &'a Key>) -> Value {
    let properties: Map<String, Value> = keys.map(property).collect();
    json!({
        "properties": properties,
        "patternProperties": {"^[^$]": reference("value")},
        "additionalProperties": false,
        "items": reference("value"),
    })
}

/// Any value. Keywords of objects say nothing of texts, and those of lists nothing of objects: so
/// all forms are one schema.
fn value() -> Value {
    // `$desc` stands in a `$sort`, `$other` and `$null` among cases; each is a key of a value.
    let mut value = open(instructions().into_iter());
    if let Some(Value::Object(properties)) = value.get_mut("properties") {
        let desc = json!({"description": "Orders downwards.", "$ref": "#/$defs/value"});
        properties.insert("$desc".into(), desc);
    }
    value
}

fn condition() -> Value {
    let calc = json!({"type": "string", "description": "An expression."});
    json!({
        "type": ["string", "boolean", "object"],
        "properties": {"$calc": calc},
        "additionalProperties": false,
    })
}

/// What a row of a map gives: a literal, or the end of the record.
fn answer() -> Value {
    let mut answer = closed(&STOP);
    if let Some(answer) = answer.as_object_mut() {
        let types = json!(["string", "number", "boolean", "null", "object"]);
        answer.insert("type".into(), types);
    }
    answer
}

/// A map, or with `rows`, `inputs` or `outputs` a decision table.
fn map_or_table() -> Value {
    let many = json!({"type": ["array", "object"]});
    let has = |key: &str| json!({"required": [key], "properties": {key: many}});
    json!({
        "type": "object",
        "if": {"anyOf": [has("rows"), has("inputs"), has("outputs")]},
        "then": reference("table"),
        "else": {
            "properties": {
                "$other": {"description": "Any other value.", "$ref": "#/$defs/answer"},
                "$null": {"description": "No value.", "$ref": "#/$defs/answer"},
            },
            "patternProperties": {"^[^$]": reference("answer")},
            "additionalProperties": false,
        },
    })
}

fn reference(name: &str) -> Value {
    json!({"$ref": format!("#/$defs/{name}")})
}

fn taken(takes: Takes) -> Value {
    match takes {
        Takes::Version => json!({"enum": [1, "1"]}),
        Takes::Text => json!({"type": ["string", "number", "boolean"]}),
        Takes::Number => json!({"type": ["integer", "number", "string"]}),
        Takes::Word(words) => json!({"enum": words}),
        Takes::Words => json!({"type": ["string", "array"], "items": {"type": "string"}}),
        Takes::Expression => json!({"type": ["string", "number", "boolean"]}),
        Takes::Condition => reference("condition"),
        Takes::Value => reference("value"),
        Takes::Names => json!({"type": "object", "additionalProperties": reference("value")}),
        Takes::Literals => json!({
            "type": "object",
            "additionalProperties": {"type": ["string", "number", "boolean", "null"]},
        }),
        Takes::Texts => json!({"type": "object", "additionalProperties": {"type": "string"}}),
        Takes::Block(block) => reference(block.name),
        Takes::Named(block) => {
            json!({"type": "object", "additionalProperties": reference(block.name)})
        }
        Takes::Several(block) => {
            // A list says nothing of the keys of a block, and a block nothing of items.
            let mut one = closed(block);
            if let Some(one) = one.as_object_mut() {
                one.insert("type".into(), json!(["object", "array"]));
                one.insert("items".into(), reference(block.name));
            }
            one
        }
        Takes::Tables => {
            json!({"type": "object", "additionalProperties": reference("map_or_table")})
        }
        Takes::Rows => json!({"type": "array", "items": {"type": "array"}}),
        Takes::List => json!({"type": "array", "items": {"type": "string"}}),
    }
}
