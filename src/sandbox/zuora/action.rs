//! Actions: many objects of one type in one call, each with its own result.

use axum::http::StatusCode;
use serde_json::{Map, Value, json};

use super::answer::{Answer, described};
use super::call::Call;
use super::crud::{noting, unrecognised};
use super::refusal::{Code, Refusal};
use super::schema::Purpose;
use super::store::Kind;
use super::work::Work;
use super::write::{self, Checked, Manner};

/// Most objects of one call.
const OBJECTS_MAX: usize = 50;

/// `POST /v1/action/create`.
pub fn create(work: &mut Work<'_>, call: &Call) -> Answer {
    let (kind, objects) = match typed_list(call, "objects", "create") {
        Ok(found) => found,
        Err(answer) => return *answer,
    };
    let manner = Manner { purpose: Purpose::Create, wsdl: call.wsdl };
    let mut checked = Vec::new();
    for object in objects {
        let Value::Object(mut fields) = object else { return not_objects("objects") };
        // A new object has nothing that could be cleared.
        fields.remove(FIELDS_TO_NULL);
        checked.push(write::check_body(work, kind, fields, manner));
    }
    each(work, call, checked, |work, _, fields| write::create(work, kind, fields))
}

/// `POST /v1/action/update`.
pub fn update(work: &mut Work<'_>, call: &Call) -> Answer {
    let (kind, objects) = match typed_list(call, "objects", "update") {
        Ok(found) => found,
        Err(answer) => return *answer,
    };
    let manner = Manner { purpose: Purpose::Change, wsdl: call.wsdl };
    let (mut checked, mut targets) = (Vec::new(), Vec::new());
    for object in objects {
        let Value::Object(mut fields) = object else { return not_objects("objects") };
        let id = match fields.remove("Id") {
            Some(Value::String(id)) => id,
            _ => String::new(),
        };
        let (cleared, fault) = take_fields_to_null(work, kind, &mut fields);
        let mut item = write::check_body(work, kind, fields, manner);
        item.refusals.extend(fault);
        if id.is_empty() {
            item.refusals.insert(0, Refusal::missing("Id"));
        }
        checked.push(item);
        targets.push((id, cleared));
    }
    each(work, call, checked, |work, position, fields| {
        let Some((id, cleared)) = targets.get(position) else { return Err(Vec::new()) };
        write::update(work, kind, id, fields, cleared)?;
        Ok(id.clone())
    })
}

/// `POST /v1/action/delete`.
pub fn delete(work: &mut Work<'_>, call: &Call) -> Answer {
    let (kind, ids) = match typed_list(call, "ids", "delete") {
        Ok(found) => found,
        Err(answer) => return *answer,
    };
    let (mut results, mut violations) = (Vec::new(), Vec::new());
    for id in ids {
        let Value::String(id) = id else { return not_objects("ids") };
        match write::delete(work, kind, &id) {
            Ok(()) => results.push(json!({"success": true, "id": id})),
            Err(refusal) => {
                violations.push(described(&refusal));
                results.push(json!({"success": false, "id": id, "errors": [refusal.json()]}));
            }
        }
    }
    let mut answer = Answer::ok(Value::Array(results));
    answer.violations = violations;
    answer
}

/// Any other action.
pub fn unknown(_: &mut Work<'_>, call: &Call) -> Answer {
    let message = format!("Invalid action '{}'", call.key());
    Answer::client_error(StatusCode::BAD_REQUEST, &message)
}

/// The field of an update that names the fields to be cleared.
const FIELDS_TO_NULL: &str = "fieldsToNull";

