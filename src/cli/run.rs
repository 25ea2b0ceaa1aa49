//! `crosswalk run` and `crosswalk apply`: changes are carried out, and what arrived is shown.

use std::path::Path;

use super::{
    args,
    emit::{self, Emission, Strictness},
    fault::{Ending, Fault},
    plan::{Work, world},
    progress::Watch,
    screen::Screen,
    session::{Session, Systems},
    set::{Set, Unnamed},
    summary::Summary,
};
use crate::{
    apply::{self as engine, Fate, Fits, Report, Stopped},
    plan::PlanReader,
    program::{Program, ProgramKind},
};

/// Plans and applies the mappings of a set, one after the other.
///
/// # Errors
/// [`Fault`] when one cannot be carried to its end.
pub(super) async fn run(asked: &args::Run, screen: &Screen) -> Result<Ending, Fault> {
    if let (Some(source), Some(target)) = (&asked.source, &asked.target) {
        return emit::between_files(asked, source, target, screen).await;
    }
    let set = Set::find(asked.place.set.as_deref(), asked.place.env.as_deref())?;
    let session =
        Session::open(set.load(&asked.place, Unnamed::Embedded)?, &asked.keep, screen).await?;
    let mut ending = Ending::Done;
    for program in &session.programs {
        if let ProgramKind::Emit { object, .. } = &program.kind {
            let (source, target) = session.connect_for_documents(program, object)?;
            let mut emission = Emission::new(program, &target, screen)?;
            emission.pages(source.target()).await?;
            if emission.end(Strictness::of(asked))? == Ending::Incomplete {
                ending = Ending::Incomplete;
            }
            continue;
        }
        let mut work = Work::of(&session, program, &asked.pick)?;
        let systems = session.connect(program).await?;
        let narrowed = work.narrow(systems.ledger.as_ref()).await;
        narrowed.map_err(|fault| Fault::of_ledger(fault, &session.kept.ledger))?;
        let file = session.plan_file(program)?;
        let watch = Watch::on(screen);
        let done = engine::run(&world(&systems, &watch), &work.asked(&file)).await;
        let shown = Shown { session: &session, program, systems: &systems, plan: &file };
        if shown.end(done, asked.strict, screen)? == Ending::Incomplete {
            ending = Ending::Incomplete;
        }
    }
    session.close().await;
    Ok(ending)
}

/// Carries out a saved plan.
///
/// # Errors
/// [`Fault`] when it does not fit, or cannot be carried to its end.
pub(super) async fn apply(asked: &args::Apply, screen: &Screen) -> Result<Ending, Fault> {
    let opened = PlanReader::open(&asked.plan);
    let header = opened.map_err(Fault::Plan)?.header;
    let env = asked.env.clone().unwrap_or_else(|| header.environment.clone());
    let set = Set::find(asked.set.as_deref(), Some(&env))?;
    let place = args::Place { set: None, env: Some(env), data: asked.data.clone() };
    let session = Session::open(set.load(&place, Unnamed::Embedded)?, &asked.keep, screen).await?;
    let found = session.programs.iter().find(|program| program.head.mapping == header.mapping);
    let Some(program) = found else {
        return Err(Fault::argument(
            format!("the plan is of the mapping `{}`, and the set has none", header.mapping),
            "name the set that it was made from with --set",
        ));
    };
    let systems = session.connect(program).await?;
    let watch = Watch::on(screen);
    let fits = Fits { mapping: &program.head.mapping, program: program.head.digest };
    let done = engine::apply(&world(&systems, &watch), &asked.plan, &fits).await;
    let shown = Shown { session: &session, program, systems: &systems, plan: &asked.plan };
    let ending = shown.end(done, asked.strict, screen)?;
    session.close().await;
    Ok(ending)
}

/// A run that has ended, and what is needed to show it.
struct Shown<'a> {
    session: &'a Session,
    program: &'a Program,
    systems: &'a Systems,
    plan: &'a Path,
}

impl Shown<'_> {
    /// Shows the report, also that of a run that ended early.
    fn end(
        &self,
        done: Result<Report, Stopped>,
        strict: bool,
        screen: &Screen,
    ) -> Result<Ending, Fault> {
        match done {
            Ok(report) => {
                self.show(&report, screen);
                Ok(ending(&report, strict))
            }
            Err(stopped) => {
                if let Some(report) = &stopped.report {
                    self.show(report, screen);
                }
                Err(Fault::of_stop(stopped, &self.session.kept.ledger))
            }
        }
    }

    fn show(&self, report: &Report, screen: &Screen) {
        let traffic = self.systems.traffic();
        Summary { program: self.program, report, traffic, plan: self.plan }.show(screen);
    }
}

fn ending(report: &Report, strict: bool) -> Ending {
    let bad = [Fate::Conflict, Fate::Blocked, Fate::Failed, Fate::InDoubt, Fate::Unreached];
    let rejected = strict && !report.planned.records.rejected.is_empty();
    let unwritten = report.write_back.as_ref().is_some_and(|back| back.refused > 0);
    // What refers to a rejected record of another mapping is as good as rejected itself.
    let bad: u64 = bad.iter().map(|fate| report.count(*fate)).sum();
    let unsynced = if strict { 0 } else { report.unsynced };
    if rejected || unwritten || bad > unsynced { Ending::Incomplete } else { Ending::Done }
}
