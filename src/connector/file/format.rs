//! The formats of files, by the ends of their names.

use std::path::Path;

/// The format of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// One object per line.
    Ndjson,
    /// A list of objects, or one object.
    Json,
    /// A header row, and values that are texts; an empty one is missing.
    Csv,
}

impl Format {
    pub(super) const EXTENSIONS: [(&'static str, Self); 4] = [
        ("ndjson", Self::Ndjson),
        ("jsonl", Self::Ndjson),
        ("json", Self::Json),
        ("csv", Self::Csv),
    ];

    /// The format that the name of a file says.
    pub fn of(path: &Path) -> Option<Self> {
        let extension = path.extension()?.to_str()?.to_ascii_lowercase();
        Self::EXTENSIONS.iter().find(|(known, _)| *known == extension).map(|(_, format)| *format)
    }

    /// The end of the name of a new file.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Ndjson => "ndjson",
            Self::Json => "json",
            Self::Csv => "csv",
        }
    }
}
