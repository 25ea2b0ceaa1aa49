//! Paths of values, and which of them are meant by the name of a field.

/// The names of a path, each with its index: `subscriptions[0]`, `orderActions[1]`, `type`. What a
/// value is for is one of them too: `write_back`, `expect`.
pub(super) fn segments(path: &str) -> impl Iterator<Item = &str> {
    path.split(['.', ' '])
}

/// A name without its index.
pub(super) fn plain(segment: &str) -> &str {
    segment.split('[').next().unwrap_or(segment)
}

/// Whether a field names a value, or a block or list that it lies in, by its whole path or any
/// part of it: `UOM`, `ProductRatePlanCharge.UOM`, `subscriptions[0]`, `pricing`,
/// `subscriptions[].subscriptionNumber`. Without an index, or with an empty one, it is any item.
pub(super) fn is_meant(object: &str, path: &str, field: &str) -> bool {
    let field = field.strip_prefix(object).and_then(|rest| rest.strip_prefix('.')).unwrap_or(field);
    let path: Vec<&str> = segments(path).collect();
    let wanted: Vec<&str> = segments(field).collect();
    path.windows(wanted.len()).any(|part| part.iter().zip(&wanted).all(|(a, b)| fits(a, b)))
}

fn fits(segment: &str, wanted: &str) -> bool {
    let name = wanted.strip_suffix("[]").unwrap_or(wanted);
    segment == wanted || !name.contains('[') && plain(segment) == name
}

#[cfg(test)]
mod tests {
    use super::is_meant;

    #[test]
    fn a_field_is_named_in_several_ways() {
        let path = "subscriptions[0].orderActions[1].createSubscription.terms.type";
        for field in [
            path,
            "subscriptions[].orderActions[].createSubscription",
            "subscriptions[0]",
            "subscriptions",
            "subscriptions.orderActions",
            "orderActions",
            "orderActions[1]",
            "orderActions[1].createSubscription",
            "terms",
            "terms.type",
            "type",
            "Order.subscriptions",
        ] {
            assert!(is_meant("Order", path, field), "{field}");
        }
        for field in [
            "subscriptions[1]",
            "subscription",
            "orderActions[0]",
            "orderActions.terms",
            "typ",
            "Account.type",
            "[]",
            "",
        ] {
            assert!(!is_meant("Order", path, field), "{field}");
        }
        for field in ["expect mrr", "mrr", "expect"] {
            assert!(is_meant("Order", "expect mrr", field), "{field}");
        }
    }
}
