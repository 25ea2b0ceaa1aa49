//! The only printer: what is the result goes to the standard output, the rest to the standard error.
//!
//! A reader that has seen enough (`crosswalk plan | head`) is no fault; a disk that is full is
//! one, and is remembered until the end.

use std::{
    cell::RefCell,
    io::{self, IsTerminal as _, Write as _},
};

use anstream::{AutoStream, ColorChoice};

use super::args::{Colours, Look, Output};

/// The two streams, and how things are shown on them.
pub(super) struct Screen {
    out: RefCell<AutoStream<io::Stdout>>,
    err: RefCell<AutoStream<io::Stderr>>,
    fault: RefCell<Option<io::Error>>,
    output: Output,
}

impl Screen {
    /// A screen that shows things as it was asked for.
    pub(super) fn new(look: Look) -> Self {
        let choice = match look.color {
            Colours::Auto => ColorChoice::Auto,
            Colours::Always => ColorChoice::Always,
            Colours::Never => ColorChoice::Never,
        };
        let (out, err) = (io::stdout(), io::stderr());
        // Each stream decides for itself: one may be a terminal and the other a file.
        let of = |stream: &dyn Fn() -> ColorChoice| match choice {
            ColorChoice::Auto => stream(),
            chosen => chosen,
        };
        let out_choice = of(&|| AutoStream::choice(&out));
        let err_choice = of(&|| AutoStream::choice(&err));
        Self {
            out: RefCell::new(AutoStream::new(out, out_choice)),
            err: RefCell::new(AutoStream::new(err, err_choice)),
            fault: RefCell::default(),
            output: look.output,
        }
    }

    /// Whether JSON lines are wanted.
    pub(super) fn is_json(&self) -> bool {
        self.output == Output::Json
    }

    /// Whether a person watches the standard error.
    pub(super) fn is_watched(&self) -> bool {
        !self.is_json() && io::stderr().is_terminal()
    }

    /// Shows a part of the result.
    pub(super) fn say(&self, text: &str) {
        let written = writeln!(self.out.borrow_mut(), "{text}");
        self.remember(written);
    }

    /// Shows a JSON value on a line of its own.
    pub(super) fn json(&self, value: &serde_json::Value) {
        self.say(&value.to_string());
    }

    /// Shows what is not part of the result. With JSON lines nothing else is shown.
    pub(super) fn tell(&self, text: &str) {
        // There is no other place to say that the standard error cannot be written.
        let _ = writeln!(self.err.borrow_mut(), "{text}");
    }

    /// Shows a plain line beside the result, from whatever thread.
    pub(super) fn tell_plainly(text: &str) {
        let _ = writeln!(io::stderr(), "{text}");
    }

    /// A text without the styles of the terminal, for a file.
    pub(super) fn plain(text: &str) -> String {
        anstream::adapter::strip_str(text).to_string()
    }

    fn remember(&self, written: io::Result<()>) {
        let fault = written.err().filter(|fault| fault.kind() != io::ErrorKind::BrokenPipe);
        if let Some(fault) = fault {
            self.fault.borrow_mut().get_or_insert(fault);
        }
    }

    /// Sends out what is still held back, and says whether all of the result could be written.
    ///
    /// # Errors
    /// The first failure to write, other than a reader that went away.
    pub(super) fn finish(self) -> io::Result<()> {
        let flushed = self.out.borrow_mut().flush();
        self.remember(flushed);
        self.fault.into_inner().map_or(Ok(()), Err)
    }
}

/// Text in a style of the terminal; streams without colours take it off again.
pub(super) mod style {
    /// What is made.
    pub(in crate::cli) const GREEN: &str = "\u{1b}[32m";
    /// What changes.
    pub(in crate::cli) const YELLOW: &str = "\u{1b}[33m";
    /// What stands in the way.
    pub(in crate::cli) const RED: &str = "\u{1b}[31m";
    /// What is said beside it.
    pub(in crate::cli) const DIM: &str = "\u{1b}[2m";
    /// What is said first.
    pub(in crate::cli) const BOLD: &str = "\u{1b}[1m";

    /// A text in a style.
    pub(in crate::cli) fn paint(style: &str, text: &str) -> String {
        format!("{style}{text}\u{1b}[0m")
    }
}
