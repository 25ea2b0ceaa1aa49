//! The active currencies of a rate plan: Zuora changes at most four of them in one call, and
//! wants the full list of each step. Longer ways are walked in several calls.

use crate::json::{Checked, Members, list_text, text_literal};

/// The field.
pub(super) const FIELD: &str = "ActiveCurrencies";

/// Currencies that one call may switch on or off.
const CHANGES_PER_CALL_MAX: usize = 4;

/// The currencies in a JSON text: a list, or one text with commas, as Zuora's examples have it.
pub(super) fn parse(value: Checked<'_>) -> Option<Vec<String>> {
    match value.as_text() {
        Some(text) => {
            let codes = text.split(',').map(str::trim).filter(|code| !code.is_empty());
            Some(codes.map(str::to_owned).collect())
        }
        None => {
            let codes = value.as_list()?.into_iter().map(|code| code.as_text().map(Into::into));
            codes.collect()
        }
    }
}

/// The currencies that a body asks for, each once.
pub(super) fn wished(body: &Members<'_>) -> Option<Vec<String>> {
    let mut codes = body.get_set(FIELD).and_then(parse)?;
    let mut seen = std::collections::BTreeSet::new();
    codes.retain(|code| seen.insert(code.clone()));
    Some(codes)
}

/// The lists to be sent one after the other, the last one the one that is wished for. Empty when
/// there is nothing to change.
pub(super) fn steps(active: &[String], wished: &[String]) -> Vec<Vec<String>> {
    let added = wished.iter().filter(|code| !active.contains(code)).map(|code| (code, true));
    let removed = active.iter().filter(|code| !wished.contains(code)).map(|code| (code, false));
    let changes: Vec<(&String, bool)> = added.chain(removed).collect();
    let mut now = active.to_vec();
    let mut steps: Vec<Vec<String>> = changes
        .chunks(CHANGES_PER_CALL_MAX)
        .map(|changes| {
            for (code, on) in changes {
                if *on {
                    now.push((*code).clone());
                } else {
                    now.retain(|active| active != *code);
                }
            }
            now.clone()
        })
        .collect();
    // The last step is the wish itself, in its own order.
    if let Some(last) = steps.last_mut() {
        *last = wished.to_vec();
    }
    steps
}

/// A list of currencies as JSON.
pub(super) fn text(codes: &[String]) -> String {
    list_text(codes.iter().map(|code| text_literal(code)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(text: &str) -> Vec<String> {
        text.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn changes_at_most_four_at_a_time_and_ends_at_the_wish() {
        let wished = codes("USD EUR GBP JPY CHF AUD CAD SEK NOK");
        let expected =
            [codes("USD EUR GBP JPY"), codes("USD EUR GBP JPY CHF AUD CAD SEK"), wished.clone()];
        assert_eq!(steps(&[], &wished), expected);
        assert_eq!(steps(&codes("USD EUR"), &codes("EUR USD")), Vec::<Vec<String>>::new());
        let swapped = steps(&codes("A B C"), &codes("D E F"));
        assert_eq!(swapped, [codes("B C D E F"), codes("D E F")]);
    }

    #[test]
    fn reads_a_list_and_a_text() {
        let parsed = |text| parse(Checked::check(text).expect(text));
        assert_eq!(parsed(r#"["USD","EUR"]"#), Some(codes("USD EUR")));
        assert_eq!(parsed(r#""USD, EUR""#), Some(codes("USD EUR")));
        assert_eq!(parsed("[1]"), None);
    }
}
