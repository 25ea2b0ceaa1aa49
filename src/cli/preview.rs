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
    plan::{Previews, plan},
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
    let program = one_of(&session.programs, asked.mapping.as_deref())?;
    let pick = args::Pick {
        only: vec![asked.record.clone()],
        as_of: asked.as_of.clone(),
        ..args::Pick::default()
    };
    let mut work = Work::of(&session, program, &pick)?;
    work.previews = Previews::Asked;
    let systems = session.connect(program).await?;
    // The last plan of the mapping stays: this one is of one record.
    let file = session.plan_file(program)?.with_extension("preview");
    let watch = Watch::on(screen);
    let made = plan(&world(&systems, &watch), &work.asked(&file)).await;
    let footer = made.map_err(|fault| Fault::of_plan(fault, &session.kept.ledger))?;
    if footer.totals.records.read == 0 {
        return Err(Fault::argument(
            format!("`{}` reads no record with the id {}", program.head.mapping, asked.record),
            format!("take the id of a {} of {}", program.head.query.object, program.head.source),
        ));
    }
    show(&file, Fold::Nothing, screen).map_err(Fault::Plan)?;
    session.close().await;
    Ok(if troubled(&footer.totals) { Ending::Incomplete } else { Ending::Done })
}

/// The program that makes actions: the one that was named, or the only one.
fn one_of<'p>(programs: &'p [Program], named: Option<&str>) -> Result<&'p Program, Fault> {
    let acting: Vec<&Program> =
        programs.iter().filter(|program| program.action().is_some()).collect();
    let names =
        || acting.iter().map(|one| one.head.mapping.as_str()).collect::<Vec<_>>().join(", ");
    match (named, acting.as_slice()) {
        (Some(name), all) => {
            all.iter().find(|one| one.head.mapping == name).copied().ok_or_else(|| {
                let what = format!("no mapping `{name}` of the set makes actions");
                Fault::argument(what, format!("those that do: {}", names()))
            })
        }
        (None, [one]) => Ok(one),
        (None, []) => Err(Fault::argument(
            "no mapping of the set makes actions",
            "a preview is of an action; `crosswalk plan` compares everything else",
        )),
        (None, _) => Err(Fault::argument(
            format!("several mappings of the set make actions: {}", names()),
            "name one with --mapping",
        )),
    }
}
