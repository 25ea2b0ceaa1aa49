//! What can be wrong with a ledger's file, and what is said about it.

use std::{fs, path::Path, sync::Arc, time::Duration};

use crosswalk::ledger::{
    Entry, Ledger, LedgerError, Settlement,
    sqlite::{Opening, Sqlite},
};
use rusqlite::Connection;

use super::{Folder, entries, entry, intent, product, run};

fn place(path: &Path) -> String {
    path.display().to_string()
}

/// What SQLite said, where the ledger is broken.
fn said<T: std::fmt::Debug>(answer: Result<T, LedgerError>) -> String {
    match answer {
        Err(LedgerError::Broken { said, .. }) => said,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_second_run_is_refused_until_the_first_has_ended() {
    let folder = Folder::new();
    let path = folder.ledger();
    let first = Sqlite::open(&path).unwrap();
    let refusal = Sqlite::open(&path).unwrap_err();
    assert_eq!(refusal, LedgerError::Locked { place: place(&path) });
    drop(first);
    Sqlite::open(&path).unwrap();
}

#[cfg(unix)]
#[tokio::test]
async fn a_second_run_is_refused_under_another_name() {
    let folder = Folder::new();
    let link = folder.0.join("link");
    let _first = Sqlite::open(folder.ledger()).unwrap();
    std::os::unix::fs::symlink(folder.ledger(), &link).unwrap();
    assert!(matches!(Sqlite::open(&link), Err(LedgerError::Locked { .. })));
}

#[tokio::test]
async fn a_reader_sees_a_run_go_on_and_changes_nothing() {
    let folder = Folder::new();
    let ledger = Sqlite::open(folder.ledger()).unwrap();
    let reader = Sqlite::open_readonly(folder.ledger()).unwrap();
    assert_eq!(entries(&reader, "catalog").await, []);
    ledger.settle(&[Settlement::Holds(entry(product("a"), "one"))]).await.unwrap();
    assert_eq!(entries(&reader, "catalog").await, entries(&ledger, "catalog").await);
    assert_eq!(entries(&reader, "catalog").await.len(), 1);

    assert!(said(reader.intend(&[intent(product("b"), None)]).await).contains("looked at"));
    assert!(said(reader.begin_run(&run("run")).await).contains("looked at"));
    drop(ledger);
    assert_eq!(entries(&reader, "catalog").await.len(), 1);
}

#[tokio::test]
async fn a_reader_needs_a_ledger_that_is_there() {
    let folder = Folder::new();
    said(Sqlite::open_readonly(folder.ledger()));
    assert!(!folder.ledger().exists());
    fs::write(folder.ledger(), "").unwrap();
    assert!(said(Sqlite::open_readonly(folder.ledger())).contains("nothing in it"));
}

#[tokio::test]
async fn a_missing_folder_is_made() {
    let folder = Folder::new();
    let path = folder.0.join("deep/er/ledger.sqlite");
    drop(Sqlite::open(&path).unwrap());
    assert!(path.exists());
}

#[tokio::test]
async fn a_path_that_cannot_be_a_file_is_broken() {
    let folder = Folder::new();
    assert!(said(Sqlite::open(&folder.0)).contains("directory"));
    assert!(!folder.0.with_extension("lock").exists());
    fs::write(folder.0.join("file"), "").unwrap();
    said(Sqlite::open(folder.0.join("file/ledger.sqlite")));
}

#[tokio::test]
async fn waits_for_a_foreign_transaction_and_gives_up_in_time() {
    let folder = Folder::new();
    let wait = Duration::from_millis(30);
    let ledger = Opening::of(folder.ledger()).busy_wait(wait).open().unwrap();
    let foreign = Connection::open(folder.ledger()).unwrap();
    foreign.execute_batch("begin immediate").unwrap();
    let refusal = ledger.intend(&[intent(product("a"), None)]).await.unwrap_err();
    assert_eq!(refusal, LedgerError::Locked { place: place(&folder.ledger()) });
    assert_eq!(ledger.unsettled("catalog").await.unwrap(), []);

    foreign.execute_batch("rollback").unwrap();
    ledger.intend(&[intent(product("a"), None)]).await.unwrap();
}

#[tokio::test]
async fn a_foreign_transaction_keeps_a_new_ledger_from_being_made() {
    let folder = Folder::new();
    let foreign = Connection::open(folder.ledger()).unwrap();
    foreign.execute_batch("begin exclusive").unwrap();
    let opening = Opening::of(folder.ledger()).busy_wait(Duration::from_millis(30));
    let refusal = opening.clone().open().unwrap_err();
    assert_eq!(refusal, LedgerError::Locked { place: place(&folder.ledger()) });
    foreign.execute_batch("rollback").unwrap();
    opening.open().unwrap();
}

/// A settlement of about so many bytes.
fn heavy(key: &str, bytes: usize) -> Settlement {
    let result = format!(r#"{{"x":"{}"}}"#, "x".repeat(bytes));
    Settlement::Holds(Entry { result, ..entry(product(key), key) })
}

#[tokio::test]
async fn a_full_disk_keeps_all_that_was_acknowledged() {
    let folder = Folder::new();
    let ledger = Opening::of(folder.ledger()).pages_max(60).open().unwrap();
    let mut acknowledged = 0;
    let refusal = loop {
        // Two entries per call: one that fits is not kept when the other does not.
        let keys = [format!("{acknowledged:03} a"), format!("{acknowledged:03} b")];
        match ledger.settle(&[heavy(&keys[0], 5_000), heavy(&keys[1], 5_000)]).await {
            Ok(()) => acknowledged += 1,
            Err(refusal) => break refusal,
        }
        assert!(acknowledged < 100);
    };
    assert_eq!(refusal, LedgerError::Full { place: place(&folder.ledger()) });
    assert!(acknowledged > 5);
    assert_eq!(entries(&ledger, "catalog").await.len(), acknowledged * 2);

    drop(ledger);
    let roomy = Sqlite::open(folder.ledger()).unwrap();
    assert_eq!(entries(&roomy, "catalog").await.len(), acknowledged * 2);
    roomy.settle(&[heavy("more", 5_000)]).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_that_does_not_fit_fails_alone() {
    let folder = Folder::new();
    let ledger = Arc::new(Opening::of(folder.ledger()).pages_max(100).open().unwrap());
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..40_u32 {
        let ledger = Arc::clone(&ledger);
        tasks.spawn(async move {
            let bytes = if number % 4 == 0 { 1_000_000 } else { 100 };
            (number, ledger.settle(&[heavy(&number.to_string(), bytes)]).await)
        });
    }
    for (number, answer) in tasks.join_all().await {
        match number % 4 {
            0 => assert_eq!(answer, Err(LedgerError::Full { place: place(&folder.ledger()) })),
            _ => assert_eq!(answer, Ok(())),
        }
    }
    assert_eq!(entries(&*ledger, "catalog").await.len(), 30);
}

#[tokio::test]
async fn a_newer_format_is_refused_and_left_alone() {
    let folder = Folder::new();
    drop(Sqlite::open(folder.ledger()).unwrap());
    let foreign = Connection::open(folder.ledger()).unwrap();
    foreign.pragma_update(None, "user_version", 99).unwrap();
    drop(foreign);
    let before = fs::read(folder.ledger()).unwrap();
    let newer = LedgerError::Newer { place: place(&folder.ledger()), found: 99, known: 2 };
    assert_eq!(Sqlite::open(folder.ledger()).unwrap_err(), newer);
    assert_eq!(Sqlite::open_readonly(folder.ledger()).unwrap_err(), newer);
    assert_eq!(fs::read(folder.ledger()).unwrap(), before);
}

#[tokio::test]
async fn a_file_that_is_no_ledger_is_refused_and_left_alone() {
    let folder = Folder::new();
    let path = folder.ledger();
    fs::write(&path, "crosswalk: 1\n".repeat(200)).unwrap();
    let before = fs::read(&path).unwrap();
    assert!(said(Sqlite::open(&path)).contains("not a database"));
    assert!(said(Sqlite::open_readonly(&path)).contains("not a database"));
    assert_eq!(fs::read(&path).unwrap(), before);

    fs::remove_file(&path).unwrap();
    let foreign = Connection::open(&path).unwrap();
    foreign.execute_batch("create table songs (name text)").unwrap();
    drop(foreign);
    let before = fs::read(&path).unwrap();
    assert!(said(Sqlite::open(&path)).contains("another program"));
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[tokio::test]
async fn a_damaged_row_is_named_and_not_passed_on() {
    let folder = Folder::new();
    let ledger = Sqlite::open(folder.ledger()).unwrap();
    ledger.settle(&[heavy("a", 1)]).await.unwrap();
    let foreign = Connection::open(folder.ledger()).unwrap();
    foreign.execute_batch(r#"update entries set digests = '{"Name":"zz"}'"#).unwrap();
    let said = said(ledger.page("catalog", None, 9).await);
    assert_eq!(said, "the row of `catalog.product a`: `zz` is no fingerprint");
}
