//! Exact decimal numbers, from the text of a JSON number to the text of a JSON number.

pub use rust_decimal::Decimal;

/// Reads the text of a JSON number (`12`, `12.0`, `-1.5e-3`, `0E-9`) without losing a digit.
///
/// Gives `None` for a text that is no number and for one that has more than 28 significant
/// digits: an amount that cannot be kept exactly is not kept at all.
pub fn parse_decimal(text: &str) -> Option<Decimal> {
    let (mantissa, exponent) = match text.find(['e', 'E']) {
        None => return plain(text),
        Some(at) => (text.get(..at)?, text.get(at + 1..)?),
    };
    let exponent: i32 = exponent.strip_prefix('+').unwrap_or(exponent).parse().ok()?;
    shift(plain(mantissa)?, exponent)
}

/// The number without an exponent. `from_str_exact` refuses what would be rounded.
fn plain(text: &str) -> Option<Decimal> {
    let first = text.strip_prefix('-').unwrap_or(text).bytes().next()?;
    first.is_ascii_digit().then(|| Decimal::from_str_exact(text).ok()).flatten()
}

/// Multiplies by a power of ten, exactly or not at all.
fn shift(number: Decimal, exponent: i32) -> Option<Decimal> {
    if number.is_zero() {
        return Some(Decimal::ZERO);
    }
    let number = number.normalize();
    let scale = i32::try_from(number.scale()).ok()?.checked_sub(exponent)?;
    if scale >= 0 {
        let scale = u32::try_from(scale).ok().filter(|scale| *scale <= Decimal::MAX_SCALE)?;
        let mut shifted = number;
        shifted.set_scale(scale).ok()?;
        return Some(shifted);
    }
    let mut whole = number;
    whole.set_scale(0).ok()?;
    let factor = Decimal::TEN.checked_powi_exact(scale.unsigned_abs())?;
    whole.checked_mul(factor)
}

/// Powers of ten by repeated multiplication, so that no step rounds.
trait PowerOfTen: Sized {
    fn checked_powi_exact(self, exponent: u32) -> Option<Self>;
}

impl PowerOfTen for Decimal {
    fn checked_powi_exact(self, exponent: u32) -> Option<Self> {
        (0..exponent).try_fold(Decimal::ONE, |power, _| power.checked_mul(self))
    }
}

/// Writes a number as a JSON number: plain digits, no exponent, no trailing zeros.
pub fn write_decimal(number: Decimal, out: &mut Vec<u8>) {
    use std::io::Write;
    let number = number.normalize();
    // Writing into a vector cannot fail.
    let _ = write!(out, "{number}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_every_digit() {
        let table = [
            ("12", "12"),
            ("12.0", "12"),
            ("19.99", "19.99"),
            ("-0.5", "-0.5"),
            ("1e3", "1000"),
            ("1.5E-3", "0.0015"),
            ("0E-9", "0"),
            ("12345678901234567.89", "12345678901234567.89"),
            ("1.2e+2", "120"),
        ];
        for (text, expected) in table {
            let mut out = Vec::new();
            write_decimal(parse_decimal(text).expect(text), &mut out);
            assert_eq!(String::from_utf8(out).expect("digits"), expected, "{text}");
        }
    }

    #[test]
    fn refuses_what_it_cannot_keep() {
        for text in
            ["", "-", "abc", "+1", ".5", "1e40", "1e-40", "1e", "123456789012345678901234567890.1"]
        {
            assert_eq!(parse_decimal(text), None, "{text}");
        }
    }
}
