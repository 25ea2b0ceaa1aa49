//! In what two JSON texts differ, by the path of the field: what was expected, what came instead.

use super::case::Matching;
use crate::json::{Checked, Members};

/// A field, or a whole object, in which what came differs from what was expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The record, and the object or action of it, by what tells them from their like:
    /// `01t…`, `charge "A"`.
    pub within: Vec<String>,
    /// The path of the field in there: `fields.UOM`; empty for the whole object.
    pub field: String,
    /// What was expected, as JSON; none where nothing was.
    pub old: Option<String>,
    /// What came, as JSON; none where nothing did.
    pub new: Option<String>,
}

impl Difference {
    /// The whole path, on one line.
    pub fn path(&self) -> String {
        let field = Some(&self.field).filter(|field| !field.is_empty());
        let parts: Vec<&str> = self.within.iter().chain(field).map(String::as_str).collect();
        parts.join(" ")
    }
}

/// All differences, in the order of what was expected.
pub(super) fn differences(
    expected: Checked<'_>,
    got: Checked<'_>,
    matching: Matching,
) -> Vec<Difference> {
    let mut found = Found { all: Vec::new(), matching };
    found.value(&At::default(), expected, got);
    found.all
}

/// Where a value stands.
#[derive(Clone, Default)]
struct At {
    within: Vec<String>,
    field: String,
}

/// The lists and blocks that every object stands in say nothing in a path.
const PLAIN: &[&str] = &["records", "wishes", "actions", "fields"];

impl At {
    /// A member of the value here.
    fn below(&self, name: &str) -> Self {
        let mut at = self.clone();
        match at.field.is_empty() {
            true if PLAIN.contains(&name) => {}
            true => name.clone_into(&mut at.field),
            false => at.field = format!("{}.{name}", at.field),
        }
        at
    }

    /// An item that says who it is.
    fn of(&self, name: &str) -> Self {
        match self.field.is_empty() {
            true => {
                let within = self.within.iter().cloned().chain([name.to_owned()]).collect();
                Self { within, field: String::new() }
            }
            // Inside a field it is a part of the path.
            false => self.below(name),
        }
    }

    fn item(&self, place: usize) -> Self {
        Self { within: self.within.clone(), field: format!("{}[{place}]", self.field) }
    }
}

struct Found {
    all: Vec<Difference>,
    matching: Matching,
}

impl Found {
    fn value(&mut self, at: &At, old: Checked<'_>, new: Checked<'_>) {
        if let (Some(old), Some(new)) = (old.as_members(), new.as_members()) {
            self.members(at, &old, &new);
        } else if let (Some(old), Some(new)) = (old.as_list(), new.as_list()) {
            self.items(at, &old, &new);
        } else if compact(old) != compact(new) {
            self.add(at, Some(old), Some(new));
        }
    }

    fn members(&mut self, at: &At, old: &Members<'_>, new: &Members<'_>) {
        for (name, value) in old.iter() {
            match new.get(name) {
                Some(came) => self.value(&at.below(name), value, came),
                None => self.one_sided(at, (name, value), Side::Old),
            }
        }
        if self.matching == Matching::Contains {
            return;
        }
        for (name, value) in new.iter() {
            if old.get(name).is_none() {
                self.one_sided(at, (name, value), Side::New);
            }
        }
    }

    /// Items that say who they are are compared with their like; other ones by their place, after
    /// what both lists begin and end with.
    fn items(&mut self, at: &At, old: &[Checked<'_>], new: &[Checked<'_>]) {
        match (named(old), named(new)) {
            (Some(old_names), Some(new_names)) => {
                for (name, value) in old_names.iter().zip(old) {
                    let at = at.of(name);
                    let came = new_names.iter().position(|other| other == name);
                    match came.and_then(|at| new.get(at)) {
                        Some(came) => self.value(&at, *value, *came),
                        None => self.add(&at, Some(*value), None),
                    }
                }
                for (name, value) in new_names.iter().zip(new) {
                    if !old_names.contains(name) {
                        self.add(&at.of(name), None, Some(*value));
                    }
                }
                self.order(at, &old_names, &new_names);
            }
            _ => self.placed(at, old, new),
        }
    }

    /// Whether those that are in both lists stand in one order.
    fn order(&mut self, at: &At, old: &[String], new: &[String]) {
        let shared = |a: &[String], b: &[String]| -> Vec<String> {
            a.iter().filter(|name| b.contains(name)).cloned().collect()
        };
        let (old, new) = (shared(old, new), shared(new, old));
        if old != new {
            let At { within, field } = at.below("(order)");
            let (old, new) = (Some(old.join(", ")), Some(new.join(", ")));
            self.all.push(Difference { within, field, old, new });
        }
    }

