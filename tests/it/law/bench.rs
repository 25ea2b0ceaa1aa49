//! One place to plan and run from: a shop, a till and a book.

use std::{
    future::Future,
    path::{Path, PathBuf},
    pin::Pin,
    sync::Mutex,
    time::Duration,
};

use crosswalk::{
    apply::{self, Report, Stopped},
    connector::{Query, Target},
    ledger::{Entry, Intent, Ledger, memory::Memory},
    plan::{self, Asked, Change, Clock, Footer, PlanReader, Previews, Unwatched, World},
    program::Resource,
    value::Date,
};

use super::{
    shop,
    till::{Shop, Till},
};

/// A clock that lets no time pass and remembers how long it should have.
#[derive(Default)]
pub(crate) struct Stopwatch(pub Mutex<Vec<Duration>>);

impl Clock for Stopwatch {
    fn sleep(&self, long: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        self.0.lock().unwrap().push(long);
        Box::pin(tokio::task::yield_now())
    }
}

pub(crate) struct Bench {
    pub shop: Shop,
    pub till: Till,
    pub book: Memory,
    pub clock: Stopwatch,
    pub query: Query,
    pub resources: Vec<Resource>,
    pub file: Scrap,
}

impl Bench {
    pub(crate) fn new(products: Vec<shop::Product>) -> Self {
        Self {
            shop: Shop { products, per_page: 2 },
            till: Till::new(),
            book: Memory::new(),
            clock: Stopwatch::default(),
            query: shop::head().query,
            resources: shop::resources(),
            file: Scrap::new(),
        }
    }

    pub(crate) async fn plan(&self) -> (Footer, Vec<Change>) {
        let footer = self.with(&self.till, &self.book, async |world, asked| {
            plan::plan(world, asked).await.unwrap()
        });
        let footer = footer.await;
        let mut reader = PlanReader::open(&self.file).unwrap();
        let mut changes = Vec::new();
        while let Some(segment) = reader.segment().unwrap() {
            changes.extend(segment.changes);
        }
        (footer, changes)
    }

    /// All entries of the ledger.
    pub(crate) async fn entries(&self) -> Vec<Entry> {
        self.book.page("catalog", None, 10_000).await.unwrap()
    }

    /// What the ledger holds as begun and not settled.
    pub(crate) async fn intents(&self) -> Vec<Intent> {
        self.book.unsettled("catalog").await.unwrap()
    }

    pub(crate) async fn run(&self) -> Result<Report, Stopped> {
        self.run_on(&self.till, &self.book).await
    }

    pub(crate) async fn run_on(
        &self,
        target: &dyn Target,
        ledger: &dyn Ledger,
    ) -> Result<Report, Stopped> {
        self.with(target, ledger, async |world, asked| apply::run(world, asked).await).await
    }

    pub(crate) async fn with<T>(
        &self,
        target: &dyn Target,
        ledger: &dyn Ledger,
        act: impl AsyncFnOnce(&World<'_>, &Asked<'_>) -> T,
    ) -> T {
        let head = shop::head();
        let world = World {
            source: &self.shop,
            target,
            back: None,
            ledger,
            clock: &self.clock,
            progress: &Unwatched,
        };
        let asked = Asked {
            head: &head,
            resources: &self.resources,
            action: None,
            evaluate: &shop::eval,
            query: &self.query,
            as_of: "2026-01-31T12:00:00Z",
            today: Date::parse("2026-01-31").unwrap(),
            environment: "test",
            profile: None,
            previews: Previews::None,
            file: &self.file,
        };
        act(&world, &asked).await
    }
}

/// A file that goes with its bench.
pub(crate) struct Scrap(pub PathBuf);

impl Scrap {
    /// A file of its own.
    pub(crate) fn new() -> Self {
        use std::sync::atomic::{AtomicUsize, Ordering};
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let number = NEXT.fetch_add(1, Ordering::SeqCst);
        let name = format!("crosswalk-law-{}-{number}.plan", std::process::id());
        Self(std::env::temp_dir().join(name))
    }
}

impl std::ops::Deref for Scrap {
    type Target = Path;

    fn deref(&self) -> &Path {
        &self.0
    }
}

impl AsRef<Path> for Scrap {
    fn as_ref(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scrap {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}
