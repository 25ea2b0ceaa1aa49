//! Previews: what the target says that an action would come to, against what the source says.

use std::{collections::HashMap, path::Path};

use serde::{Deserialize, Serialize};

use super::{
    PlanError,
    action::{ExpectedFigures, PlannedAction},
    change::{Change, Decision, Sent},
    file::{Header, PlanReader},
    patience::{ask, in_flight},
    text::Json,
    world::World,
};
use crate::{
    connector::{FigureChange, Figures, Preview, Verb, Write},
    value::{Decimal, FingerprintOf},
};

/// What came of asking for a preview.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Previewed {
    /// The target told its figures.
    Told(Told),
    /// The target would refuse the action.
    Refused {
        /// The code of the service.
        code: String,
        /// What it said.
        said: String,
    },
    /// It cannot be previewed yet, and why.
    NotYet(String),
}

/// The figures of a preview.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// The digest of what was previewed: the same is not asked twice.
    pub of: String,
    /// What changes, per subscription and currency.
    pub changes: Vec<ToldChange>,
    /// What the first bill would come to, per currency.
    pub first_bill: Vec<(String, Json)>,
    /// Where it differs from what the source says by more than the tolerance.
    pub drift: Vec<Drift>,
}

/// What changes on one subscription, in one currency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToldChange {
    /// The number of the subscription.
    pub subscription: String,
    /// The currency.
    pub currency: String,
    /// By how much the monthly recurring revenue changes.
    pub mrr: Json,
    /// By how much the total contract value changes; `None` where it has none.
    pub tcv: Option<Json>,
}

/// A figure on which source and target differ.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drift {
    /// `mrr` or `tcv`.
    pub figure: String,
    /// What the source says.
    pub expected: Json,
    /// What the target says.
    pub told: Json,
}

/// Previews of the plan that is overwritten, by the digest of what was previewed.
#[derive(Default)]
pub(super) struct Kept(HashMap<String, Told>);

impl Kept {
    /// Those of a plan for the same target. A file that is no plan holds none: it is overwritten.
    /// What is no file at all, a pipe, is not even read.
    pub(super) fn of(file: &Path, header: &Header) -> Self {
        if !file.is_file() {
            return Self::default();
        }
        let Ok(mut plan) = PlanReader::open(file) else { return Self::default() };
        let mut kept = HashMap::new();
        if plan.header.target != header.target {
            return Self::default();
        }
        while let Ok(Some(segment)) = plan.segment() {
            let actions = segment.changes.into_iter().filter_map(|change| change.action);
            for action in actions {
                if let Some(Previewed::Told(told)) = action.preview {
                    kept.insert(told.of.clone(), told);
                }
            }
        }
        Self(kept)
    }
}

/// Asks for the previews of those actions of a segment that can have one.
///
/// # Errors
/// [`PlanError::Call`] when the target cannot be asked.
pub(super) async fn preview(
    world: &World<'_>,
    changes: &mut [Change],
    kept: &Kept,
) -> Result<(), PlanError> {
    let mut calls = Vec::new();
    for (at, change) in changes.iter_mut().enumerate() {
        let why = not_yet(change);
        let body = write(change);
        let Some(action) = change.action.as_deref_mut() else { continue };
        if !matches!(change.decision, Decision::Send | Decision::Preview) {
            continue;
        }
        let Some(write) = body.filter(|_| why.is_none()) else {
            action.preview = Some(Previewed::NotYet(why.unwrap_or_default()));
            continue;
        };
        let of = digest(action, &write);
        match kept.0.get(&of) {
            Some(told) => action.preview = Some(Previewed::Told(told.against(action))),
            None => calls.push((at, of, write)),
        }
    }
    let object = calls.first().map(|(_, _, write)| write.object.clone()).unwrap_or_default();
    let asking = calls.iter().map(|(_, _, write)| ask(world.clock, || world.target.preview(write)));
    let most = world.target.limits(&object).calls_in_flight_max;
    let answers = in_flight(most, asking.collect()).await;
    for ((at, of, _), answer) in calls.into_iter().zip(answers) {
        let answer = answer?;
        let Some(action) = changes.get_mut(at).and_then(|change| change.action.as_deref_mut())
        else {
            continue;
        };
        action.preview = Some(match answer {
            None => Previewed::NotYet(format!("the target has no preview of `{object}`")),
            Some(Preview::Refused { code, said }) => Previewed::Refused { code, said },
            Some(Preview::Told(figures)) => Previewed::Told(Told::of(of, &figures, action)),
        });
    }
    Ok(())
}

