//! Faults of files, with the file and the line.

use std::path::Path;

use super::SYSTEM;
use crate::connector::{CallError, Class};

/// A fault that is no one file's.
pub(super) fn broken(call: impl Into<String>, said: impl Into<String>) -> CallError {
    CallError {
        class: Class::Broken,
        system: SYSTEM.to_owned(),
        call: call.into(),
        said: said.into(),
        code: None,
        retry_after: None,
    }
}

/// A fault in a file.
pub(super) fn in_file(path: &Path, said: impl std::fmt::Display) -> CallError {
    broken(format!("open {}", path.display()), said.to_string())
}

/// A fault at a line, counted from 1.
pub(super) fn at_line(path: &Path, line: u64, said: impl std::fmt::Display) -> CallError {
    broken("read", format!("{}:{line}: {said}", path.display()))
}
