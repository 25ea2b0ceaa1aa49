//! The record to explain: of a golden case, or of the source of an environment.

use std::path::Path;

use super::{Chain, answer, chain_of};
use crate::{
    cli::{
        args::Explain,
        cases::{Fate, Outcome, Runner, case_folder, documented},
        fault::Fault,
        findings,
        screen::Screen,
        session::Session,
        set::{Set, Unnamed},
    },
    plan::{WallClock, ask},
    program::{Known, KnownAction, Program, ProgramKind, Watch},
};

/// The record of a case.
///
/// # Errors
/// [`Fault`] when the case is not there or wrong.
pub(super) async fn of_case(case: &Path, record: &str) -> Result<Vec<Chain>, Fault> {
    let folder = case_folder(case)?;
    match Runner::default().run(&folder).await? {
        Outcome::Wrong(_) => Err(Fault::argument(
            format!("the case {} cannot be run", folder.display()),
            format!("crosswalk test {} says why", folder.display()),
        )),
        Outcome::Ran(ran) => {
            let is_meant =
                |fate: &Fate| fate.record == record || fate.label.as_deref() == Some(record);
            let fates = ran.fates.into_iter().filter(is_meant);
            Ok(fates.map(|fate| chain_of(&ran.program, fate)).collect())
        }
    }
}

/// The record of whatever mapping reads it in an environment, with what became of it.
///
/// # Errors
/// [`Fault`] when the set is wrong or a system cannot be used.
pub(super) async fn of_source(
    record: &str,
    asked: &Explain,
    screen: &Screen,
) -> Result<Vec<Chain>, Fault> {
    let place = asked.place();
    let set = Set::find(place.set.as_deref(), place.env.as_deref())?;
    let loaded = set.load(&place, Unnamed::Embedded)?;
    findings::refuse(&loaded.findings, &loaded.sources, screen)?;
    let session = Session::open(loaded, &asked.keep, screen).await?;
    let plan = asked.plan.as_deref().map(answer::plan).transpose()?;
    let mut chains = Vec::new();
    for program in &session.programs {
        if let ProgramKind::Emit { .. } = program.kind {
            let source = session.connect_source(program)?;
            chains.extend(chain(program, record, source.target(), &[]).await?);
            continue;
        }
        let systems = session.connect(program).await?;
        let of_ledger = |fault| Fault::of_ledger(fault, &session.kept.ledger);
        let records = [record.to_owned()];
        let mapping = program.head.mapping.as_str();
        let ledger = systems.ledger.as_ref();
        let own = ledger.of_records(mapping, &records).await.map_err(of_ledger)?;
        let sequences: Vec<String> = own
            .iter()
            .filter_map(|entry| entry.action.as_ref().map(|action| action.sequence.clone()))
            .collect();
        let all = ledger.of_sequences(mapping, &sequences).await.map_err(of_ledger)?;
        // What was sent for this record is explained as it was when it was sent: its own actions
        // had not taken effect then.
        let before: Vec<KnownAction> = all
            .iter()
            .filter(|entry| entry.record != record)
            .filter_map(|entry| Some((entry, entry.action.as_ref()?)))
            .map(|(entry, action)| KnownAction {
                record: entry.record.clone(),
                sequence: action.sequence.clone(),
                kind: action.kind.clone(),
                day: action.day.clone(),
                rows: action.rows.keys().cloned().collect(),
                result: entry.result.clone(),
            })
            .collect();
        let mut found = chain(program, record, systems.source.target(), &before).await?;
        let waiting = ledger.unsettled(mapping).await.map_err(of_ledger)?;
        for object in found.iter_mut().flat_map(|chain| &mut chain.objects) {
            object.answer = Some(answer::of(object, &own, &waiting, plan.as_ref()));
        }
        chains.extend(found);
    }
    session.close().await;
    Ok(chains)
}

/// What a program makes of a record, where its source has it.
async fn chain(
    program: &Program,
    record: &str,
    source: &dyn crate::connector::Target,
    before: &[KnownAction],
) -> Result<Vec<Chain>, Fault> {
    let mut query = program.head.query.clone();
    query.only = Some(vec![record.to_owned()]);
    let page = ask(&WallClock, || source.read(&query, None)).await?;
    let mut reader = program.reader();
    let mut watch = Watch::over(program);
    let known = Known { actions: before.to_vec() };
    let mut chains = Vec::new();
    for one in page.records.iter() {
        let (id, label) = program.identify(&mut reader, one);
        if id != record {
            continue;
        }
        let (mapped, document) = match &program.kind {
            ProgramKind::Emit { .. } => {
                let mut out = Vec::new();
                let emitted = program.emit_watched(&mut reader, one, &mut out, &mut watch);
                documented(&id, label.as_ref(), emitted, out)
            }
            _ => (program.draft_watched(&mut reader, one, &known, &mut watch), None),
        };
        let values = watch.take_values();
        chains.push(chain_of(program, Fate { record: id, label, mapped, document, values }));
    }
    Ok(chains)
}
