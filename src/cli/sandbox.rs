//! `crosswalk sandbox`: the emulated services in a process of their own.

use std::path::{Path, PathBuf};

use serde_json::json;

use super::{
    args,
    embedded::{CLIENT_ID, CLIENT_SECRET, Embedded, Start},
    environment::Environment,
    fault::{Ending, Fault},
    findings,
    records::Records,
    screen::{
        Screen,
        style::{BOLD, DIM, paint},
    },
    session::KEPT,
    set::{Loaded, Set, Unnamed},
};
use crate::diag::SourceMap;

/// The variable that holds the secret of Salesforce.
const SALESFORCE_SECRET: &str = "CROSSWALK_SANDBOX_SALESFORCE_SECRET";
/// The variable that holds the secret of Zuora.
const ZUORA_SECRET: &str = "CROSSWALK_SANDBOX_ZUORA_SECRET";

/// Serves until it is interrupted.
///
/// # Errors
/// [`Fault`] when the environment is wrong, or a record, a port or a file cannot be used.
pub(super) async fn sandbox(asked: &args::Sandbox, screen: &Screen) -> Result<Ending, Fault> {
    let set = Set::find(asked.place.set.as_deref(), asked.place.env.as_deref())?;
    // The services need an environment without errors; the mappings of the set may have some.
    let loaded = set.load(&asked.place, Unnamed::Embedded)?;
    let of_environment = |file| loaded.environment.as_ref().is_none_or(|e| e.file == file);
    let about: Vec<_> = loaded
        .findings
        .iter()
        .filter(|finding| of_environment(finding.primary.span.file))
        .cloned()
        .collect();
    findings::refuse(&about, &loaded.sources, screen)?;
    let Loaded { sources, environment, records, .. } = loaded;
    let (Some(environment), Some(records)) = (environment, records) else {
        return Err(Fault::argument(
            "the sandbox serves what an embedded environment says, and this is none",
            "name one with --env whose `salesforce` or `zuora` is `embedded`",
        ));
    };
    let usual = || Path::new(KEPT).join("sandbox").join(&records.name);
    let start = Start {
        state: Some(asked.state.clone().unwrap_or_else(usual)),
        request_log: asked.request_log.clone(),
        salesforce_port: asked.salesforce_port,
        zuora_port: asked.zuora_port,
        salesforce_secret: variable(SALESFORCE_SECRET),
        zuora_secret: variable(ZUORA_SECRET),
    };
    let state = start.state.clone().unwrap_or_default();
    let embedded = Embedded::start(&environment, &records, start).await?;
    announce(&Serving { environment, sources, records, state }, &embedded, screen);
    // Without a way to be interrupted it would never end; then it ends at once.
    let interrupted = tokio::signal::ctrl_c().await;
    embedded.stop().await;
    interrupted.map_err(|fault| Fault::file("the interrupt signal", &fault))?;
    Ok(Ending::Done)
}

/// What is served.
struct Serving {
    environment: Environment,
    sources: SourceMap,
    records: Records,
    state: PathBuf,
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

fn announce(serving: &Serving, embedded: &Embedded, screen: &Screen) {
    let (salesforce, ..) = embedded.salesforce();
    let (zuora, ..) = embedded.zuora();
    let pasted = environment_file(serving, salesforce, zuora);
    if screen.is_json() {
        screen.json(&json!({
            "format": "crosswalk-sandbox/1",
            "salesforce": salesforce,
            "zuora": zuora,
            "client_id": CLIENT_ID,
            "records": serving.records.name,
            "state": serving.state.display().to_string(),
            "environment": pasted,
        }));
        return;
    }
    let records = serving
        .records
        .folder()
        .map_or_else(|| "the built-in ones".to_owned(), |folder| folder.display().to_string());
    screen.say(&format!("{} {salesforce}", paint(BOLD, "Salesforce")));
    screen.say(&format!("{} {zuora}", paint(BOLD, "Zuora     ")));
    screen.say(&format!("records    {records}"));
    screen.say(&format!("state      {}", serving.state.display()));
    screen.say(&format!("client id  {CLIENT_ID} for both"));
    for (system, name) in [("Salesforce", SALESFORCE_SECRET), ("Zuora", ZUORA_SECRET)] {
        match variable(name) {
            Some(_) => screen.say(&format!("secret     of {system}: that of {name}")),
            None => screen.say(&format!(
                "secret     of {system}: {CLIENT_SECRET} (it protects nothing; set {name} for another)"
            )),
        }
    }
    screen.say("");
    let head = "# environments/sandbox-process.yaml of the set; clients need the variables, too:";
    screen.say(&paint(DIM, head));
    for name in [SALESFORCE_SECRET, ZUORA_SECRET] {
        let secret = if variable(name).is_some() { "…" } else { CLIENT_SECRET };
        screen.say(&paint(DIM, &format!("#   export {name}={secret}")));
    }
    screen.say(&pasted);
    screen.say(&paint(DIM, "# Serving; Ctrl-C ends it."));
}

/// An environment file for clients of these services. What the environment of the services says
/// of org and tenant is taken over as it stands there.
fn environment_file(serving: &Serving, salesforce: &str, zuora: &str) -> String {
    let currency = if serving.records.many_currencies {
        "per_record".to_owned()
    } else {
        let of_tenant = serving.environment.tenant.default_currency.clone();
        of_tenant.unwrap_or_else(|| "USD".to_owned())
    };
    let mut text = format!(
        "salesforce:\n  login_url: {salesforce}\n  client_id: {CLIENT_ID}\n  \
         client_secret: {{ env: {SALESFORCE_SECRET} }}\n\
         zuora:\n  base_url: {zuora}\n  client_id: {CLIENT_ID}\n  \
         client_secret: {{ env: {ZUORA_SECRET} }}\ncurrency: {currency}\n"
    );
    for block in
        blocks(serving.sources.text(serving.environment.file), &["params", "org", "tenant"])
    {
        text.push_str(block.trim_end());
        text.push('\n');
    }
    text
}

/// The blocks of a YAML file that start with one of these keys at its margin, as they stand there.
fn blocks<'t>(text: &'t str, keys: &[&str]) -> Vec<&'t str> {
    let starts: Vec<usize> = std::iter::once(0)
        .chain(text.match_indices('\n').map(|(at, _)| at + 1))
        .filter(|at| {
            let line = text.get(*at..).unwrap_or_default();
            line.starts_with(|first: char| first.is_ascii_alphabetic() || first == '#')
        })
        .collect();
    let ends = starts.iter().skip(1).copied().chain(std::iter::once(text.len()));
    let blocks = starts.iter().zip(ends).filter_map(|(start, end)| text.get(*start..end));
    let wanted = |block: &&str| block.split_once(':').is_some_and(|(key, _)| keys.contains(&key));
    blocks.filter(wanted).collect()
}

#[cfg(test)]
mod tests {
    use super::blocks;

    #[test]
    fn takes_blocks_as_they_stand() {
        let text = "# head\nzuora: embedded\ntenant:\n  # why\n  units: { Each: 0 }\n\n# next\norg:\n  fields: {}\n";
        let found = blocks(text, &["tenant", "org"]);
        assert_eq!(found, ["tenant:\n  # why\n  units: { Each: 0 }\n\n", "org:\n  fields: {}\n"]);
    }
}
