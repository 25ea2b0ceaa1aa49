//! The records of one file, one after the other, from any place on: never the whole file at once.

use std::{
    fs::File,
    io::{BufRead, BufReader, Seek, SeekFrom},
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use super::{
    Format,
    fault::{at_line, in_file},
};
use crate::{
    connector::CallError,
    json::{Checked, ObjectText},
};

/// The longest record that is taken; what is longer is no record, but a file of another kind.
const RECORD_BYTES_MAX: usize = 64 * 1024 * 1024;

/// A place between two records: bytes and lines before it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Place {
    byte: u64,
    line: u64,
}

/// What is done about a last line that a killed run left unfinished.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Torn {
    /// It is a fault: what is read may not be short of a record.
    Fault,
    /// It is passed over: we wrote it ourselves, and it was never said to be written.
    Ignored,
}

/// The records of a file from a place on.
pub(super) struct Rows {
    path: PathBuf,
    place: Place,
    torn: Torn,
    kind: Kind,
}

enum Kind {
    Lines(BufReader<File>),
    List(BufReader<File>),
    Table { reader: Box<csv::Reader<File>>, header: csv::StringRecord },
}

impl Rows {
    pub(super) fn open(path: &Path, format: Format, place: Place) -> Result<Self, CallError> {
        let fault = |error: std::io::Error| in_file(path, error);
        let mut file = File::open(path).map_err(fault)?;
        let kind = match format {
            Format::Csv => table(path, file, place)?,
            Format::Ndjson | Format::Json => {
                file.seek(SeekFrom::Start(place.byte)).map_err(fault)?;
                let reader = BufReader::with_capacity(128 * 1024, file);
                if format == Format::Json { Kind::List(reader) } else { Kind::Lines(reader) }
            }
        };
        Ok(Self { path: path.to_owned(), place, torn: Torn::Fault, kind })
    }

    /// Opens a file that we write ourselves.
    pub(super) fn open_own(path: &Path, format: Format) -> Result<Self, CallError> {
        let rows = Self::open(path, format, Place::default())?;
        Ok(Self { torn: Torn::Ignored, ..rows })
    }

    /// Where the next record starts.
    pub(super) fn place(&self) -> Place {
        self.place
    }

    /// The next record, checked; `None` at the end.
    pub(super) fn next(&mut self) -> Result<Option<String>, CallError> {
        match &mut self.kind {
            Kind::Lines(reader) => next_line(&self.path, reader, &mut self.place, self.torn),
            Kind::List(reader) => next_item(&self.path, reader, &mut self.place),
            Kind::Table { reader, header } => {
                let text = next_row(&self.path, reader, header)?;
                let position = reader.position();
                self.place = Place { byte: position.byte(), line: position.line() };
                Ok(text)
            }
        }
    }
}

fn table(path: &Path, file: File, place: Place) -> Result<Kind, CallError> {
    let mut reader = csv::ReaderBuilder::new().from_reader(file);
    let header = reader.headers().map_err(|fault| in_file(path, fault))?.clone();
    if place.byte > 0 {
        let mut position = csv::Position::new();
        position.set_byte(place.byte).set_line(place.line);
        reader.seek(position).map_err(|fault| in_file(path, fault))?;
    }
    Ok(Kind::Table { reader: Box::new(reader), header })
}

fn next_line(
    path: &Path,
    reader: &mut BufReader<File>,
    place: &mut Place,
    torn: Torn,
) -> Result<Option<String>, CallError> {
    loop {
        let line = place.line + 1;
        let mut bytes = Vec::new();
        let read = reader.read_until(b'\n', &mut bytes).map_err(|fault| in_file(path, fault))?;
        if read == 0 {
            return Ok(None);
        }
        place.byte += bytes.len() as u64;
        place.line = line;
        if bytes.len() > RECORD_BYTES_MAX {
            return Err(at_line(path, line, "the line is too long to be a record"));
        }
        if torn == Torn::Ignored && is_torn(&bytes) {
            return Ok(None);
        }
        let text = text(path, line, &bytes)?;
        if !text.trim_ascii().is_empty() {
            return record(path, line, text).map(Some);
        }
    }
}

