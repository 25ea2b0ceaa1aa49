//! From an HTTP request to the resource that answers it.
//!
//! Paths are taken apart by hand, because clients write them with and without a slash at the end,
//! and because wrong paths, methods and versions have bodies of the service's own.

use std::sync::Arc;

use axum::Router;
use axum::body::to_bytes;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, header};
use axum::response::Response;
use serde_json::{Map, Value, json};

use super::answer::{Answer, ApiError};
use super::describe;
use super::org::object::Object;
use super::query::Paging;
use super::service::Service;
use super::soql::execute::Deleted;
use super::write::collections::Batch;
use crate::sandbox::wire::connection::Connection;
use crate::sandbox::wire::encoding;
use crate::sandbox::wire::faults::Fault;

/// Longest request target that the service reads.
const URI_LENGTH_MAX: usize = 16 * 1024;
/// Largest body that the service reads.
const BODY_BYTES_MAX: usize = 50 * 1024 * 1024;

/// A write of one record, given the body.
type RecordWrite<'a> = dyn Fn(&Map<String, Value>) -> Result<Answer, Vec<ApiError>> + 'a;

/// The emulated org as a router.
pub fn router(service: Arc<Service>) -> Router {
    Router::new().fallback(handle).with_state(service)
}

/// A request, taken apart.
#[derive(Debug, Clone)]
pub struct Call {
    /// In upper case.
    pub method: String,
    /// Decoded path segments.
    pub segments: Vec<String>,
    query: Vec<(String, String)>,
    body: Vec<u8>,
    query_options: Option<String>,
    is_json: bool,
}

impl Call {
    /// A call with a JSON body; `None` when the target is malformed.
    #[must_use]
    pub fn new(method: &str, target: &str, body: Vec<u8>) -> Option<Self> {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let segments = path
            .split('/')
            .filter(|segment| !segment.is_empty())
            .map(encoding::decode_path_segment)
            .collect::<Option<Vec<_>>>()?;
        Some(Self {
            method: method.to_ascii_uppercase(),
            segments,
            query: encoding::parse_form(query)?,
            body,
            query_options: None,
            is_json: true,
        })
    }

    fn parameter(&self, name: &str) -> Option<&str> {
        let found = self.query.iter().find(|(own, _)| own == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The body as an object; a form body is refused, as writes take JSON only here.
    fn object(&self) -> Result<Map<String, Value>, ApiError> {
        if !self.is_json {
            let message = "The content type of the request is not supported: send application/json";
            return Err(ApiError::new(415, "UNSUPPORTED_MEDIA_TYPE", message));
        }
        match serde_json::from_slice(&self.body) {
            Ok(Value::Object(object)) => Ok(object),
            Ok(_) => Err(ApiError::json("Cannot deserialize: an object is expected")),
            Err(error) => Err(ApiError::json(error.to_string())),
        }
    }
}

async fn handle(State(service): State<Arc<Service>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let method = head.method.as_str().to_owned();
    let path = head.uri.path().to_owned();
    let target = head.uri.path_and_query().map_or("", |target| target.as_str()).to_owned();
    if target.len() > URI_LENGTH_MAX {
        return Answer::from(ApiError::new(414, "URI_TOO_LONG", "URI Too Long"))
            .into_response(None);
    }
    let connection = head.extensions.get::<ConnectInfo<Connection>>().map(|info| info.0.clone());
    let connection = connection.unwrap_or_default();
    let fault = service.faults().strike(&method, &path);
    match fault {
        Some(Fault::CutBefore) => {
            connection.cut();
            return Answer::empty().into_response(None);
        }
        Some(Fault::Answer { status, retry_after_s }) => {
            return fault_answer(status, retry_after_s).into_response(None);
        }
        Some(Fault::CutAfter) | None => {}
    }
    let Ok(body) = to_bytes(body, BODY_BYTES_MAX).await else {
        let error = ApiError::new(413, "REQUEST_ENTITY_TOO_LARGE", "the request is too large");
        return Answer::from(error).into_response(None);
    };
    let response = match Call::new(&method, &target, body.to_vec()) {
        Some(call) => answer(&service, call, &head.headers),
        None => {
            Answer::from(ApiError::new(400, "INVALID_REQUEST", "malformed URI")).into_response(None)
        }
    };
    if fault == Some(Fault::CutAfter) {
        connection.cut();
    }
    response
}

/// What a client is told by a service in trouble.
fn fault_answer(status: u16, retry_after_s: Option<u32>) -> Answer {
    let error = match status {
        401 => ApiError::session(),
        403 => ApiError::new(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."),
        429 | 503 => ApiError::new(status, "SERVER_UNAVAILABLE", "Server is busy, try again later"),
        _ => ApiError::new(status, "UNKNOWN_EXCEPTION", "An unexpected error occurred"),
    };
    Answer { retry_after_s, ..Answer::from(error) }
}

fn answer(service: &Service, mut call: Call, headers: &HeaderMap) -> Response {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let authorization = text(header::AUTHORIZATION.as_str());
    let base_url = format!("http://{}", text(header::HOST.as_str()).unwrap_or("127.0.0.1"));
    call.query_options = text("sforce-query-options").map(str::to_owned);
    call.is_json = text(header::CONTENT_TYPE.as_str())
        .is_some_and(|media| media.to_ascii_lowercase().starts_with("application/json"));
    // Clients that cannot send PATCH say so in the query.
    if let ("POST", Some(method)) = (call.method.as_str(), call.parameter("_HttpMethod")) {
        call.method = method.to_ascii_uppercase();
    }
    let segments: Vec<&str> = call.segments.iter().map(String::as_str).collect();
    match (call.method.as_str(), segments.as_slice()) {
        ("POST", ["services", "oauth2", "token"]) => {
            let form = String::from_utf8_lossy(&call.body);
            let (org, user) = (&service.org.id, &service.org.user_id);
            let answer = service.sessions.token(&form, authorization, &base_url, org, user);
            answer.into_response(None)
        }
        (method, ["services", "oauth2", "token"]) => {
            Answer::from(ApiError::method(method, "POST")).into_response(None)
        }
        ("GET", ["services", "data"]) => {
            Answer::json(200, &describe::versions()).into_response(None)
        }
        _ if !service.sessions.is_live(authorization) => {
            Answer::from(ApiError::session()).into_response(None)
        }
        ("GET", ["id", org, user]) => identity(service, &base_url, org, user).into_response(None),
        ("GET", ["services", "oauth2", "userinfo"]) => {
            let (org, user) = (&service.org.id, &service.org.user_id);
            identity(service, &base_url, org, user).into_response(None)
        }
        _ => {
            let usage = service.count_call();
            service.respond(&call).into_response(Some(&usage))
        }
    }
}

fn identity(service: &Service, base_url: &str, org: &str, user: &str) -> Answer {
    if org != service.org.id || user != service.org.user_id {
        return ApiError::not_found().into();
    }
    Answer::json(
        200,
        &json!({
            "id": format!("{base_url}/id/{org}/{user}"),
            "user_id": user,
            "organization_id": org,
            "username": "integration@sandbox.invalid",
            "display_name": "Integration User",
            "email": "integration@sandbox.invalid",
            "active": true,
            "urls": {"rest": format!("{base_url}/services/data/v{{version}}/")},
        }),
    )
}

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
        // 7.0 was the first version that ever answered REST-shaped paths with a retirement notice.
        Some(number) if (7..describe::VERSION_MIN).contains(&number) => {
            let message = "The requested API version has been retired";
            Err(ApiError::new(410, "UNSUPPORTED_API_VERSION", message))
        }
        _ => Err(ApiError::not_found()),
    }
}
