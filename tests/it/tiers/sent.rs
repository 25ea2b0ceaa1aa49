//! The tiers that are sent, and what a quantity costs by them as the target reads them: bounds
//! inclusive, a missing end open.

use crosswalk::{
    json::Checked,
    program::{Mapped, Program, Reader},
    value::{Decimal, parse_decimal},
};
use serde_json::Value;

use crate::cases::fields;

/// How the target prices a quantity over tiers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Model {
    /// Each unit at the price of its own tier.
    Tiered,
    /// All units at the tier of the whole quantity.
    Volume,
    /// Each unit beyond the included ones.
    Overage(Decimal),
}

/// A tier of one currency.
#[derive(Clone, Debug)]
pub struct Tier {
    pub from: Decimal,
    pub to: Option<Decimal>,
    pub price: Decimal,
    pub flat: bool,
}

/// A charge as it is sent.
#[derive(Clone, Debug)]
pub struct Sent {
    pub model: Model,
    tiers: Vec<(String, Tier)>,
}

impl Sent {
    /// The tiers of a currency, in the order in which they are sent.
    pub fn tiers(&self, currency: &str) -> Vec<Tier> {
        let own = self.tiers.iter().filter(|(own, _)| own == currency);
        own.map(|(_, tier)| tier.clone()).collect()
    }

    /// What a quantity costs; `None` where no tier holds it.
    pub fn cost(&self, currency: &str, quantity: Decimal) -> Option<Decimal> {
        let tiers = self.tiers(currency);
        let holds = |tier: &Tier| tier.from <= quantity && tier.to.is_none_or(|to| quantity <= to);
        let last = tiers.iter().position(holds)?;
        match self.model {
            Model::Volume if tiers[last].flat => Some(tiers[last].price),
            Model::Volume => Some(tiers[last].price * quantity),
            Model::Overage(included) => {
                Some(tiers[last].price * (quantity - included).max(Decimal::ZERO))
            }
            Model::Tiered => {
                let (mut cost, mut reached) = (Decimal::ZERO, Decimal::ZERO);
                for tier in &tiers[..=last] {
                    let to = tier.to.unwrap_or(quantity).min(quantity);
                    cost += if tier.flat { tier.price } else { tier.price * (to - reached) };
                    reached = to;
                }
                Some(cost)
            }
        }
    }
}

/// The charges of a product in the order of its plans, or why there are none.
pub fn sent(program: &Program, reader: &mut Reader, record: &str) -> Result<Vec<Sent>, String> {
    let draft = match program.draft(reader, Checked::check(record).expect("a record")) {
        Mapped::Draft(draft) => draft,
        Mapped::Skipped(left) | Mapped::Rejected(left) => {
            return Err(format!("{}: {}", left.verdict.rule, left.verdict.reason));
        }
    };
    let charges = draft
        .wishes
        .iter()
        .filter(|wish| program.resources()[wish.resource].object == "ProductRatePlanCharge");
    Ok(charges
        .map(|wish| serde_json::from_str(&fields(program, &draft, wish)).expect("JSON"))
        .map(|charge: Value| of_charge(&charge))
        .collect())
}

fn of_charge(charge: &Value) -> Sent {
    let model = match charge["ChargeModel"].as_str() {
        Some("Tiered Pricing") => Model::Tiered,
        Some("Volume Pricing") => Model::Volume,
        Some("Overage Pricing") => {
            Model::Overage(number(&charge["IncludedUnits"]).expect("included units"))
        }
        other => panic!("{other:?} has no tiers"),
    };
    let tiers = charge["ProductRatePlanChargeTierData"]["ProductRatePlanChargeTier"].as_array();
    let tiers = tiers.expect("tiers").iter().map(|tier| {
        let read = Tier {
            from: number(&tier["StartingUnit"]).unwrap_or_default(),
            to: number(&tier["EndingUnit"]),
            price: number(&tier["Price"]).expect("a price"),
            flat: tier["PriceFormat"] == "Flat Fee",
        };
        (tier["Currency"].as_str().expect("a currency").to_owned(), read)
    });
    Sent { model, tiers: tiers.collect() }
}

fn number(value: &Value) -> Option<Decimal> {
    value.is_number().then(|| parse_decimal(&value.to_string()).expect("an exact number"))
}
