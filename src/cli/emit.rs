//! `crosswalk run` for mappings that make documents: records in, one JSON document a line out.

use std::{
    fs::File,
    io::{self, Write},
    path::{Path, PathBuf},
};

use serde_json::json;

use super::{
    args, connect,
    fault::{Ending, Fault},
    findings,
    screen::{
        Screen,
        style::{BOLD, DIM, RED, paint},
    },
    set::{Loaded, Set, Unnamed},
};
use crate::{
    apply::emit::{self as engine, EmitError, LeftOut, Totals},
    connector::{Cursor, Source},
    destination::Destination,
    json::Records,
    plan::{WallClock, ask},
    program::{Program, ProgramKind},
};

/// Rejected records that are shown each.
const SHOWN_MAX: usize = 20;
/// What stands for the standard output, and for the standard input.
const STREAM: &str = "-";

/// Runs one `emit` mapping from a file to a file.
///
/// # Errors
/// [`Fault`] when the mapping is wrong or none of this kind, or a file cannot be used.
pub(super) async fn between_files(
    asked: &args::Run,
    source: &Path,
    target: &Path,
    screen: &Screen,
) -> Result<Ending, Fault> {
    let set = Set::find(asked.place.set.as_deref(), asked.place.env.as_deref())?;
    let loaded = set.load(&asked.place, Unnamed::Nothing)?;
    findings::refuse(&loaded.findings, &loaded.sources, screen)?;
    let program = only_emit(&loaded)?;
    let mut emission = Emission::new(program, target, screen)?;
    let extension = source.extension().unwrap_or_default();
    if source.as_os_str() == STREAM {
        emission.stream(io::stdin().lock())?;
    } else if extension == "ndjson" || extension == "jsonl" {
        let file = File::open(source).map_err(|fault| Fault::file(source, &fault))?;
        emission.stream(file)?;
    } else {
        emission.pages(&*connect::open_file(source)?).await?;
    }
    emission.end(Strictness::of(asked))
}

/// The one program of a set that makes documents.
fn only_emit(loaded: &Loaded) -> Result<&Program, Fault> {
    let emits = |program: &&Program| matches!(program.kind, ProgramKind::Emit { .. });
    let programs: Vec<&Program> = loaded.programs.iter().filter(emits).collect();
    match programs.as_slice() {
        [one] => Ok(one),
        [] => Err(Fault::argument(
            "--source and --target are for mappings that make documents (`emit`), and this is none",
            "leave them out, and name an environment with --env",
        )),
        many => Err(Fault::argument(
            format!("{} mappings of the set make documents", many.len()),
            "name one mapping file instead of the folder",
        )),
    }
}

/// Whether rejected records are minded in the exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Strictness {
    /// They are.
    Strict,
    /// They are counted.
    Lenient,
}

impl Strictness {
    /// What a run was asked for.
    pub(super) fn of(asked: &args::Run) -> Self {
        if asked.strict { Self::Strict } else { Self::Lenient }
    }
}

/// Documents under way to their target.
pub(super) struct Emission<'a> {
    program: &'a Program,
    screen: &'a Screen,
    out: Out,
    totals: Totals,
    rejected_shown: usize,
}

/// Where documents go. A file appears under its name only when it is whole.
enum Out {
    Nowhere,
    Stream,
    File { path: PathBuf, open: Option<(File, Destination)> },
}

impl<'a> Emission<'a> {
    /// Begins to write.
    ///
    /// # Errors
    /// [`Fault::File`] when the target cannot be made.
    pub(super) fn new(
        program: &'a Program,
        target: &Path,
        screen: &'a Screen,
    ) -> Result<Self, Fault> {
        let out = if target.as_os_str() == STREAM { Out::Stream } else { Out::create(target)? };
        Ok(Self { program, screen, out, totals: Totals::default(), rejected_shown: 0 })
    }

    /// Only counts: what a plan of documents does.
    pub(super) fn rehearsal(program: &'a Program, screen: &'a Screen) -> Self {
        let totals = Totals::default();
        Self { program, screen, out: Out::Nowhere, totals, rejected_shown: 0 }
    }

