//! Both services behind their front door.

use std::borrow::Cow;
use std::path::Path;

use super::{Credentials, Options, SandboxError, serve, zuora};
use crate::sandbox::data::{builtin_fields, builtin_records};

fn texts(folder: &str) -> Vec<(String, Cow<'static, str>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas").join(folder);
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let files = entries.filter(|path| path.extension().is_some_and(|ext| ext == "json"));
    files
        .map(|path| {
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            (name, Cow::Owned(std::fs::read_to_string(&path).unwrap()))
        })
        .collect()
}

fn options() -> Options {
    let credentials = |name: &str| Credentials {
        client_id: format!("{name}-client-id"),
        client_secret: format!("{name}-s3cret"),
    };
    Options {
        salesforce_objects: texts("salesforce"),
        zuora_schemas: texts("zuora"),
        records: builtin_records(),
        fields: Some(builtin_fields()),
        org_fields: Vec::new(),
        tenant: zuora::Tenant::default(),
        state: None,
        request_log: None,
        salesforce_port: 0,
        zuora_port: 0,
        salesforce_credentials: credentials("salesforce"),
        zuora_credentials: credentials("zuora"),
    }
}

#[tokio::test]
async fn both_services_listen_on_loopback_until_they_are_stopped() {
    let sandbox = serve(options()).await.unwrap();
    let address = |url: &str| url.strip_prefix("http://").unwrap().to_owned();
    let addresses = [address(sandbox.salesforce_url()), address(sandbox.zuora_url())];
    for address in &addresses {
        assert!(address.starts_with("127.0.0.1:"), "{address}");
        tokio::net::TcpStream::connect(address).await.unwrap();
    }
    sandbox.stop().await;
    for address in &addresses {
        assert!(tokio::net::TcpStream::connect(address).await.is_err(), "{address}");
    }
}

#[tokio::test]
async fn says_which_port_is_taken() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let error = serve(Options { zuora_port: port, ..options() }).await.unwrap_err();
    assert!(matches!(error, SandboxError::Listen { port: found, .. } if found == port), "{error}");
}

#[test]
fn shown_options_hide_the_secrets() {
    let shown = format!("{:?}", options());
    assert!(shown.contains("salesforce-client-id") && !shown.contains("s3cret"));
}

#[tokio::test]
async fn says_which_record_cannot_be_held() {
    let cases = [
        (r#"{"Name":"x"}"#, "Product2.ndjson:1: the record has no Id"),
        (r#"{"Id":"01tNL0000000001YAB"}"#, "Product2.ndjson:1: Id cannot be"),
        (r#"{"Id":"001NL0000000001YAA"}"#, "does not start with Product2's 01t"),
        (r#"{"Id":"01tNL0000000001YAA","Nope":1}"#, "Product2 has no field Nope"),
        (r#"{"Id":"01tNL0000000001YAA","IsActive":"yes"}"#, "IsActive cannot be \"yes\""),
        ("{\"Id\":\"01tNL0000000001YAA\"}\n\n{", "Product2.ndjson:3: "),
        ("{\"Id\":\"01tNL0000000001YAA\"}\n{\"Id\":\"01tNL0000000001\"}", "is there twice"),
    ];
    for (text, expected) in cases {
        let records = vec![("Product2".to_owned(), Cow::Borrowed(text))];
        let error = serve(Options { records, fields: None, ..options() }).await.unwrap_err();
        assert!(error.to_string().contains(expected), "{text}: {error}");
    }
}
