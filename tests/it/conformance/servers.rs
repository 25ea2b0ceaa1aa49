//! Routers on a port of this machine, for as long as a test runs.

use std::{
    num::NonZeroU32,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::Request,
    middleware::{Next, from_fn},
};
use crosswalk::{
    connector::http::Patience,
    sandbox::{
        Credentials,
        wire::connection::{Connection, CuttableListener},
    },
};
use tokio::{net::TcpListener, task::JoinHandle};

pub const CLIENT_ID: &str = "0123456789abcdef0123456789abcdef0123";
pub const CLIENT_SECRET: &str = "secret-of-the-test";

/// A server; it stops when it is dropped.
pub struct Server {
    pub url: String,
    task: JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

pub async fn serve(router: Router) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("address"));
    let service = router.into_make_service_with_connect_info::<Connection>();
    let task = tokio::spawn(async move {
        axum::serve(CuttableListener(listener), service).await.expect("serve");
    });
    Server { url, task }
}

/// A request with a body, as it came over the wire.
#[derive(Clone, Debug)]
pub struct Sent {
    /// Method, path and query: `POST /v1/orders?returnIds=true`.
    pub request: String,
    /// The Idempotency-Key.
    pub key: Option<String>,
    pub body: serde_json::Value,
}

/// What was sent so far.
pub type Log = Arc<Mutex<Vec<Sent>>>;

/// The router, with what it is sent written down.
pub fn logged(router: Router, log: Log) -> Router {
    router.layer(from_fn(move |request: Request, next: Next| {
        let log = log.clone();
        async move {
            let (head, body) = request.into_parts();
            let bytes = to_bytes(body, usize::MAX).await.expect("a body");
            if let Ok(body) = serde_json::from_slice(&bytes) {
                let key = head.headers.get("idempotency-key");
                let key = key.map(|key| key.to_str().expect("ASCII").to_owned());
                let request = format!("{} {}", head.method, head.uri);
                log.lock().expect("a log").push(Sent { request, key, body });
            }
            next.run(Request::from_parts(head, Body::from(bytes))).await
        }
    }))
}

pub fn credentials() -> Credentials {
    Credentials { client_id: CLIENT_ID.into(), client_secret: CLIENT_SECRET.into() }
}

/// Waits as short as can be: what is tested is how often, not how long.
pub fn patience() -> Patience {
    Patience {
        wait_first: Duration::from_millis(1),
        wait_max: Duration::from_secs(2),
        calls_per_second_max: NonZeroU32::new(10_000).expect("a number"),
        ..Patience::default()
    }
}