/// Whether a last line is the beginning of a record that was never finished.
pub(super) fn is_torn(line: &[u8]) -> bool {
    let whole = || std::str::from_utf8(line).is_ok_and(|text| Checked::check(text).is_ok());
    !line.ends_with(b"\n") && !line.trim_ascii().is_empty() && !whole()
}

/// The next item of a list, or the one object of a file without a list.
fn next_item(
    path: &Path,
    reader: &mut BufReader<File>,
    place: &mut Place,
) -> Result<Option<String>, CallError> {
    let mut item = Item::default();
    let started_at = place.byte;
    loop {
        let buffer = reader.fill_buf().map_err(|fault| in_file(path, fault))?;
        if buffer.is_empty() {
            break;
        }
        let mut used = 0;
        let mut ended = false;
        for byte in buffer {
            used += 1;
            if item.bytes.is_empty() {
                item.line = place.line + 1;
            }
            place.line += u64::from(*byte == b'\n');
            // The bracket of the whole list stands before its first item.
            let opens_file = started_at == 0 && !item.list_open && item.bytes.is_empty();
            if opens_file && *byte == b'[' {
                item.list_open = true;
                continue;
            }
            if item.take(*byte) {
                ended = true;
                break;
            }
        }
        reader.consume(used);
        place.byte += used as u64;
        if item.bytes.len() > RECORD_BYTES_MAX {
            return Err(at_line(path, item.line, "the item is too long to be a record"));
        }
        if ended {
            break;
        }
    }
    let text = text(path, item.line, &item.bytes)?;
    if text.trim_ascii().is_empty() {
        return Ok(None);
    }
    record(path, item.line, text).map(Some)
}

/// An item of a list while it is read: its bytes, and where in it the reader stands.
#[derive(Default)]
struct Item {
    bytes: Vec<u8>,
    line: u64,
    depth: usize,
    in_text: bool,
    escaped: bool,
    list_open: bool,
}

impl Item {
    /// Takes a byte; true when the item has ended with it.
    fn take(&mut self, byte: u8) -> bool {
        if self.in_text {
            self.in_text = self.escaped || byte != b'"';
            self.escaped = !self.escaped && byte == b'\\';
            self.bytes.push(byte);
            return false;
        }
        match byte {
            b'"' => self.in_text = true,
            b'{' | b'[' => self.depth += 1,
            b'}' | b']' if self.depth > 0 => self.depth -= 1,
            // A comma or the bracket of the whole list ends an item that has begun.
            b',' | b']' if self.depth == 0 => return !self.bytes.is_empty(),
            _ if byte.is_ascii_whitespace() && self.bytes.is_empty() => return false,
            _ => {}
        }
        self.bytes.push(byte);
        false
    }
}

/// A row of a table as an object of texts. An empty cell is a value that is not there.
fn next_row(
    path: &Path,
    reader: &mut csv::Reader<File>,
    header: &csv::StringRecord,
) -> Result<Option<String>, CallError> {
    let mut row = csv::StringRecord::new();
    let line = reader.position().line();
    if !reader.read_record(&mut row).map_err(|fault| at_line(path, line, fault))? {
        return Ok(None);
    }
    let mut out = ObjectText::new();
    for (name, cell) in header.iter().zip(row.iter()).filter(|(_, cell)| !cell.is_empty()) {
        out.push_text(name.trim_start_matches('\u{feff}'), cell);
    }
    Ok(Some(out.end()))
}

fn text<'a>(path: &Path, line: u64, bytes: &'a [u8]) -> Result<&'a str, CallError> {
    std::str::from_utf8(bytes)
        .map(|text| text.trim_start_matches('\u{feff}'))
        .map_err(|fault| at_line(path, line, fault))
}

