//! `crosswalk plan`: what a run would change, and why.

use std::{
    fs::File,
    path::{Path, PathBuf},
};

use serde_json::{Value, json};

use super::{
    account, args,
    clock::today,
    drawing::{Drawing, Fold},
    emit::{Emission, Strictness},
    fault::{Ending, Fault},
    progress::Watch,
    screen::{
        Screen,
        style::{BOLD, paint},
    },
    session::{Session, Systems},
    set::{Set, Unnamed},
};
use crate::{
    apply::MARKED_BY,
    connector::Query,
    destination::Destination,
    ledger::{Ledger, LedgerError},
    plan::{
        Asked, Detail, Kind, PlanError, PlanReader, PlanView, Previews, Progress, Totals,
        WallClock, World, plan as make,
    },
    program::{Program, ProgramKind},
    value::Date,
};

/// The program, the records and the day of a plan or a run.
pub(super) struct Work<'a> {
    pub(super) program: &'a Program,
    pub(super) query: Query,
    pub(super) today: Date,
    as_of: String,
    environment: &'a str,
    changed: bool,
    pub(super) previews: Previews,
}

impl<'a> Work<'a> {
    /// What was picked of a program.
    ///
    /// # Errors
    /// [`Fault::Argument`] for a mapping that makes no resources, or a day that is none.
    pub(super) fn of(
        session: &'a Session,
        program: &'a Program,
        pick: &args::Pick,
    ) -> Result<Self, Fault> {
        if matches!(program.kind, ProgramKind::Emit { .. }) {
            let what =
                format!("`{}` makes documents, and has no plan to save", program.head.mapping);
            let way_out = "run it between files: crosswalk run MAPPING --source FILE --target FILE";
            return Err(Fault::argument(what, way_out));
        }
        let mut query = program.head.query.clone();
        if !pick.only.is_empty() {
            query.only = Some(pick.only.clone());
        }
        let today = today(pick.as_of.as_deref())?;
        let environment = &session.environment.name;
        Ok(Self {
            program,
            query,
            today,
            as_of: today.to_string(),
            environment,
            changed: pick.changed,
            previews: Previews::None,
        })
    }

    /// Narrows the reading to what has changed, where that was asked for and can be known: marks
    /// of another program say nothing, so the first run of a program reads everything.
    ///
    /// # Errors
    /// [`LedgerError`] when the marks cannot be read.
    pub(super) async fn narrow(&mut self, ledger: &dyn Ledger) -> Result<(), LedgerError> {
        if !self.changed {
            return Ok(());
        }
        let mut marks = ledger.marks(&self.program.head.mapping).await?;
        let marked_by = marks.remove(MARKED_BY);
        if marked_by.is_some_and(|program| program == self.program.head.digest.to_string()) {
            self.query.since = Some(marks);
        }
        Ok(())
    }

    /// What planning is asked for.
    pub(super) fn asked<'b>(&'b self, file: &'b Path) -> Asked<'b> {
        Asked {
            head: &self.program.head,
            resources: self.program.resources(),
            action: self.program.action(),
            evaluate: self.program,
            query: &self.query,
            as_of: &self.as_of,
            today: self.today,
            environment: self.environment,
            profile: self.program.head.profile.as_deref(),
            previews: self.previews,
            file,
        }
    }
}

/// The systems as planning and applying see them.
pub(super) fn world<'a>(systems: &'a Systems, progress: &'a dyn Progress) -> World<'a> {
    World {
        source: systems.source.target(),
        target: systems.target.target(),
        back: Some(systems.source.target()),
        ledger: systems.ledger.as_ref(),
        clock: &WallClock,
        progress,
    }
}

