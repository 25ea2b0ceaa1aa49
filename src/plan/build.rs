//! The making of a plan: read, evaluate, compare, and judge once all is known.

use std::path::{Path, PathBuf};

use super::{
    PlanError,
    claims::Claims,
    file::{Bound, FORMAT, Footer, Header, PlanReader, PlanWriter},
    judge::{count, judge},
    leaving::leave,
    page::{Pages, claim_targets},
    patience::ask,
    preview::{Kept, preview},
    segment::Segment,
    sequences::Sequences,
    settled::InDoubt,
    text::WishId,
    totals::Totals,
    world::{Asked, Phase, Previews, World},
};
use crate::{
    connector::{Cursor, Identity, Marks, Page},
    destination::Destination,
    json::Records,
    ledger::Wish,
};

/// Entries in one look over the ledger.
const ENTRIES_PER_PAGE: usize = 500;
/// Why a known object whose record was not read is no longer wished for.
const NOT_READ: &str = "its record is no longer in the source";

/// Makes a plan of all that a mapping wishes for, and writes it to the file that was asked for.
///
/// Nothing is written to the target. The ledger learns to whom it belongs, and the new names of
/// what was renamed.
///
/// # Errors
/// [`PlanError`] when a system or the ledger fails, or an account does not close.
pub async fn plan(world: &World<'_>, asked: &Asked<'_>) -> Result<Footer, PlanError> {
    let header = open(world, asked).await?;
    let spool = Unfinished::beside(asked.file);
    let mut out = PlanWriter::create(&spool.0, &header)?;
    let begins = asked.action.map_or(&[][..], |action| &action.begins);
    let sequences = Sequences::new(begins);
    let mut reading = Reading { sequences, ..Reading::default() };
    world.progress.begin(Phase::Plan, None);
    let pages = Pages {
        world,
        asked,
        in_doubt: InDoubt::of(&world.ledger.unsettled(&asked.head.mapping).await?),
    };
    read(&pages, &mut reading, &mut out).await?;
    // What an action did is never taken back because its record is gone.
    if asked.is_whole() && asked.action.is_none() {
        sweep(&pages, &mut reading, &mut out).await?;
    }
    out.close(&Footer::default())?;
    reading.claims.close();
    reading.sequences.close();
    let footer = finish(world, asked, &header, &spool, &reading).await?;
    world.progress.end(Phase::Plan);
    Ok(footer)
}

/// A file that is not the plan yet, which goes when this goes: it holds records.
struct Unfinished(PathBuf);

impl Unfinished {
    fn beside(file: &Path) -> Self {
        let mut name = file.as_os_str().to_owned();
        name.push(".part");
        Self(PathBuf::from(name))
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        // There is nobody left to tell, and the next plan overwrites it.
        let _ = std::fs::remove_file(&self.0);
    }
}

#[derive(Default)]
struct Reading {
    claims: Claims,
    sequences: Sequences,
    read: u64,
    segments: u64,
    marks: Marks,
}

/// Finds out who is talked to, binds the ledger to them, and renames what was renamed.
async fn open(world: &World<'_>, asked: &Asked<'_>) -> Result<Header, PlanError> {
    let source = ask(world.clock, || world.source.identity()).await?;
    let target = ask(world.clock, || world.target.identity()).await?;
    world.ledger.bind(&source, &target).await?;
    rename(world, asked).await?;
    let bound = |identity: Identity| Bound { system: identity.system, id: identity.id };
    Ok(Header {
        format: FORMAT,
        program: asked.head.digest.to_string(),
        mapping: asked.head.mapping.clone(),
        source: bound(source),
        target: bound(target),
        as_of: asked.as_of.to_owned(),
        environment: asked.environment.to_owned(),
        profile: asked.profile.map(ToOwned::to_owned),
        whole: asked.is_whole(),
    })
}

async fn rename(world: &World<'_>, asked: &Asked<'_>) -> Result<(), PlanError> {
    let mapping = &asked.head.mapping;
    if let Some(was) = &asked.head.was {
        world.ledger.rename_mapping(was, mapping).await?;
    }
    for resource in asked.resources {
        if let Some(was) = &resource.was {
            world.ledger.rename_resource(mapping, was, &resource.name).await?;
        }
    }
    Ok(())
}

