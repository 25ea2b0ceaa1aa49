//! Runs an `emit` program from a stream of newline-delimited JSON to another one.
//!
//! A chunk of bytes comes in, each line is checked once and evaluated from its bytes, documents go
//! to one buffer and out. Memory does not grow with the number of records; no tree is built.

use std::{
    collections::BTreeMap,
    io::{Read, Write},
};

use crate::{
    json::{Checked, JsonError},
    program::{Emitted, Program, Verdict},
};

/// How much is read at once: large enough that system calls do not count.
const CHUNK_BYTES: usize = 256 * 1024;
/// The largest record: larger ones are no records but a wrong file.
const RECORD_BYTES_MAX: usize = 64 * 1024 * 1024;

/// What became of the records of a stream. `read = written + skipped + rejected`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Records that were read.
    pub read: u64,
    /// Documents that were written.
    pub written: u64,
    /// Records that the mapping leaves out, by reason.
    pub skipped: BTreeMap<String, u64>,
    /// Records that break a rule, by reason.
    pub rejected: BTreeMap<String, u64>,
}

/// A stream that cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum EmitError {
    /// Reading failed.
    #[error("cannot read the source: {0}")]
    Read(std::io::Error),
    /// Writing failed.
    #[error("cannot write the target: {0}")]
    Write(std::io::Error),
    /// A line is longer than a record can be.
    #[error("line {0} of the source is longer than {RECORD_BYTES_MAX} bytes")]
    TooLong(u64),
}

/// A record that gave no document, with its line from 1.
pub struct LeftOut<'v> {
    /// The line.
    pub line: u64,
    /// Whether it was rejected; else the mapping leaves it out.
    pub rejected: bool,
    /// Why.
    pub verdict: &'v Verdict,
}

/// Evaluates each line of the source and writes the documents, in order.
///
/// # Errors
/// [`EmitError`] when the source or the target fails; a record that is wrong is counted.
pub fn run(
    program: &Program,
    mut source: impl Read,
    mut target: impl Write,
    mut left_out: impl FnMut(LeftOut<'_>),
) -> Result<Totals, EmitError> {
    let mut totals = Totals::default();
    let mut reader = program.reader();
    let mut bytes: Vec<u8> = Vec::with_capacity(CHUNK_BYTES * 2);
    let mut out: Vec<u8> = Vec::with_capacity(CHUNK_BYTES * 2);
    let mut line_number = 0;
    loop {
        let ended = fill(&mut source, &mut bytes).map_err(EmitError::Read)?;
        let whole = match memchr::memrchr(b'\n', &bytes) {
            _ if ended => bytes.len(),
            Some(at) => at + 1,
            None if bytes.len() > RECORD_BYTES_MAX => {
                return Err(EmitError::TooLong(line_number + 1));
            }
            None => 0,
        };
        let lines = bytes.get(..whole).unwrap_or_default();
        for line in split_lines(lines) {
            line_number += 1;
            if line.trim_ascii_start().is_empty() {
                continue;
            }
            totals.read += 1;
            let emitted = match check(line) {
                Ok(record) => program.emit(&mut reader, record, &mut out),
                Err(fault) => Emitted::Rejected(broken(&fault)),
            };
            match emitted {
                Emitted::Written => {
                    totals.written += 1;
                    out.push(b'\n');
                }
                Emitted::Skipped(verdict) => {
                    *totals.skipped.entry(verdict.reason.clone()).or_default() += 1;
                    left_out(LeftOut { line: line_number, rejected: false, verdict: &verdict });
                }
                Emitted::Rejected(verdict) => {
                    *totals.rejected.entry(verdict.reason.clone()).or_default() += 1;
                    left_out(LeftOut { line: line_number, rejected: true, verdict: &verdict });
                }
            }
        }
        bytes.drain(..whole);
        target.write_all(&out).map_err(EmitError::Write)?;
        out.clear();
        if ended {
            target.flush().map_err(EmitError::Write)?;
            return Ok(totals);
        }
    }
}

/// The lines of whole lines, without their ends; the last one may have none.
fn split_lines(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut start = 0;
    std::iter::from_fn(move || {
        let rest = bytes.get(start..).filter(|rest| !rest.is_empty())?;
        let length = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
        start += length + 1;
        rest.get(..length)
    })
}

/// Reads one chunk more; gives whether the source has ended.
fn fill(source: &mut impl Read, bytes: &mut Vec<u8>) -> std::io::Result<bool> {
    let limit = u64::try_from(CHUNK_BYTES).unwrap_or(u64::MAX);
    let read = source.by_ref().take(limit).read_to_end(bytes)?;
    Ok(read == 0)
}

fn check(line: &[u8]) -> Result<Checked<'_>, JsonError> {
    match std::str::from_utf8(line) {
        Ok(text) => Checked::check(text),
        Err(fault) => Err(JsonError {
            line: 1,
            column: fault.valid_up_to() + 1,
            said: "this is not UTF-8".to_owned(),
        }),
    }
}

fn broken(fault: &JsonError) -> Verdict {
    Verdict {
        rule: "unreadable-record",
        reason: format!("the record is not JSON: column {}: {}", fault.column, fault.said),
        origin: Default::default(),
        path: None,
    }
}
