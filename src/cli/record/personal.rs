//! Personal values: which they are, and what stands in their place.
//!
//! A value is replaced by one of the same kind, the same one everywhere, so that what belonged
//! together still does; a text that was long stays long, since mappings cut texts.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// The kinds of personal values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Company,
    Person,
    Mail,
    Phone,
    Street,
}

/// Objects whose `Name` is that of people, or of the company of people.
const OF_COMPANIES: &[&str] = &["Account", "Lead", "Opportunity", "SBQQ__Quote__c"];
const OF_PEOPLE: &[&str] = &["Contact", "User", "Individual"];
/// Members of records of other systems in which a `name` is that of somebody.
const SOMEBODY: &[&str] = &[
    "account",
    "bill_to",
    "billto",
    "buyer",
    "client",
    "company",
    "contact",
    "customer",
    "person",
    "recipient",
    "ship_to",
    "shipto",
    "user",
];
/// Values shorter than this are replaced in their field, and not looked for in other texts: too
/// many texts have them by chance.
const MENTION_LENGTH_MIN: usize = 4;

/// What was replaced so far.
#[derive(Debug, Default)]
pub(super) struct Replacing {
    given: BTreeMap<(Kind, String), String>,
    counts: BTreeMap<Kind, usize>,
}

impl Replacing {
    /// How many values were replaced.
    pub(super) fn count(&self) -> usize {
        self.given.len()
    }

    /// Replaces the personal fields of a record.
    pub(super) fn fields(&mut self, object: &str, members: &mut Map<String, Value>) {
        for (name, value) in members.iter_mut() {
            match value {
                Value::String(text) if !text.trim().is_empty() => {
                    if let Some(kind) = kind(object, name, text) {
                        *text = self.replacement(kind, text);
                    }
                }
                Value::Object(inner) => self.fields(name, inner),
                Value::Array(items) => {
                    for item in items.iter_mut() {
                        if let Value::Object(inner) = item {
                            self.fields(name, inner);
                        }
                    }
                }
                _ => {}
            }
        }
    }

    /// Replaces what was replaced elsewhere, where a text mentions it.
    pub(super) fn mentions(&self, members: &mut Map<String, Value>) {
        let mut long: Vec<(&String, &String)> = self
            .given
            .iter()
            .filter(|((_, was), _)| was.chars().count() >= MENTION_LENGTH_MIN)
            .map(|((_, was), is)| (was, is))
            .collect();
        // A longer value goes first: "Ada Byron" before "Byron".
        long.sort_by_key(|(was, _)| std::cmp::Reverse(was.len()));
        let replacements: Vec<&String> = self.given.values().collect();
        for value in members.values_mut() {
            if let Value::String(text) = value
                && !replacements.contains(&&*text)
            {
                for (was, is) in &long {
                    *text = text.replace(was.as_str(), is);
                }
            }
        }
    }

    fn replacement(&mut self, kind: Kind, was: &str) -> String {
        if let Some(known) = self.given.get(&(kind, was.to_owned())) {
            return known.clone();
        }
        // What was replaced is not replaced again.
        if self.given.values().any(|is| is == was) {
            return was.to_owned();
        }
        let count = self.counts.entry(kind).or_default();
        *count += 1;
        let short = match kind {
            Kind::Company => format!("Company {count}"),
            Kind::Person => format!("Person {count}"),
            Kind::Mail => format!("person{count}@example.com"),
            Kind::Phone => format!("+1 555 01{count:02}"),
            Kind::Street => format!("{count} Example Street"),
        };
        let is = match kind {
            Kind::Company | Kind::Person | Kind::Street => as_long(short, was),
            Kind::Mail | Kind::Phone => short,
        };
        self.given.insert((kind, was.to_owned()), is.clone());
        is
    }
}

