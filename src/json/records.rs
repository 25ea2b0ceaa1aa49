//! Records as slices of the text that brought them.

use std::ops::Range;

use serde::de::IgnoredAny;
use serde_json::value::RawValue;

/// One complete JSON value, checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checked<'a>(&'a str);

impl<'a> Checked<'a> {
    /// Checks a text that should be one JSON value.
    ///
    /// # Errors
    /// [`JsonError`] with the line and column of the first fault.
    pub fn check(text: &'a str) -> Result<Self, JsonError> {
        let text = text.trim_ascii();
        serde_json::from_str::<IgnoredAny>(text).map_err(|fault| JsonError::of(&fault, 0))?;
        Ok(Self(text))
    }

    /// Takes a value that serde_json has parsed.
    pub fn of_raw(raw: &'a RawValue) -> Self {
        Self(raw.get())
    }

    /// The text of the value.
    pub fn text(self) -> &'a str {
        self.0
    }
}

/// A text that is not the JSON it should be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {said}")]
pub struct JsonError {
    /// The line, counted from 1.
    pub line: usize,
    /// The column, counted from 1.
    pub column: usize,
    /// What is wrong.
    pub said: String,
}

impl JsonError {
    /// Reads the place out of a serde_json error; `lines_before` stand in front of its text.
    pub(super) fn of(fault: &serde_json::Error, lines_before: usize) -> Self {
        let said = fault.to_string();
        let said = match said.split(" at line ").next().unwrap_or_default() {
            "expected ident" => "expected `true`, `false` or `null`".to_owned(),
            said => said.to_owned(),
        };
        Self { line: fault.line() + lines_before, column: fault.column().max(1), said }
    }
}

/// A page of records: the text that arrived, and where each record lies in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Records {
    text: String,
    spans: Vec<Range<usize>>,
}

impl Records {
    /// An empty page.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a record.
    pub fn push(&mut self, record: Checked<'_>) {
        let start = self.text.len();
        self.text.push_str(record.text());
        self.spans.push(start..self.text.len());
        self.text.push('\n');
    }

    /// Splits newline-delimited JSON; empty lines are passed over.
    ///
    /// # Errors
    /// [`JsonError`] at the first line that is not one JSON value.
    pub fn of_ndjson(text: String) -> Result<Self, JsonError> {
        let mut spans = Vec::new();
        let mut start = 0;
        for (index, line) in text.split('\n').enumerate() {
            if !line.trim_ascii().is_empty() {
                serde_json::from_str::<IgnoredAny>(line)
                    .map_err(|fault| JsonError::of(&fault, index))?;
                spans.push(start..start + line.len());
            }
            start += line.len() + 1;
        }
        Ok(Self { text, spans })
    }

    /// Splits a JSON array of records, or takes one object as one record.
    ///
    /// # Errors
    /// [`JsonError`] when the text is neither.
    pub fn of_json(text: &str) -> Result<Self, JsonError> {
        let mut records = Self::new();
        if text.trim_ascii_start().starts_with('[') {
            let items: Vec<&RawValue> =
                serde_json::from_str(text).map_err(|fault| JsonError::of(&fault, 0))?;
            items.into_iter().for_each(|item| records.push(Checked::of_raw(item)));
        } else {
            records.push(Checked::check(text)?);
        }
        Ok(records)
    }

    /// How many records there are.
    pub fn len(&self) -> usize {
        self.spans.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    /// The records, in order.
    pub fn iter(&self) -> impl Iterator<Item = Checked<'_>> {
        self.spans.iter().filter_map(|span| self.text.get(span.clone())).map(Checked)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_lines_and_says_where_one_is_broken() {
        let records = Records::of_ndjson("{\"a\":1}\n\n{\"a\":2}\r\n".into()).expect("ndjson");
        assert_eq!(records.len(), 2);
        let fault = Records::of_ndjson("{}\n{\"a\":}\n".into()).expect_err("broken");
        assert_eq!((fault.line, fault.column), (2, 6));
    }

    #[test]
    fn takes_an_array_or_one_object() {
        let texts = |text| {
            let records = Records::of_json(text).expect(text);
            records.iter().map(|record| record.text().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(texts(" [{\"a\":1}, {\"b\":2.0}]"), ["{\"a\":1}", "{\"b\":2.0}"]);
        assert_eq!(texts("{\"a\":1}"), ["{\"a\":1}"]);
    }
}
