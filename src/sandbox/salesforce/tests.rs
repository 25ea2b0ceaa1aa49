//! The service over real HTTP.

mod auth;
mod faults;
mod reading;
mod writing;

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};

use super::service::Contents;
use super::{Service, router};
use crate::sandbox::Credentials;
use crate::sandbox::data::{builtin_fields, builtin_records};
use crate::sandbox::wire::server::Server;

/// The project's own descriptions of Salesforce objects.
pub fn descriptions() -> Vec<(String, Cow<'static, str>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas/salesforce");
    let mut files: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
        .into_iter()
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .map(|path| {
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            (name, Cow::Owned(std::fs::read_to_string(path).unwrap()))
        })
        .collect()
}

fn credentials() -> Credentials {
    Credentials { client_id: "consumer-key".to_owned(), client_secret: "s3cret".to_owned() }
}

/// An HTTP client that needs no certificate store: it only speaks to loopback.
fn client() -> Client {
    // Another test may have installed the provider before.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let roots = webpki_root_certs::TLS_SERVER_ROOT_CERTS;
    let roots = roots.iter().filter_map(|root| reqwest::Certificate::from_der(root).ok());
    Client::builder().tls_certs_only(roots).build().unwrap()
}

/// A status and a JSON body (null when it is empty).
type Reply = (u16, Value);

/// A running service with a client that has signed in.
struct Org {
    service: Arc<Service>,
    server: Server,
    client: Client,
    token: String,
}

impl Org {
    /// The built-in records.
    async fn builtin() -> Self {
        Self::open(&builtin_records(), Some(&builtin_fields()), None).await
    }

    async fn open(
        records: &[(String, Cow<'static, str>)],
        fields: Option<&str>,
        state: Option<&Path>,
    ) -> Self {
        let objects = descriptions();
        let contents = Contents { objects: &objects, records, fields, own_fields: &[] };
        let service = Service::open(&contents, credentials(), state).unwrap();
        let server = Server::start(router(Arc::clone(&service)), 0, None).await.unwrap();
        let mut org = Self { service, server, client: client(), token: String::new() };
        org.sign_in().await;
        org
    }

    async fn sign_in(&mut self) {
        let form = "grant_type=client_credentials&client_id=consumer-key&client_secret=s3cret";
        let (status, body) = self.token(form, None).await;
        assert_eq!(status, 200, "{body}");
        self.token = body["access_token"].as_str().unwrap().to_owned();
    }

    async fn token(&self, form: &'static str, basic: Option<(&str, &str)>) -> Reply {
        let url = format!("{}/services/oauth2/token", self.server.url());
        let mut request = self.client.post(url).body(form);
        if let Some((id, secret)) = basic {
            request = request.basic_auth(id, Some(secret));
        }
        reply(request).await
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let url = format!("{}{path}", self.server.url());
        self.client.request(method, url).bearer_auth(&self.token)
    }

    async fn get(&self, path: &str) -> Reply {
        reply(self.request(Method::GET, path)).await
    }

    async fn delete(&self, path: &str) -> Reply {
        reply(self.request(Method::DELETE, path)).await
    }

    async fn send(&self, method: Method, path: &str, body: &Value) -> Reply {
        let request = self.request(method, path).header("content-type", "application/json");
        reply(request.body(body.to_string())).await
    }

    async fn query(&self, soql: &str) -> Reply {
        let request = self.request(Method::GET, "/services/data/v67.0/query/");
        reply(request.query(&[("q", soql)])).await
    }

    /// The only value of a query that selects one field of one record.
    async fn one(&self, soql: &str, field: &str) -> Value {
        let (status, body) = self.query(soql).await;
        assert_eq!((status, &body["totalSize"]), (200, &json!(1)), "{body}");
        body["records"][0][field].clone()
    }
}

async fn reply(request: RequestBuilder) -> Reply {
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    let text = response.text().await.unwrap();
    let body = match text.is_empty() {
        true => Value::Null,
        false => serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}")),
    };
    (status, body)
}

/// An empty directory below the system's own for temporary files.
fn fresh_folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("crosswalk-{name}-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    folder
}
