//! The address of a service, checked before anything is sent to it.

use reqwest::Url;

use crate::connector::{CallError, Class};

/// Scheme, host, port and an optional path in front of every call; never with a `/` at its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Base {
    text: String,
    host: String,
    loopback: bool,
}

impl Base {
    /// Checks an address: `https` to any host, plain `http` to this machine alone, because a
    /// token in clear text belongs to whoever listens on the way.
    ///
    /// # Errors
    /// Class `Broken` for a text that is no such address, with the rule that it breaks.
    pub fn parse(system: &str, text: &str) -> Result<Self, CallError> {
        let refuse = |said: &str| CallError {
            class: Class::Broken,
            system: system.to_owned(),
            call: "connect".to_owned(),
            said: said.to_owned(),
            code: None,
            retry_after: None,
        };
        let url = Url::parse(text.trim()).map_err(|fault| {
            refuse(&format!("the address is not a URL such as https://rest.example.com: {fault}"))
        })?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(refuse("the address holds a user or a password; credentials go elsewhere"));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(refuse("the address holds a query or a fragment; it ends after the host"));
        }
        let host = url.host_str().ok_or_else(|| refuse("the address names no host"))?.to_owned();
        let loopback = is_loopback(&url);
        match url.scheme() {
            "https" => {}
            "http" if loopback => {}
            "http" => return Err(refuse("plain http is for this machine alone; use https")),
            _ => return Err(refuse("the address starts neither with https:// nor with http://")),
        }
        Ok(Self { text: url.as_str().trim_end_matches('/').to_owned(), host, loopback })
    }

    /// The host, without its port.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Whether it is this machine.
    pub fn is_loopback(&self) -> bool {
        self.loopback
    }

    /// The full address of a path that starts with `/`.
    pub fn join(&self, path: &str) -> String {
        format!("{}{path}", self.text)
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host_str() {
        Some("localhost" | "[::1]") => true,
        Some(host) => host.parse::<std::net::Ipv4Addr>().is_ok_and(|address| address.is_loopback()),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_https_anywhere_and_http_on_this_machine() {
        let table = [
            ("https://rest.na.zuora.com/", "https://rest.na.zuora.com/v1/x"),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080/v1/x"),
            ("http://localhost:1/sf/", "http://localhost:1/sf/v1/x"),
            ("http://[::1]:9", "http://[::1]:9/v1/x"),
        ];
        for (text, joined) in table {
            assert_eq!(Base::parse("zuora", text).expect(text).join("/v1/x"), joined);
        }
    }

    #[test]
    fn refuses_clear_text_over_a_network_and_what_is_no_address() {
        for text in [
            "http://rest.zuora.com",
            "http://127.0.0.1.example.com",
            "http://localhost.example.com",
            "ftp://127.0.0.1",
            "rest.zuora.com",
            "https://me:hunter2@rest.zuora.com",
            "https://rest.zuora.com?a=b",
            "",
        ] {
            let error = Base::parse("zuora", text).expect_err(text);
            assert_eq!(error.class, Class::Broken, "{text}");
            assert!(!error.to_string().contains("hunter2"), "{error}");
        }
    }
}
