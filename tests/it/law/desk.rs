//! One place to plan and run actions from: an office, a service that takes orders, and a book.

use std::{collections::BTreeMap, sync::Arc};

use crosswalk::{
    apply::{self, Fits, Report, Stopped},
    connector::{Query, Target},
    ledger::{Entry, Ledger, Settlement, Wish, memory::Memory},
    plan::{self, Asked, Change, Footer, PlanReader, Previews, Segment, Unwatched, World},
    program::Action,
    value::Date,
};

use super::{
    bench::{Scrap, Stopwatch},
    contracts::{self, Contract, Evaluating, Evaluator},
    crash::{Crash, Kill, Mortal},
    office::{Office, Orders},
};

pub(crate) struct Desk {
    pub office: Office,
    pub orders: Orders,
    pub book: Memory,
    pub clock: Arc<Stopwatch>,
    pub query: Query,
    pub action: Action,
    pub evaluator: Evaluator,
    pub previews: Previews,
    pub file: Scrap,
}

impl Desk {
    /// A desk whose book knows the account and the charge that orders refer to.
    pub(crate) async fn new(contracts: Vec<Contract>) -> Self {
        let clock = Arc::new(Stopwatch::default());
        let desk = Self {
            office: Office::new(contracts),
            orders: Orders::new(Arc::clone(&clock)),
            book: Memory::new(),
            clock,
            query: contracts::head().query,
            action: contracts::action(),
            evaluator: Evaluator { evaluating: Evaluating::OpenRows, unit: 10.into() },
            previews: Previews::None,
            file: Scrap::new(),
        };
        desk.sync(&desk.book).await;
        desk
    }

    /// Lets a ledger know what orders refer to.
    pub(crate) async fn sync(&self, ledger: &dyn Ledger) {
        let entry = |mapping: &str, resource: &str, key: &str, result: &str| {
            Settlement::Holds(Entry {
                wish: Wish { mapping: mapping.into(), resource: resource.into(), key: key.into() },
                record: key.into(),
                object: resource.into(),
                target_id: format!("id of {key}"),
                parent: None,
                version: 0,
                digests: BTreeMap::new(),
                retired: false,
                result: result.into(),
                action: None,
            })
        };
        let account = entry("accounts", "account", "acme", r#"{"AccountNumber":"A-acme"}"#);
        ledger.settle(&[account, entry("catalog", "charge", "seat", "{}")]).await.unwrap();
    }

    pub(crate) async fn plan(&self) -> (Footer, Vec<Change>) {
        let (footer, segments) = self.segments().await;
        (footer, segments.into_iter().flat_map(|segment| segment.changes).collect())
    }

    pub(crate) async fn segments(&self) -> (Footer, Vec<Segment>) {
        let planned = async |world: &World<'_>, asked: &Asked<'_>| plan::plan(world, asked).await;
        let footer = self.with(&self.orders, &self.office, &self.book, planned).await.unwrap();
        let mut reader = PlanReader::open(&self.file).unwrap();
        let mut segments = Vec::new();
        while let Some(segment) = reader.segment().unwrap() {
            segments.push(segment);
        }
        (footer, segments)
    }

    pub(crate) async fn run(&self) -> Report {
        self.run_on(&self.orders, &self.office, &self.book).await.unwrap()
    }

    pub(crate) async fn run_on(
        &self,
        target: &dyn Target,
        back: &dyn Target,
        ledger: &dyn Ledger,
    ) -> Result<Report, Stopped> {
        let run = async |world: &World<'_>, asked: &Asked<'_>| apply::run(world, asked).await;
        self.with(target, back, ledger, run).await
    }

    /// Applies the plan that was saved.
    pub(crate) async fn apply(&self) -> Result<Report, Stopped> {
        let head = contracts::head();
        let fits = Fits { mapping: &head.mapping, program: head.digest };
        let apply = async |world: &World<'_>, asked: &Asked<'_>| {
            apply::apply(world, asked.file, &fits).await
        };
        self.with(&self.orders, &self.office, &self.book, apply).await
    }

    /// Runs until the process is killed; gives whether it was.
    pub(crate) async fn killed_run(&self, kill: Kill) -> bool {
        self.killed_run_on(&self.book, kill).await
    }

    /// The same over any ledger.
    pub(crate) async fn killed_run_on(&self, ledger: &dyn Ledger, kill: Kill) -> bool {
        self.run_until(ledger, kill).await.map(Result::unwrap).is_none()
    }

    /// Runs to its end, or until the process is killed: then there is none.
    pub(crate) async fn run_until(
        &self,
        ledger: &dyn Ledger,
        kill: Kill,
    ) -> Option<Result<Report, Stopped>> {
        let crash = Crash::new(kill);
        let target: Mortal<'_, dyn Target> = Mortal { inner: &self.orders, crash: &crash };
        let back: Mortal<'_, dyn Target> = Mortal { inner: &self.office, crash: &crash };
        let ledger: Mortal<'_, dyn Ledger + '_> = Mortal { inner: ledger, crash: &crash };
        tokio::select! {
            biased;
            () = crash.died.notified() => None,
            ended = self.run_on(&target, &back, &ledger) => Some(ended),
        }
    }

    async fn with<T>(
        &self,
        target: &dyn Target,
        back: &dyn Target,
        ledger: &dyn Ledger,
        act: impl AsyncFnOnce(&World<'_>, &Asked<'_>) -> T,
    ) -> T {
        let head = contracts::head();
        let world = World {
            source: &self.office,
            target,
            back: Some(back),
            ledger,
            clock: &*self.clock,
            progress: &Unwatched,
        };
        let asked = Asked {
            head: &head,
            resources: &[],
            action: Some(&self.action),
            evaluate: &self.evaluator,
            query: &self.query,
            as_of: "2026-01-31T12:00:00Z",
            today: Date::parse("2026-01-31").unwrap(),
            environment: "test",
            profile: head.profile.as_deref(),
            previews: self.previews,
            file: &self.file,
        };
        act(&world, &asked).await
    }
}
