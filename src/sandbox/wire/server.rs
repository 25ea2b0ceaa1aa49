//! Serves a router on loopback until it is stopped.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::serve::Listener;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::SandboxError;
use super::connection::{Connection, CuttableListener};
use super::request_log::{LoggedService, record};

/// How long a stop waits for requests in flight.
const STOP_WAIT: Duration = Duration::from_secs(2);

/// A service that listens.
#[derive(Debug)]
pub struct Server {
    url: String,
    shutdown: Option<oneshot::Sender<()>>,
    task: JoinHandle<std::io::Result<()>>,
}

impl Server {
    /// Binds 127.0.0.1 and serves; `port` 0 takes any free one. It listens when this returns.
    ///
    /// # Errors
    /// [`SandboxError::Listen`] when the port cannot be had.
    pub async fn start(
        router: Router,
        port: u16,
        log: Option<LoggedService>,
    ) -> Result<Self, SandboxError> {
        let listen_error = |source| SandboxError::Listen { port, source };
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let listener = TcpListener::bind(address).await.map_err(listen_error)?;
        let listener = CuttableListener(listener);
        let url = format!("http://{}", listener.local_addr().map_err(listen_error)?);
        let router = match log {
            Some(log) => router.layer(from_fn_with_state(log, record)),
            None => router,
        };
        let service = router.into_make_service_with_connect_info::<Connection>();
        let (shutdown, stopped) = oneshot::channel();
        let serving = axum::serve(listener, service).with_graceful_shutdown(async {
            // A dropped sender is a stop, too.
            let _ = stopped.await;
        });
        let task = tokio::spawn(async move { serving.await });
        Ok(Self { url, shutdown: Some(shutdown), task })
    }

    /// `http://127.0.0.1:port`, without a slash at the end.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Stops listening and waits a little for requests in flight.
    pub async fn stop(mut self) {
        if let Some(shutdown) = self.shutdown.take() {
            // An error only says that the task has ended already.
            let _ = shutdown.send(());
        }
        if tokio::time::timeout(STOP_WAIT, &mut self.task).await.is_err() {
            self.task.abort();
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}
