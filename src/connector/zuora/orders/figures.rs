//! The figures in the answer of a preview: what changes per subscription, and the first bill.
//!
//! The changes are before discounts, as `contractedMrr` and `totalContractedValue` of a
//! subscription are, so that what is told before is what is seen after. The bill is what is to be
//! paid: invoices less credit memos, with tax.

use std::collections::BTreeMap;

use super::items;
use crate::{
    connector::{FigureChange, Figures},
    json::{Checked, Members},
    value::{Decimal, parse_decimal},
};

/// The figures of a preview, from the text of its result. A bill that does not say its currency, as
/// that of what is sold once and is no subscription, has that of the order, where it says one.
pub(super) fn figures(result: &str, ordered_in: Option<&str>) -> Result<Figures, String> {
    let result = Members::of(result).map_err(|fault| fault.to_string())?;
    let deltas = Deltas::of(&result)?;
    let sums = match charge_metrics(&result)? {
        Some(sums) => sums,
        None => deltas.sums()?,
    };
    let changes = sums.iter().map(|(subscription, sums)| deltas.change(subscription, *sums));
    let changes: Vec<Option<FigureChange>> = changes.collect::<Result<_, String>>()?;
    let changes = changes.into_iter().flatten().collect();
    Ok(Figures { changes, first_bill: deltas.bill(&result, ordered_in)? })
}

/// By how much the sums of one subscription change.
#[derive(Clone, Copy, Debug, Default)]
struct Sums {
    mrr: Decimal,
    tcv: Decimal,
}

/// The changes over time: which subscription, in which currency, until when, by how much.
struct Delta {
    subscription: String,
    currency: Option<String>,
    /// The last day; none where it goes on for good.
    end: Option<String>,
    gross: Decimal,
}

struct Deltas {
    mrr: Vec<Delta>,
    tcv: Vec<Delta>,
}

impl Deltas {
    fn of(result: &Members<'_>) -> Result<Self, String> {
        let metrics = result.get_set("orderDeltaMetrics").and_then(Checked::as_members);
        let metrics = metrics.unwrap_or_default();
        let list = |name| items(&metrics, name).iter().map(delta).collect::<Result<_, String>>();
        Ok(Self { mrr: list("orderDeltaMrr")?, tcv: list("orderDeltaTcv")? })
    }

    fn all(&self) -> impl Iterator<Item = &Delta> {
        self.mrr.iter().chain(&self.tcv)
    }

