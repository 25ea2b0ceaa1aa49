//! A ledger in memory, as its contract says.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Mutex,
};

use crosswalk::{
    connector::{Identity, Marks},
    ledger::{Entry, Intent, Kept, Ledger, LedgerError, Run, RunId, Settlement, Wish},
};

#[derive(Default)]
pub(crate) struct Book {
    pub entries: Mutex<BTreeMap<Wish, Entry>>,
    pub intents: Mutex<Vec<Intent>>,
    pub marks: Mutex<HashMap<String, Marks>>,
    pub ended: Mutex<Vec<String>>,
}

impl Ledger for Book {
    fn bind<'a>(&'a self, _: &'a Identity, _: &'a Identity) -> Kept<'a, ()> {
        Box::pin(async { Ok(()) })
    }

    fn of_records<'a>(&'a self, mapping: &'a str, records: &'a [String]) -> Kept<'a, Vec<Entry>> {
        Box::pin(async move {
            let entries = self.entries.lock().unwrap();
            let of =
                |entry: &&Entry| entry.wish.mapping == mapping && records.contains(&entry.record);
            Ok(entries.values().filter(of).cloned().collect())
        })
    }

    fn of_wishes<'a>(&'a self, wishes: &'a [Wish]) -> Kept<'a, Vec<Entry>> {
        Box::pin(async move {
            let entries = self.entries.lock().unwrap();
            Ok(wishes.iter().filter_map(|wish| entries.get(wish).cloned()).collect())
        })
    }

    fn page<'a>(
        &'a self,
        mapping: &'a str,
        after: Option<&'a Wish>,
        limit: usize,
    ) -> Kept<'a, Vec<Entry>> {
        Box::pin(async move {
            let entries = self.entries.lock().unwrap();
            let later = entries.values().filter(|entry| {
                entry.wish.mapping == mapping && after.is_none_or(|after| entry.wish > *after)
            });
            Ok(later.take(limit).cloned().collect())
        })
    }

    fn intend<'a>(&'a self, intents: &'a [Intent]) -> Kept<'a, ()> {
        Box::pin(async move {
            let entries = self.entries.lock().unwrap();
            let mut open = self.intents.lock().unwrap();
            for intent in intents {
                let version = entries.get(&intent.wish).map(|entry| entry.version);
                let busy = open.iter().any(|known| known.wish == intent.wish);
                if version != intent.from_version || busy {
                    let said = format!("version {version:?}, busy {busy}");
                    return Err(LedgerError::Stale { wish: intent.wish.key.clone(), said });
                }
            }
            open.extend_from_slice(intents);
            Ok(())
        })
    }

    fn settle<'a>(&'a self, settlements: &'a [Settlement]) -> Kept<'a, ()> {
        Box::pin(async move {
            let mut entries = self.entries.lock().unwrap();
            let mut open = self.intents.lock().unwrap();
            for settlement in settlements {
                let wish = match settlement {
                    Settlement::Dropped(wish) => wish,
                    Settlement::Holds(entry) => {
                        let before = entries.get(&entry.wish).map_or(0, |entry| entry.version);
                        let entry = Entry { version: before + 1, ..entry.clone() };
                        entries.insert(entry.wish.clone(), entry);
                        &settlement_entry(settlement).wish
                    }
                };
                open.retain(|intent| intent.wish != *wish);
            }
            Ok(())
        })
    }

    fn unsettled<'a>(&'a self, _: &'a str) -> Kept<'a, Vec<Intent>> {
        Box::pin(async { Ok(self.intents.lock().unwrap().clone()) })
    }

    fn marks<'a>(&'a self, mapping: &'a str) -> Kept<'a, Marks> {
        Box::pin(
            async move { Ok(self.marks.lock().unwrap().get(mapping).cloned().unwrap_or_default()) },
        )
    }

    fn set_marks<'a>(&'a self, mapping: &'a str, marks: &'a Marks) -> Kept<'a, ()> {
        Box::pin(async move {
            self.marks.lock().unwrap().insert(mapping.into(), marks.clone());
            Ok(())
        })
    }

    fn begin_run<'a>(&'a self, _: &'a Run) -> Kept<'a, RunId> {
        Box::pin(async { Ok(RunId(1)) })
    }

    fn end_run<'a>(&'a self, _: RunId, summary: &'a str) -> Kept<'a, ()> {
        Box::pin(async move {
            self.ended.lock().unwrap().push(summary.into());
            Ok(())
        })
    }

    fn rename_mapping<'a>(&'a self, _: &'a str, _: &'a str) -> Kept<'a, ()> {
        Box::pin(async { Ok(()) })
    }

    fn rename_resource<'a>(&'a self, _: &'a str, _: &'a str, _: &'a str) -> Kept<'a, ()> {
        Box::pin(async { Ok(()) })
    }
}

fn settlement_entry(settlement: &Settlement) -> &Entry {
    match settlement {
        Settlement::Holds(entry) => entry,
        Settlement::Dropped(_) => panic!("no entry"),
    }
}