/// Makes and shows the plans of a set.
///
/// # Errors
/// [`Fault`] when one cannot be made.
pub(super) async fn plan(asked: &args::Plan, screen: &Screen) -> Result<Ending, Fault> {
    let set = Set::find(asked.place.set.as_deref(), asked.place.env.as_deref())?;
    let session =
        Session::open(set.load(&asked.place, Unnamed::Embedded)?, &asked.keep, screen).await?;
    if asked.out.is_some() && session.programs.len() > 1 {
        let names: Vec<&str> = session.programs.iter().map(|p| p.head.mapping.as_str()).collect();
        return Err(Fault::argument(
            format!("a plan is of one mapping, and there are {}", names.join(", ")),
            "name one mapping file instead of the folder",
        ));
    }
    let mut ending = Ending::Done;
    for program in &session.programs {
        if matches!(program.kind, ProgramKind::Emit { .. }) && asked.out.is_none() {
            // Documents are never compared: their plan is what would be written and what not.
            let mut rehearsal = Emission::rehearsal(program, screen);
            rehearsal.pages(session.connect_source(program)?.target()).await?;
            rehearsal.end(Strictness::Lenient)?;
            continue;
        }
        let mut work = Work::of(&session, program, &asked.pick)?;
        if asked.preview {
            work.previews = Previews::Asked;
        }
        let systems = session.connect(program).await?;
        let narrowed = work.narrow(systems.ledger.as_ref()).await;
        narrowed.map_err(|fault| Fault::of_ledger(fault, &session.kept.ledger))?;
        let out = asked.out.as_deref().map(Out::of).transpose()?;
        let file = match &out {
            Some(Out::File(file)) => file.clone(),
            Some(Out::Stream(_)) | None => session.plan_file(program)?,
        };
        let watch = Watch::on(screen);
        let made = make(&world(&systems, &watch), &work.asked(&file)).await;
        let footer = made.map_err(|fault| Fault::of_plan(fault, &session.kept.ledger))?;
        let fold = if asked.verbose { Fold::Nothing } else { Fold::Long };
        show(&file, fold, screen).map_err(Fault::Plan)?;
        if let Some(out) = &out {
            out.fill(&file)?;
        }
        if let (Some(Out::File(file)), false) = (&out, screen.is_json()) {
            let command = format!("crosswalk apply {}", file.display());
            screen.say(&format!("saved; to carry it out: {}", paint(BOLD, &command)));
        }
        if troubled(&footer.totals) {
            ending = Ending::Incomplete;
        }
    }
    session.close().await;
    Ok(ending)
}

/// What a plan was asked to be saved to.
enum Out {
    /// A file, which is shown and applied from its place.
    File(PathBuf),
    /// A device or a pipe, which cannot be read again: it gets a copy.
    Stream(PathBuf),
}

impl Out {
    fn of(path: &Path) -> Result<Self, Fault> {
        let destination =
            Destination::of(path, "new").map_err(|fault| Fault::file(path, &fault))?;
        let path = path.to_owned();
        Ok(if destination.is_stream() { Self::Stream(path) } else { Self::File(path) })
    }

    /// Copies a plan to where it was asked for, when it is not there already.
    fn fill(&self, plan: &Path) -> Result<(), Fault> {
        let Self::Stream(path) = self else { return Ok(()) };
        let copied = File::open(plan).and_then(|mut plan| {
            let mut out = File::options().write(true).open(path)?;
            std::io::copy(&mut plan, &mut out)
        });
        copied.map(|_| ()).map_err(|fault| Fault::file(path, &fault))
    }
}

/// Whether something of a plan stands in the way.
pub(super) fn troubled(totals: &Totals) -> bool {
    let previews = totals.previews.unwrap_or_default();
    let differs = previews.drift + previews.refused;
    totals.count(Kind::Conflict) + totals.count(Kind::Blocked) + differs > 0
}

/// Shows a plan.
///
/// # Errors
/// [`PlanError`] when it cannot be read.
pub(super) fn show(file: &Path, fold: Fold, screen: &Screen) -> Result<(), PlanError> {
    if screen.is_json() {
        return show_json(file, screen);
    }
    let mut plan = PlanReader::open(file)?;
    let header = &plan.header;
    let profile = header.profile.as_ref().map(|name| format!(", profile {name}"));
    screen.say(&format!(
        "{} {}: {} {} → {} {}, as of {}{}",
        paint(BOLD, "plan"),
        header.mapping,
        header.source.system,
        header.source.id,
        header.target.system,
        header.target.id,
        header.as_of,
        profile.unwrap_or_default(),
    ));
    screen.say("");
    let mut drawing = Drawing::new(fold);
    let mut drawn = false;
    while let Some(segment) = plan.segment()? {
        for line in drawing.segment(&segment) {
            screen.say(&line);
            drawn = true;
        }
    }
    drawing.rest().iter().for_each(|line| screen.say(line));
    if drawn {
        screen.say("");
    }
    account::lines(&plan.footer.totals).iter().for_each(|line| screen.say(line));
    screen.say(&account::writes(&plan.footer.totals));
    Ok(())
}

/// The plan as JSON lines: its head, what is left out, what changes, and the accounts.
fn show_json(file: &Path, screen: &Screen) -> Result<(), PlanError> {
    let view = PlanView::read(file, Detail::Differences)?;
    let line = |kind: &str, what: Value| {
        screen.json(&json!({"format": "crosswalk-plan-view/1", kind: what}));
    };
    let of = |what: Result<Value, serde_json::Error>| what.unwrap_or(Value::Null);
    line("plan", of(serde_json::to_value(&view.header)));
    for record in &view.records {
        line("record", of(serde_json::to_value(record)));
    }
    for change in &view.changes {
        line("change", of(serde_json::to_value(change)));
    }
    for rows in &view.rows_changed {
        line("rows_changed", of(serde_json::to_value(rows)));
    }
    line("totals", of(serde_json::to_value(&view.totals)));
    Ok(())
}
