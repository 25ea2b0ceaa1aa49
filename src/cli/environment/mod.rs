//! Environments: where the two systems are, what they have, and which variables hold the secrets.
//!
//! A file `environments/<name>.yaml` of a mapping set enters; what connectors, schemas and the
//! emulated services need leaves. No secret stands in such a file: it names variables, which are
//! looked up only when something connects.

mod fields;
mod form;
mod lay;
mod mask;
mod read;
mod services;
mod tenant;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

pub(super) use fields::{Listed, OwnField, fields_of_folder};
pub(super) use form::Form;
pub(super) use lay::{lay_over, lay_over_org};
pub(super) use mask::without_secrets;
pub(super) use read::{currency, org_fields, params, read};
pub(super) use services::{SalesforceService, Speed, ZuoraService};
pub(super) use tenant::{Tenant, read as read_tenant};

use super::{connect::FileFormat, fault::Fault};
use crate::{compile::Param, diag::FileId};

/// The folder of a mapping set that holds its environments.
const FOLDER: &str = "environments";

/// An environment.
#[derive(Debug)]
pub(super) struct Environment {
    /// Its name: the stem of its file.
    pub(super) name: String,
    /// Its text.
    pub(super) file: FileId,
    /// The Salesforce org.
    pub(super) salesforce: Option<System<SalesforceService>>,
    /// The Zuora tenant.
    pub(super) zuora: Option<System<ZuoraService>>,
    /// The folders of files.
    pub(super) files: Files,
    /// What it says of currencies.
    pub(super) currency: Option<Currency>,
    /// The folder of the schemas that are pinned for it.
    pub(super) schemas: Option<PathBuf>,
    /// Values for the parameters of mappings.
    pub(super) params: BTreeMap<String, Param>,
    /// The ledger.
    pub(super) ledger: Option<PathBuf>,
    /// Fields that the org has besides those of the schemas, with their objects.
    pub(in crate::cli) org_fields: Vec<(String, OwnField)>,
    /// What the tenant has.
    pub(super) tenant: Tenant,
}

/// Where a system is.
#[derive(Debug)]
pub(super) enum System<S> {
    /// Inside the binary.
    Embedded,
    /// At an address.
    Service(S),
}

/// What an environment says of currencies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Currency {
    /// Records carry theirs: a multi-currency org.
    PerRecord,
    /// The org has this one only.
    One(String),
}

/// The folders of files.
#[derive(Debug, Default)]
pub(super) struct Files {
    /// What is read.
    pub(super) source: Option<PathBuf>,
    /// What is written.
    pub(super) target: Option<PathBuf>,
    /// The format of files that are not there yet.
    pub(super) format: Option<FileFormat>,
}

impl Environment {
    /// One that says only what mappings depend on, not where the systems are.
    pub(super) fn nowhere(name: &str, file: FileId) -> Self {
        Self {
            name: name.to_owned(),
            file,
            salesforce: None,
            zuora: None,
            files: Files::default(),
            currency: None,
            schemas: None,
            params: BTreeMap::new(),
            ledger: None,
            org_fields: Vec::new(),
            tenant: Tenant::default(),
        }
    }

    /// Whether one of its systems is inside the binary.
    pub(super) fn is_embedded(&self) -> bool {
        matches!(self.salesforce, Some(System::Embedded))
            || matches!(self.zuora, Some(System::Embedded))
    }
}

/// The names of the environments of a set, in order.
pub(super) fn names(set: &Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(set.join(FOLDER)) else { return Vec::new() };
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let stem = |path: PathBuf| {
        let name = path.file_name()?.to_str()?;
        // An example is there to be copied, not to be used.
        let name = name.strip_suffix(".yaml")?;
        (!name.ends_with(".example")).then(|| name.to_owned())
    };
    let mut names: Vec<String> = paths.filter_map(stem).collect();
    names.sort();
    names
}

/// The file of an environment of a set.
///
/// # Errors
/// [`Fault::Argument`] that lists the environments there are, when there is none of that name.
pub(super) fn file_of(set: &Path, name: &str) -> Result<PathBuf, Fault> {
    let folder = if set == Path::new(".") { PathBuf::new() } else { set.to_owned() };
    let path = folder.join(FOLDER).join(format!("{name}.yaml"));
    let plain = !name.contains(['/', '\\']) && !name.is_empty();
    if plain && path.is_file() {
        return Ok(path);
    }
    let names = names(set);
    let nearest = crate::diag::nearest(name, names.iter().map(String::as_str));
    let way_out = match (nearest, names.is_empty()) {
        (Some(near), _) => format!("`{near}` is near to it; there are {}", names.join(", ")),
        (None, false) => format!("there are {}", names.join(", ")),
        (None, true) => format!("write {}; the README shows one", path.display()),
    };
    Err(Fault::argument(format!("{} has no environment `{name}`", set.display()), way_out))
}
