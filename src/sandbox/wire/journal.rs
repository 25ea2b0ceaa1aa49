//! An append-only file of JSON lines, one line per request that changed something.
//!
//! A line holds all changes of its request, so that a killed process leaves whole requests or
//! nothing. A last line without its newline was torn by such a death and is cut off on opening.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use serde_json::Value;

use super::SandboxError;

/// An open journal; lines are only ever added.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    file: Mutex<File>,
}

impl Journal {
    /// Opens the journal at `path`, creates it and its folder where missing, and returns the
    /// lines that it holds, oldest first.
    ///
    /// # Errors
    /// [`SandboxError::File`] when the file cannot be used, [`SandboxError::Journal`] when a whole
    /// line is not JSON.
    pub fn open(path: &Path) -> Result<(Self, Vec<Value>), SandboxError> {
        let file_error = |source| SandboxError::File { path: path.to_path_buf(), source };
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(file_error)?;
        }
        let mut options = OpenOptions::new();
        let mut file = options
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)
            .map_err(file_error)?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(file_error)?;
        let (lines, whole_length) = whole_lines(path, &bytes)?;
        file.set_len(whole_length).map_err(file_error)?;
        file.seek(SeekFrom::End(0)).map_err(file_error)?;
        Ok((Self { path: path.to_path_buf(), file: Mutex::new(file) }, lines))
    }

    /// Where the journal is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Adds one line. It is handed to the system before this returns, so it outlives the process.
    ///
    /// # Errors
    /// What the system says when the line cannot be written; the caller must then take its changes
    /// back.
    pub fn append(&self, line: &Value) -> io::Result<()> {
        let mut bytes = serde_json::to_vec(line)?;
        bytes.push(b'\n');
        // A poisoned lock only says that another request died; the file itself is whole.
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let start = file.stream_position()?;
        let written = file.write_all(&bytes);
        if written.is_err() {
            // A half-written line in the middle would damage the journal for good.
            file.set_len(start)?;
            file.seek(SeekFrom::Start(start))?;
        }
        written
    }
}

/// The parsed lines, and the length of the bytes that they came from.
fn whole_lines(path: &Path, bytes: &[u8]) -> Result<(Vec<Value>, u64), SandboxError> {
    let mut lines = Vec::new();
    let mut length = 0_u64;
    for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
        let Some(text) = piece.strip_suffix(b"\n") else { break };
        let line = serde_json::from_slice(text).map_err(|error| SandboxError::Journal {
            path: path.to_path_buf(),
            line: lines.len().saturating_add(1),
            reason: error.to_string(),
        })?;
        lines.push(line);
        length = length.saturating_add(u64::try_from(piece.len()).unwrap_or(u64::MAX));
    }
    Ok((lines, length))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn fresh_path(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("crosswalk-journal-{}", std::process::id()));
        let path = folder.join(name);
        let _ = std::fs::remove_file(&path);
        path
    }

    #[test]
    fn replays_what_was_appended_with_its_digits() {
        let path = fresh_path("replay.ndjson");
        let (journal, lines) = Journal::open(&path).unwrap();
        assert!(lines.is_empty());
        let line: Value = serde_json::from_str(r#"{"price":12.00}"#).unwrap();
        journal.append(&line).unwrap();
        journal.append(&json!({"n": 2})).unwrap();
        drop(journal);
        let (_, lines) = Journal::open(&path).unwrap();
        assert_eq!(serde_json::to_string(&lines).unwrap(), r#"[{"price":12.00},{"n":2}]"#);
    }

    #[test]
    fn cuts_off_a_torn_last_line_and_goes_on_after_it() {
        let path = fresh_path("torn.ndjson");
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, "{\"n\":1}\n{\"n\":2,\"tor").unwrap();
        let (journal, lines) = Journal::open(&path).unwrap();
        assert_eq!(lines, vec![json!({"n": 1})]);
        journal.append(&json!({"n": 3})).unwrap();
        drop(journal);
        let (_, lines) = Journal::open(&path).unwrap();
        assert_eq!(lines, vec![json!({"n": 1}), json!({"n": 3})]);
    }

    #[test]
    fn refuses_a_damaged_line_in_the_middle() {
        let path = fresh_path("damaged.ndjson");
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, "{\"n\":1}\nnot json\n{\"n\":3}\n").unwrap();
        let error = Journal::open(&path).unwrap_err();
        assert!(matches!(error, SandboxError::Journal { line: 2, .. }), "{error}");
    }
}