/// The replacement, as long as the value was where that was longer.
fn as_long(mut is: String, was: &str) -> String {
    let missing = was.chars().count().saturating_sub(is.chars().count());
    is.extend(" x".chars().cycle().take(missing));
    // A space at the end would be trimmed by whoever reads it.
    if is.ends_with(' ') {
        is.pop();
        is.push('x');
    }
    is
}

/// The kind of a field, by its object, its name, and what is in it.
fn kind(object: &str, field: &str, text: &str) -> Option<Kind> {
    let plain = field.trim_end_matches("__c").rsplit("__").next().unwrap_or(field);
    let name = plain.to_lowercase();
    let object_name = object.to_lowercase();
    let has = |part: &str| name.contains(part);
    let is_mail = text.split_once('@').is_some_and(|(who, host)| {
        !who.is_empty() && host.contains('.') && !text.contains(char::is_whitespace)
    });
    if is_mail {
        return Some(Kind::Mail);
    }
    if (has("phone") || has("fax") || has("mobile")) && text.chars().any(|c| c.is_ascii_digit()) {
        return Some(Kind::Phone);
    }
    if has("street") || has("address1") || has("address2") || name == "address" {
        return Some(Kind::Street);
    }
    let of_somebody = SOMEBODY.iter().any(|one| object_name.ends_with(one));
    match name.as_str() {
        "firstname" | "lastname" | "middlename" | "first_name" | "last_name" | "full_name"
        | "contact_name" => Some(Kind::Person),
        "company" | "company_name" | "account_name" => Some(Kind::Company),
        "name" if OF_COMPANIES.contains(&object) => Some(Kind::Company),
        "name" if OF_PEOPLE.contains(&object) || of_somebody => Some(Kind::Person),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn replaced(object: &str, value: Value, replacing: &mut Replacing) -> Value {
        let Value::Object(mut members) = value else { panic!("an object") };
        replacing.fields(object, &mut members);
        replacing.mentions(&mut members);
        Value::Object(members)
    }

    #[test]
    fn the_same_value_is_replaced_by_the_same_everywhere() {
        let mut replacing = Replacing::default();
        let account = json!({"Id": "001A", "Name": "Byron Engines Ltd", "BillingStreet": "12 High Street",
            "Phone": "+44 20 7946 0000", "Description": "Ask ada@byron.example for Byron Engines Ltd"});
        let got = replaced("Account", account, &mut replacing);
        assert_eq!(got["Id"], "001A");
        assert_eq!(got["Name"], "Company 1 x x x x");
        assert_eq!(got["BillingStreet"], "1 Example Street");
        assert_eq!(got["Phone"], "+1 555 0101");
        let text = got["Description"].as_str().expect("a text");
        assert!(text.ends_with("for Company 1 x x x x"), "{text}");
        let contact = json!({"FirstName": "Ada", "LastName": "Byron", "Email": "ada@byron.example",
            "MobilePhone": "+44 20 7946 0000", "Custom_Email__c": "ada@byron.example"});
        let got = replaced("Contact", contact, &mut replacing);
        assert_eq!((&got["FirstName"], &got["LastName"]), (&json!("Person 1"), &json!("Person 2")));
        assert_eq!(got["Email"], "person1@example.com");
        assert_eq!(got["Custom_Email__c"], got["Email"]);
        assert_eq!(got["MobilePhone"], "+1 555 0101");
    }

    #[test]
    fn what_is_no_name_of_anybody_stays() {
        let mut replacing = Replacing::default();
        let product =
            json!({"Name": "Backup", "Family": "Storage", "SBQQ__ChargeType__c": "Recurring"});
        assert_eq!(replaced("Product2", product.clone(), &mut replacing), product);
        let order = json!({"number": "1", "customer": {"name": "Ada Byron", "country": "GB"}});
        let got = replaced("orders", order, &mut replacing);
        assert_eq!(
            (&got["customer"]["name"], &got["customer"]["country"]),
            (&json!("Person 1x"), &json!("GB"))
        );
    }
}
