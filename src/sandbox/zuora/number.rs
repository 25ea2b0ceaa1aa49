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

/// Keeps a value as its text: a decimal with all its digits, a date as `YYYY-MM-DD`.
pub mod as_text {
    use std::fmt::Display;
    use std::str::FromStr;

    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    /// Writes the text.
    ///
    /// # Errors
    /// What the serializer has.
    pub fn serialize<T: Display, S: Serializer>(value: &T, out: S) -> Result<S::Ok, S::Error> {
        out.collect_str(value)
    }

    /// Reads the text.
    ///
    /// # Errors
    /// When it is no such value.
    pub fn deserialize<'de, T, D>(input: D) -> Result<T, D::Error>
    where
        T: FromStr<Err: Display>,
        D: Deserializer<'de>,
    {
        String::deserialize(input)?.parse().map_err(D::Error::custom)
    }
}

/// The same for a value that may be missing.
pub mod as_text_or_none {
    use std::fmt::Display;
    use std::str::FromStr;

    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    /// Writes the text or null.
    ///
    /// # Errors
    /// What the serializer has.
    pub fn serialize<T: Display, S: Serializer>(
        value: &Option<T>,
        out: S,
    ) -> Result<S::Ok, S::Error> {
        match value {
            Some(value) => out.collect_str(value),
            None => out.serialize_none(),
        }
    }

    /// Reads the text or null.
    ///
    /// # Errors
    /// When it is no such value.
    pub fn deserialize<'de, T, D>(input: D) -> Result<Option<T>, D::Error>
    where
        T: FromStr<Err: Display>,
        D: Deserializer<'de>,
    {
        let text = Option::<String>::deserialize(input)?;
        text.map(|text| text.parse().map_err(D::Error::custom)).transpose()
    }
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