    fn placed(&mut self, at: &At, old: &[Checked<'_>], new: &[Checked<'_>]) {
        let same = |(a, b): &(&Checked<'_>, &Checked<'_>)| compact(**a) == compact(**b);
        let begin = old.iter().zip(new).take_while(same).count();
        let (old_rest, new_rest) =
            (old.get(begin..).unwrap_or_default(), new.get(begin..).unwrap_or_default());
        let end = match old.len() == new.len() {
            true => 0,
            false => old_rest.iter().rev().zip(new_rest.iter().rev()).take_while(same).count(),
        };
        let last = old_rest.len().max(new_rest.len()).saturating_sub(end);
        for place in 0..last {
            let within = |rest: &[Checked<'_>]| place + end < rest.len();
            let before = old_rest.get(place).filter(|_| within(old_rest));
            let after = new_rest.get(place).filter(|_| within(new_rest));
            let at = at.item(begin + place);
            match (before, after) {
                (Some(before), Some(after)) => self.value(&at, *before, *after),
                (before, after) => self.add(&at, before.copied(), after.copied()),
            }
        }
    }

    /// A member that stands on one side alone. A list of objects is told object by object.
    fn one_sided(&mut self, at: &At, (name, value): (&str, Checked<'_>), side: Side) {
        let mut at = at.below(name);
        let items = value.as_list().filter(|_| at.field.is_empty()).unwrap_or_default();
        let mut add = |at: &At, value| match side {
            Side::Old => self.add(at, Some(value), None),
            Side::New => self.add(at, None, Some(value)),
        };
        match named(&items).filter(|names| !names.is_empty()) {
            Some(names) => {
                names.iter().zip(items).for_each(|(name, item)| add(&at.of(name), item));
            }
            None => {
                if at.field.is_empty() {
                    name.clone_into(&mut at.field);
                }
                add(&at, value);
            }
        }
    }

    fn add(&mut self, at: &At, old: Option<Checked<'_>>, new: Option<Checked<'_>>) {
        let text = |value: Option<Checked<'_>>| value.map(compact);
        let At { within, field } = at.clone();
        self.all.push(Difference { within, field, old: text(old), new: text(new) });
    }
}

/// The side on which a member stands alone.
#[derive(Clone, Copy)]
enum Side {
    Old,
    New,
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
/// it does and when.
fn name(item: Checked<'_>) -> Option<String> {
    let members = item.as_members()?;
    let text = |name: &str| members.get_text(name).map(|text| text.into_owned());
    if let Some(record) = text("record") {
        return Some(record);
    }
    if let (Some(resource), Some(key)) = (text("resource"), members.get("key")) {
        let within = members.get("within").map(|within| format!("{}/", values(within)));
        return Some(format!("{resource} {}{}", within.unwrap_or_default(), values(key)));
    }
    if let (Some(kind), Some(day), Some(rows)) = (text("kind"), text("day"), members.get("rows")) {
        return Some(format!("{kind} {day} {}", compact(rows)));
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
            format!("{}: {} → {}", one.path(), side(&one.old), side(&one.new))
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
    fn an_object_that_stands_on_one_side_is_one_difference() {
        let action = r#"{"number":"O-1","kind":"New","day":"2026-03-01","rows":["r1"]}"#;
        let of_record = |rest: &str| format!(r#"{{"records":[{{"record":"a",{rest}}}]}}"#);
        let none = of_record(r#""actions":[]"#);
        let one = of_record(&format!(r#""actions":[{action}]"#));
        let rejected = of_record(r#""rejected":{"rule":"r"}"#);
        let name = r#"a New 2026-03-01 ["r1"]"#;
        let shown = r#"{"number": "O-1", "kind": "New", "day": "2026-03-01", "rows": ["r1"]}"#;
        assert_eq!(of(&none, &one, Matching::Exact), [format!("{name}: nothing → {shown}")]);
        assert_eq!(
            of(&one, &rejected, Matching::Exact),
            [format!("{name}: {shown} → nothing"), r#"a rejected: nothing → {"rule": "r"}"#.into()]
        );
    }

    #[test]
    fn what_is_not_expected_may_come_too_where_the_case_says_so() {
        let (old, new) = (r#"{"a":{"b":1}}"#, r#"{"a":{"b":1,"c":2}}"#);
        assert!(of(old, new, Matching::Contains).is_empty());
        assert_eq!(of(old, new, Matching::Exact), ["a.c: nothing → 2"]);
        assert_eq!(of(old, r#"{"a":{}}"#, Matching::Contains), ["a.b: 1 → nothing"]);
    }
}
