//! Refuses schemas that say something which the check would not hear.

use serde_json::Value;

/// Keywords that the check understands.
const KEYWORDS: [&str; 17] = [
    "type",
    "enum",
    "const",
    "maxLength",
    "minLength",
    "format",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "items",
    "maxItems",
    "minItems",
    "properties",
    "required",
    "additionalProperties",
    "$ref",
];

/// Formats that the check understands.
const FORMATS: [&str; 3] = ["date", "date-time", "email"];

/// Keywords that explain and bind nothing.
const ANNOTATIONS: [&str; 10] = [
    "$schema",
    "$id",
    "$defs",
    "$comment",
    "title",
    "description",
    "default",
    "examples",
    "deprecated",
    "readOnly",
];

/// Keywords of the project's own, as `schemas/README.md` explains them.
const OWN_KEYWORDS: [&str; 39] = [
    "x-system",
    "x-api-version",
    "x-source",
    "x-path",
    "x-create",
    "x-update",
    "x-delete",
    "x-read-only",
    "x-number",
    "x-outcome",
    "x-result",
    "x-custom-fields",
    "x-custom-fields-of",
    "x-left-out",
    "x-update-required",
    "x-required-note",
    "x-required-when",
    "x-forbidden-when",
    "x-exactly-one",
    "x-at-least-one",
    "x-variants",
    "x-unique",
    "x-unique-within",
    "x-expire",
    "x-parent",
    "x-read-properties",
    "x-update-maximum",
    "x-immutable",
    "x-immutable-once-used",
    "x-nullable",
    "x-precision",
    "x-scale",
    "x-references",
    "x-tenant",
    "x-read",
    "x-min-wsdl",
    "x-key",
    "x-unordered",
    "x-changes-max",
];

/// Whether the schema keeps to the subset; the error says which keyword does not.
///
/// # Errors
/// The keyword that is not understood, or the reference that leads nowhere.
pub fn verify(root: &Value) -> Result<(), String> {
    verify_part(root, root)?;
    let definitions = root.get("$defs").and_then(Value::as_object);
    definitions.into_iter().flatten().try_for_each(|(_, part)| verify_part(root, part))
}

fn verify_part(root: &Value, part: &Value) -> Result<(), String> {
    let Some(keywords) = part.as_object() else {
        return Err(format!("a schema is an object, not {part}"));
    };
    for keyword in keywords.keys() {
        let known = KEYWORDS.contains(&keyword.as_str())
            || ANNOTATIONS.contains(&keyword.as_str())
            || OWN_KEYWORDS.contains(&keyword.as_str());
        if !known {
            return Err(format!("the keyword `{keyword}` is not understood"));
        }
    }
    if let Some(format) = part.get("format") {
        let known = format.as_str().is_some_and(|format| FORMATS.contains(&format));
        known.then_some(()).ok_or_else(|| format!("the format {format} is not understood"))?;
    }
    if let Some(reference) = part.get("$ref") {
        resolve(root, reference).ok_or_else(|| format!("{reference} leads nowhere"))?;
    }
    if let Some(items) = part.get("items") {
        verify_part(root, items)?;
    }
    let properties = part.get("properties").and_then(Value::as_object);
    properties.into_iter().flatten().try_for_each(|(_, property)| verify_part(root, property))
}

/// The part of the schema that a local reference (`#/$defs/…`) names.
pub fn resolve<'a>(root: &'a Value, reference: &Value) -> Option<&'a Value> {
    root.pointer(reference.as_str()?.strip_prefix('#')?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn refuses_what_the_check_would_not_hear() {
        for (schema, part) in [
            (json!({"oneOf": []}), "oneOf"),
            (json!({"properties": {"A": {"pattern": "x"}}}), "pattern"),
            (json!({"x-all-or-none": []}), "x-all-or-none"),
            (json!({"properties": {"A": {"format": "uri"}}}), "uri"),
            (json!({"properties": {"A": {"$ref": "#/$defs/B"}}}), "nowhere"),
            (json!({"$defs": {"B": {"items": {"not": {}}}}}), "not"),
            (json!({"items": 7}), "7"),
        ] {
            let reason = verify(&schema).unwrap_err();
            assert!(reason.contains(part), "{reason}");
        }
        let good = json!({
            "properties": {"A": {"$ref": "#/$defs/B"}},
            "$defs": {"B": {"type": "string", "format": "date", "x-read": {}}},
        });
        assert_eq!(verify(&good), Ok(()));
    }
}
