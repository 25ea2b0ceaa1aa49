//! What the service says of its versions, objects and fields.

use serde_json::{Map, Value, json};

use super::org::Org;
use super::org::field::{Field, FieldType};
use super::org::object::Object;

/// Oldest version that is still served; 21.0 to 30.0 went in Summer '25.
pub const VERSION_MIN: u32 = 31;
/// Newest version (Winter '27 preview).
pub const VERSION_MAX: u32 = 68;

/// `GET /services/data`
#[must_use]
pub fn versions() -> Value {
    let versions = (VERSION_MIN..=VERSION_MAX).map(|version| {
        // Three releases a year; version 31 was Summer '14, and Winter carries the next year.
        let season = match version % 3 {
            0 => "Spring",
            1 => "Summer",
            _ => "Winter",
        };
        let year = (version.saturating_add(1) / 3).saturating_add(4);
        json!({
            "label": format!("{season} '{year}"),
            "url": format!("/services/data/v{version}.0"),
            "version": format!("{version}.0"),
        })
    });
    Value::Array(versions.collect())
}

/// `GET /services/data/vXX.X`
#[must_use]
pub fn resources(version: &str) -> Value {
    let names = ["sobjects", "query", "queryAll", "limits", "composite"];
    let resources = names
        .iter()
        .map(|name| ((*name).to_owned(), json!(format!("/services/data/v{version}/{name}"))));
    Value::Object(resources.collect())
}

/// `GET …/limits`
#[must_use]
pub fn limits(api_calls: u64, api_calls_max: u64) -> Value {
    let limit = |max: u64| json!({"Max": max, "Remaining": max});
    json!({
        "DailyApiRequests": {
            "Max": api_calls_max,
            "Remaining": api_calls_max.saturating_sub(api_calls),
        },
        "DailyBulkApiBatches": limit(15_000),
        "DailyBulkV2QueryJobs": limit(10_000),
        "DailyBulkV2QueryFileStorageMB": limit(976_562),
        "DataStorageMB": limit(1_024),
        "FileStorageMB": limit(1_024),
    })
}

/// `GET …/sobjects`
#[must_use]
pub fn global(org: &Org, version: &str) -> Value {
    let objects: Vec<Value> =
        org.objects().map(|object| Value::Object(object_head(object, version))).collect();
    json!({"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": objects})
}

/// `GET …/sobjects/X`
#[must_use]
pub fn basic(object: &Object, version: &str) -> Value {
    json!({"objectDescribe": object_head(object, version), "recentItems": []})
}

/// `GET …/sobjects/X/describe`
#[must_use]
pub fn full(object: &Object, version: &str) -> Value {
    let mut described = object_head(object, version);
    let fields: Vec<Value> = object.fields.iter().map(|field| described_field(field)).collect();
    let children: Vec<Value> = object
        .child_relationships
        .iter()
        .map(|child| {
            json!({
                "cascadeDelete": child.cascade_delete,
                "childSObject": child.child_object,
                "deprecatedAndHidden": false,
                "field": child.field,
                "junctionIdListNames": [],
                "junctionReferenceTo": [],
                "relationshipName": child.relationship_name,
                "restrictedDelete": child.restricted_delete,
            })
        })
        .collect();
    described.insert("fields".to_owned(), Value::Array(fields));
    described.insert("childRelationships".to_owned(), Value::Array(children));
    for (name, value) in [
        ("actionOverrides", json!([])),
        ("listviewable", Value::Null),
        ("lookupLayoutable", Value::Null),
        ("namedLayoutInfos", json!([])),
        ("networkScopeFieldName", Value::Null),
        ("recordTypeInfos", json!([])),
        ("sobjectDescribeOption", json!("FULL")),
        ("supportedScopes", json!([{"label": "All records", "name": "everything"}])),
    ] {
        described.insert(name.to_owned(), value);
    }
    Value::Object(described)
}

fn object_head(object: &Object, version: &str) -> Map<String, Value> {
    let base = format!("/services/data/v{version}/sobjects/{}", object.name);
    let deletable = object.deletable.unwrap_or(object.createable);
    let head = json!({
        "activateable": false,
        "associateEntityType": null,
        "associateParentEntity": null,
        "compactLayoutable": true,
        "createable": object.createable,
        "custom": object.custom,
        "customSetting": false,
        "deepCloneable": false,
        "defaultImplementation": null,
        "deletable": deletable,
        "deprecatedAndHidden": false,
        "extendedBy": null,
        "extendsInterfaces": null,
        "feedEnabled": false,
        "hasSubtypes": false,
        "implementedBy": null,
        "implementsInterfaces": null,
        "isInterface": false,
        "isSubtype": false,
        "keyPrefix": object.key_prefix,
        "label": object.label,
        "labelPlural": object.label_plural.as_deref().unwrap_or(&object.label),
        "layoutable": true,
        "mergeable": false,
        "mruEnabled": false,
        "name": object.name,
        "queryable": object.queryable,
        "replicateable": true,
        "retrieveable": true,
        "searchLayoutable": false,
        "searchable": true,
        "triggerable": true,
        "undeletable": deletable,
        "updateable": object.updateable,
        "urls": {
            "describe": format!("{base}/describe"),
            "rowTemplate": format!("{base}/{{ID}}"),
            "sobject": base,
        },
    });
    members(head)
}

