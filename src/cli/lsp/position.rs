//! Places and addresses as editors write them: lines from 0, columns in units of UTF-16, files as
//! `file://` addresses.

use std::{
    fmt::Write as _,
    path::{Path, PathBuf},
};

use serde_json::{Value, json};

/// A place of a text.
pub(super) fn position(text: &str, at: usize) -> Value {
    let before = text.get(..at.min(text.len())).unwrap_or(text);
    let line = before.matches('\n').count();
    let start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let column = before.get(start..).unwrap_or_default().encode_utf16().count();
    json!({"line": line, "character": column})
}

/// A range of a text.
pub(super) fn range(text: &str, range: std::ops::Range<usize>) -> Value {
    json!({"start": position(text, range.start), "end": position(text, range.end)})
}

/// The byte that a place of an editor means; the end of its line where it lies beyond.
pub(super) fn offset(text: &str, position: &Value) -> Option<usize> {
    let line = usize::try_from(position.get("line")?.as_u64()?).ok()?;
    let wanted = usize::try_from(position.get("character")?.as_u64()?).ok()?;
    let mut start = 0;
    for _ in 0..line {
        start += text.get(start..)?.find('\n')? + 1;
    }
    let mut units = 0;
    for (at, c) in text.get(start..)?.char_indices() {
        if units >= wanted || c == '\n' {
            return Some(start + at);
        }
        units += c.len_utf16();
    }
    Some(text.len())
}

/// The path of a `file://` address.
pub(super) fn path_of(uri: &str) -> Option<PathBuf> {
    let written = uri.strip_prefix("file://")?;
    let mut bytes = Vec::new();
    let mut rest = written.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digits = [rest.next()?, rest.next()?];
        bytes.push(u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?);
    }
    String::from_utf8(bytes).ok().map(PathBuf::from)
}

/// The `file://` address of a path.
pub(super) fn uri_of(path: &Path) -> String {
    let mut uri = "file://".to_owned();
    for byte in path.to_string_lossy().bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' | b'~' => {
                uri.push(char::from(byte));
            }
            _ => {
                let _ = write!(uri, "%{byte:02X}");
            }
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_units_of_utf_16() {
        let text = "a: 1\nbü😀: c\n";
        let place = |line: u32, character: u32| json!({"line": line, "character": character});
        for (at, wanted) in
            [(0, place(0, 0)), (5, place(1, 0)), (8, place(1, 2)), (12, place(1, 4))]
        {
            assert_eq!(position(text, at), wanted);
            assert_eq!(offset(text, &wanted), Some(at));
        }
        assert_eq!(offset(text, &place(0, 99)), Some(4), "beyond the line is its end");
        assert_eq!(offset(text, &place(9, 0)), None);
    }

    #[test]
    fn addresses_and_paths_are_each_other() {
        let path = Path::new("/a b/ü#.yaml");
        assert_eq!(uri_of(path), "file:///a%20b/%C3%BC%23.yaml");
        assert_eq!(path_of(&uri_of(path)).as_deref(), Some(path));
        assert_eq!(path_of("untitled:one"), None);
    }
}
