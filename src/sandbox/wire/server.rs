//! Serves a router on loopback until it is stopped.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
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
    /// Read by every request, so that connections that outlive the listener serve nothing more.
    is_over: Arc<AtomicBool>,
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
        let is_over = Arc::new(AtomicBool::new(false));
        let router = router.layer(from_fn_with_state(Arc::clone(&is_over), serve_until_over));
        let service = router.into_make_service_with_connect_info::<Connection>();
        let (shutdown, stopped) = oneshot::channel();
        let serving = axum::serve(listener, service).with_graceful_shutdown(async {
            // A dropped sender is a stop, too.
            let _ = stopped.await;
        });
        let task = tokio::spawn(async move { serving.await });
        Ok(Self { url, is_over, shutdown: Some(shutdown), task })
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
        self.is_over.store(true, Ordering::SeqCst);
        self.task.abort();
    }
}

async fn serve_until_over(
    State(is_over): State<Arc<AtomicBool>>,
    ConnectInfo(connection): ConnectInfo<Connection>,
    request: Request,
    next: Next,
) -> Response {
    if is_over.load(Ordering::SeqCst) {
        connection.cut();
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    next.run(request).await
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpStream;

    use super::*;

    #[tokio::test]
    async fn a_dropped_server_serves_nothing_on_connections_that_are_still_open() {
        let server = Server::start(Router::new(), 0, None).await.unwrap();
        let address = server.url().strip_prefix("http://").unwrap().to_owned();
        let mut connection = TcpStream::connect(&address).await.unwrap();
        let request = format!("GET / HTTP/1.1\r\nHost: {address}\r\n\r\n");
        let mut answer = [0; 1024];
        connection.write_all(request.as_bytes()).await.unwrap();
        assert!(connection.read(&mut answer).await.unwrap() > 0);
        drop(server);
        connection.write_all(request.as_bytes()).await.unwrap();
        let read = connection.read(&mut answer).await;
        assert!(matches!(read, Ok(0) | Err(_)), "{read:?}");
    }
}
