//! The tiers of charges: read from their own object, given back in the form in which a charge is
//! written, and changed alone where only one price differs.

use super::{
    Zuora, broken, spelling,
    zoql::{Recognised, questions},
};
use crate::{
    connector::CallError,
    json::{Checked, Members, ObjectText, fingerprint, list_text},
    value::{Decimal, parse_decimal},
};
use std::collections::BTreeMap;

/// The field of a charge that holds its tiers.
pub(super) const FIELD: &str = "ProductRatePlanChargeTierData";

/// The list inside it, and the object that the tiers are.
const OBJECT: &str = "ProductRatePlanChargeTier";

/// The field of a tier that names its charge.
const CHARGE_ID: &str = "ProductRatePlanChargeId";

/// What a tier is written with, in the order in which it is given back.
const MEMBERS: [&str; 8] = [
    "Currency",
    "StartingUnit",
    "EndingUnit",
    "Price",
    "PriceFormat",
    "DiscountAmount",
    "DiscountPercentage",
    "IsOveragePrice",
];

/// The three amounts that a tier may have. A question may name one of them ("You can only use
/// Price or DiscountAmount or DiscountPercentage in one ProductRatePlanChargeTier query").
const AMOUNTS: [&str; 3] = ["Price", "DiscountAmount", "DiscountPercentage"];

/// The amount that the tiers of a charge have, by its model.
fn amount_of(charge_model: &str) -> &'static str {
    match charge_model {
        "Discount-Fixed Amount" => "DiscountAmount",
        "Discount-Percentage" => "DiscountPercentage",
        _ => "Price",
    }
}

/// One tier that is there.
pub(super) struct Tier {
    pub(super) id: String,
    place: Place,
    text: String,
}

/// What tells the tiers of a charge apart, and orders them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    currency: String,
    starting_unit: Option<Decimal>,
    number: Option<Decimal>,
}

impl Place {
    fn of(tier: &Members<'_>) -> Self {
        let number = |name: &str| {
            let written = spelling::written(name, tier.get_set(name)?);
            parse_decimal(&written)
        };
        let currency = tier.get_text("Currency").unwrap_or_default().into_owned();
        Self { currency, starting_unit: number("StartingUnit"), number: number("Tier") }
    }

    /// Whether it is the place of a tier that says no number of its own.
    fn is(&self, other: &Self) -> bool {
        let from = |place: &Self| place.starting_unit.unwrap_or_default();
        self.currency == other.currency && from(self) == from(other)
    }
}

impl Zuora {
    /// The tiers of charges, by charge, in the order of currency and first unit.
    pub(super) async fn tiers_of(
        &self,
        charges: &[String],
    ) -> Result<BTreeMap<String, Vec<Tier>>, CallError> {
        let mut tiers: BTreeMap<String, Vec<Tier>> = BTreeMap::new();
        for (amount, charges) in self.by_amount(charges).await? {
            let others = |name: &&str| !AMOUNTS.contains(name) || *name == amount;
            let members = MEMBERS.into_iter().filter(others);
            let fields: Vec<&str> = ["Id", CHARGE_ID, "Tier"].into_iter().chain(members).collect();
            let any: Vec<Recognised> =
                charges.iter().map(|charge| Recognised::by(CHARGE_ID, charge)).collect();
            for row in self.ask_all(&questions(OBJECT, &fields, &any)).await? {
                let (charge, tier) = tier(&row).ok_or_else(|| {
                    broken(format!("select from {OBJECT}"), "a tier without its ids")
                })?;
                tiers.entry(charge).or_default().push(tier);
            }
        }
        tiers.values_mut().for_each(|tiers| tiers.sort_by(|a, b| a.place.cmp(&b.place)));
        Ok(tiers)
    }

    /// Charges by the amount that their tiers have.
    async fn by_amount(
        &self,
        charges: &[String],
    ) -> Result<BTreeMap<&'static str, Vec<String>>, CallError> {
        let any: Vec<Recognised> =
            charges.iter().map(|charge| Recognised::by("Id", charge)).collect();
        let asked = questions("ProductRatePlanCharge", &["Id", "ChargeModel"], &any);
        let mut groups: BTreeMap<&'static str, Vec<String>> = BTreeMap::new();
        for row in self.ask_all(&asked).await? {
            let Ok(members) = Members::of(&row) else { continue };
            let Some(id) = members.get_text("Id") else { continue };
            let model =
                members.get_set("ChargeModel").map(|is| spelling::written("ChargeModel", is));
            let model = model.unwrap_or_default();
            let amount = amount_of(model.trim_matches('"'));
            groups.entry(amount).or_default().push(id.into_owned());
        }
        Ok(groups)
    }
}

/// A tier and the charge that it belongs to.
fn tier(row: &str) -> Option<(String, Tier)> {
    let members = Members::of(row).ok()?;
    let charge = members.get_text(CHARGE_ID)?.into_owned();
    let id = members.get_text("Id")?.into_owned();
    Some((charge, Tier { id, place: Place::of(&members), text: written(&members) }))
}

