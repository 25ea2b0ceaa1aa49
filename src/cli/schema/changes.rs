//! What differs between two descriptions of a field, in words.

use crate::schema::{Field, FieldType};

/// What differs, as far as mappings can tell.
pub(super) fn changes(was: &Field, is: &Field) -> Vec<String> {
    let found = [kind(was, is), null(was, is), length(was, is), digits(was, is), target(was, is)];
    let mut what: Vec<String> = found.into_iter().flatten().collect();
    what.extend(writing(was, is));
    what.extend(values(was, is));
    what
}

fn kind(was: &Field, is: &Field) -> Option<String> {
    let same = match (&was.kind, &is.kind) {
        // What lies in them is compared as objects of their own.
        (FieldType::Object(_), FieldType::Object(_)) => true,
        (FieldType::Lookup { .. }, FieldType::Lookup { .. })
        | (FieldType::Children { .. }, FieldType::Children { .. }) => true,
        (was, is) => was == is,
    };
    (!same).then(|| format!("it was {} and is {}", was.kind.name(), is.kind.name()))
}

/// The object that a lookup, a list of children or an id leads to.
fn target(was: &Field, is: &Field) -> Option<String> {
    let of = |field: &Field| match &field.kind {
        FieldType::Lookup { to, .. } => Some(to.clone()),
        FieldType::Children { of, .. } => Some(of.clone()),
        _ => field.references.clone(),
    };
    let (before, now) = (of(was)?, of(is)?);
    (before != now).then(|| format!("it led to {before} and leads to {now}"))
}

fn null(was: &Field, is: &Field) -> Option<String> {
    let now = if is.nullable { "it may be null now" } else { "it is never null now" };
    (was.nullable != is.nullable).then(|| now.to_owned())
}

fn length(was: &Field, is: &Field) -> Option<String> {
    let of =
        |length: Option<u32>| length.map_or("any length".into(), |l| format!("{l} characters"));
    (was.length != is.length)
        .then(|| format!("it had {} and has {}", of(was.length), of(is.length)))
}

fn digits(was: &Field, is: &Field) -> Option<String> {
    let of = |digits: Option<(u32, u32)>| {
        let shown = |(all, scale)| format!("{all} digits, {scale} after the point");
        digits.map_or_else(|| "any digits".into(), shown)
    };
    (was.digits != is.digits)
        .then(|| format!("it had {} and has {}", of(was.digits), of(is.digits)))
}

fn writing(was: &Field, is: &Field) -> Vec<String> {
    let told = |was: bool, is: bool, what: &str| match (was, is) {
        (true, false) => Some(format!("{what} may not write it any more")),
        (false, true) => Some(format!("{what} may write it now")),
        _ => None,
    };
    let create = told(was.createable, is.createable, "a create");
    create.into_iter().chain(told(was.updateable, is.updateable, "an update")).collect()
}

fn values(was: &Field, is: &Field) -> Vec<String> {
    let all =
        |field: &Field| field.values.as_ref().map(|values| values.all.to_vec()).unwrap_or_default();
    // A list of the tenant that was not known yet has not changed.
    let (before, after) = match (&was.tenant_values, &is.tenant_values) {
        (Some(before), Some(after)) => (before.clone(), after.clone()),
        _ => (all(was), all(is)),
    };
    let mut what = Vec::new();
    let mut tell = |label: &str, values: Vec<&String>| {
        let quoted: Vec<String> = values.into_iter().map(|value| format!("`{value}`")).collect();
        what.extend((!quoted.is_empty()).then(|| format!("{label}: {}", quoted.join(", "))));
    };
    tell("new values", after.iter().filter(|value| !before.contains(value)).collect());
    tell("values that are gone", before.iter().filter(|value| !after.contains(value)).collect());
    let closed = |field: &Field| field.values.as_ref().is_some_and(|values| values.closed);
    if closed(was) != closed(is) {
        let now = if closed(is) { "restricted" } else { "no longer restricted" };
        what.push(format!("the pick-list is {now}"));
    }
    what
}
