//! How the two services are reached, as an environment says it.

use super::{System, form::Form};
use crate::{
    cli::connect,
    diag::{Code, Diagnostic, Findings, Span, nearest},
    secret::Secret,
    syntax::{Key, Node},
};

/// A text that stands in the file, or a variable that holds it.
#[derive(Clone, Debug)]
pub(in crate::cli) enum Given {
    /// The text itself.
    Text(String),
    /// The name of a variable, and where it stands.
    Variable(String, Span),
}

/// How fast and how often a service is called.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::cli) struct Speed {
    /// Calls started per second.
    pub(in crate::cli) calls_per_second: Option<u32>,
    /// How often a call is tried.
    pub(in crate::cli) tries: Option<u32>,
}

/// How an org is reached.
#[derive(Debug)]
pub(in crate::cli) struct SalesforceService {
    pub(in crate::cli) login_url: String,
    pub(in crate::cli) base_url: Option<String>,
    pub(in crate::cli) api_version: Option<String>,
    pub(in crate::cli) client_id: Given,
    pub(in crate::cli) client_secret: Given,
    pub(in crate::cli) speed: Speed,
}

/// How a tenant is reached.
#[derive(Debug)]
pub(in crate::cli) struct ZuoraService {
    pub(in crate::cli) base_url: String,
    pub(in crate::cli) client_id: Given,
    pub(in crate::cli) client_secret: Given,
    pub(in crate::cli) entity_id: Option<String>,
    pub(in crate::cli) org_ids: Option<String>,
    pub(in crate::cli) speed: Speed,
}

const SALESFORCE_KEYS: &[&str] = &[
    "login_url",
    "base_url",
    "api_version",
    "client_id",
    "client_secret",
    "calls_per_second",
    "tries",
];
const ZUORA_KEYS: &[&str] = &[
    "base_url",
    "client_id",
    "client_secret",
    "entity_id",
    "org_ids",
    "calls_per_second",
    "tries",
];

impl Given {
    /// The text. A variable that is not set is a finding.
    pub(in crate::cli) fn resolve(
        &self,
        variable: &dyn Fn(&str) -> Option<String>,
        findings: &mut Findings,
    ) -> Option<Secret> {
        match self {
            Self::Text(text) => Some(Secret::new(text)),
            Self::Variable(name, span) => {
                let value = variable(name).filter(|value| !value.is_empty());
                if value.is_none() {
                    let message = format!("the environment variable {name} is not set");
                    let hint = format!("export {name}=… before crosswalk is started");
                    let finding = Diagnostic::error(Code::ENVIRONMENT, *span, message);
                    findings.push(finding.hint(hint));
                }
                value.map(Secret::new)
            }
        }
    }
}

/// Reads `salesforce:`.
pub(super) fn salesforce(form: &mut Form<'_>, node: &Node) -> Option<System<SalesforceService>> {
    if node.text() == Some("embedded") {
        return Some(System::Embedded);
    }
    form.known(node, SALESFORCE_KEYS, "`salesforce`");
    let login_url = url(form, node, "login_url");
    let base_url = node.get("base_url").is_some().then(|| url(form, node, "base_url"));
    let api_version = text(form, node, "api_version");
    let (client_id, client_secret) = credentials(form, node);
    let speed = speed(form, node);
    Some(System::Service(SalesforceService {
        login_url: login_url?,
        base_url: base_url.flatten(),
        api_version,
        client_id: client_id?,
        client_secret: client_secret?,
        speed,
    }))
}

/// Reads `zuora:`.
pub(super) fn zuora(form: &mut Form<'_>, node: &Node) -> Option<System<ZuoraService>> {
    if node.text() == Some("embedded") {
        return Some(System::Embedded);
    }
    form.known(node, ZUORA_KEYS, "`zuora`");
    let base_url = url(form, node, "base_url");
    let (client_id, client_secret) = credentials(form, node);
    let (entity_id, org_ids) = (text(form, node, "entity_id"), text(form, node, "org_ids"));
    let speed = speed(form, node);
    Some(System::Service(ZuoraService {
        base_url: base_url?,
        client_id: client_id?,
        client_secret: client_secret?,
        entity_id,
        org_ids,
        speed,
    }))
}

/// The value of a key that must be there.
fn needed<'n>(form: &mut Form<'_>, node: &'n Node, key: &str) -> Option<&'n Node> {
    let value = node.get(key);
    let misspelt = |entries: &[(Key, Node)]| {
        entries.iter().any(|(written, _)| nearest(&written.text, [key]).is_some())
    };
    // A key that was meant and misspelt has its finding already.
    if value.is_none() && node.block().is_some_and(|entries| !misspelt(entries)) {
        form.fault(node.span, format!("`{key}` is missing"));
    }
    value
}

fn text(form: &mut Form<'_>, node: &Node, key: &str) -> Option<String> {
    form.text(node.get(key)?, &format!("`{key}`"))
}

fn url(form: &mut Form<'_>, node: &Node, key: &str) -> Option<String> {
    let value = needed(form, node, key)?;
    let url = form.text(value, &format!("`{key}`"))?;
    match connect::check_address(&url) {
        Ok(()) => Some(url),
        Err(said) => {
            form.fault(value.span, format!("`{key}` cannot be used: {said}"));
            None
        }
    }
}

fn credentials(form: &mut Form<'_>, node: &Node) -> (Option<Given>, Option<Given>) {
    let id = needed(form, node, "client_id").and_then(|value| given(form, value, "`client_id`"));
    let secret = needed(form, node, "client_secret").and_then(|value| {
        if value.text().is_some() {
            let message = "a secret does not stand in a file that others read";
            let hint = "name the variable that holds it: `client_secret: { env: MY_SECRET }`";
            form.fault_with(value.span, message, hint);
            return None;
        }
        given(form, value, "`client_secret`")
    });
    (id, secret)
}

fn given(form: &mut Form<'_>, node: &Node, what: &str) -> Option<Given> {
    if node.block().is_none() {
        return form.text(node, what).map(Given::Text);
    }
    let entries = form.known(node, &["env"], what);
    let Some(variable) = node.get("env") else {
        // A key that stands there instead has its finding already.
        if entries.is_empty() {
            form.fault(node.span, format!("{what} names its variable: `{{ env: NAME }}`"));
        }
        return None;
    };
    let name = form.text(variable, "the name of a variable")?;
    Some(Given::Variable(name, variable.span))
}

fn speed(form: &mut Form<'_>, node: &Node) -> Speed {
    let mut number = |key: &str, most: u32| {
        let value = form.number(node.get(key)?, most, &format!("`{key}`"))?;
        (value > 0).then_some(value)
    };
    let (calls_per_second, tries) = (number("calls_per_second", 10_000), number("tries", 20));
    Speed { calls_per_second, tries }
}
