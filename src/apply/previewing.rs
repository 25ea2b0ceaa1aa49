//! Actions that are only previewed: the target is asked what they would come to, and the source is
//! told.

use super::{
    notes::Note,
    ready::{NotReady, Ready, fill},
    report::Fault,
};
use crate::{
    connector::{Figures, Preview},
    plan::{Change, Json, World, ask},
    value::Decimal,
};

/// Asks for the preview of an action, and gives what is written to the source because of it.
pub(super) async fn preview(world: &World<'_>, change: &Change) -> Result<Vec<Note>, Fault> {
    let (body, lookup) = fill(change, &std::collections::HashMap::new()).map_err(|not_ready| {
        let (NotReady::Waits(of) | NotReady::Lacks(of, _)) = not_ready;
        refused("needs", format!("it needs {of}, which is not known"))
    })?;
    let write = Ready { change: change.clone(), body, lookup }.write();
    match ask(world.clock, || world.target.preview(&write)).await {
        Ok(Some(Preview::Told(figures))) => Ok(Note::of_preview(change, &result(&figures))),
        Ok(Some(Preview::Refused { code, said })) => Err(refused(&code, said)),
        Ok(None) => {
            let said = format!("the target has no preview of `{}`", change.object);
            Err(refused("no-preview", said))
        }
        Err(failure) => {
            let (code, said) = failure.told();
            Err(Fault { next_step: "run again later".into(), ..refused(&code, said) })
        }
    }
}

fn refused(code: &str, said: String) -> Fault {
    let next_step = "mend the record or the mapping, and run again".into();
    Fault { code: code.to_owned(), said, next_step }
}

/// The figures as a result, for the paths of a mapping. Sums are made within one currency only.
fn result(figures: &Figures) -> String {
    let currency = figures.changes.first().map(|change| change.currency.as_str());
    let one = figures.changes.iter().all(|change| Some(change.currency.as_str()) == currency);
    let changes = || figures.changes.iter().filter(|_| one);
    let mrr = sum(changes().map(|change| Some(change.mrr)));
    let tcv = sum(changes().map(|change| change.tcv));
    let number = |sum: Option<Decimal>| sum.map_or_else(Json::null, Json::of_decimal);
    let currency = currency.filter(|_| one).map_or_else(Json::null, Json::of_text);
    let (mrr, tcv) = (number(mrr.filter(|_| one)), number(tcv.filter(|_| one)));
    let members = [("mrr", mrr.text()), ("tcv", tcv.text()), ("currency", currency.text())];
    Json::of_members(members).text().to_owned()
}

fn sum(mut figures: impl Iterator<Item = Option<Decimal>>) -> Option<Decimal> {
    figures.try_fold(Decimal::ZERO, |sum, one| sum.checked_add(one?))
}
