//! The ledgers: one set of laws for every store, and what only a file can suffer.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "clippy allows them in tests, and does not see that what a test calls is one too"
)]

mod crash;
mod faults;
mod formats;
mod laws;
mod random;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU32, Ordering},
};

use crosswalk::{
    ledger::{Action, Entry, Intent, IntentVerb, Ledger, Owed, OwedValue, Run, RunId, Wish},
    value::{Fingerprint, FingerprintOf},
};

/// A folder of one test, removed with it.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static MADE: AtomicU32 = AtomicU32::new(0);
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let name = format!("ledger-{}-{number}", std::process::id());
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn ledger(&self) -> PathBuf {
        self.0.join("ledger.sqlite")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn wish(mapping: &str, resource: &str, key: &str) -> Wish {
    Wish { mapping: mapping.into(), resource: resource.into(), key: key.into() }
}

fn product(key: &str) -> Wish {
    wish("catalog", "product", key)
}

fn digest(text: &str) -> Fingerprint {
    FingerprintOf::kind("test").text(text).end()
}

/// An entry that differs by `said`, so that a test sees which settlement stands.
fn entry(wish: Wish, said: &str) -> Entry {
    Entry {
        record: format!("record of {}", wish.key),
        object: "Product".into(),
        target_id: format!("id {said}"),
        parent: None,
        version: 0,
        digests: BTreeMap::from([("Name".into(), digest(said))]),
        retired: false,
        result: format!(r#"{{"said":"{said}"}}"#),
        wish,
        action: None,
    }
}

/// What is kept of an action of a sequence; it owes what it is told to.
fn action(sequence: &str, owed: &[&str]) -> Box<Action> {
    let owe = |field: &&str| Owed {
        object: "Contract".into(),
        id: format!("id of {sequence}"),
        fields: vec![
            ((*field).into(), OwedValue::Result("$.mrr".into())),
            ("Note__c".into(), OwedValue::Json("null".into())),
        ],
    };
    Box::new(Action {
        sequence: sequence.into(),
        kind: "New".into(),
        day: "2026-01-31".into(),
        rows: BTreeMap::from([("row".into(), BTreeMap::from([("Price".into(), digest("1"))]))]),
        withholdable: BTreeMap::from([("Region__c".into(), "\"EU\"".into())]),
        owed: owed.iter().map(owe).collect(),
    })
}

/// The entry as the ledger gives it back.
fn at_version(version: u64, entry: Entry) -> Entry {
    Entry { version, ..entry }
}

fn intent(wish: Wish, from_version: Option<u64>) -> Intent {
    Intent {
        record: format!("record of {}", wish.key),
        object: "Product".into(),
        verb: if from_version.is_some() { IntentVerb::Update } else { IntentVerb::Create },
        parent: Some("parent".into()),
        from_version,
        target_id: from_version.map(|version| format!("id {version}")),
        lookup: vec![("sfdcId__c".into(), r#""01t""#.into()), ("Alpha".into(), "1.10".into())],
        digests: BTreeMap::from([("Name".into(), digest("new"))]),
        run: RunId(7),
        action: None,
        wish,
    }
}

fn run(command: &str) -> Run {
    Run { command: command.into(), program: "p1".into(), as_of: "2026-01-01T00:00:00Z".into() }
}

/// All entries of a mapping.
async fn entries(ledger: &dyn Ledger, mapping: &str) -> Vec<Entry> {
    ledger.page(mapping, None, usize::MAX).await.unwrap()
}
