//! In what two JSON texts differ, by the path of the field: what was expected, what came instead.

use super::case::Matching;
use crate::json::{Checked, Members};

/// A field in which what came differs from what was expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The path, with the names of records and objects: `01t… charge[2] fields.UOM`.
    pub path: String,
    /// What was expected, as JSON; none where nothing was.
    pub old: Option<String>,
    /// What came, as JSON; none where nothing did.
    pub new: Option<String>,
}

/// All differences, in the order of what was expected.
pub(super) fn differences(
    expected: Checked<'_>,
    got: Checked<'_>,
    matching: Matching,
) -> Vec<Difference> {
    let mut found = Found { all: Vec::new(), matching };
    found.value("", expected, got);
    found.all
}

struct Found {
    all: Vec<Difference>,
    matching: Matching,
}

impl Found {
    fn value(&mut self, path: &str, old: Checked<'_>, new: Checked<'_>) {
        if let (Some(old), Some(new)) = (old.as_members(), new.as_members()) {
            self.members(path, &old, &new);
        } else if let (Some(old), Some(new)) = (old.as_list(), new.as_list()) {
            self.items(path, &old, &new);
        } else if compact(old) != compact(new) {
            self.add(path, Some(old), Some(new));
        }
    }

    fn members(&mut self, path: &str, old: &Members<'_>, new: &Members<'_>) {
        for (name, value) in old.iter() {
            let path = below(path, name);
            match new.get(name) {
                Some(came) => self.value(&path, value, came),
                None => self.add(&path, Some(value), None),
            }
        }
        if self.matching == Matching::Contains {
            return;
        }
        for (name, value) in new.iter() {
            if old.get(name).is_none() {
                self.add(&below(path, name), None, Some(value));
            }
        }
    }

    /// Items that say who they are are compared with their like; other ones by their place, after
    /// what both lists begin and end with.
    fn items(&mut self, path: &str, old: &[Checked<'_>], new: &[Checked<'_>]) {
        match (named(old), named(new)) {
            (Some(old_names), Some(new_names)) => {
                for (name, value) in old_names.iter().zip(old) {
                    let path = below(path, name);
                    let came = new_names.iter().position(|other| other == name);
                    match came.and_then(|at| new.get(at)) {
                        Some(came) => self.value(&path, *value, *came),
                        None => self.add(&path, Some(*value), None),
                    }
                }
                for (name, value) in new_names.iter().zip(new) {
                    if !old_names.contains(name) {
                        self.add(&below(path, name), None, Some(*value));
                    }
                }
                self.order(path, &old_names, &new_names);
            }
            _ => self.placed(path, old, new),
        }
    }

    /// Whether those that are in both lists stand in one order.
    fn order(&mut self, path: &str, old: &[String], new: &[String]) {
        let shared = |a: &[String], b: &[String]| -> Vec<String> {
            a.iter().filter(|name| b.contains(name)).cloned().collect()
        };
        let (old, new) = (shared(old, new), shared(new, old));
        if old != new {
            let listed = |all: Vec<String>| {
                let names: Vec<&str> = all.iter().map(|name| name.trim_end()).collect();
                Some(names.join(", "))
            };
            let path = below(path, "(order)");
            self.all.push(Difference { path, old: listed(old), new: listed(new) });
        }
    }

