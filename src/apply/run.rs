//! The doors of applying: a saved plan, or a run from recovery to report.

use super::{
    ApplyError, Stopped,
    recover::recover,
    report::{Recovered, Report, WrittenBack},
    waves::Waves,
    write_back::write_back,
};
use crate::{
    connector::Identity,
    ledger::{Run, RunId},
    plan::{Asked, Bound, Phase, PlanError, PlanReader, World, ask, plan},
    value::Fingerprint,
};

/// The name under which marks carry the digest of the program that they were made with: marks of
/// another program say nothing about what this one would have mapped.
pub const MARKED_BY: &str = "@program";

/// What a saved plan has to fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fits<'a> {
    /// The mapping.
    pub mapping: &'a str,
    /// The digest of the program as it is now.
    pub program: Fingerprint,
}

/// Carries out a saved plan.
///
/// What an earlier run left open is looked up first. A change whose entry has changed since the
/// plan was made fails alone.
///
/// # Errors
/// [`Stopped`] when the plan does not fit, when the ledger fails, or when a system does not know
/// us; with a report of what was done until then.
pub async fn apply(
    world: &World<'_>,
    file: &std::path::Path,
    fits: &Fits<'_>,
) -> Result<Report, Stopped> {
    let plan = PlanReader::open(file)?;
    check(world, &plan, fits).await?;
    let recovered = recover(world, &plan.header.mapping).await?;
    carry_out(world, plan, recovered, "apply").await
}

/// Recovers, plans and applies.
///
/// # Errors
/// [`Stopped`] as for [`apply`], and when the plan cannot be made.
pub async fn run(world: &World<'_>, asked: &Asked<'_>) -> Result<Report, Stopped> {
    let source = ask(world.clock, || world.source.identity()).await?;
    let target = ask(world.clock, || world.target.identity()).await?;
    world.ledger.bind(&source, &target).await?;
    if let Some(was) = &asked.head.was {
        world.ledger.rename_mapping(was, &asked.head.mapping).await?;
    }
    let recovered = recover(world, &asked.head.mapping).await?;
    plan(world, asked).await?;
    carry_out(world, PlanReader::open(asked.file)?, recovered, "run").await
}

/// Makes sure that a plan was made for this program, this org and this tenant.
async fn check(world: &World<'_>, plan: &PlanReader, fits: &Fits<'_>) -> Result<(), ApplyError> {
    let source = ask(world.clock, || world.source.identity()).await?;
    let target = ask(world.clock, || world.target.identity()).await?;
    let header = &plan.header;
    same("mapping", &header.mapping, fits.mapping)?;
    same("program", &header.program, &fits.program.to_string())?;
    same("source", &bound(&header.source), &identified(&source))?;
    same("target", &bound(&header.target), &identified(&target))?;
    Ok(world.ledger.bind(&source, &target).await?)
}

fn same(what: &'static str, planned: &str, found: &str) -> Result<(), PlanError> {
    if planned == found {
        return Ok(());
    }
    Err(PlanError::Elsewhere { what, planned: planned.to_owned(), found: found.to_owned() })
}

fn bound(bound: &Bound) -> String {
    format!("{} {}", bound.system, bound.id)
}

fn identified(identity: &Identity) -> String {
    format!("{} {}", identity.system, identity.id)
}

async fn carry_out(
    world: &World<'_>,
    mut plan: PlanReader,
    recovered: Recovered,
    command: &str,
) -> Result<Report, Stopped> {
    let header = plan.header.clone();
    let begun = Run { command: command.into(), program: header.program, as_of: header.as_of };
    let run = world.ledger.begin_run(&begun).await?;
    world.progress.begin(Phase::Apply, Some(plan.footer.totals.writes));
    let mut report = Report::new(&header.mapping, &plan.footer, recovered);
    report.profile.clone_from(&header.profile);
    let unsettled = world.ledger.unsettled(&header.mapping).await?;
    let mut waves = Waves::new(world, run, report, &unsettled);
    while let Some(segment) = plan.segment()? {
        waves.segment(segment).await;
    }
    waves.parked().await;
    world.progress.end(Phase::Apply);
    let Waves { mut report, mut stop, notes, .. } = waves;
    // What an earlier run owes is written here too, and not before: the figures of a subscription
    // are those after all of its actions.
    if stop.is_none() {
        match write_back(world, &header.mapping, notes).await {
            Ok(written) => report.write_back = Some(written).filter(WrittenBack::is_something),
            Err(cause) => stop = Some(cause),
        }
    }
    let ended = match stop {
        None => end(world, run, &plan, &report).await,
        Some(cause) => {
            if matches!(cause, ApplyError::Call(_)) {
                // The ledger still works; that the run ended early is worth a line in it.
                world.ledger.end_run(run, &summary(&report)).await?;
            }
            Err(cause)
        }
    };
    match ended {
        Ok(()) => Ok(report),
        Err(cause) => Err(Stopped { cause, report: Some(Box::new(report)) }),
    }
}

/// Checks the accounts, keeps the marks where nothing is left to be done again, ends the run.
async fn end(
    world: &World<'_>,
    run: RunId,
    plan: &PlanReader,
    report: &Report,
) -> Result<(), ApplyError> {
    report.check().map_err(PlanError::from)?;
    // A record that failed must be read again next time, so the marks stay behind it. One that
    // was rejected is read again when it changes, or when the program does.
    if report.leaves_nothing_open() && !plan.footer.marks.is_empty() {
        let mut marks = plan.footer.marks.clone();
        marks.insert(MARKED_BY.to_owned(), plan.header.program.clone());
        world.ledger.set_marks(&plan.header.mapping, &marks).await?;
    }
    Ok(world.ledger.end_run(run, &summary(report)).await?)
}

fn summary(report: &Report) -> String {
    serde_json::to_string(&report.fates).unwrap_or_default()
}
