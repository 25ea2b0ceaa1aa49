//! Writing: documents are appended; a change rewrites the file beside itself and takes its place.

use std::{
    collections::BTreeMap,
    fs::{File, OpenOptions},
    io::{Read, Seek, SeekFrom, Write as _},
    path::Path,
};

use super::{
    Format, Inner,
    fault::{broken, in_file},
    find::id_of,
    rows::{Rows, is_torn},
};
use crate::{
    connector::{CallError, Outcome, Verb, Write, http::Effect},
    destination::Destination,
    json::{Checked, Members, ObjectText},
};

impl Inner {
    pub(super) fn write(&self, batch: &[Write]) -> Result<Vec<Outcome>, CallError> {
        let Some(first) = batch.first() else { return Ok(Vec::new()) };
        let (path, format) = self.written(&first.object)?;
        self.counters.count(Effect::Write);
        let updates = matches!(first.verb, Verb::Update { .. });
        if batch.iter().any(|write| matches!(write.verb, Verb::Update { .. }) != updates) {
            return Err(broken("write", "a batch has one object and one verb"));
        }
        let bodies: Vec<String> = batch.iter().map(one_line).collect::<Result<_, _>>()?;
        if is_stream(&path) {
            return write_stream(&path, format, updates, &bodies);
        }
        if updates {
            return change(&path, format, batch, &bodies);
        }
        match format {
            Format::Ndjson => append_lines(&path, &bodies)?,
            Format::Json => append_items(&path, &bodies)?,
            Format::Csv => return append_rows(&path, &bodies),
        }
        Ok(bodies.into_iter().map(|body| done(&body)).collect())
    }
}

/// The document in one line: a line break inside would end it.
fn one_line(write: &Write) -> Result<String, CallError> {
    let fault = |said: String| broken(format!("write {}", write.object), said);
    let body = Checked::check(&write.body).map_err(|error| fault(error.to_string()))?;
    if !body.text().starts_with('{') {
        return Err(fault("a document has to be an object".to_owned()));
    }
    // A checked text has raw line breaks between its values alone, never inside one.
    Ok(body.text().replace(['\n', '\r'], " "))
}

fn done(body: &str) -> Outcome {
    let members = Members::of(body).unwrap_or_default();
    Outcome::Done { id: id_of(&members, 0), answer: body.to_owned() }
}

/// Whether a path names a device or a pipe: there is no end to append at, and nothing to be read.
fn is_stream(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|there| !there.is_file())
}

fn write_stream(
    path: &Path,
    format: Format,
    updates: bool,
    bodies: &[String],
) -> Result<Vec<Outcome>, CallError> {
    if updates || format != Format::Ndjson {
        return Err(in_file(path, "a device or a pipe takes new lines of JSON, and nothing else"));
    }
    let text: String = bodies.iter().map(|body| format!("{body}\n")).collect();
    let written = OpenOptions::new().write(true).open(path).and_then(|mut file| {
        file.write_all(text.as_bytes())?;
        file.flush()
    });
    written.map_err(|fault| in_file(path, fault))?;
    Ok(bodies.iter().map(|body| done(body)).collect())
}

fn append_lines(path: &Path, bodies: &[String]) -> Result<(), CallError> {
    let fault = |error: std::io::Error| in_file(path, error);
    let mut options = OpenOptions::new();
    let options = options.read(true).write(true).create(true).truncate(false);
    let mut file = options.open(path).map_err(fault)?;
    let mut text = String::new();
    let tail = last_line(&mut file).map_err(fault)?;
    if is_torn(&tail.bytes) {
        file.set_len(tail.at).map_err(fault)?;
    } else if !tail.bytes.is_empty() {
        text.push('\n');
    }
    file.seek(SeekFrom::End(0)).map_err(fault)?;
    for body in bodies {
        text.push_str(body);
        text.push('\n');
    }
    file.write_all(text.as_bytes()).and_then(|()| file.sync_data()).map_err(fault)
}

/// What stands after the last line break.
struct Tail {
    at: u64,
    bytes: Vec<u8>,
}

fn last_line(file: &mut File) -> std::io::Result<Tail> {
    const STEP: u64 = 4096;
    let end = file.metadata()?.len();
    let mut at = end;
    let mut bytes = Vec::new();
    while at > 0 {
        let start = at.saturating_sub(STEP);
        let mut step = Vec::new();
        file.seek(SeekFrom::Start(start))?;
        Read::by_ref(file).take(at - start).read_to_end(&mut step)?;
        let line_break = step.iter().rposition(|byte| *byte == b'\n');
        let kept = step.split_off(line_break.map_or(0, |place| place + 1));
        at = start + step.len() as u64;
        bytes.splice(0..0, kept);
        if line_break.is_some() {
            break;
        }
    }
    Ok(Tail { at, bytes })
}

/// Puts items before the bracket that ends the list.
fn append_items(path: &Path, bodies: &[String]) -> Result<(), CallError> {
    let fault = |error: std::io::Error| in_file(path, error);
    let mut file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(path)
        .map_err(fault)?;
    let items = bodies.join(",\n");
    let (at, start) = match end_of_list(&mut file).map_err(fault)? {
        End::Empty => (0, "[\n"),
        End::After { at, empty: true } => (at, "\n"),
        End::After { at, empty: false } => (at, ",\n"),
        End::Other => return Err(in_file(path, "it holds no list that could be appended to")),
    };
    file.seek(SeekFrom::Start(at)).map_err(fault)?;
    let text = format!("{start}{items}\n]\n");
    file.write_all(text.as_bytes()).map_err(fault)?;
    file.set_len(at + text.len() as u64).and_then(|()| file.sync_data()).map_err(fault)
}