fn described_field(field: &Field) -> Value {
    let kind = field.kind();
    let is_text = matches!(
        kind,
        FieldType::Text | FieldType::TextArea | FieldType::Picklist | FieldType::MultiPicklist
    );
    let is_required = field.is_required();
    let length = field.length_max().unwrap_or(0);
    let has_default = kind == FieldType::Boolean || field.insert_default().is_some();
    let default =
        field.insert_default().or((kind == FieldType::Boolean).then_some(Value::Bool(false)));
    let mut described = members(json!({
        "aggregatable": field.is_filterable() && kind != FieldType::Boolean,
        "aiPredictionField": false,
        "autoNumber": field.auto_number,
        "byteLength": length.saturating_mul(if is_text { 3 } else { 1 }),
        "calculated": field.calculated,
        "calculatedFormula": field.calculated_formula,
        "cascadeDelete": false,
        "caseSensitive": false,
        "compoundFieldName": field.compound_field_name,
        "controllerName": null,
        "createable": field.createable,
        "custom": field.custom,
        "defaultValue": default,
        "defaultValueFormula": field.default_value_formula,
        "defaultedOnCreate": !is_required && (has_default || field.defaulted_on_create == Some(true)),
        "dependentPicklist": false,
        "deprecatedAndHidden": false,
        "digits": if kind == FieldType::Int { field.precision.unwrap_or(9) } else { 0 },
        "displayLocationInDecimal": false,
        "encrypted": false,
        "externalId": field.external_id,
        "extraTypeInfo": null,
        "filterable": field.is_filterable(),
        "filteredLookupInfo": null,
        "formulaTreatNullNumberAsZero": false
    }));
    described.extend(members(json!({
        "groupable": field.is_filterable() && !matches!(kind, FieldType::Number | FieldType::DateTime),
        "highScaleNumber": false,
        "htmlFormatted": false,
        "idLookup": kind == FieldType::Id || field.external_id || field.name == "Name",
        "inlineHelpText": field.inline_help_text,
        "label": field.label,
        "length": length,
        "mask": null,
        "maskType": null,
        "name": field.name,
        "nameField": field.name == "Name",
        "namePointing": field.reference_to.len() > 1,
        "nillable": field.nillable,
        "permissionable": field.custom && !is_required,
        "picklistValues": picklist_values(field),
        "polymorphicForeignKey": field.reference_to.len() > 1,
        "precision": if kind == FieldType::Number { field.precision.unwrap_or(18) } else { 0 },
        "queryByDistance": false,
        "referenceTargetField": null,
        "referenceTo": field.reference_to,
        "relationshipName": field.relationship_name,
        "relationshipOrder": null,
        "restrictedDelete": false,
        "restrictedPicklist": field.restricted_picklist,
        "scale": field.scale.unwrap_or(0),
        "searchPrefilterable": kind == FieldType::Reference,
        "soapType": soap_type(kind),
        "sortable": field.is_sortable(),
        "type": field.type_name,
        "unique": field.unique,
        "updateable": field.updateable,
        "writeRequiresMasterRead": false,
    })));
    Value::Object(described)
}

fn members(object: Value) -> Map<String, Value> {
    match object {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}

fn picklist_values(field: &Field) -> Vec<Value> {
    let values = field.picklist_values.iter().map(|value| {
        json!({
            "active": value.active.unwrap_or(true),
            "defaultValue": value.is_default.unwrap_or(false),
            "label": value.label.as_deref().unwrap_or(&value.value),
            "validFor": null,
            "value": value.value,
        })
    });
    values.collect()
}

const fn soap_type(kind: FieldType) -> &'static str {
    match kind {
        FieldType::Id | FieldType::Reference => "tns:ID",
        FieldType::Boolean => "xsd:boolean",
        FieldType::Int => "xsd:int",
        FieldType::Number => "xsd:double",
        FieldType::Date => "xsd:date",
        FieldType::DateTime => "xsd:dateTime",
        FieldType::Compound => "urn:address",
        _ => "xsd:string",
    }
}