/// A tier as it would be written.
fn written(tier: &Members<'_>) -> String {
    let mut out = ObjectText::new();
    for name in MEMBERS {
        if let Some(value) = tier.get_set(name) {
            out.push(name, &spelling::written(name, value));
        }
    }
    out.end()
}

/// The tiers of one charge as the value of its field.
pub(super) fn field_text(tiers: &[Tier]) -> String {
    let mut out = ObjectText::new();
    out.push(OBJECT, &list_text(tiers.iter().map(|tier| tier.text.as_str())));
    out.end()
}

/// A new price of one tier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct NewPrice {
    place: Place,
    /// The price as it was written in the wish.
    pub(super) price: String,
    /// The format of the price, when the wish names it.
    pub(super) price_format: Option<String>,
}

impl NewPrice {
    /// The id of the tier that it is for.
    pub(super) fn tier<'t>(&self, tiers: &'t [Tier]) -> Option<&'t Tier> {
        let mut hits = tiers.iter().filter(|tier| self.place.is(&tier.place));
        hits.next().filter(|_| hits.next().is_none())
    }

    /// What the tier's own call takes.
    pub(super) fn body(&self) -> String {
        let mut out = ObjectText::new();
        out.push("Price", &self.price);
        self.price_format.iter().for_each(|format| out.push("PriceFormat", format));
        out.end()
    }
}

/// The one new price, when nothing else tells the wish from what was there. Members that the
/// wish leaves out are not compared: Zuora fills them.
pub(super) fn only_new_price(before: Checked<'_>, wished: Checked<'_>) -> Option<NewPrice> {
    let (before, wished) = (list(before)?, list(wished)?);
    if before.len() != wished.len() {
        return None;
    }
    let mut new_price = None;
    for tier in &wished {
        let place = Place::of(tier);
        let mut same_place = before.iter().filter(|other| place.is(&Place::of(other)));
        let was = same_place.next().filter(|_| same_place.next().is_none())?;
        let changed: Vec<&str> = changed(was, tier);
        match changed.as_slice() {
            [] => {}
            ["Price"] if new_price.is_none() => {
                let price_format =
                    tier.get_set("PriceFormat").map(|format| format.text().to_owned());
                let price = tier.get_set("Price")?.text().to_owned();
                new_price = Some(NewPrice { place, price, price_format });
            }
            _ => return None,
        }
    }
    new_price
}

fn list(field: Checked<'_>) -> Option<Vec<Members<'_>>> {
    let tiers = field.as_members()?.get(OBJECT)?.as_list()?;
    tiers.into_iter().map(Checked::as_members).collect()
}

fn changed<'t>(was: &Members<'_>, is: &'t Members<'_>) -> Vec<&'t str> {
    let same = |name: &str, value: Checked<'_>| match was.get_set(name) {
        None => value.text() == "null",
        Some(was) => fingerprint(was) == fingerprint(value),
    };
    is.iter().filter(|(name, value)| !same(name, *value)).map(|(name, _)| name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn new_price(before: &str, wished: &str) -> Option<NewPrice> {
        let data = |tiers: &str| format!("{{\"ProductRatePlanChargeTier\":{tiers}}}");
        let (before, wished) = (data(before), data(wished));
        let check = |text| Checked::check(text).expect("tiers");
        only_new_price(check(&before), check(&wished))
    }

    const BEFORE: &str = r#"[
        {"Currency":"EUR","StartingUnit":0,"EndingUnit":9,"Price":5,"PriceFormat":"Flat Fee","IsOveragePrice":false},
        {"Currency":"EUR","StartingUnit":10,"Price":4,"PriceFormat":"Flat Fee","IsOveragePrice":false}]"#;

    #[test]
    fn finds_the_one_new_price_whatever_the_order() {
        let wished = r#"[{"Currency":"EUR","StartingUnit":10.0,"Price":4.50,"PriceFormat":"Flat Fee"},
            {"Currency":"EUR","StartingUnit":0,"EndingUnit":9,"Price":5.00}]"#;
        let found = new_price(BEFORE, wished).expect("one new price");
        assert_eq!(found.body(), r#"{"Price":4.50,"PriceFormat":"Flat Fee"}"#);
    }

    #[test]
    fn takes_the_long_way_for_anything_else() {
        let two_prices = r#"[{"Currency":"EUR","StartingUnit":0,"Price":1},{"Currency":"EUR","StartingUnit":10,"Price":2}]"#;
        let new_range = r#"[{"Currency":"EUR","StartingUnit":0,"EndingUnit":10,"Price":5},{"Currency":"EUR","StartingUnit":10,"Price":2}]"#;
        let new_tier = r#"[{"Currency":"EUR","StartingUnit":0,"Price":1}]"#;
        let moved = r#"[{"Currency":"USD","StartingUnit":0,"Price":5},{"Currency":"EUR","StartingUnit":10,"Price":4}]"#;
        let nothing = r#"[{"Currency":"EUR","StartingUnit":0,"Price":5},{"Currency":"EUR","StartingUnit":10,"Price":4}]"#;
        for wished in [two_prices, new_range, new_tier, moved, nothing] {
            assert_eq!(new_price(BEFORE, wished), None, "{wished}");
        }
    }
}