    /// The sums where the answer has no metrics of charges. Of the MRR, what holds on the last day
    /// that is spoken of is what the contract ends with.
    fn sums(&self) -> Result<Vec<(String, Sums)>, String> {
        let mut sums: Vec<(String, Sums)> = Vec::new();
        for delta in self.all() {
            let known = sums.iter().any(|(subscription, _)| *subscription == delta.subscription);
            if known {
                continue;
            }
            let of = |deltas: &'_ [Delta]| -> Vec<(Option<String>, Decimal)> {
                let own = deltas.iter().filter(|one| one.subscription == delta.subscription);
                own.map(|one| (one.end.clone(), one.gross)).collect()
            };
            let (mrr, tcv) = (of(&self.mrr), of(&self.tcv));
            let goes_on = mrr.iter().any(|(end, _)| end.is_none());
            let last =
                if goes_on { None } else { mrr.iter().filter_map(|(end, _)| end.clone()).max() };
            let at_last = mrr.iter().filter(|(end, _)| *end == last).map(|(_, gross)| *gross);
            let mrr = sum(at_last)?;
            let tcv = sum(tcv.iter().map(|(_, gross)| *gross))?;
            sums.push((delta.subscription.clone(), Sums { mrr, tcv }));
        }
        Ok(sums)
    }

    /// The currency of a subscription. One of which nothing is said has that of the others: they
    /// are of one account.
    fn currency(&self, subscription: Option<&str>) -> Option<&str> {
        let said = |delta: &&Delta| delta.currency.is_some();
        let own = self.all().filter(said).find(|delta| Some(&*delta.subscription) == subscription);
        own.or_else(|| self.all().find(said)).and_then(|delta| delta.currency.as_deref())
    }

    /// The change of a subscription; none where there is none.
    fn change(&self, subscription: &str, sums: Sums) -> Result<Option<FigureChange>, String> {
        let own = self.mrr.iter().filter(|delta| delta.subscription == subscription);
        let goes_on = own.into_iter().any(|delta| delta.end.is_none());
        let Some(currency) = self.currency(Some(subscription)) else {
            return match sums.mrr.is_zero() && sums.tcv.is_zero() {
                true => Ok(None),
                false => Err(format!("the preview does not say the currency of {subscription}")),
            };
        };
        Ok(Some(FigureChange {
            subscription: subscription.to_owned(),
            currency: currency.to_owned(),
            mrr: sums.mrr,
            tcv: (!goes_on).then_some(sums.tcv),
        }))
    }

    /// What is to be paid, per currency.
    fn bill(
        &self,
        result: &Members<'_>,
        ordered_in: Option<&str>,
    ) -> Result<Vec<(String, Decimal)>, String> {
        let mut bill: BTreeMap<String, Decimal> = BTreeMap::new();
        for (documents, lines, sign) in [
            ("invoices", "invoiceItems", Decimal::ONE),
            ("creditMemos", "creditMemoItems", Decimal::NEGATIVE_ONE),
        ] {
            for document in items(result, documents) {
                let amount = number(&document, "amount")?;
                let lines = items(&document, lines);
                let first = lines.first().and_then(|line| line.get_text("subscriptionNumber"));
                let currency = document.get_text("currency").map(|text| text.into_owned());
                let currency = currency.or_else(|| self.currency(first.as_deref()).map(Into::into));
                let currency = currency.or_else(|| ordered_in.map(Into::into));
                if currency.is_none() && amount.is_zero() {
                    continue;
                }
                let currency = currency.ok_or("the preview does not say the currency of a bill")?;
                let paid = bill.entry(currency).or_default();
                *paid = sum([*paid, amount.checked_mul(sign).ok_or(TOO_LARGE)?])?;
            }
        }
        Ok(bill.into_iter().collect())
    }
}

const TOO_LARGE: &str = "a figure is too large to be exact";

/// The sums of the metrics of charges, subscription by subscription; `None` where the answer has
/// none.
fn charge_metrics(result: &Members<'_>) -> Result<Option<Vec<(String, Sums)>>, String> {
    if result.get_set("chargeMetrics").is_none() {
        return Ok(None);
    }
    let mut all = Vec::new();
    for one in items(result, "chargeMetrics") {
        let mut sums = Sums::default();
        for charge in items(&one, "charges") {
            sums.mrr = sum([sums.mrr, change_of(&charge, "cmrr")?])?;
            sums.tcv = sum([sums.tcv, change_of(&charge, "tcv")?])?;
        }
        let subscription = one.get_text("subscriptionNumber").unwrap_or_default().into_owned();
        all.push((subscription, sums));
    }
    Ok(Some(all))
}

fn change_of(charge: &Members<'_>, metric: &str) -> Result<Decimal, String> {
    match charge.get_set(metric).and_then(Checked::as_members) {
        Some(metric) => number(&metric, "regularDelta"),
        None => Ok(Decimal::ZERO),
    }
}

fn delta(row: &Members<'_>) -> Result<Delta, String> {
    let text = |name| row.get_text(name).map(|text| text.into_owned());
    Ok(Delta {
        subscription: text("subscriptionNumber").unwrap_or_default(),
        currency: text("currency").filter(|currency| !currency.is_empty()),
        end: text("endDate"),
        gross: number(row, "grossAmount")?,
    })
}

/// A number, or a number in a text; nothing where it is not there.
fn number(members: &Members<'_>, name: &str) -> Result<Decimal, String> {
    let Some(value) = members.get_set(name) else { return Ok(Decimal::ZERO) };
    let text = value.as_text().unwrap_or_else(|| value.text().into());
    parse_decimal(&text).ok_or_else(|| format!("`{name}` is no number: {text}"))
}

