//! `crosswalk preview`: what the actions of one record would come to.

use super::{
    args,
    drawing::Fold,
    fault::{Ending, Fault},
    plan::{Work, show, troubled, world},
    progress::Watch,
    screen::Screen,
    session::Session,
    set::{Set, Unnamed},
};
use crate::{
    plan::{Previews, Totals, plan},
    program::Program,
};

/// Asks the target what the actions of one record would come to, and shows it.
///
/// # Errors
/// [`Fault`] when there is no such record or mapping, or the target cannot be asked.
pub(super) async fn preview(asked: &args::Preview, screen: &Screen) -> Result<Ending, Fault> {
    let set = Set::find(asked.set.as_deref(), asked.env.as_deref())?;
    let place = args::Place { set: None, env: asked.env.clone(), data: asked.data.clone() };
    let session = Session::open(set.load(&place, Unnamed::Embedded)?, &asked.keep, screen).await?;
    let mut ending = None;
    for program in those_of(&session.programs, asked.mapping.as_deref())? {
        if let Some(totals) = one(&session, program, asked, screen).await? {
            let is_bad = troubled(&totals) || ending == Some(Ending::Incomplete);
            ending = Some(if is_bad { Ending::Incomplete } else { Ending::Done });
        }
    }
    session.close().await;
    ending.ok_or_else(|| {
        let what =
            format!("no mapping that makes actions reads a record with the id {}", asked.record);
        Fault::argument(what, "take the id of a record of the object that the mapping reads")
    })
}

/// Previews the actions of a record by one program; gives nothing where it reads no such record.
async fn one(
    session: &Session,
    program: &Program,
    asked: &args::Preview,
    screen: &Screen,
) -> Result<Option<Totals>, Fault> {
    let pick = args::Pick {
        only: vec![asked.record.clone()],
        as_of: asked.as_of.clone(),
        ..args::Pick::default()
    };
    let mut work = Work::of(session, program, &pick)?;
    work.previews = Previews::Asked;
    let systems = session.connect(program).await?;
    // The last plan of the mapping stays: this one is of one record.
    let file = session.plan_file(program)?.with_extension("preview");
    let watch = Watch::on(screen);
    let made = plan(&world(&systems, &watch), &work.asked(&file)).await;
    let footer = made.map_err(|fault| Fault::of_plan(fault, &session.kept.ledger))?;
    if footer.totals.records.read == 0 {
        return Ok(None);
    }
    show(&file, Fold::Nothing, screen).map_err(Fault::Plan)?;
    Ok(Some(footer.totals))
}

/// The programs that make actions: the one that was named, or all of them.
fn those_of<'p>(programs: &'p [Program], named: Option<&str>) -> Result<Vec<&'p Program>, Fault> {
    let acting: Vec<&Program> =
        programs.iter().filter(|program| program.action().is_some()).collect();
    let names: Vec<&str> = acting.iter().map(|one| one.head.mapping.as_str()).collect();
    if acting.is_empty() {
        return Err(Fault::argument(
            "no mapping of the set makes actions",
            "a preview is of an action; `crosswalk plan` compares everything else",
        ));
    }
    if let Some(name) = named.filter(|name| !names.contains(name)) {
        let what = format!("no mapping `{name}` of the set makes actions");
        return Err(Fault::argument(what, format!("those that do: {}", names.join(", "))));
    }
    let is_it = |one: &&Program| named.is_none_or(|name| one.head.mapping == name);
    Ok(acting.into_iter().filter(is_it).collect())
}
