//! Profiles: what a way of working with a target allows, beyond what its API takes.

use serde::Deserialize;

/// A named set of rules.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Where the rules come from.
    pub source: String,
    /// The rules.
    pub rules: Vec<ProfileRule>,
}

/// A rule: a part of a body goes out only with some kinds of actions.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProfileRule {
    /// The object that is sent: `Order`.
    pub object: String,
    /// The part: `subscriptions[].customFields`.
    pub path: String,
    /// The kinds, as mappings name them: `New`.
    pub only_on: Vec<String>,
    /// Why, in a sentence.
    pub reason: String,
}