fn sum(numbers: impl IntoIterator<Item = Decimal>) -> Result<Decimal, String> {
    let sum = numbers.into_iter().try_fold(Decimal::ZERO, |sum, one| sum.checked_add(one));
    sum.ok_or_else(|| TOO_LARGE.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(text: &str) -> Decimal {
        parse_decimal(text).expect("a number")
    }

    fn told(figures: &Figures) -> Vec<(&str, &str, Decimal, Option<Decimal>)> {
        let changes = figures.changes.iter();
        changes.map(|one| (&*one.subscription, &*one.currency, one.mrr, one.tcv)).collect()
    }

    const DELTAS: &str = r#""orderDeltaMetrics":{
        "orderDeltaMrr":[
          {"subscriptionNumber":"S","currency":"EUR","startDate":"2026-01-01","endDate":"2026-06-30","grossAmount":10.1},
          {"subscriptionNumber":"S","currency":"EUR","startDate":"2026-07-01","endDate":"2026-12-31","grossAmount":20.2},
          {"subscriptionNumber":"T","currency":"USD","startDate":"2026-01-01","endDate":null,"grossAmount":5}],
        "orderDeltaTcv":[
          {"subscriptionNumber":"S","currency":"EUR","endDate":"2026-06-30","grossAmount":60.6},
          {"subscriptionNumber":"S","currency":"EUR","endDate":"2026-12-31","grossAmount":121.2}]}"#;

    #[test]
    fn metrics_of_charges_tell_the_change() {
        let answer = format!(
            r#"{{"chargeMetrics":[
              {{"subscriptionNumber":"S","charges":[
                {{"cmrr":{{"regular":30,"regularDelta":20.2}},"tcv":{{"regularDelta":181.8}}}},
                {{"cmrr":{{"regularDelta":0E-9}},"tcv":null}}]}},
              {{"subscriptionNumber":"T","charges":[{{"cmrr":{{"regularDelta":5}},"tcv":{{"regularDelta":0}}}}]}}],
              "invoices":[{{"amount":12.34,"invoiceItems":[{{"subscriptionNumber":"T"}}]}},{{"amount":"1.10","invoiceItems":[{{"subscriptionNumber":"S"}}]}}],
              "creditMemos":[{{"amount":0.34,"creditMemoItems":[{{"subscriptionNumber":"T"}}]}}],{DELTAS}}}"#
        );
        let figures = figures(&answer, None).expect("figures");
        assert_eq!(
            told(&figures),
            [
                ("S", "EUR", decimal("20.2"), Some(decimal("181.8"))),
                ("T", "USD", decimal("5"), None)
            ]
        );
        let bill = [("EUR".to_owned(), decimal("1.1")), ("USD".to_owned(), decimal("12"))];
        assert_eq!(figures.first_bill, bill);
    }

    #[test]
    fn without_them_the_changes_over_time_do() {
        let answer = format!(r#"{{"invoices":[],{DELTAS}}}"#);
        let figures = figures(&answer, None).expect("figures");
        assert_eq!(
            told(&figures),
            [
                ("S", "EUR", decimal("20.2"), Some(decimal("181.8"))),
                ("T", "USD", decimal("5"), None)
            ]
        );
        assert_eq!(figures.first_bill, []);
    }

    #[test]
    fn a_bill_without_a_currency_has_that_of_the_order() {
        let answer = r#"{"invoices":[{"amount":10.5,"invoiceItems":[{}]},{"amount":0}]}"#;
        let told = figures(answer, Some("USD")).expect("figures");
        assert_eq!(told.first_bill, [("USD".to_owned(), decimal("10.5"))]);
        assert!(figures(answer, None).is_err(), "nobody says in what is to be paid");
        let free = figures(r#"{"invoices":[{"amount":0}]}"#, None).expect("figures");
        assert_eq!(free.first_bill, []);
    }

    #[test]
    fn what_cannot_be_understood_is_said() {
        let metrics = |change: &str| {
            format!(
                r#"{{"chargeMetrics":[{{"subscriptionNumber":"S","charges":[{{"cmrr":{{"regularDelta":{change}}}}}]}}]}}"#
            )
        };
        assert_eq!(told(&figures(&metrics("0"), None).expect("no change")), []);
        for answer in ["[]", &metrics("1"), &metrics("true")] {
            assert!(figures(answer, None).is_err(), "{answer}");
        }
    }
}