async fn read(
    pages: &Pages<'_>,
    reading: &mut Reading,
    out: &mut PlanWriter,
) -> Result<(), PlanError> {
    let world = pages.world;
    let mut page = read_page(pages, None).await?;
    loop {
        reading.read += u64::try_from(page.records.len()).unwrap_or(u64::MAX);
        reading.segments += 1;
        let decided = decide(pages, &page.records, reading);
        // While one page is compared, the next one is on its way.
        let (segment, next) = tokio::join!(decided, next_page(pages, page.next.as_ref()));
        out.segment(&segment?)?;
        reading.marks = page.marks;
        world.progress.advance(Phase::Plan, reading.read);
        match next? {
            Some(next) => page = next,
            None => return Ok(()),
        }
    }
}

/// Decides for a page, by what the program makes of records.
async fn decide(
    pages: &Pages<'_>,
    records: &Records,
    reading: &mut Reading,
) -> Result<Segment, PlanError> {
    let Reading { claims, sequences, segments, .. } = reading;
    match pages.asked.action {
        None => {
            let mapped = pages.asked.evaluate.eval(records);
            pages.segment(*segments, &mapped, claims).await
        }
        Some(action) => pages.action_segment(*segments, records, action, claims, sequences).await,
    }
}

async fn next_page(pages: &Pages<'_>, cursor: Option<&Cursor>) -> Result<Option<Page>, PlanError> {
    match cursor {
        None => Ok(None),
        Some(_) => read_page(pages, cursor).await.map(Some),
    }
}

async fn read_page(pages: &Pages<'_>, cursor: Option<&Cursor>) -> Result<Page, PlanError> {
    let Pages { world, asked, .. } = pages;
    Ok(ask(world.clock, || world.source.read(asked.query, cursor)).await?)
}

/// Looks over the whole ledger for objects whose record the source no longer has.
async fn sweep(
    pages: &Pages<'_>,
    reading: &mut Reading,
    out: &mut PlanWriter,
) -> Result<(), PlanError> {
    let (mapping, mut after) = (&pages.asked.head.mapping, None::<Wish>);
    loop {
        let mut entries =
            pages.world.ledger.page(mapping, after.as_ref(), ENTRIES_PER_PAGE).await?;
        let Some(last) = entries.last() else { return Ok(()) };
        after = Some(last.wish.clone());
        entries.retain(|entry| !reading.claims.is_wished(&WishId::from(&entry.wish)));
        claim_targets(&mut reading.claims, &entries);
        entries.retain(|entry| !reading.claims.has_seen(&entry.record));
        let changes =
            leave(pages.world, pages.asked, entries, &pages.in_doubt.wishes, NOT_READ).await?;
        if !changes.is_empty() {
            reading.segments += 1;
            let number = reading.segments;
            out.segment(&Segment { number, records: Vec::new(), changes })?;
        }
    }
}

/// Judges every segment and writes the plan; it appears under its name only when it is whole.
async fn finish(
    world: &World<'_>,
    asked: &Asked<'_>,
    header: &Header,
    spool: &Unfinished,
    reading: &Reading,
) -> Result<Footer, PlanError> {
    let mut totals = Totals::default();
    totals.records.read = reading.read;
    let previews = asked.action.filter(|_| asked.previews == Previews::Asked);
    let kept = previews.map(|_| Kept::of(asked.file, header));
    let mut spooled = PlanReader::begin(&spool.0)?;
    let in_file = |fault| PlanError::file(asked.file, &fault);
    let whole = Destination::of(asked.file, "new").map_err(in_file)?;
    let mut out = PlanWriter::create(whole.draft(), header)?;
    while let Some(mut segment) = spooled.segment()? {
        judge(&mut segment, &reading.claims, &reading.sequences);
        if let Some(kept) = &kept {
            preview(world, &mut segment.changes, kept).await?;
        }
        count(&segment, &mut totals);
        out.segment(&segment)?;
    }
    totals.check()?;
    let marks = if asked.query.only.is_some() { Marks::new() } else { reading.marks.clone() };
    let footer = Footer { segments: reading.segments, totals, marks };
    out.close(&footer)?;
    whole.finish().map_err(in_file)?;
    Ok(footer)
}
