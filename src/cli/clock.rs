//! The one reading of the clock.

use std::time::{SystemTime, UNIX_EPOCH};

use super::fault::Fault;
use crate::value::{Date, Instant, Zone};

/// The day that a run takes for today: the one that was asked for, else today in UTC.
///
/// # Errors
/// [`Fault::Argument`] for a text that is no day.
pub(super) fn today(asked: Option<&str>) -> Result<Date, Fault> {
    if let Some(text) = asked {
        let refused = |fault: &dyn std::fmt::Display| {
            Fault::argument(format!("--as-of: {fault}"), "write a day such as 2026-01-31")
        };
        return Date::parse(text).map_err(|fault| refused(&fault));
    }
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let ms = i64::try_from(since_epoch.as_millis()).unwrap_or_default();
    let day = || Ok(Instant::from_epoch_ms(ms)?.date(&Zone::parse("UTC")?));
    day().map_err(|fault: crate::value::TimeError| {
        Fault::argument(format!("the clock cannot be used: {fault}"), "name the day with --as-of")
    })
}
