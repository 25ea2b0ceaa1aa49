//! Routers on a port of this machine, for as long as a test runs.

use std::{num::NonZeroU32, time::Duration};

use axum::Router;
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
