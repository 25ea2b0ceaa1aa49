//! The file of a plan: one JSON value a line, a header, segments, and a footer that closes it.

use std::{
    fs::File,
    io::{BufRead, BufReader, BufWriter, Write as _},
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use super::{PlanError, segment::Segment, totals::Totals};
use crate::connector::Marks;

/// The format that this program writes and reads.
pub const FORMAT: u32 = 1;

/// What a plan is bound to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// The format, [`FORMAT`].
    #[serde(rename = "crosswalk-plan")]
    pub format: u32,
    /// The digest of the program, as text.
    pub program: String,
    /// The mapping.
    pub mapping: String,
    /// The system that was read, and the id of its org.
    pub source: Bound,
    /// The system that is written, and the id of its tenant.
    pub target: Bound,
    /// The instant that the mapping sees as now.
    pub as_of: String,
    /// The name of the environment.
    pub environment: String,
    /// The profile of target rules.
    pub profile: Option<String>,
    /// Whether the whole source was read: neither since a mark nor only some records.
    pub whole: bool,
}

/// A system and the id of its org or tenant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bound {
    /// The system.
    pub system: String,
    /// The id.
    pub id: String,
}

/// What closes a plan.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Footer {
    /// How many segments there are.
    pub segments: u64,
    /// The accounts.
    pub totals: Totals,
    /// The high-water marks of the reading.
    pub marks: Marks,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum LineOut<'a> {
    Header(&'a Header),
    Segment(&'a Segment),
    Footer(&'a Footer),
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line {
    Header(Header),
    Segment(Box<Segment>),
    Footer(Footer),
}

/// A plan that is being written.
pub struct PlanWriter {
    path: PathBuf,
    out: BufWriter<File>,
}

impl PlanWriter {
    /// Makes the file, for its owner alone where the system knows owners: it holds records.
    ///
    /// # Errors
    /// [`PlanError::File`] when it cannot be made.
    pub fn create(path: &Path, header: &Header) -> Result<Self, PlanError> {
        let file = owned(path).map_err(|fault| PlanError::file(path, &fault))?;
        let mut writer = Self { path: path.to_owned(), out: BufWriter::new(file) };
        writer.line(&LineOut::Header(header))?;
        Ok(writer)
    }

    /// Adds a segment.
    ///
    /// # Errors
    /// [`PlanError::File`] when it cannot be written.
    pub fn segment(&mut self, segment: &Segment) -> Result<(), PlanError> {
        self.line(&LineOut::Segment(segment))
    }

    /// Closes the plan.
    ///
    /// # Errors
    /// [`PlanError::File`] when it cannot be written.
    pub fn close(mut self, footer: &Footer) -> Result<(), PlanError> {
        self.line(&LineOut::Footer(footer))?;
        self.out.flush().map_err(|fault| PlanError::file(&self.path, &fault))
    }

    fn line(&mut self, line: &LineOut<'_>) -> Result<(), PlanError> {
        serde_json::to_writer(&mut self.out, line)
            .map_err(std::io::Error::from)
            .and_then(|()| self.out.write_all(b"\n"))
            .map_err(|fault| PlanError::file(&self.path, &fault))
    }
}

#[cfg(unix)]
fn owned(path: &Path) -> std::io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt as _;
    File::options().write(true).create(true).truncate(true).mode(0o600).open(path)
}

#[cfg(not(unix))]
fn owned(path: &Path) -> std::io::Result<File> {
    File::create(path)
}

/// A plan that is being read, segment by segment.
pub struct PlanReader {
    path: PathBuf,
    lines: std::io::Lines<BufReader<File>>,
    line: u64,
    /// What the plan is bound to.
    pub header: Header,
    /// What closes it; known from the start, because a plan that is cut off is refused.
    pub footer: Footer,
}

impl PlanReader {
    /// Opens a plan and makes sure that it is whole.
    ///
    /// # Errors
    /// [`PlanError`] when it cannot be read, has another format, or is cut off.
    pub fn open(path: &Path) -> Result<Self, PlanError> {
        let mut opened = Self::begin(path)?;
        let footer = opened.find_footer()?;
        Ok(Self { footer, ..Self::begin(path)? })
    }

    /// Opens a plan whatever its end is: the one that this process is still making.
    pub(super) fn begin(path: &Path) -> Result<Self, PlanError> {
        let file = File::open(path).map_err(|fault| PlanError::file(path, &fault))?;
        let mut lines = BufReader::new(file).lines();
        let first = lines.next().transpose().map_err(|fault| PlanError::file(path, &fault))?;
        let header = read_header(path, &first.unwrap_or_default())?;
        Ok(Self { path: path.to_owned(), lines, line: 1, header, footer: Footer::default() })
    }

    /// Reads on to the footer, without looking into segments.
    fn find_footer(&mut self) -> Result<Footer, PlanError> {
        let mut segments = 0;
        while let Some(text) = self.next_line()? {
            if text.starts_with("{\"segment\"") {
                segments += 1;
                continue;
            }
            let Line::Footer(footer) = self.parse(&text)? else { break };
            if footer.segments != segments || self.next_line()?.is_some() {
                break;
            }
            return Ok(footer);
        }
        Err(PlanError::Cut { path: self.path.clone() })
    }

    /// The next segment; `None` after the last.
    ///
    /// # Errors
    /// [`PlanError`] when it cannot be read.
    pub fn segment(&mut self) -> Result<Option<Segment>, PlanError> {
        let Some(text) = self.next_line()? else { return Ok(None) };
        match self.parse(&text)? {
            Line::Segment(segment) => Ok(Some(*segment)),
            Line::Header(_) | Line::Footer(_) => Ok(None),
        }
    }

    fn next_line(&mut self) -> Result<Option<String>, PlanError> {
        self.line += 1;
        self.lines.next().transpose().map_err(|fault| PlanError::file(&self.path, &fault))
    }

    fn parse(&self, text: &str) -> Result<Line, PlanError> {
        serde_json::from_str(text).map_err(|fault| PlanError::Format {
            path: self.path.clone(),
            line: self.line,
            said: fault.to_string(),
        })
    }
}

fn read_header(path: &Path, text: &str) -> Result<Header, PlanError> {
    #[derive(Deserialize)]
    struct Version {
        header: FormatOnly,
    }
    #[derive(Deserialize)]
    struct FormatOnly {
        #[serde(rename = "crosswalk-plan")]
        format: u32,
    }
    let fault = |said: String| PlanError::Format { path: path.to_owned(), line: 1, said };
    let version: Version =
        serde_json::from_str(text).map_err(|_| fault("this is no crosswalk plan".into()))?;
    if version.header.format != FORMAT {
        let format = version.header.format;
        return Err(fault(format!("the plan has format {format}, and {FORMAT} is known here")));
    }
    match serde_json::from_str(text) {
        Ok(Line::Header(header)) => Ok(header),
        Ok(_) => Err(fault("the header is missing".into())),
        Err(said) => Err(fault(said.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_what_a_file_is_that_is_no_plan_of_this_format() {
        let said = |text: &str| match read_header(Path::new("a.plan"), text) {
            Err(fault) => fault.to_string(),
            Ok(header) => panic!("{header:?}"),
        };
        assert_eq!(said("hello"), "a.plan, line 1: this is no crosswalk plan");
        assert_eq!(said(r#"{"footer":{}}"#), "a.plan, line 1: this is no crosswalk plan");
        assert_eq!(
            said(r#"{"header":{"crosswalk-plan":2,"later":true}}"#),
            "a.plan, line 1: the plan has format 2, and 1 is known here"
        );
    }
}
