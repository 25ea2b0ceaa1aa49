//! What came of actions: the target is asked by their numbers, and paths find values in the answer.

use jsonpath_rust::JsonPath as _;

use crate::{
    connector::CallError,
    plan::{Json, World, ask},
};

/// Actions in one question: each of them may have many parts.
const ASKED_PER_CALL: usize = 50;

/// What came of actions of one object, one JSON object each, in order.
///
/// # Errors
/// The failure of the first call that failed for good.
pub(super) async fn results(
    world: &World<'_>,
    object: &str,
    numbers: &[String],
) -> Result<Vec<Option<String>>, CallError> {
    let mut all = Vec::with_capacity(numbers.len());
    for chunk in numbers.chunks(ASKED_PER_CALL) {
        let mut told = ask(world.clock, || world.target.results(object, chunk)).await?;
        told.resize(chunk.len(), None);
        all.extend(told);
    }
    Ok(all)
}

/// What a path finds in a result, its digits as they were told; null where there is nothing.
pub(super) fn find(result: &str, path: &str) -> Json {
    let tree = Json::new(result).map(|json| json.tree()).unwrap_or_default();
    let found = tree.query(path).ok().and_then(|found| found.first().map(|value| Json::of(value)));
    found.unwrap_or_else(Json::null)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_finds_a_value_with_its_digits_or_null() {
        let result = r#"{"mrr":1200.50,"subscriptions":[{"subscriptionNumber":"A-1","n":null}]}"#;
        let found = |path| find(result, path).text().to_owned();
        assert_eq!(found("$.mrr"), "1200.50");
        assert_eq!(found("$.subscriptions[0].subscriptionNumber"), "\"A-1\"");
        for nothing in ["$.subscriptions[0].n", "$.subscriptions[7]", "$.tcv", "no path"] {
            assert_eq!(found(nothing), "null", "{nothing}");
        }
        assert_eq!(find("", "$.mrr"), Json::null());
    }
}
