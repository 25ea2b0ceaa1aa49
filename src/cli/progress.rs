//! How far the work is: bars on a terminal, lines elsewhere, nothing beside JSON.

use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicU64, Ordering},
};

use indicatif::{ProgressBar, ProgressStyle};

use super::screen::Screen;
use crate::plan::{Phase, Progress};

/// Steps between two lines where there is no terminal.
const STEPS_PER_LINE: u64 = 5_000;
/// What a bar looks like when the end is known, and when it is not.
const WITH_END: &str = "{prefix:9} {wide_bar} {pos}/{len} {msg} {elapsed}";
const WITHOUT_END: &str = "{prefix:9} {spinner} {pos} {msg} {elapsed}";

/// Who shows it.
pub(super) struct Watch {
    kind: Kind,
    done: AtomicU64,
    total: AtomicU64,
}

enum Kind {
    Bars(Mutex<ProgressBar>),
    Lines(Box<dyn Fn(&str) + Send + Sync>),
    Nothing,
}

impl Watch {
    /// The fitting one for a screen.
    pub(super) fn on(screen: &Screen) -> Self {
        let kind = if screen.is_json() {
            Kind::Nothing
        } else if screen.is_watched() {
            Kind::Bars(Mutex::new(ProgressBar::hidden()))
        } else {
            Kind::Lines(Box::new(Screen::tell_plainly))
        };
        Self { kind, done: AtomicU64::new(0), total: AtomicU64::new(0) }
    }

    fn line(&self, phase: Phase) -> String {
        let (done, total) = (self.done.load(Ordering::Relaxed), self.total.load(Ordering::Relaxed));
        let (verb, noun) = words(phase);
        if phase == Phase::Apply && total > 0 {
            return format!("{verb} {done} of {total} {noun}");
        }
        format!("{verb} {done} {noun}")
    }
}

/// What is done, and what is counted.
fn words(phase: Phase) -> (&'static str, &'static str) {
    match phase {
        Phase::Recover => ("looked up", "writes of an earlier run"),
        Phase::Plan => ("compared", "records"),
        Phase::Apply => ("sent", "writes"),
    }
}

impl Progress for Watch {
    fn begin(&self, phase: Phase, total: Option<u64>) {
        self.done.store(0, Ordering::Relaxed);
        self.total.store(total.unwrap_or(0), Ordering::Relaxed);
        let Kind::Bars(bar) = &self.kind else { return };
        let (prefix, message) = words(phase);
        let fresh = match total {
            Some(total) => ProgressBar::new(total),
            None => ProgressBar::new_spinner(),
        };
        let template = if total.is_some() { WITH_END } else { WITHOUT_END };
        // The templates above are valid; were they not, the usual bar would do.
        let style = ProgressStyle::with_template(template);
        fresh.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        fresh.set_prefix(prefix);
        fresh.set_message(message);
        *bar.lock().unwrap_or_else(PoisonError::into_inner) = fresh;
    }

    fn advance(&self, phase: Phase, done: u64) {
        let before = self.done.swap(done, Ordering::Relaxed);
        match &self.kind {
            Kind::Bars(bar) => {
                bar.lock().unwrap_or_else(PoisonError::into_inner).set_position(done);
            }
            Kind::Lines(tell) if done / STEPS_PER_LINE > before / STEPS_PER_LINE => {
                tell(&self.line(phase));
            }
            Kind::Lines(_) | Kind::Nothing => {}
        }
    }

    fn end(&self, phase: Phase) {
        match &self.kind {
            Kind::Bars(bar) => {
                bar.lock().unwrap_or_else(PoisonError::into_inner).finish_and_clear();
            }
            Kind::Lines(tell) if self.done.load(Ordering::Relaxed) > 0 => tell(&self.line(phase)),
            Kind::Lines(_) | Kind::Nothing => {}
        }
    }
}
