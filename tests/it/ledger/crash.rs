//! A process that is killed while it writes has every call that was acknowledged.
//!
//! The test runs its own binary as a child: the same test, told by a variable to be the writer.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, Command, Stdio},
    sync::Arc,
};

use crosswalk::ledger::{Ledger, LedgerError, Settlement, Wish, sqlite::Sqlite};

use super::{Folder, entries, entry, intent, product};

/// Where the child finds the ledger that it has to write.
const LEDGER: &str = "CROSSWALK_TEST_LEDGER";
/// How many tasks of the child write at the same time.
const WRITERS: usize = 4;
/// How many wishes a call of the child is about.
const BATCH: usize = 3;
/// A child that nobody kills ends by itself.
const ROUNDS_MAX: usize = 50_000;

#[test]
fn an_acknowledged_call_survives_a_kill() {
    if let Some(path) = std::env::var_os(LEDGER) {
        return write_until_killed(Path::new(&path));
    }
    for acknowledged_min in [1, 40, 400] {
        let folder = Folder::new();
        let mut child = writer(&folder.ledger());
        let acknowledged = kill_after(&mut child, acknowledged_min, &folder.ledger());
        check(&folder.ledger(), &acknowledged);
    }
}

fn writer(path: &Path) -> Child {
    let module = module_path!().split_once("::").unwrap().1;
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "--nocapture", "--test-threads=1"])
        .arg(format!("{module}::an_acknowledged_call_survives_a_kill"))
        .env(LEDGER, path)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// The child: each task intends a batch and settles it, and says so after each answer.
fn write_until_killed(path: &Path) {
    let waiting = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    waiting.block_on(async {
        let ledger = Arc::new(Sqlite::open(path).unwrap());
        let mut tasks = tokio::task::JoinSet::new();
        for task in 0..WRITERS {
            let ledger = Arc::clone(&ledger);
            tasks.spawn(async move {
                for round in 0..ROUNDS_MAX {
                    let wishes = batch(&format!("{task}-{round}"));
                    let intents = wishes.clone().map(|wish| intent(wish, None));
                    ledger.intend(&intents).await.unwrap();
                    acknowledge("intended", task, round);
                    let settled = wishes.map(|wish| Settlement::Holds(entry(wish, "settled")));
                    ledger.settle(&settled).await.unwrap();
                    acknowledge("settled", task, round);
                }
            });
        }
        tasks.join_all().await;
    });
}

fn batch(name: &str) -> [Wish; BATCH] {
    std::array::from_fn(|at| product(&format!("{name} {at}")))
}

/// One write per line, so that lines of two tasks do not mix. A parent that has gone ends it.
fn acknowledge(what: &str, task: usize, round: usize) {
    let line = format!("acknowledged {what} {task}-{round}\n");
    std::io::stderr().lock().write_all(line.as_bytes()).unwrap();
}

/// Kills the child once it has said so often that a call is done, and gives all that it said:
/// per batch, whether it was settled.
fn kill_after(child: &mut Child, lines_min: usize, path: &Path) -> BTreeMap<String, bool> {
    let mut acknowledged = BTreeMap::new();
    let mut lines = 0;
    for line in BufReader::new(child.stderr.take().unwrap()).lines() {
        let line = line.unwrap();
        let Some((_, said)) = line.split_once("acknowledged ") else { continue };
        let (what, batch) = said.split_once(' ').unwrap();
        let settled = acknowledged.entry(batch.to_owned()).or_insert(false);
        *settled |= what == "settled";
        lines += 1;
        if lines == lines_min {
            assert!(matches!(Sqlite::open(path), Err(LedgerError::Locked { .. })));
            Sqlite::open_readonly(path).unwrap();
            child.kill().unwrap();
        }
    }
    child.wait().unwrap();
    assert!(lines >= lines_min, "the child ended after {lines} lines");
    acknowledged
}

fn check(path: &Path, acknowledged: &BTreeMap<String, bool>) {
    let waiting = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let (settled, intended) = waiting.block_on(async {
        let ledger = Sqlite::open(path).unwrap();
        let settled = entries(&ledger, "catalog").await.into_iter().map(|entry| entry.wish);
        let intended = ledger.unsettled("catalog").await.unwrap();
        (batches(settled), batches(intended.into_iter().map(|intent| intent.wish)))
    });
    for (name, count) in settled.iter().chain(&intended) {
        assert_eq!(*count, BATCH, "{name} is there in part");
    }
    for (name, was_settled) in acknowledged {
        let (is_settled, is_intended) = (settled.contains_key(name), intended.contains_key(name));
        assert!(is_settled != is_intended, "{name}: {is_settled} {is_intended}");
        assert!(is_settled || !was_settled, "the settlement of {name} is lost");
    }
    let store = rusqlite::Connection::open(path).unwrap();
    let sound: String = store.query_row("pragma integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(sound, "ok");
}

/// How many wishes of each batch there are.
fn batches(wishes: impl Iterator<Item = Wish>) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for wish in wishes {
        let (name, _) = wish.key.rsplit_once(' ').unwrap();
        *counts.entry(name.to_owned()).or_insert(0) += 1;
    }
    counts
}