/// Does the work for each item; the results are in the order of the input, and an item that fails
/// leaves the others alone.
fn each(
    work: &mut Work<'_>,
    call: &Call,
    items: Vec<Checked>,
    write: impl Fn(&mut Work<'_>, usize, Map<String, Value>) -> Result<String, Vec<Refusal>>,
) -> Answer {
    let placed = |fields_of: fn(&Checked) -> Vec<String>| -> Vec<String> {
        (0_usize..)
            .zip(&items)
            .flat_map(|(position, item)| {
                let fields = fields_of(item).into_iter();
                fields.map(move |field| format!("/objects/{position}/{}", field.trim_matches('/')))
            })
            .collect()
    };
    let (unknown, passed_over) =
        (placed(|item| item.unknown.clone()), placed(Checked::passed_over));
    if call.rejects_unknown_fields() && !unknown.is_empty() {
        return unrecognised(&unknown);
    }
    let (mut results, mut violations) = (Vec::new(), Vec::new());
    for (position, item) in items.into_iter().enumerate() {
        let outcome = match item.refusals.is_empty() {
            true => write(work, position, item.fields),
            false => Err(item.refusals),
        };
        match outcome {
            Ok(id) => results.push(json!({"Success": true, "Id": id})),
            Err(refusals) => {
                violations.extend(refusals.iter().map(described));
                let errors: Vec<Value> = refusals.iter().map(Refusal::json).collect();
                results.push(json!({"Success": false, "Errors": errors}));
            }
        }
    }
    let mut answer = Answer::ok(Value::Array(results));
    answer.violations = violations;
    noting(answer, &passed_over)
}

/// The kind and the items of a call.
fn typed_list(call: &Call, list: &str, action: &str) -> Result<(Kind, Vec<Value>), Box<Answer>> {
    let unknown = call.body.keys().find(|name| *name != "type" && *name != list);
    if let Some(unknown) = unknown.filter(|_| call.rejects_unknown_fields()) {
        return Err(Box::new(unrecognised(&[format!("/{unknown}")])));
    }
    let refused =
        |code: Code, message: String| Err(Box::new(Answer::fault(&Refusal::new(code, message))));
    let Some(name) = call.body.get("type").and_then(Value::as_str) else {
        return refused(Code::MissingRequiredValue, "type is missing".to_owned());
    };
    let kind = Kind::from_name(name)
        .filter(|kind| *kind != Kind::ProductRatePlanChargeTier || action == "update");
    let Some(kind) = kind else {
        return refused(Code::InvalidType, format!("invalid type for {action}:{name}"));
    };
    let Some(items) = call.body.get(list).and_then(Value::as_array) else {
        return refused(Code::MissingRequiredValue, format!("{list} is missing"));
    };
    if items.len() > OBJECTS_MAX {
        let message = format!("{list} has {} items; a call takes {OBJECTS_MAX}", items.len());
        return refused(Code::MaxRecordsExceeded, message);
    }
    Ok((kind, items.clone()))
}

/// Takes `fieldsToNull` out of an item; the refusal names what cannot be cleared.
fn take_fields_to_null(
    work: &Work<'_>,
    kind: Kind,
    fields: &mut Map<String, Value>,
) -> (Vec<String>, Option<Refusal>) {
    let Some(value) = fields.remove(FIELDS_TO_NULL) else { return (Vec::new(), None) };
    let names = value.as_array().map(|names| names.iter().filter_map(Value::as_str));
    let Some(names) = names else {
        return (Vec::new(), Some(Refusal::value("Invalid value for field fieldsToNull")));
    };
    let names: Vec<String> = names.map(str::to_owned).collect();
    let schema = work.schemas.get(kind.name());
    let is_field = |name: &str| {
        schema.is_some_and(|schema| schema.fields().any(|(known, _)| known == name))
            || work.tenant.custom_field(kind.name(), name).is_some()
    };
    let unknown = names.iter().find(|name| !is_field(name));
    let fault = unknown.map(|name| {
        Refusal::new(Code::InvalidField, format!("invalid field for fieldsToNull: {name}"))
    });
    (names, fault)
}

fn not_objects(list: &str) -> Answer {
    let message = format!("Invalid value for field {list}");
    Answer::fault(&Refusal::value(message))
}
