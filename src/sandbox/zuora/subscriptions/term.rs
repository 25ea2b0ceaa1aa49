//! Terms: how long a subscription runs, and lengths of time in the units of the service.

use jiff::civil::Date;
use jiff::{Span, ToSpan};
use serde::{Deserialize, Serialize};

use crate::sandbox::zuora::number::{as_text, as_text_or_none};

/// A unit in which lengths are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Unit {
    /// Days.
    Day,
    /// Seven days.
    Week,
    /// Months of the calendar.
    Month,
    /// Twelve months.
    Year,
}

impl Unit {
    /// Reads `Month` and `Months`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "Day" | "Days" => Some(Self::Day),
            "Week" | "Weeks" => Some(Self::Week),
            "Month" | "Months" => Some(Self::Month),
            "Year" | "Years" => Some(Self::Year),
            _ => None,
        }
    }

    /// As the service writes it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Day => "Day",
            Self::Week => "Week",
            Self::Month => "Month",
            Self::Year => "Year",
        }
    }
}

/// A length of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Length {
    /// How many units.
    pub count: u32,
    /// The unit.
    pub unit: Unit,
}

impl Length {
    fn span(self) -> Span {
        let count = i64::from(self.count);
        match self.unit {
            Unit::Day => count.days(),
            Unit::Week => count.weeks(),
            Unit::Month => count.months(),
            Unit::Year => count.years(),
        }
    }

    /// The first day after the length, counted from a day; `None` beyond the calendar.
    #[must_use]
    pub fn after(self, start: Date) -> Option<Date> {
        start.checked_add(self.span()).ok()
    }

    /// The length in months, where it is a whole number of them.
    #[must_use]
    pub fn months(self) -> Option<u32> {
        match self.unit {
            Unit::Month => Some(self.count),
            Unit::Year => self.count.checked_mul(12),
            Unit::Day | Unit::Week => None,
        }
    }
}

/// The current term of a subscription.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Term {
    /// Its first day.
    #[serde(with = "as_text")]
    pub start: Date,
    /// The first day after it; none when the subscription is evergreen.
    #[serde(with = "as_text_or_none", default)]
    pub end: Option<Date>,
    /// Its length as ordered; none when it is evergreen or was ordered by its end.
    pub length: Option<Length>,
}

impl Term {
    /// Whether the term has no end.
    #[must_use]
    pub fn is_evergreen(&self) -> bool {
        self.end.is_none()
    }

    /// `TERMED` or `EVERGREEN`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        if self.is_evergreen() { "EVERGREEN" } else { "TERMED" }
    }
}

/// What happens at the end of a term.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Renewal {
    /// Another term.
    WithTerm,
    /// The subscription goes on for good.
    ToEvergreen,
}

impl Renewal {
    /// Reads the spelling of an order.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "RENEW_WITH_SPECIFIC_TERM" => Some(Self::WithTerm),
            "RENEW_TO_EVERGREEN" => Some(Self::ToEvergreen),
            _ => None,
        }
    }

    /// As the service writes it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::WithTerm => "RENEW_WITH_SPECIFIC_TERM",
            Self::ToEvergreen => "RENEW_TO_EVERGREEN",
        }
    }
}