    /// Evaluates a stream of JSON lines.
    ///
    /// # Errors
    /// [`Fault::File`] when source or target fail.
    pub(super) fn stream(&mut self, source: impl io::Read) -> Result<(), Fault> {
        let before = self.totals.read;
        let (screen, shown) = (self.screen, &mut self.rejected_shown);
        let tell = |left: LeftOut<'_>| {
            if left.rejected && *shown < SHOWN_MAX {
                *shown += 1;
                tell_rejected(screen, before + left.line, &left);
            }
        };
        let done = match &mut self.out {
            Out::Nowhere => engine::run(self.program, source, io::sink(), tell),
            Out::Stream => engine::run(self.program, source, io::stdout().lock(), tell),
            Out::File { open: Some((file, _)), .. } => {
                engine::run(self.program, source, file, tell)
            }
            Out::File { open: None, .. } => return Ok(()),
        };
        let totals = match done {
            Ok(totals) => totals,
            // Who reads the standard output has seen enough.
            Err(EmitError::Write(fault)) if fault.kind() == io::ErrorKind::BrokenPipe => {
                return Ok(());
            }
            Err(fault) => return Err(self.out.fault(&fault)),
        };
        self.totals.read += totals.read;
        self.totals.written += totals.written;
        for (sum, part) in [
            (&mut self.totals.skipped, totals.skipped),
            (&mut self.totals.rejected, totals.rejected),
        ] {
            for (reason, count) in part {
                *sum.entry(reason).or_default() += count;
            }
        }
        Ok(())
    }

    /// Evaluates all records that a source gives.
    ///
    /// # Errors
    /// [`Fault`] when source or target fail.
    pub(super) async fn pages(&mut self, source: &dyn Source) -> Result<(), Fault> {
        let mut cursor: Option<Cursor> = None;
        loop {
            let query = &self.program.head.query;
            let page = ask(&WallClock, || source.read(query, cursor.as_ref())).await?;
            self.stream(lines(&page.records).as_bytes())?;
            match page.next {
                Some(next) => cursor = Some(next),
                None => return Ok(()),
            }
        }
    }

    /// Ends the file, and shows the account.
    ///
    /// # Errors
    /// [`Fault::File`] when the file cannot get its name.
    pub(super) fn end(mut self, strictness: Strictness) -> Result<Ending, Fault> {
        self.out.finish()?;
        let Totals { read, written, skipped, rejected } = &self.totals;
        let sum = |reasons: &std::collections::BTreeMap<String, u64>| reasons.values().sum::<u64>();
        let to_stream = matches!(self.out, Out::Stream);
        let would = if matches!(self.out, Out::Nowhere) { "to write" } else { "written" };
        if self.screen.is_json() {
            let account = json!({
                "format": "crosswalk-emit/1",
                "mapping": self.program.head.mapping,
                "read": read,
                "written": written,
                "skipped": skipped,
                "rejected": rejected,
            });
            // The standard output holds the documents; the account must not be one of them.
            if to_stream {
                self.screen.tell(&account.to_string())
            } else {
                self.screen.json(&account)
            }
        } else {
            let line = format!(
                "{} {read} read = {written} {would} + {} skipped + {} rejected",
                paint(BOLD, "records:"),
                sum(skipped),
                sum(rejected),
            );
            let show = |line: &str| {
                if to_stream { self.screen.tell(line) } else { self.screen.say(line) }
            };
            show(&line);
            for (what, reasons) in [("skipped", skipped), ("rejected", rejected)] {
                for (reason, count) in reasons {
                    show(&format!("  {count:>6} {what}: {reason}"));
                }
            }
        }
        let incomplete = strictness == Strictness::Strict && !rejected.is_empty();
        Ok(if incomplete { Ending::Incomplete } else { Ending::Done })
    }
}

fn lines(records: &Records) -> String {
    let mut text = String::new();
    for record in records.iter() {
        // A record may have come over several lines; a line end inside it is white space.
        text.extend(record.text().chars().map(|c| if c == '\n' || c == '\r' { ' ' } else { c }));
        text.push('\n');
    }
    text
}

fn tell_rejected(screen: &Screen, number: u64, left: &LeftOut<'_>) {
    let (reason, origin) = (&left.verdict.reason, &left.verdict.origin);
    if screen.is_json() {
        let object = json!({
            "format": "crosswalk-rejected/1",
            "line": number,
            "rule": left.verdict.rule,
            "reason": reason,
            "place": (origin.line > 0).then(|| origin.to_string()),
        });
        screen.tell(&object.to_string());
        return;
    }
    // A line that is no JSON breaks no rule of the mapping, so there is no place in it.
    let place = match origin.line {
        0 => String::new(),
        _ => paint(DIM, &format!(" ({origin})")),
    };
    screen.tell(&format!("{} line {number} is rejected: {reason}{place}", paint(RED, "!")));
}

impl Out {
    fn create(path: &Path) -> Result<Self, Fault> {
        let opened = Destination::of(path, "part").and_then(|destination| {
            let file = File::create(destination.draft())?;
            Ok((file, destination))
        });
        let open = opened.map_err(|fault| Fault::file(path, &fault))?;
        Ok(Self::File { path: path.to_owned(), open: Some(open) })
    }

    fn finish(&mut self) -> Result<(), Fault> {
        match self {
            Self::Nowhere => Ok(()),
            Self::Stream => io::stdout().flush().or_else(|fault| match fault.kind() {
                io::ErrorKind::BrokenPipe => Ok(()),
                _ => Err(Fault::file("standard output", &fault)),
            }),
            Self::File { path, open } => match open.take() {
                Some((file, destination)) => {
                    settle(&file, destination).map_err(|fault| Fault::file(&*path, &fault))
                }
                None => Ok(()),
            },
        }
    }

    fn fault(&self, fault: &EmitError) -> Fault {
        let path = match self {
            Self::Nowhere | Self::Stream => PathBuf::from("standard output"),
            Self::File { path, .. } => path.clone(),
        };
        Fault::File { path, said: fault.to_string() }
    }
}

/// Gives a file its name once the disk has it. A device has nothing that could be waited for.
fn settle(file: &File, destination: Destination) -> io::Result<()> {
    if !destination.is_stream() {
        file.sync_all()?;
    }
    destination.finish()
}
