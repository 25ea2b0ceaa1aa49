//! Dates and instants, which differ; turning one into the other names a zone.

use std::fmt;

use jiff::{Timestamp, civil, tz::TimeZone};

/// A day of the calendar, without a zone: `2026-01-31`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(civil::Date);

/// A point in time, in seconds and fractions since the epoch: `2026-01-31T12:00:00.000+0000`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(Timestamp);

/// A time zone of the IANA database, such as `Europe/Berlin`.
#[derive(Clone, Debug, PartialEq)]
pub struct Zone(TimeZone);

/// Why a text is no date, instant or zone, or why a step leaves the calendar.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TimeError {
    /// The text has another form.
    #[error("`{text}` is not {expected}")]
    Form {
        /// The text as it came.
        text: String,
        /// What was expected, with an example.
        expected: &'static str,
    },
    /// The result lies before the year -9999 or after the year 9999.
    #[error("the result is outside the calendar")]
    Range,
}

impl Date {
    /// Reads `YYYY-MM-DD`, and nothing else.
    ///
    /// # Errors
    /// [`TimeError::Form`] when the text has another form or names a day that does not exist.
    pub fn parse(text: &str) -> Result<Self, TimeError> {
        let fault = || TimeError::Form { text: text.into(), expected: "a date such as 2026-01-31" };
        let digits = |range: std::ops::Range<usize>| {
            let part = text.get(range).filter(|part| part.bytes().all(|b| b.is_ascii_digit()));
            part.and_then(|part| part.parse::<i16>().ok()).ok_or_else(fault)
        };
        if text.len() != 10 || text.get(4..5) != Some("-") || text.get(7..8) != Some("-") {
            return Err(fault());
        }
        let (year, month, day) = (digits(0..4)?, digits(5..7)?, digits(8..10)?);
        let small = |part: i16| i8::try_from(part).map_err(|_| fault());
        civil::Date::new(year, small(month)?, small(day)?).map(Self).map_err(|_| fault())
    }

    /// Moves by whole days; negative goes back.
    ///
    /// # Errors
    /// [`TimeError::Range`] at the ends of the calendar.
    pub fn add_days(self, days: i64) -> Result<Self, TimeError> {
        let span = jiff::Span::new().try_days(days).map_err(|_| TimeError::Range)?;
        self.0.checked_add(span).map(Self).map_err(|_| TimeError::Range)
    }

    /// Moves by whole months; a day that the month does not have becomes its last one.
    ///
    /// # Errors
    /// [`TimeError::Range`] at the ends of the calendar.
    pub fn add_months(self, months: i64) -> Result<Self, TimeError> {
        let span = jiff::Span::new().try_months(months).map_err(|_| TimeError::Range)?;
        self.0.checked_add(span).map(Self).map_err(|_| TimeError::Range)
    }

    /// Whole months from this day to another one, the rest of days left out.
    pub fn months_until(self, other: Self) -> i64 {
        let months = |date: civil::Date| i64::from(date.year()) * 12 + i64::from(date.month());
        let whole = months(other.0) - months(self.0);
        match self.add_months(whole) {
            Ok(reached) if whole > 0 && reached > other => whole - 1,
            Ok(reached) if whole < 0 && reached < other => whole + 1,
            _ => whole,
        }
    }

    /// Days from this day to another one; negative when the other is earlier.
    pub fn days_until(self, other: Self) -> i64 {
        other.0.duration_since(self.0).as_hours() / 24
    }
}

impl Instant {
    /// Reads ISO 8601 with an offset: `2026-01-31T12:00:00Z`, `…+01:00`, and Salesforce's `…+0000`.
    ///
    /// # Errors
    /// [`TimeError::Form`] when the text has another form.
    pub fn parse(text: &str) -> Result<Self, TimeError> {
        let expected = "an instant such as 2026-01-31T12:00:00Z";
        let fault = || TimeError::Form { text: text.into(), expected };
        if text.len() < 20 || text.get(10..11) != Some("T") {
            return Err(fault());
        }
        text.parse().map(Self).map_err(|_| fault())
    }

    /// The day that this instant falls on in a zone.
    pub fn date(self, zone: &Zone) -> Date {
        Date(self.0.to_zoned(zone.0.clone()).date())
    }

    /// Milliseconds since the epoch.
    pub fn epoch_ms(self) -> i64 {
        self.0.as_millisecond()
    }

    /// The instant of so many milliseconds since the epoch.
    ///
    /// # Errors
    /// [`TimeError::Range`] outside the calendar.
    pub fn from_epoch_ms(ms: i64) -> Result<Self, TimeError> {
        Timestamp::from_millisecond(ms).map(Self).map_err(|_| TimeError::Range)
    }
}

impl Zone {
    /// Finds a zone by its IANA name.
    ///
    /// # Errors
    /// [`TimeError::Form`] when no zone has that name.
    pub fn parse(name: &str) -> Result<Self, TimeError> {
        TimeZone::get(name).map(Self).map_err(|_| TimeError::Form {
            text: name.into(),
            expected: "a time zone such as UTC or Europe/Berlin",
        })
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> Date {
        Date::parse(text).expect(text)
    }

    #[test]
    fn reads_one_form_of_a_date() {
        assert_eq!(date("2024-02-29").to_string(), "2024-02-29");
        for text in ["2023-02-29", "2023-2-9", "20230209", "2023-02-09T00:00:00Z", "+023-02-09"] {
            assert!(Date::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn counts_days_and_months() {
        assert_eq!(date("2024-01-31").add_months(1), Ok(date("2024-02-29")));
        assert_eq!(date("2024-01-31").add_days(-31), Ok(date("2023-12-31")));
        for (from, to, months) in [
            ("2024-01-01", "2025-01-01", 12),
            ("2024-01-31", "2024-02-29", 1),
            ("2024-01-15", "2024-02-14", 0),
            ("2024-02-14", "2024-01-15", 0),
            ("2024-02-15", "2024-01-15", -1),
        ] {
            assert_eq!(date(from).months_until(date(to)), months, "{from} {to}");
        }
        assert_eq!(date("2024-02-28").days_until(date("2024-03-01")), 2);
    }

    #[test]
    fn an_instant_needs_a_zone_to_be_a_date() {
        let instant = Instant::parse("2026-01-31T23:30:00.000+0000").expect("instant");
        let zone = |name| Zone::parse(name).expect(name);
        assert_eq!(instant.date(&zone("UTC")), date("2026-01-31"));
        assert_eq!(instant.date(&zone("Europe/Berlin")), date("2026-02-01"));
        assert!(Instant::parse("2026-01-31").is_err());
    }
}
