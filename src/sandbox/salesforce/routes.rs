//! From a call to the resource that answers it.
//!
//! Paths are taken apart by hand, because clients write them with and without a slash at the end,
//! and because wrong paths, methods and versions have bodies of the service's own.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::answer::{Answer, ApiError};
use super::call::Call;
use super::describe;
use super::org::object::Object;
use super::query::Paging;
use super::service::Service;
use super::soql::execute::Deleted;
use super::write::collections::Batch;

/// A write of one record, given the body.
type RecordWrite<'a> = dyn Fn(&Map<String, Value>) -> Result<Answer, Vec<ApiError>> + 'a;

impl Service {
    /// Answers a call below `/services/data` whose session is live.
    pub(super) fn respond(&self, call: &Call) -> Answer {
        let segments: Vec<&str> = call.segments.iter().map(String::as_str).collect();
        let ["services", "data", version, rest @ ..] = segments.as_slice() else {
            return ApiError::not_found().into();
        };
        match version_number(version) {
            Err(error) => error.into(),
            Ok(number) => {
                let paging = Paging {
                    version: version.trim_start_matches('v'),
                    version_number: number,
                    options: call.query_options.as_deref(),
                };
                self.route(call, rest, paging)
            }
        }
    }

    fn route(&self, call: &Call, rest: &[&str], paging: Paging<'_>) -> Answer {
        let version = paging.version;
        match (call.method.as_str(), rest) {
            ("GET", []) => Answer::json(200, &describe::resources(version)),
            ("GET", ["limits"]) => Answer::json(200, &self.limits()),
            ("GET", ["query" | "queryAll", locator]) => self.next_page(locator, paging),
            ("GET", ["query" | "queryAll"]) => {
                let deleted = if rest == ["query"] { Deleted::Hidden } else { Deleted::Shown };
                match call.parameter("q") {
                    Some(soql) => self.query(soql, paging, deleted),
                    None => {
                        let message = "A query string has to be specified";
                        ApiError::new(400, "MALFORMED_QUERY", message).into()
                    }
                }
            }
            ("GET", ["sobjects"]) => Answer::json(200, &describe::global(&self.org, version)),
            (_, ["sobjects", name, rest @ ..]) => match self.org.object(name) {
                Some(object) => self.sobject(call, object, rest, paging),
                None => ApiError::not_found().into(),
            },
            (_, ["composite", rest @ ..]) => {
                self.composites(call, rest, version).unwrap_or_else(Answer::from)
            }
            (method, ["limits" | "query" | "queryAll" | "sobjects", ..]) => {
                ApiError::method(method, "HEAD,GET").into()
            }
            _ => ApiError::not_found().into(),
        }
    }

    fn sobject(
        &self,
        call: &Call,
        object: &Arc<Object>,
        rest: &[&str],
        paging: Paging<'_>,
    ) -> Answer {
        let version = paging.version;
        let fields = call.parameter("fields");
        let with_body = |work: &RecordWrite<'_>| match call.object() {
            Ok(values) => work(&values).unwrap_or_else(|errors| Answer::errors(&errors)),
            Err(error) => error.into(),
        };
        match (call.method.as_str(), rest) {
            ("GET", []) => Answer::json(200, &describe::basic(object, version)),
            ("GET", ["describe"]) => Answer::json(200, &describe::full(object, version)),
            ("POST", []) => with_body(&|values| self.create(object, values, version)),
            ("GET", [id]) => self.record_by_id(object, id, fields, version),
            ("PATCH", [id]) => with_body(&|values| self.change(object, id, values)),
            ("DELETE", [id]) => {
                self.remove(object, id).unwrap_or_else(|errors| Answer::errors(&errors))
            }
            ("GET", [field, key]) => self.record_by_key(object, field, key, fields, version),
            ("PATCH", [field, key]) => {
                with_body(&|values| self.upsert(object, field, key, values, paging))
            }
            (method, [] | ["describe"]) => ApiError::method(method, "HEAD,GET,POST").into(),
            (method, [_] | [_, _]) => ApiError::method(method, "DELETE,GET,HEAD,PATCH").into(),
            _ => ApiError::not_found().into(),
        }
    }

    fn composites(&self, call: &Call, rest: &[&str], version: &str) -> Result<Answer, ApiError> {
        match (call.method.as_str(), rest) {
            ("POST", []) => self.composite(&call.object()?),
            ("POST", ["sobjects"]) => self.write_collection(Batch::Create, &call.object()?),
            ("PATCH", ["sobjects"]) => self.write_collection(Batch::Update, &call.object()?),
            ("PATCH", ["sobjects", object, field]) => {
                self.write_collection(Batch::Upsert { object, field }, &call.object()?)
            }
            ("DELETE", ["sobjects"]) => {
                let all_or_none = match call.parameter("allOrNone") {
                    None | Some("false") => false,
                    Some("true") => true,
                    Some(_) => return Err(ApiError::json("allOrNone must be true or false")),
                };
                self.delete_collection(call.parameter("ids").unwrap_or_default(), all_or_none)
            }
            ("GET" | "POST", ["sobjects", name]) => {
                let object = self.org.object(name).ok_or_else(ApiError::not_found)?;
                self.read_call(call, object, version)
            }
            (method, []) => Err(ApiError::method(method, "POST")),
            (method, ["sobjects"]) => Err(ApiError::method(method, "DELETE,PATCH,POST")),
            _ => Err(ApiError::not_found()),
        }
    }

    /// Ids and fields come in the query of a GET, or in the body of a POST.
    fn read_call(
        &self,
        call: &Call,
        object: &Arc<Object>,
        version: &str,
    ) -> Result<Answer, ApiError> {
        let (ids, fields) = if call.method == "GET" {
            let list = |name: &str| call.parameter(name).unwrap_or_default().to_owned();
            (list("ids"), list("fields"))
        } else {
            let body = call.object()?;
            let list = |name: &str| match body.get(name) {
                Some(Value::Array(items)) => {
                    let items: Vec<&str> = items.iter().filter_map(Value::as_str).collect();
                    items.join(",")
                }
                _ => String::new(),
            };
            (list("ids"), list("fields"))
        };
        let ids: Vec<&str> = ids.split(',').filter(|id| !id.is_empty()).collect();
        if ids.is_empty() || fields.is_empty() {
            return Err(ApiError::new(400, "MISSING_ARGUMENT", "ids and fields are required"));
        }
        self.read_collection(object, &ids, &fields, version)
    }
}

/// The number of a `v67.0` that is served.
fn version_number(segment: &str) -> Result<u32, ApiError> {
    let number = segment
        .strip_prefix('v')
        .and_then(|text| text.strip_suffix(".0"))
        .filter(|digits| digits.len() <= 3 && digits.bytes().all(|byte| byte.is_ascii_digit()))
        .and_then(|digits| digits.parse::<u32>().ok());
    match number {
        Some(number) if (describe::VERSION_MIN..=describe::VERSION_MAX).contains(&number) => {
            Ok(number)
        }
        // 7.0 to 20.0 were retired in Summer '22, 21.0 to 30.0 in Summer '25.
        Some(number) if (7..describe::VERSION_MIN).contains(&number) => {
            let message = "The requested API version has been retired";
            Err(ApiError::new(410, "UNSUPPORTED_API_VERSION", message))
        }
        _ => Err(ApiError::not_found()),
    }
}
