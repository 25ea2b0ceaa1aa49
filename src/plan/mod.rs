//! Plans: what a mapping wishes for, against what is known and what is there.
//!
//! Records and the answers of ledger and target enter; a file of decisions leaves. Each decision
//! has a reason, and nothing is ever written to the target from here. Deciding is pure ([`diff`],
//! [`order`]); only the building waits.
//!
//! The source is read once. What each page can tell is decided at once; what only the whole can
//! tell (two records with one key, a name that two products share, what comes before what in a
//! sequence of actions) is decided after the last page, over a spooled file, so that memory holds
//! fingerprints and ids and no values.

mod acting;
mod action;
mod build;
mod change;
mod claims;
mod decide;
mod diff;
mod failure;
mod file;
mod holes;
mod judge;
mod known;
mod leaving;
mod look;
mod numbers;
mod order;
mod page;
mod patience;
mod preview;
mod segment;
mod sequences;
mod settled;
mod text;
mod totals;
mod unique;
mod view;
mod wished;
mod world;

pub use acting::NEVER_SYNCED;
pub use action::{
    ExpectedFigures, NotSent, PlannedAction, RowChange, RowDigests, SourceValue, SourceWrite,
};
pub use build::plan;
pub use change::{
    Change, Decision, FieldChange, Held, Hole, Holes, Kind, RECORDS_NAMED_MAX, Retirement, Sent,
    Trouble, UniqueClaim,
};
pub use decide::taken;
pub use diff::{Difference, diff};
pub use failure::PlanError;
pub use file::{Bound, FORMAT, Footer, Header, PlanReader, PlanWriter};
pub use look::Look;
pub use numbers::stranger;
pub use order::order;
pub use patience::{Clock, WallClock, ask, in_flight, wait_before_next};
pub use preview::{Drift, Previewed, Told, ToldChange};
pub use segment::{LeftOut, RecordFate, RecordLine, Segment};
pub use text::{Json, Place, WishId, digest, digest_unordered};
pub use totals::{
    DraftTotals, PreviewTotals, ReasonCount, RecordTotals, Totals, Unbalanced, close,
};
pub use view::{
    ActionView, ChangeView, Detail, FieldView, PlanView, RecordView, RowsChangedView, VIEW_FORMAT,
};
pub use world::{ACTION, Asked, Evaluate, Phase, Previews, Progress, Sequenced, Unwatched, World};
