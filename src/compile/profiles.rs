//! Profiles: rules of a target beyond its API, stated as data beside its schemas.

use super::{context::Context, keys};
use crate::{
    diag::{Code, Diagnostic, Span},
    schema::ProfileRule,
    syntax::Node,
};

/// The rules of the mapping's profile for an object; none where it names no profile.
pub(super) fn rules(cx: &mut Context<'_>, root: &Node, object: &str) -> Vec<ProfileRule> {
    let Some(node) = root.get("profile") else { return Vec::new() };
    let Some(name) = keys::text(cx, node, "profile").map(str::to_owned) else { return Vec::new() };
    let system = cx.target.clone();
    let known: Vec<String> = cx.catalog.profiles(&system).map(str::to_owned).collect();
    let Some(profile) = cx.catalog.profile(&system, &name) else {
        let message = format!("{system} has no profile `{name}`");
        let hint = match known.is_empty() {
            true => "there are no profiles for this target".to_owned(),
            false => format!("there are {}", known.join(", ")),
        };
        let finding = Diagnostic::error(Code::UNKNOWN_PROFILE, node.span, message).hint(hint);
        cx.push_near(finding, &name, known.iter().map(String::as_str));
        return Vec::new();
    };
    let of_object = profile.rules.iter().filter(|rule| rule.object == object);
    let rules: Vec<ProfileRule> = of_object.cloned().collect();
    cx.profile = name;
    rules
}

/// Checks that what stands at the path that is being compiled goes out only on kinds that may.
pub(super) fn check(cx: &mut Context<'_>, key: Span, value: &Node) {
    let path = cx.path.concat();
    let Some(rule) = cx.profile_rules.iter().find(|rule| path == rule.path).cloned() else {
        return;
    };
    let named = value.get("$on").map(|on| {
        let one = std::slice::from_ref(on);
        let names = on.list().unwrap_or(one).iter().filter_map(Node::text);
        names.map(str::to_owned).collect::<Vec<_>>()
    });
    let sent_on = named.or_else(|| cx.on_kinds.clone()).unwrap_or_else(|| cx.kinds.clone());
    // A kind that does not exist is reported where it is named.
    let wrong = |kind: &&String| cx.kinds.contains(*kind) && !rule.only_on.contains(*kind);
    let wrong: Vec<&String> = sent_on.iter().filter(wrong).collect();
    if wrong.is_empty() {
        return;
    }
    let wrong: Vec<&str> = wrong.into_iter().map(String::as_str).collect();
    let message = format!(
        "`{path}` would be sent on {}, and the profile `{}` lets it flow only on {}: {}",
        wrong.join(", "),
        cx.profile,
        rule.only_on.join(", "),
        rule.reason
    );
    let hint = format!(
        "write `$on: [{}]` in it, or name another profile where the tenant allows more",
        rule.only_on.join(", ")
    );
    cx.push(Diagnostic::error(Code::PROFILE_RULE, key, message).hint(hint));
}