/// Why an action cannot be previewed yet.
fn not_yet(change: &Change) -> Option<String> {
    let after = change.action.as_ref().and_then(|action| action.after.as_ref());
    if let Some(before) = after {
        return Some(format!("{before} has to take effect before"));
    }
    if let Some(before) = change.needs.first() {
        return Some(format!("{before} has to take effect before"));
    }
    let mut waits = change.body.iter().flat_map(|(_, sent)| sent.waits_for());
    waits.next().map(|of| format!("the id of {of} is not known"))
}

/// What would be sent, where all of it is known.
fn write(change: &Change) -> Option<Write> {
    let member = |(name, sent): &(String, Sent)| match sent {
        Sent::Json(json) => Some((name.clone(), json.clone())),
        Sent::Pending { .. } | Sent::Holed(_) => None,
    };
    let body: Option<Vec<_>> = change.body.iter().map(member).collect();
    let body = body?;
    let members = body.iter().map(|(name, json)| (name.as_str(), json.text()));
    Some(Write {
        object: change.object.clone(),
        verb: Verb::Create,
        body: Json::of_members(members).text().to_owned(),
    })
}

fn digest(action: &PlannedAction, write: &Write) -> String {
    let kind = FingerprintOf::kind("preview").text(&write.object).text(&write.body);
    kind.text(&action.sequence).text(&action.settled_before.to_string()).end().to_string()
}

impl Told {
    /// The figures of an answer, compared with what the source says.
    fn of(of: String, figures: &Figures, action: &PlannedAction) -> Self {
        let change = |change: &FigureChange| ToldChange {
            subscription: change.subscription.clone(),
            currency: change.currency.clone(),
            mrr: Json::of_decimal(change.mrr),
            tcv: change.tcv.map(Json::of_decimal),
        };
        let bill = |(currency, due): &(String, Decimal)| (currency.clone(), Json::of_decimal(*due));
        let told = Self {
            of,
            changes: figures.changes.iter().map(change).collect(),
            first_bill: figures.first_bill.iter().map(bill).collect(),
            drift: Vec::new(),
        };
        told.against(action)
    }

    /// The same figures against what an action is expected to come to.
    fn against(&self, action: &PlannedAction) -> Self {
        let drift = action.expected.as_ref().map(|expected| drift(self, expected));
        Self { drift: drift.unwrap_or_default(), ..self.clone() }
    }

    /// By how much the monthly recurring revenue changes in all; `None` where the currencies of
    /// the subscriptions differ, for those make no sum.
    pub fn mrr(&self) -> Option<Decimal> {
        self.sum(|change| Some(&change.mrr))
    }

    /// By how much the total contract value changes in all; `None` where one has none.
    pub fn tcv(&self) -> Option<Decimal> {
        self.sum(|change| change.tcv.as_ref())
    }

    /// The one currency.
    pub fn currency(&self) -> Option<&str> {
        let first = self.changes.first()?;
        let one = self.changes.iter().all(|change| change.currency == first.currency);
        one.then_some(first.currency.as_str())
    }

    fn sum<'a>(&'a self, figure: impl Fn(&'a ToldChange) -> Option<&'a Json>) -> Option<Decimal> {
        if !self.changes.is_empty() {
            self.currency()?;
        }
        let mut figures = self.changes.iter().map(|change| figure(change)?.decimal());
        figures.try_fold(Decimal::ZERO, |sum, one| sum.checked_add(one?))
    }
}

fn drift(told: &Told, expected: &ExpectedFigures) -> Vec<Drift> {
    let tolerance = expected.tolerance.decimal().unwrap_or_default();
    let differs = |figure: &str, expected: &Option<Json>, told: Option<Decimal>| {
        let (expected, told) = (expected.clone()?, told?);
        let apart = expected.decimal()?.checked_sub(told)?.abs();
        let told = Json::of_decimal(told);
        (apart > tolerance).then(|| Drift { figure: figure.to_owned(), expected, told })
    };
    let mrr = differs("mrr", &expected.mrr, told.mrr());
    mrr.into_iter().chain(differs("tcv", &expected.tcv, told.tcv())).collect()
}
