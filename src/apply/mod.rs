//! Applying: the changes of a plan are carried out, each at most once, and settled.
//!
//! A plan enters; writes to the target, settlements in the ledger and a report leave. There are no
//! wishes here: what is not in the plan is not done. The intent is recorded before the call and
//! the settlement after the answer, so that a run may be killed between any two steps and the next
//! one neither repeats nor forgets.
//!
//! What an action owes to the source is written in a step of its own ([`write_back`]), from the
//! ledger alone.

mod doubt;
pub mod emit;
mod failure;
mod fate;
mod notes;
mod previewing;
mod ready;
mod recover;
mod report;
mod results;
mod run;
mod send;
mod sequences;
mod waves;
mod write_back;

pub use failure::{ApplyError, Stopped};
pub use recover::recover;
pub use report::{
    FAILURES_MAX, Failure, Fate, REPORT_FORMAT, Recovered, RefusedBack, Report, WrittenBack,
};
pub use run::{Fits, MARKED_BY, apply, run};
