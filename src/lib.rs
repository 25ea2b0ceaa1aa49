//! crosswalk: a declarative mapping engine. YAML says how records of one system become objects of
//! another, and the engine makes them so: it compares, plans, writes, and remembers what it wrote.
//!
//! The command line is the product ([`cli`]); this page is for those who build it. How mappings are
//! written is in the README.
//!
//! # One picture
//! ```text
//! mapping.yaml ─ syntax ─▶ tree ─ compile (+ schemas) ─▶ Program ┐
//!                                                                ├─ plan ─▶ Plan ─ apply ─▶ target, ledger
//! source ─ connector ─▶ Records ─────────────────────────────────┘
//! ```
//! [`compile`] never sees a connector, a ledger or a network. [`plan`] and [`apply`] never see YAML.
//! They meet in [`program::Program`] alone.
//!
//! # Floors
//! A module may name those of the floors below it that its line says, and nothing else. The same
//! table is a test, `tests/it/architecture.rs`, with a fence for each dependency beside it.
//!
//! | floor | module | may name |
//! |---|---|---|
//! | 0 | [`diag`], [`value`], [`secret`], [`json`], [`destination`] | nothing (`json`: value) |
//! | 1 | [`schema`], [`syntax`] | diag, value |
//! | 1 | [`connector`], the contract | value, json |
//! | 1 | [`ledger`], the contract | value, json, connector (ids of org and tenant, marks) |
//! | 2 | [`program`] | diag, value, json, connector (the query) |
//! | 2 | [`connector::http`] and the connectors | value, json, secret, connector; `file`: destination |
//! | 2 | the stores of [`ledger`] | value, secret, ledger, connector |
//! | 3 | [`compile`] | diag, value, schema, syntax, program, connector (the query) |
//! | 3 | [`plan`] | value, json, destination, program, connector and ledger (contracts) |
//! | 4 | [`editor`] | diag, syntax, compile |
//! | 4 | [`apply`] | value, json, program, connector and ledger (contracts), plan |
//! | – | [`sandbox`] | nothing of ours: both sides of the wire are written from the services' documentation, so that a wrong belief cannot cancel itself out |
//! | 5 | [`cli`] | everything; its file `connect` alone names connectors and stores |
//!
//! Some absences are promises. Floors 0, 1 (but for the contracts), 2's `program` and 3's `compile`
//! are pure: never async, no clock, no randomness. Nothing below `cli` prints or reads the
//! environment of the process. There is no global state, and no `unsafe`.
//!
//! # A day in the life of a mapping set
//! 1. [`cli`] reads the files of a set and its environment into a [`diag::SourceMap`].
//! 2. [`syntax`] gives a tree and findings, never an error; every key and scalar has its span.
//! 3. [`compile`] takes the whole set, because references cross files, and the [`schema`] of both
//!    systems with what the environment lays over them. A faulty part becomes poison that later
//!    steps accept in silence: one mistake, one message.
//! 4. Without an error there is a [`program::Program`]: everything resolved, each rule with its
//!    place in the file, and a [`connector::Query`] of just the fields that it needs.
//! 5. With one, all findings are drawn in one place ([`diag::render`]), sorted, with code and fix.
//!
//! # A day in the life of a record
//! 1. [`plan`] asks the source for a page. A record is a slice of the bytes that arrived
//!    ([`json::Checked`]); the program reads the slots that it needs, and builds no tree.
//! 2. The program gives a draft: wished objects with keys; or a reason why there is none.
//! 3. Drafts are compared with what the [`ledger`] knows and the target has. Each gets a decision
//!    with its reason; what only the whole can tell (two records that want one name) is decided
//!    after the last page. The plan is a file of segments, bound to program, org and tenant.
//! 4. [`apply`] carries it out: the intent is in the ledger before a call, the settlement after its
//!    answer. A run that is killed anywhere is resumed by the next one, which first looks up what
//!    became of every intent that is not settled.
//! 5. Two accounts close, or the run fails: records read = mapped + skipped + rejected, and drafts
//!    = the sum of what became of them.
//!
//! # A day in the life of an action
//! A mapping of actions wishes for commands that take effect exactly once, such as orders.
//! 1. [`plan`] asks the ledger what took effect in the sequence of each record of a page, and the
//!    program drafts actions over the rows that none of it has consumed. What identifies an action
//!    is its record and the rows that it consumes, so an edited text makes no new one.
//! 2. Ids of other mappings are put into its body from the ledger; one that is not there holds it
//!    back, and says what was never synced. Its number is looked for in the target: a ledger that
//!    was lost gives adoptions, and no second order.
//! 3. After the last page the actions of each sequence are put in order, whatever page they stand
//!    on: each needs the one before, and is held back by it alone.
//! 4. [`apply`] sends an action under the number that we gave it. One whose answer is lost is
//!    looked up until the target can no longer be at it, and only then sent again, under the same
//!    number. One that is refused, or kept waiting to the end, is looked up once before it is given
//!    up. An action in doubt holds back its sequence, and nothing else.
//! 5. What it owes to the source lies in the ledger until it is written: numbers, figures, and the
//!    reason where something failed. A refusal there is tried again by the next run, and repeats
//!    no action.
//!
//! A mapping of documents (`emit`) has neither plan nor ledger: [`apply::emit`] evaluates each
//! record from its bytes and writes one line.

pub mod apply;
pub mod cli;
pub mod compile;
pub mod connector;
pub mod destination;
pub mod diag;
pub mod editor;
pub mod json;
pub mod ledger;
pub mod plan;
pub mod program;
pub mod sandbox;
pub mod schema;
pub mod secret;
pub mod syntax;
pub mod value;
