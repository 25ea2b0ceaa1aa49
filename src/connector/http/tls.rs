//! The client of the HTTP library, with its certificates.

use std::sync::Once;

use reqwest::{Certificate, ClientBuilder, redirect};

use super::{Base, Patience};

/// How long an idle connection is kept. Short, because a gateway that closes one in the moment
/// in which we write on it leaves us with a write of unknown fate.
const IDLE_MAX: std::time::Duration = std::time::Duration::from_secs(20);

/// Builds the client. Where the machine has no certificates (a bare container), the ones of the
/// Mozilla root programme that are built in take their place.
pub(super) fn client(base: &Base, patience: &Patience) -> Result<reqwest::Client, reqwest::Error> {
    static PROVIDER: Once = Once::new();
    // It fails only when a provider is already there, which is as good.
    PROVIDER.call_once(|| drop(rustls::crypto::ring::default_provider().install_default()));
    builder(base, patience).build().or_else(|_| {
        let roots = webpki_root_certs::TLS_SERVER_ROOT_CERTS;
        let roots = roots.iter().filter_map(|root| Certificate::from_der(root).ok());
        builder(base, patience).tls_certs_only(roots).build()
    })
}

/// Redirects are not followed: a redirected write would arrive as a read, and a token would
/// travel to a host that nobody named.
fn builder(base: &Base, patience: &Patience) -> ClientBuilder {
    let builder = reqwest::Client::builder()
        .user_agent(concat!("crosswalk/", env!("CARGO_PKG_VERSION")))
        .redirect(redirect::Policy::none())
        .connect_timeout(patience.connect_max)
        .timeout(patience.answer_max)
        .pool_idle_timeout(IDLE_MAX);
    // A service on this machine is never meant to be reached through a proxy.
    if base.is_loopback() { builder.no_proxy() } else { builder }
}