/// How a file of JSON ends.
enum End {
    /// There is nothing in it.
    Empty,
    /// A list ends; its last item, or its opening bracket, ends before this byte.
    After { at: u64, empty: bool },
    /// Something else ends.
    Other,
}

fn end_of_list(file: &mut File) -> std::io::Result<End> {
    let mut end = file.metadata()?.len();
    let mut bracket = false;
    let mut byte = [0];
    while end > 0 {
        file.seek(SeekFrom::Start(end - 1))?;
        file.read_exact(&mut byte)?;
        match byte {
            [b' ' | b'\n' | b'\r' | b'\t'] => {}
            [b']'] if !bracket => bracket = true,
            [b'['] if bracket => return Ok(End::After { at: end, empty: true }),
            [b'}'] if bracket => return Ok(End::After { at: end, empty: false }),
            _ => return Ok(End::Other),
        }
        end -= 1;
    }
    Ok(if bracket { End::Other } else { End::Empty })
}

/// Appends rows under a header: the one that is there, or else the fields of the first document.
fn append_rows(path: &Path, bodies: &[String]) -> Result<Vec<Outcome>, CallError> {
    let fault = |error: csv::Error| in_file(path, error);
    let is_new = std::fs::metadata(path).map_or(true, |file| file.len() == 0);
    let header: Vec<String> = if is_new {
        let first = bodies.first().map(|body| Members::of(body).unwrap_or_default());
        first.iter().flat_map(Members::iter).map(|(name, _)| name.to_owned()).collect()
    } else {
        let mut reader = csv::Reader::from_path(path).map_err(fault)?;
        reader.headers().map_err(fault)?.iter().map(str::to_owned).collect()
    };
    let file = OpenOptions::new().create(true).append(true).open(path);
    let file = file.map_err(|error| in_file(path, error))?;
    let mut writer = csv::Writer::from_writer(file);
    if is_new {
        writer.write_record(&header).map_err(fault)?;
    }
    let mut outcomes = Vec::new();
    for body in bodies {
        outcomes.push(match cells(&header, body) {
            Ok(cells) => {
                writer.write_record(&cells).map_err(fault)?;
                done(body)
            }
            Err(said) => Outcome::Refused { code: "NOT_A_ROW".to_owned(), said, passing: false },
        });
    }
    writer.flush().map_err(|error| in_file(path, error))?;
    Ok(outcomes)
}

/// The cells of a document in the order of the header.
fn cells(header: &[String], body: &str) -> Result<Vec<String>, String> {
    let members = Members::of(body).map_err(|fault| fault.to_string())?;
    if let Some((name, _)) =
        members.iter().find(|(name, _)| !header.iter().any(|column| column == name))
    {
        return Err(format!("`{name}` is no column of the file"));
    }
    let cell = |column: &String| match members.get_set(column) {
        None => Ok(String::new()),
        Some(value) if value.text().starts_with(['{', '[']) => {
            Err(format!("`{column}` holds a list or an object, which no cell can"))
        }
        Some(value) => Ok(value.as_text().map_or_else(|| value.text().to_owned(), Into::into)),
    };
    header.iter().map(cell).collect()
}

/// Changes records by their ids. The new file is written beside the old one and then takes its
/// place, so that a run that is killed leaves one of the two, whole.
fn change(
    path: &Path,
    format: Format,
    batch: &[Write],
    bodies: &[String],
) -> Result<Vec<Outcome>, CallError> {
    if format == Format::Csv {
        return Err(broken("write", "a CSV file can be appended to, but not changed"));
    }
    let fault = |error: std::io::Error| in_file(path, error);
    let changes: BTreeMap<&str, &str> = batch
        .iter()
        .zip(bodies)
        .filter_map(|(write, body)| match &write.verb {
            Verb::Update { id, .. } => Some((id.as_str(), body.as_str())),
            Verb::Create => None,
        })
        .collect();
    let mut rows = Rows::open_own(path, format)?;
    let mut changed: BTreeMap<String, String> = BTreeMap::new();
    let mut texts = Vec::new();
    let mut number = 0_u64;
    while let Some(row) = rows.next()? {
        number += 1;
        let members = Members::of(&row).unwrap_or_default();
        let id = id_of(&members, number);
        match changes.get(id.as_str()) {
            Some(body) => {
                let text = merged(&members, &Members::of(body).unwrap_or_default());
                texts.push(text.clone());
                changed.insert(id, text);
            }
            None => texts.push(row),
        }
    }
    let destination = Destination::of(path, "new").map_err(fault)?;
    let text = match format {
        Format::Json => format!("[\n{}\n]\n", texts.join(",\n")),
        Format::Ndjson | Format::Csv => texts.iter().map(|text| format!("{text}\n")).collect(),
    };
    let mut file = File::create(destination.draft()).map_err(fault)?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(fault)?;
    destination.finish().map_err(fault)?;
    let outcome = |write: &Write| match &write.verb {
        Verb::Update { id, .. } if changed.contains_key(id) => {
            let answer = changed.get(id).cloned().unwrap_or_default();
            Outcome::Done { id: id.clone(), answer }
        }
        _ => Outcome::Refused {
            code: "NOT_FOUND".to_owned(),
            said: "the file holds no record with this id".to_owned(),
            passing: false,
        },
    };
    Ok(batch.iter().map(outcome).collect())
}

/// A record with the members of a change in place of its own.
fn merged(record: &Members<'_>, change: &Members<'_>) -> String {
    let mut out = ObjectText::new();
    for (name, value) in record.iter() {
        out.push(name, change.get(name).unwrap_or(value).text());
    }
    for (name, value) in change.iter().filter(|(name, _)| record.get(name).is_none()) {
        out.push(name, value.text());
    }
    out.end()
}
