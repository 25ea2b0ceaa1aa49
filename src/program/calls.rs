//! What the functions of expressions do.

use std::borrow::Cow;

use rust_decimal::RoundingStrategy;

use super::{
    eval::{Evaluated, Evaluation, Halt},
    functions::Function,
    scalar::Scalar,
};
use crate::value::{Decimal, Instant, Zone, parse_decimal};

/// How many digits of any number are kept; a number with more may have been cut.
const DIGITS_KEPT: usize = 28;
/// The longest text that a function makes: longer than any field of both systems.
const TEXT_BYTES_MAX: usize = 200_000;

impl<'r> Evaluation<'r> {
    /// Calls a function; it is absent when its first argument is.
    pub(super) fn call(&mut self, function: Function, args: Vec<Scalar<'r>>) -> Evaluated<'r> {
        let mut args = args.into_iter();
        let first = args.next().unwrap_or(Scalar::Missing);
        if first.is_absent() {
            return Ok(first);
        }
        let rest: Vec<Scalar<'r>> = args.collect();
        let arg = |at: usize| rest.get(at).cloned().unwrap_or(Scalar::Missing);
        match function {
            Function::Trim => Ok(match first {
                Scalar::Text(Cow::Borrowed(text)) => Scalar::Text(Cow::Borrowed(text.trim())),
                other => owned(other.shown().trim()),
            }),
            Function::Upper => Ok(cased(&first, char::is_lowercase, str::to_uppercase)),
            Function::Lower => Ok(cased(&first, char::is_uppercase, str::to_lowercase)),
            Function::Replace => {
                let text = first.shown().replace(&*arg(0).shown(), &arg(1).shown());
                if text.len() > TEXT_BYTES_MAX {
                    return Err(self.reject("text-too-long", "the text becomes too long"));
                }
                Ok(owned(&text))
            }
            Function::Length => Ok(Scalar::Number(Decimal::from(first.shown().chars().count()))),
            Function::StartsWith => Ok(Scalar::Bool(first.shown().starts_with(&*arg(0).shown()))),
            Function::EndsWith => Ok(Scalar::Bool(first.shown().ends_with(&*arg(0).shown()))),
            Function::Contains => Ok(Scalar::Bool(first.shown().contains(&*arg(0).shown()))),
            Function::Left => {
                let count = usize::try_from(self.whole(&arg(0))?).unwrap_or_default();
                Ok(owned(&first.shown().chars().take(count).collect::<String>()))
            }
            Function::Round => self.round(&first, &arg(0), &arg(1)),
            Function::Abs => self.number(&first).map(|number| Scalar::Number(number.abs())),
            Function::Min | Function::Max => {
                let second = arg(0);
                if second.is_absent() {
                    return Ok(second);
                }
                let (a, b) = (self.number(&first)?, self.number(&second)?);
                Ok(Scalar::Number(if function == Function::Min { a.min(b) } else { a.max(b) }))
            }
            Function::AddDays | Function::AddMonths => {
                if arg(0).is_absent() {
                    return Ok(Scalar::Null);
                }
                let (date, by) = (self.date(&first)?, self.whole(&arg(0))?);
                let moved = if function == Function::AddDays {
                    date.add_days(by)
                } else {
                    date.add_months(by)
                };
                moved
                    .map(|date| owned(&date.to_string()))
                    .map_err(|fault| self.reject("arithmetic", fault.to_string()))
            }
            Function::DaysBetween | Function::MonthsBetween => {
                if arg(0).is_absent() {
                    return Ok(Scalar::Null);
                }
                let (from, to) = (self.date(&first)?, self.date(&arg(0))?);
                let days = function == Function::DaysBetween;
                let between = if days { from.days_until(to) } else { from.months_until(to) };
                Ok(Scalar::Number(Decimal::from(between)))
            }
            Function::Date => self.day(&first, &arg(0)),
            Function::Text => Ok(owned(&first.shown())),
            Function::Number => {
                let text = first.shown();
                parse_decimal(text.trim())
                    .map(Scalar::Number)
                    .ok_or_else(|| self.reject("not-a-number", format!("`{text}` is not a number")))
            }
            Function::UnitStep => {
                let unit = first.shown();
                match self.code.units.get(&*unit) {
                    Some(step) => Ok(Scalar::Number(*step)),
                    None => Err(self.reject("unknown-unit", self.code.unknown_unit(&unit))),
                }
            }
        }
    }

    fn whole(&self, value: &Scalar<'r>) -> Result<i64, Box<Halt>> {
        let number = self.number(value)?;
        let whole = number.is_integer().then(|| i64::try_from(number.trunc()).ok()).flatten();
        whole.ok_or_else(|| {
            self.reject("not-a-whole-number", format!("{number} is not a whole number"))
        })
    }

    fn round(&self, value: &Scalar<'r>, scale: &Scalar<'r>, mode: &Scalar<'r>) -> Evaluated<'r> {
        let number = self.number(value)?;
        let scale = u32::try_from(self.whole(scale)?).unwrap_or_default();
        let strategy = match &*mode.shown() {
            "half_even" => RoundingStrategy::MidpointNearestEven,
            "down" => RoundingStrategy::ToZero,
            "up" => RoundingStrategy::AwayFromZero,
            _ => RoundingStrategy::MidpointAwayFromZero,
        };
        // A quotient or a product that had no room for all its digits may lack those asked for.
        if number.scale() < scale && digits(number) >= DIGITS_KEPT {
            let reason = format!("{number} has no room for {scale} decimals");
            return Err(self.reject("arithmetic", reason));
        }
        Ok(Scalar::Number(number.round_dp_with_strategy(scale, strategy)))
    }

    /// The day of an instant in a zone, or of a text that is a date.
    fn day(&self, value: &Scalar<'r>, zone: &Scalar<'r>) -> Evaluated<'r> {
        if zone.is_absent() {
            return self.date(value).map(|date| owned(&date.to_string()));
        }
        let zone = Zone::parse(&zone.shown())
            .map_err(|fault| self.reject("unknown-zone", fault.to_string()))?;
        let instant = Instant::parse(&value.shown())
            .map_err(|fault| self.reject("not-an-instant", fault.to_string()))?;
        Ok(owned(&instant.date(&zone).to_string()))
    }
}

/// How many digits a number has.
fn digits(number: Decimal) -> usize {
    number.mantissa().unsigned_abs().to_string().len()
}

fn owned<'r>(text: &str) -> Scalar<'r> {
    Scalar::Text(Cow::Owned(text.to_owned()))
}

/// Changes the case of a text, and takes it as it is where nothing changes.
fn cased<'r>(
    value: &Scalar<'r>,
    other: fn(char) -> bool,
    change: fn(&str) -> String,
) -> Scalar<'r> {
    match value {
        Scalar::Text(Cow::Borrowed(text)) if !text.contains(other) => {
            Scalar::Text(Cow::Borrowed(text))
        }
        value => Scalar::Text(Cow::Owned(change(&value.shown()))),
    }
}
