//! Any sequence of calls gives the same answers from the file as from memory, also when the file
//! is closed and opened again in between.

use crosswalk::{
    connector::{Identity, Marks},
    ledger::{Entry, Ledger, Settlement, Wish, memory::Memory, sqlite::Sqlite},
};
use proptest::{collection::vec, prelude::*, sample::select};

use super::{Folder, action, entry, intent, run, wish};

const MAPPINGS: [&str; 3] = ["a", "b", "é"];
const RESOURCES: [&str; 3] = ["x", "y", ""];

#[derive(Clone, Debug)]
enum Call {
    Reopen,
    Bind(&'static str, &'static str),
    Intend(Vec<(Wish, From)>),
    Settle(Vec<(Wish, Option<u8>)>),
    SetMarks(&'static str, Vec<u8>),
    BeginRun(u8),
    EndRun(u64),
    RenameMapping(&'static str, &'static str),
    RenameResource(&'static str, &'static str, &'static str),
    OfRecords(&'static str, Vec<&'static str>),
    OfWishes(Vec<Wish>),
    OfSequences(&'static str, Vec<&'static str>),
    Owing(&'static str, Option<Wish>, usize),
    Page(&'static str, Option<Wish>, usize),
}

/// Which version an intent claims to come from.
#[derive(Clone, Debug)]
enum From {
    Now,
    Version(Option<u64>),
}

fn any_wish() -> impl Strategy<Value = Wish> {
    (select(&MAPPINGS[..]), select(&RESOURCES[..]), select(&["1", "2", "\0"][..]))
        .prop_map(|(mapping, resource, key)| wish(mapping, resource, key))
}

fn any_from() -> impl Strategy<Value = From> {
    prop_oneof![
        4 => Just(From::Now),
        1 => proptest::option::of(1..4_u64).prop_map(From::Version),
    ]
}

fn any_call() -> impl Strategy<Value = Call> {
    let (mapping, resource) = (|| select(&MAPPINGS[..]), || select(&RESOURCES[..]));
    let side = || select(&["s", "t"][..]);
    let settlement = (any_wish(), proptest::option::weighted(0.8, any::<u8>()));
    prop_oneof![
        1 => Just(Call::Reopen),
        1 => (side(), side()).prop_map(|(source, target)| Call::Bind(source, target)),
        8 => vec((any_wish(), any_from()), 0..4).prop_map(Call::Intend),
        8 => vec(settlement, 0..4).prop_map(Call::Settle),
        1 => (mapping(), vec(0..3_u8, 0..3)).prop_map(|(of, marks)| Call::SetMarks(of, marks)),
        1 => any::<u8>().prop_map(Call::BeginRun),
        1 => (0..4_u64).prop_map(Call::EndRun),
        1 => (mapping(), mapping()).prop_map(|(was, is)| Call::RenameMapping(was, is)),
        1 => (mapping(), resource(), resource())
            .prop_map(|(of, was, is)| Call::RenameResource(of, was, is)),
        2 => (mapping(), vec(select(&["record of 1", "record of 2", "none"][..]), 0..4))
            .prop_map(|(of, records)| Call::OfRecords(of, records)),
        2 => vec(any_wish(), 0..4).prop_map(Call::OfWishes),
        2 => (mapping(), proptest::option::of(any_wish()), 0..5_usize)
            .prop_map(|(of, after, limit)| Call::Page(of, after, limit)),
        2 => (mapping(), vec(select(&["0", "1", "none"][..]), 0..4))
            .prop_map(|(of, sequences)| Call::OfSequences(of, sequences)),
        2 => (mapping(), proptest::option::of(any_wish()), 0..5_usize)
            .prop_map(|(of, after, limit)| Call::Owing(of, after, limit)),
    ]
}

/// Three in four are actions, of one of two sequences; some of them owe something.
fn acted(entry: Entry, said: u8) -> Entry {
    let owed: &[&str] = if said.is_multiple_of(3) { &[] } else { &["F"] };
    let is_action = !said.is_multiple_of(4);
    Entry { action: is_action.then(|| action(&(said % 2).to_string(), owed)), ..entry }
}

/// What a ledger answers, as a text: two answers are compared with all that is in them.
async fn answer(ledger: &dyn Ledger, call: &Call) -> String {
    match call {
        Call::Reopen => String::new(),
        Call::Bind(source, target) => {
            let identity = |id: &str| Identity { system: "s".into(), id: id.into() };
            format!("{:?}", ledger.bind(&identity(source), &identity(target)).await)
        }
        Call::Intend(wishes) => {
            let mut intents = Vec::new();
            for (wish, from) in wishes {
                let now = ledger.of_wishes(std::slice::from_ref(wish)).await.unwrap();
                let from = match from {
                    From::Now => now.first().map(|entry| entry.version),
                    From::Version(version) => *version,
                };
                intents.push(intent(wish.clone(), from));
            }
            format!("{:?}", ledger.intend(&intents).await)
        }
        Call::Settle(settlements) => {
            let settlements = settlements.iter().cloned().map(|(wish, said)| match said {
                Some(said) => Settlement::Holds(acted(entry(wish, &said.to_string()), said)),
                None => Settlement::Dropped(wish),
            });
            format!("{:?}", ledger.settle(&settlements.collect::<Vec<_>>()).await)
        }
        Call::SetMarks(mapping, marks) => {
            let marks: Marks =
                marks.iter().map(|mark| (mark.to_string(), mark.to_string())).collect();
            format!("{:?}", ledger.set_marks(mapping, &marks).await)
        }
        Call::BeginRun(command) => {
            format!("{:?}", ledger.begin_run(&run(&command.to_string())).await)
        }
        Call::EndRun(id) => {
            format!("{:?}", ledger.end_run(crosswalk::ledger::RunId(*id), "{}").await)
        }
        Call::RenameMapping(was, is) => format!("{:?}", ledger.rename_mapping(was, is).await),
        Call::RenameResource(mapping, was, is) => {
            format!("{:?}", ledger.rename_resource(mapping, was, is).await)
        }
        Call::OfRecords(mapping, records) => {
            let records: Vec<String> = records.iter().map(|record| (*record).into()).collect();
            format!("{:?}", ledger.of_records(mapping, &records).await)
        }
        Call::OfSequences(mapping, sequences) => {
            let sequences: Vec<String> = sequences.iter().map(|name| (*name).into()).collect();
            format!("{:?}", ledger.of_sequences(mapping, &sequences).await)
        }
        Call::Owing(mapping, after, limit) => {
            format!("{:?}", ledger.owing(mapping, after.as_ref(), *limit).await)
        }
        Call::OfWishes(wishes) => format!("{:?}", ledger.of_wishes(wishes).await),
        Call::Page(mapping, after, limit) => {
            format!("{:?}", ledger.page(mapping, after.as_ref(), *limit).await)
        }
    }
}

/// All that a ledger holds, as a text.
async fn contents(ledger: &dyn Ledger) -> String {
    let mut all = format!("{:?}", ledger.runs(usize::MAX).await);
    for mapping in MAPPINGS {
        all += &format!(
            "\n{:?}\n{:?}\n{:?}",
            ledger.page(mapping, None, usize::MAX).await,
            ledger.unsettled(mapping).await,
            ledger.marks(mapping).await,
        );
    }
    all
}

async fn compare(calls: &[Call]) -> Result<(), TestCaseError> {
    let folder = Folder::new();
    let memory = Memory::new();
    let mut sqlite = Sqlite::open(folder.ledger()).unwrap();
    for call in calls {
        if let Call::Reopen = call {
            drop(sqlite);
            sqlite = Sqlite::open(folder.ledger()).unwrap();
        }
        let (kept, remembered) = (answer(&sqlite, call).await, answer(&memory, call).await);
        prop_assert_eq!(kept, remembered, "{:?}", call);
        prop_assert_eq!(contents(&sqlite).await, contents(&memory).await, "after {:?}", call);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn the_file_answers_as_memory_does(calls in vec(any_call(), 1..30)) {
        let waiting = tokio::runtime::Builder::new_current_thread().build().unwrap();
        waiting.block_on(compare(&calls))?;
    }
}