fn record(path: &Path, line: u64, text: &str) -> Result<String, CallError> {
    let checked = Checked::check(text).map_err(|fault| {
        let line = line + u64::try_from(fault.line).unwrap_or(1).saturating_sub(1);
        at_line(path, line, format!("column {}: {}", fault.column, fault.said))
    })?;
    if !checked.text().starts_with('{') {
        return Err(at_line(path, line, "a record has to be an object"));
    }
    Ok(checked.text().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(name: &str) -> PathBuf {
        let folder =
            std::env::temp_dir().join(format!("crosswalk-rows-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("folder");
        folder
    }

    /// Reads all records, opening the file anew before each of them.
    fn all(path: &Path) -> Result<Vec<String>, CallError> {
        let format = Format::of(path).expect("format");
        let mut records = Vec::new();
        let mut place = Place::default();
        loop {
            let mut rows = Rows::open(path, format, place)?;
            match rows.next()? {
                None => return Ok(records),
                Some(record) => records.push(record),
            }
            place = rows.place();
        }
    }

    #[test]
    fn goes_on_at_any_record_of_any_format() {
        let folder = folder("formats");
        let table = [
            ("a.ndjson", "{\"a\":1}\r\n\n{\"a\":\"]\"}", vec!["{\"a\":1}", "{\"a\":\"]\"}"]),
            (
                "a.json",
                " [ {\"a\":[1,{\"b\":\"\\\"],\"}]} ,\n{\"a\":2.0}\n]\n",
                vec!["{\"a\":[1,{\"b\":\"\\\"],\"}]}", "{\"a\":2.0}"],
            ),
            ("b.json", "{\n \"a\": [1, 2]\n}", vec!["{\n \"a\": [1, 2]\n}"]),
            ("c.json", "[]", vec![]),
            (
                "a.csv",
                "Id,Name,Note\n1,\"x, \"\"y\"\"\nz\",\n007,,b\n",
                vec![
                    "{\"Id\":\"1\",\"Name\":\"x, \\\"y\\\"\\nz\"}",
                    "{\"Id\":\"007\",\"Note\":\"b\"}",
                ],
            ),
        ];
        for (name, content, expected) in table {
            let path = folder.join(name);
            std::fs::write(&path, content).expect("file");
            assert_eq!(all(&path).expect(name), expected, "{name}");
        }
        std::fs::remove_dir_all(folder).expect("clean");
    }

    #[test]
    fn names_file_and_line_of_a_fault() {
        let folder = folder("faults");
        let table = [
            ("a.ndjson", "{\"a\":1}\n\n{\"a\":}\n", "a.ndjson:3: column 6"),
            ("a.json", "[{\"a\":1},\n{\"b\":\n tru}]", "a.json:3: column 5"),
            ("b.json", "[1]", "b.json:1: a record has to be an object"),
            ("a.csv", "Id,Name\n1,2\n3\n", "a.csv:3"),
        ];
        for (name, content, expected) in table {
            let path = folder.join(name);
            std::fs::write(&path, content).expect("file");
            let said = all(&path).expect_err(name).to_string();
            assert!(said.contains(expected), "{said}");
        }
        std::fs::remove_dir_all(folder).expect("clean");
    }

    proptest::proptest! {
        /// Whatever stands in texts and between items, a list falls apart into its items.
        #[test]
        fn splits_any_list_into_its_items(
            texts in proptest::collection::vec("[\\[\\]{},\"\\\\:a ]{0,8}", 0..6),
            between in "[ \n\t]{0,3}",
        ) {
            let item = |text: &String| format!("{{\"a\":[{{}},{}]}}", crate::json::text_literal(text));
            let items: Vec<String> = texts.iter().map(item).collect();
            let list = format!("{between}[{between}{}{between}]{between}", items.join(&format!("{between},{between}")));
            let path = folder("law").join(format!("{:?}.json", std::thread::current().id()));
            std::fs::write(&path, list).expect("file");
            let read = all(&path).expect("list");
            std::fs::remove_file(&path).expect("clean");
            proptest::prop_assert_eq!(read, items);
        }
    }
}
