//! Exact numbers: from the text of a JSON number to a decimal and back, with the digits that the
//! service keeps.

use rust_decimal::Decimal;
use serde_json::{Number, Value};

/// Digits that the service keeps left of the point.
const INTEGER_DIGITS_MAX: usize = 13;
/// Digits that the service keeps right of the point.
const FRACTION_DIGITS_MAX: u32 = 9;

/// The exact value of a JSON number, or `None` for anything else and for numbers that no decimal
/// holds.
#[must_use]
pub fn decimal(value: &Value) -> Option<Decimal> {
    match value {
        Value::Number(number) => parse(&number.to_string()),
        _ => None,
    }
}

/// Parses plain and scientific notation.
#[must_use]
pub fn parse(text: &str) -> Option<Decimal> {
    if text.contains(['e', 'E']) {
        Decimal::from_scientific(text).ok()
    } else {
        Decimal::from_str_exact(text).ok()
    }
}

/// Whether the service keeps all digits of the number: at most 13 left and 9 right of the point.
#[must_use]
pub fn fits(number: Decimal) -> bool {
    let number = number.normalize();
    number.scale() <= FRACTION_DIGITS_MAX
        && number.trunc().abs().to_string().len() <= INTEGER_DIGITS_MAX
}

/// The number as a JSON number without superfluous zeros.
#[must_use]
pub fn json(number: Decimal) -> Value {
    let text = number.normalize().to_string();
    Value::Number(Number::from_string_unchecked(text))
}

/// The smallest step between two quantities of a unit with this many decimals.
#[must_use]
pub fn step(decimals: u32) -> Decimal {
    Decimal::try_new(1, decimals).unwrap_or(Decimal::ONE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_thirteen_digits_left_and_nine_right() {
        for (text, expected) in [
            ("9999999999999.999999999", true),
            ("10000000000000", false),
            ("0.0000000001", false),
            ("0.1000000000000", true),
            ("-9999999999999", true),
            ("1E3", true),
            ("0E-9", true),
        ] {
            assert_eq!(parse(text).map(fits), Some(expected), "{text}");
        }
        assert_eq!(parse("1e400"), None);
    }
}