    fn placed(&mut self, path: &str, old: &[Checked<'_>], new: &[Checked<'_>]) {
        let same = |(a, b): &(&Checked<'_>, &Checked<'_>)| compact(**a) == compact(**b);
        let begin = old.iter().zip(new).take_while(same).count();
        let (old_rest, new_rest) =
            (old.get(begin..).unwrap_or_default(), new.get(begin..).unwrap_or_default());
        let end = match old.len() == new.len() {
            true => 0,
            false => old_rest.iter().rev().zip(new_rest.iter().rev()).take_while(same).count(),
        };
        let last = old_rest.len().max(new_rest.len()).saturating_sub(end);
        for at in 0..last {
            let within = |rest: &[Checked<'_>]| at + end < rest.len();
            let before = old_rest.get(at).filter(|_| within(old_rest));
            let after = new_rest.get(at).filter(|_| within(new_rest));
            let path = format!("{path}[{}]", begin + at);
            match (before, after) {
                (Some(before), Some(after)) => self.value(&path, *before, *after),
                (before, after) => self.add(&path, before.copied(), after.copied()),
            }
        }
    }

    fn add(&mut self, path: &str, old: Option<Checked<'_>>, new: Option<Checked<'_>>) {
        let text = |value: Option<Checked<'_>>| value.map(compact);
        self.all.push(Difference { path: path.to_owned(), old: text(old), new: text(new) });
    }
}

/// The lists and blocks that every object stands in say nothing in a path.
const PLAIN: &[&str] = &["records", "wishes", "actions", "fields"];

fn below(path: &str, name: &str) -> String {
    let apart = path.is_empty() || path.ends_with(' ');
    match name {
        _ if PLAIN.contains(&name) && apart => path.to_owned(),
        _ if apart => format!("{path}{name}"),
        _ => format!("{path}.{name}"),
    }
}

/// The names of items that say who they are, each of them once.
fn named(items: &[Checked<'_>]) -> Option<Vec<String>> {
    let names: Option<Vec<String>> = items.iter().map(|item| name(*item)).collect();
    let names = names?;
    let mut sorted = names.clone();
    sorted.sort();
    sorted.dedup();
    (sorted.len() == names.len()).then_some(names)
}

/// How an item is called: a record by its id, a wish by its resource and keys, an action by what
/// it does and when. A trailing space sets it off from the fields inside.
fn name(item: Checked<'_>) -> Option<String> {
    let members = item.as_members()?;
    let text = |name: &str| members.get_text(name).map(|text| text.into_owned());
    if let Some(record) = text("record") {
        return Some(format!("{record} "));
    }
    if let (Some(resource), Some(key)) = (text("resource"), members.get("key")) {
        let within = members.get("within").map(|within| format!("{}/", values(within)));
        return Some(format!("{resource} {}{} ", within.unwrap_or_default(), values(key)));
    }
    if let (Some(kind), Some(day), Some(rows)) = (text("kind"), text("day"), members.get("rows")) {
        return Some(format!("{kind} {day} {} ", compact(rows)));
    }
    None
}

fn values(key: Checked<'_>) -> String {
    let members = key.as_members().unwrap_or_default();
    let values: Vec<String> = members.iter().map(|(_, value)| compact(value)).collect();
    values.join(",")
}

/// A value on one line, its members in their order and its digits as written.
fn compact(value: Checked<'_>) -> String {
    super::layout::on_one_line(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(old: &str, new: &str, matching: Matching) -> Vec<String> {
        let checked = |text| Checked::check(text).expect("JSON");
        let shown = |one: &Difference| {
            let side = |side: &Option<String>| side.clone().unwrap_or_else(|| "nothing".into());
            format!("{}: {} → {}", one.path, side(&one.old), side(&one.new))
        };
        differences(checked(old), checked(new), matching).iter().map(shown).collect()
    }

    #[test]
    fn names_the_field_of_the_object_of_the_record() {
        let text = |price: &str| {
            format!(
                r#"{{"records":[{{"record":"01t1","wishes":[
                {{"resource":"charge","key":{{"Name":"A"}},"fields":{{"Price":{price},"UOM":"Each"}}}}]}}]}}"#
            )
        };
        let found = of(&text("10.0"), &text("10"), Matching::Exact);
        assert_eq!(found, [r#"01t1 charge "A" Price: 10.0 → 10"#]);
        assert!(of(&text("10"), &text("10"), Matching::Exact).is_empty());
    }

    #[test]
    fn one_item_more_is_one_difference() {
        let found = of("[1,2,3]", "[1,9,2,3]", Matching::Exact);
        assert_eq!(found, ["[1]: nothing → 9"]);
        let found = of("[1,2,3]", "[1,3]", Matching::Exact);
        assert_eq!(found, ["[1]: 2 → nothing"]);
        let found = of("[1,2,3]", "[1,5,3]", Matching::Exact);
        assert_eq!(found, ["[1]: 2 → 5"]);
    }

    #[test]
    fn records_are_compared_with_their_like() {
        let found = of(
            r#"[{"record":"a","x":1},{"record":"b","x":1}]"#,
            r#"[{"record":"b","x":2},{"record":"a","x":1}]"#,
            Matching::Exact,
        );
        assert_eq!(found, ["b x: 1 → 2", "(order): a, b → b, a"]);
    }

    #[test]
    fn what_is_not_expected_may_come_too_where_the_case_says_so() {
        let (old, new) = (r#"{"a":{"b":1}}"#, r#"{"a":{"b":1,"c":2}}"#);
        assert!(of(old, new, Matching::Contains).is_empty());
        assert_eq!(of(old, new, Matching::Exact), ["a.c: nothing → 2"]);
        assert_eq!(of(old, r#"{"a":{}}"#, Matching::Contains), ["a.b: 1 → nothing"]);
    }
}
