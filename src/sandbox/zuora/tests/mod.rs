//! The whole service over real HTTP.

mod actions;
mod bodies;
mod faults;
mod orders;
mod protocol;
mod queries;
mod reads;
mod rules;
mod state;
mod updates;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use reqwest::Method;
use reqwest::header::HeaderMap;
use serde_json::{Value, json};

use super::{CustomField, CustomFieldKind, OrderSettings, Service, Tenant, router};
use crate::sandbox::Credentials;
use crate::sandbox::wire::connection::{Connection, CuttableListener};

pub const CLIENT_ID: &str = "0a1b2c3d-0000-4000-8000-000000000001";
pub const CLIENT_SECRET: &str = "a-secret-for-tests";

/// A tenant that runs, and a client that is signed in.
pub struct Bench {
    pub service: Arc<Service>,
    pub url: String,
    client: reqwest::Client,
    token: String,
}

pub struct Reply {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
    pub body: Value,
}

impl Bench {
    pub async fn open() -> Self {
        Self::open_at(None).await
    }

    pub async fn open_at(state: Option<&Path>) -> Self {
        Self::serve(tenant(), state, |app| app).await
    }

    /// Inside whatever the sandbox lays around the service.
    pub async fn open_inside(around: impl FnOnce(axum::Router) -> axum::Router) -> Self {
        Self::serve(tenant(), None, around).await
    }

    pub async fn serve(
        tenant: Tenant,
        state: Option<&Path>,
        around: impl FnOnce(axum::Router) -> axum::Router,
    ) -> Self {
        let credentials = Credentials {
            client_id: CLIENT_ID.to_owned(),
            client_secret: CLIENT_SECRET.to_owned(),
        };
        let service = Service::open(&schemas(), tenant, credentials, state).unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let app =
            around(router(service.clone())).into_make_service_with_connect_info::<Connection>();
        tokio::spawn(async move { axum::serve(CuttableListener(listener), app).await });
        let mut bench = Self { service, url, client: client(), token: String::new() };
        bench.sign_in().await;
        bench
    }

    pub async fn sign_in(&mut self) {
        let form = [
            ("client_id", CLIENT_ID),
            ("client_secret", CLIENT_SECRET),
            ("grant_type", "client_credentials"),
        ];
        let reply = self.sign_in_with(&form).await;
        assert_eq!(reply.status, 200, "{}", reply.text);
        self.token = reply.body["access_token"].as_str().unwrap().to_owned();
    }

    pub async fn sign_in_with(&self, form: &[(&str, &str)]) -> Reply {
        let request = self.client.post(format!("{}/oauth/token", self.url)).form(form);
        reply(request.send().await.unwrap()).await
    }

    pub fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let request = self.client.request(method, format!("{}{path}", self.url));
        request.bearer_auth(&self.token)
    }

    pub async fn send(&self, method: Method, path: &str, body: Option<&Value>) -> Reply {
        self.send_with(method, path, body, &[]).await
    }

    pub async fn send_with(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
        headers: &[(&str, &str)],
    ) -> Reply {
        let mut request = self.request(method, path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        reply(request.send().await.unwrap()).await
    }

    pub async fn get(&self, path: &str) -> Reply {
        self.send(Method::GET, path, None).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Reply {
        self.send(Method::POST, path, Some(body)).await
    }

    pub async fn put(&self, path: &str, body: &Value) -> Reply {
        self.send(Method::PUT, path, Some(body)).await
    }

    pub async fn delete(&self, path: &str) -> Reply {
        self.send(Method::DELETE, path, None).await
    }

    /// Creates an object that must be accepted, and gives its id.
    pub async fn create(&self, object: &str, body: &Value) -> String {
        let path = format!("/v1/object/{object}?rejectUnknownFields=true");
        let reply = self
            .send_with(Method::POST, &path, Some(body), &[("X-Zuora-WSDL-Version", "133")])
            .await;
        assert_eq!(reply.status, 200, "{body} {}", reply.text);
        assert_eq!(reply.body["Success"], true);
        reply.body["Id"].as_str().unwrap().to_owned()
    }

    /// A product and a plan with USD and EUR.
    pub async fn plan(&self) -> (String, String) {
        let product = self.create("product", &bodies::product("Widget")).await;
        let plan = self.create("product-rate-plan", &bodies::plan(&product, "Plan")).await;
        (product, plan)
    }

    pub async fn query(&self, text: &str) -> Reply {
        self.post("/v1/action/query", &json!({"queryString": text})).await
    }
}

pub async fn reply(response: reqwest::Response) -> Reply {
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let text = response.text().await.unwrap();
    let body = serde_json::from_str(&text).unwrap_or(Value::Null);
    Reply { status, headers, text, body }
}

fn client() -> reqwest::Client {
    // A second installation fails, and the first one serves.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let roots = webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter().take(1);
    let roots = roots.map(|root| reqwest::Certificate::from_der(root).unwrap());
    reqwest::Client::builder().no_proxy().tls_certs_only(roots).build().unwrap()
}

pub fn schemas() -> Vec<(String, Cow<'static, str>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas/zuora");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    files
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .map(|path| {
            let object = path.file_stem().unwrap().to_str().unwrap().to_owned();
            (object, Cow::Owned(std::fs::read_to_string(&path).unwrap()))
        })
        .collect()
}

pub fn tenant() -> Tenant {
    let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();
    let field = |kind, indexed| CustomField { kind, indexed };
    let of_product = BTreeMap::from([
        ("sfdcId__c".to_owned(), field(CustomFieldKind::Text { length: 18 }, true)),
        ("Note__c".to_owned(), field(CustomFieldKind::Text { length: 40 }, false)),
        ("Weight__c".to_owned(), field(CustomFieldKind::Number, true)),
        ("Since__c".to_owned(), field(CustomFieldKind::Date, true)),
        ("Bundled__c".to_owned(), field(CustomFieldKind::Boolean, true)),
        (
            "Region__c".to_owned(),
            field(CustomFieldKind::Picklist(vec!["EMEA".to_owned(), "APAC".to_owned()]), true),
        ),
    ]);
    Tenant {
        units: BTreeMap::from([("Each".to_owned(), 0), ("GB".to_owned(), 2)]),
        currencies: set(&["USD", "EUR", "GBP", "JPY", "CAD", "AUD", "CHF"]),
        default_currency: "USD".to_owned(),
        custom_fields: BTreeMap::from([
            ("Product".to_owned(), of_product.clone()),
            ("Account".to_owned(), of_product.clone()),
            ("Contact".to_owned(), of_product),
        ]),
        accounting_codes: set(&["Revenue", "Deferred Revenue"]),
        tax_codes: set(&["Standard"]),
        payment_terms: set(&["Net 30"]),
        orders: OrderSettings::default(),
    }
}
