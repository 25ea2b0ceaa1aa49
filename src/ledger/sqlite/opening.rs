//! How a file is opened: its place, its lock, its connections.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, ErrorKind},
    path::{Path, PathBuf},
    time::Duration,
};

use rusqlite::{Connection, OpenFlags};

use super::{
    Sqlite,
    fault::Fault,
    queue::Queue,
    schema::{self, Standing},
};
use crate::ledger::LedgerError;

/// How often the lock of a ledger is tried for.
const LOCK_TRIES: u32 = 100;
/// How long lies between two tries: a second in all.
const LOCK_PAUSE: Duration = Duration::from_millis(10);

/// How long a call waits for a transaction of somebody else: long enough for a backup to pass,
/// short enough that a person still knows what they asked for.
const BUSY_WAIT: Duration = Duration::from_secs(5);

/// How many prepared statements a connection keeps: all that there are.
const STATEMENTS_MAX: usize = 64;

/// A ledger that is about to be opened, with what can be set about it.
#[derive(Clone, Debug)]
pub struct Opening {
    path: PathBuf,
    busy_wait: Duration,
    pages_max: Option<u32>,
}

impl Opening {
    /// A ledger in a file.
    #[must_use]
    pub fn of(path: impl AsRef<Path>) -> Self {
        Self { path: path.as_ref().to_owned(), busy_wait: BUSY_WAIT, pages_max: None }
    }

    /// How long a call waits for the transaction of another process; five seconds unless said.
    #[must_use]
    pub fn busy_wait(self, wait: Duration) -> Self {
        Self { busy_wait: wait, ..self }
    }

    /// How many pages of 4 096 bytes the file may have. A call that needs more fails with
    /// [`LedgerError::Full`], as it would on a full disk.
    #[must_use]
    pub fn pages_max(self, pages: u32) -> Self {
        Self { pages_max: Some(pages), ..self }
    }

    /// Opens it for a run. See [`Sqlite::open`].
    ///
    /// # Errors
    /// As [`Sqlite::open`].
    pub fn open(self) -> Result<Sqlite, LedgerError> {
        let path = resolved(&self.path).map_err(|error| self.failed(&error))?;
        let lock = self.lock(&path)?;
        let place = self.place();
        let fault = |fault: Fault| fault.at(&place);
        let writer = self.writing(&path).map_err(fault)?;
        let reader = self.reading(&path).map_err(fault)?;
        Ok(Sqlite {
            writer: Some(Queue::writer(writer, &place)?),
            reader: Queue::reader(reader, &place)?,
            _lock: Some(lock),
            place,
        })
    }

    /// Opens it to look at. See [`Sqlite::open_readonly`].
    ///
    /// # Errors
    /// As [`Sqlite::open_readonly`].
    pub fn open_readonly(self) -> Result<Sqlite, LedgerError> {
        let path = self.path.canonicalize().map_err(|error| self.failed(&error))?;
        let place = self.place();
        let reader = self.looking(&path).map_err(|fault| fault.at(&place))?;
        Ok(Sqlite { writer: None, reader: Queue::reader(reader, &place)?, _lock: None, place })
    }

    fn place(&self) -> String {
        self.path.display().to_string()
    }

    fn failed(&self, error: &io::Error) -> LedgerError {
        let place = self.place();
        match error.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => LedgerError::Full { place },
            _ => LedgerError::Broken { place, said: error.to_string() },
        }
    }

    /// Takes the lock that keeps a second run away. It is on a file of its own, because closing
    /// any handle on the ledger itself would drop the locks that SQLite has on it.
    fn lock(&self, path: &Path) -> Result<File, LedgerError> {
        let mut beside = path.as_os_str().to_owned();
        beside.push(".lock");
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(beside)
            .map_err(|error| self.failed(&error))?;
        // A process that is being started beside us holds our files until it is itself, for a
        // moment; another run holds the lock for as long as it runs.
        for _ in 0..LOCK_TRIES {
            match file.try_lock() {
                Ok(()) => return Ok(file),
                Err(TryLockError::WouldBlock) => std::thread::sleep(LOCK_PAUSE),
                Err(TryLockError::Error(error)) => return Err(self.failed(&error)),
            }
        }
        Err(LedgerError::Locked { place: self.place() })
    }

    /// The connection that changes, on a file that has the newest format.
    fn writing(&self, path: &Path) -> Result<Connection, Fault> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
        let mut store = self.connect(path, flags)?;
        // SQLite opens a file that it may not write without a word.
        if store.is_readonly("main")? {
            return Err(Fault::Damaged("it may only be read".to_owned()));
        }
        let standing = schema::standing(&store, &self.place())?;
        write_ahead(&store)?;
        if let Some(pages) = self.pages_max {
            store.pragma_update_and_check(None, "max_page_count", pages, |_| Ok(()))?;
        }
        if standing != Standing::Newest {
            schema::migrate(&mut store)?;
        }
        Ok(store)
    }

    /// The connection that reads beside the one that changes. It could write to the file's
    /// shared index, which a reader in write-ahead mode has to, and is kept from the rest.
    fn reading(&self, path: &Path) -> Result<Connection, Fault> {
        let store = self.connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        store.pragma_update(None, "query_only", true)?;
        Ok(store)
    }

    /// The connection that reads a ledger that may belong to a run of another process.
    fn looking(&self, path: &Path) -> Result<Connection, Fault> {
        let store = self.connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        match schema::standing(&store, &self.place())? {
            Standing::Newest => Ok(store),
            Standing::Empty => Err(Fault::Damaged("there is nothing in it yet".to_owned())),
            Standing::Older => {
                let said = "it has an older format; the next run brings it up to date";
                Err(Fault::Damaged(said.to_owned()))
            }
        }
    }

    fn connect(&self, path: &Path, flags: OpenFlags) -> Result<Connection, Fault> {
        let store = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
        store.busy_timeout(self.busy_wait)?;
        store.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
        Ok(store)
    }
}

/// The path without links, so that one file has one lock; its folder is made where it is missing.
fn resolved(path: &Path) -> io::Result<PathBuf> {
    if path.is_dir() {
        return Err(ErrorKind::IsADirectory.into());
    }
    if let Ok(path) = path.canonicalize() {
        return Ok(path);
    }
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    fs::create_dir_all(folder)?;
    let name = path.file_name().ok_or(ErrorKind::InvalidFilename)?;
    Ok(folder.canonicalize()?.join(name))
}

/// Every commit is synced before it is answered; `fullfsync` says so to the disks of Apple, which
/// keep a sync in their cache otherwise.
fn write_ahead(store: &Connection) -> Result<(), Fault> {
    let mode: String =
        store.pragma_update_and_check(None, "journal_mode", "wal", |row| row.get(0))?;
    if mode != "wal" {
        let said = format!("its file system has no room for a write-ahead log (mode `{mode}`)");
        return Err(Fault::Damaged(said));
    }
    store.pragma_update(None, "synchronous", "full")?;
    store.pragma_update(None, "fullfsync", true)?;
    store.pragma_update(None, "checkpoint_fullfsync", true)?;
    Ok(())
}
