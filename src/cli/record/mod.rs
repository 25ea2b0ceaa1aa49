//! `crosswalk record`: makes a golden case of a record of an environment or a folder.
//!
//! The record is read with all that its mapping reads along, taken apart into the records that it
//! was joined from, and written as the folder of a case. Names, mails, phones and streets are
//! replaced, the same value by the same replacement everywhere; Ids stay, so that records still
//! find each other.

mod apart;
mod personal;
mod setting;

use std::path::{Path, PathBuf};

use super::{
    args,
    cases::{CASE_FILE, CASES_FOLDER, EXPECTED_FILE, Outcome, Runner, SOURCE_FOLDER, org_beside},
    clock::today,
    environment::Environment,
    fault::{Ending, Fault},
    findings::counted,
    screen::{Screen, style},
    session::Session,
    set::{Set, Unnamed},
};
use crate::{
    plan::{WallClock, ask},
    program::Program,
};
use apart::{Records, complete};
use personal::Replacing;

/// Records a case.
///
/// # Errors
/// [`Fault`] when there is no such record, the case is there already, or something cannot be used.
pub(super) async fn record(asked: &args::Record, screen: &Screen) -> Result<Ending, Fault> {
    let place = asked.place();
    let set = Set::find(place.set.as_deref(), place.env.as_deref())?;
    let folder = case_folder(&set, &asked.name)?;
    let as_of = today(asked.as_of.as_deref())?.to_string();
    let session = Session::open(set.load(&place, Unnamed::Embedded)?, &asked.keep, screen).await?;
    let (program, mut records) = found(&session, &asked.record).await?;
    let mut replacing = Replacing::default();
    if !asked.personal {
        records.replace(&mut replacing);
    }
    let case = setting::case_text(&setting::Told {
        record: &asked.record,
        program,
        as_of: &as_of,
        environment: &session.environment,
        many_currencies: session.many_currencies,
        org_beside: org_beside(&folder)?,
        tenant_beside: folder.parent().map(|cases| cases.join(setting::TENANT_FILE)),
    });
    write(&folder, &case, &records)?;
    session.close().await;
    let expected = bless(&folder).await?;
    let shown = folder.display();
    screen.say(&format!(
        "recorded {} with {} in {}",
        style::paint(style::BOLD, &asked.record),
        counted(records.count(), "record"),
        shown
    ));
    if !asked.personal {
        let values = counted(replacing.count(), "personal value");
        screen.say(&format!("{values} replaced; look for others in {shown}/{SOURCE_FOLDER}"));
    }
    screen.say(&format!("read what comes of it: {}", expected.display()));
    Ok(Ending::Done)
}

/// The folder of a case that is not there yet.
fn case_folder(set: &Set, name: &str) -> Result<PathBuf, Fault> {
    let plain = !name.is_empty() && !name.starts_with('.') && !name.contains(['/', '\\']);
    if !plain {
        return Err(Fault::argument(
            format!("`{name}` cannot be the name of a case"),
            "name it as a folder, such as two-price-books",
        ));
    }
    let folder = set.folder.join(CASES_FOLDER).join(name);
    if folder.exists() {
        return Err(Fault::argument(
            format!("{} is there already", folder.display()),
            "take another name, or delete it",
        ));
    }
    Ok(folder)
}

/// The record, by the first mapping that reads it.
async fn found<'s>(session: &'s Session, record: &str) -> Result<(&'s Program, Records), Fault> {
    for program in &session.programs {
        let source = session.connect_source(program)?;
        let mut query = complete(&program.head.query);
        query.only = Some(vec![record.to_owned()]);
        let page = ask(&WallClock, || source.read(&query, None)).await?;
        let mut reader = program.reader();
        for one in page.records.iter() {
            if program.identify(&mut reader, one).0 == record {
                let mut records = Records::default();
                records.take_apart(&query, one);
                return Ok((program, records));
            }
        }
    }
    let names: Vec<&str> = session.programs.iter().map(|it| it.head.mapping.as_str()).collect();
    Err(Fault::argument(
        format!("no mapping reads a record `{record}` ({})", names.join(", ")),
        "name it by its Id; --set names a mapping, --env and --data say where it is",
    ))
}

fn write(folder: &Path, case: &str, records: &Records) -> Result<(), Fault> {
    let source = folder.join(SOURCE_FOLDER);
    std::fs::create_dir_all(&source).map_err(|fault| Fault::file(&source, &fault))?;
    let put = |path: PathBuf, text: &str| {
        std::fs::write(&path, text).map_err(|fault| Fault::file(path, &fault))
    };
    put(folder.join(CASE_FILE), case)?;
    for (object, lines) in records.files() {
        put(source.join(format!("{object}.ndjson")), &lines)?;
    }
    Ok(())
}

/// Writes what comes of the case as what it expects.
async fn bless(folder: &Path) -> Result<PathBuf, Fault> {
    let path = folder.join(EXPECTED_FILE);
    match Runner::default().run(folder).await? {
        Outcome::Ran(ran) => {
            std::fs::write(&path, &ran.shown).map_err(|fault| Fault::file(&path, &fault))?;
            Ok(path)
        }
        Outcome::Wrong(_) => Err(Fault::argument(
            format!("the case {} was written and cannot be run", folder.display()),
            format!("crosswalk test {} says why", folder.display()),
        )),
    }
}

/// The environment's own word on currencies, as a case writes it.
fn currency(environment: &Environment, many: Option<bool>) -> String {
    use super::environment::Currency;
    match (&environment.currency, many) {
        (Some(Currency::One(code)), _) => code.clone(),
        (Some(Currency::PerRecord), _) | (None, Some(true) | None) => "per_record".to_owned(),
        (None, Some(false)) => {
            environment.tenant.default_currency.clone().unwrap_or_else(|| "USD".to_owned())
        }
    }
}
