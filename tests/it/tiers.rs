//! The law of tiers: what is sent costs what CPQ asks, for every quantity near every bound.
//!
//! Both sides are calculated here by themselves: CPQ's from half-open bounds, the target's from
//! inclusive ones. A step that is lost between two tiers, or counted twice, shows at once.

mod atomic;
mod half_open;
mod ladder;
mod meters;
mod sent;

use std::collections::BTreeMap;

use crosswalk::{program::Program, value::Decimal};
use proptest::prelude::*;

use self::{
    half_open::{Kind, Step, cost},
    ladder::{CURRENCIES, End, Ladder, Says},
    sent::{Model, Sent, sent},
};
use crate::cases::{Setting, Tenanted, cpq_to_zuora, program, tenant_of_cases};

fn catalog() -> Program {
    let units = BTreeMap::from([("Each".to_owned(), 0), ("GB".to_owned(), 2)]);
    let custom_fields = tenant_of_cases(&cpq_to_zuora()).custom_fields;
    let tenant = Tenanted { units: Some(units), custom_fields, ..Tenanted::default() };
    program(&cpq_to_zuora(), "product-catalog", &Setting { tenant, ..Setting::default() })
}

/// Holds the law for one ladder, and gives how many prices were compared.
fn hold(program: &Program, ladder: &Ladder) -> Result<usize, String> {
    let mut charges = sent(program, &mut program.reader(), &ladder.record())?;
    let sent = charges.pop().filter(|_| charges.is_empty()).ok_or("one charge was expected")?;
    let model = if ladder.kind == Kind::Slab { Model::Tiered } else { Model::Volume };
    if sent.model != model {
        return Err(format!("{:?} was sent for {:?}", sent.model, ladder.kind));
    }
    let mut compared = 0;
    for (at, (currency, _)) in CURRENCIES.iter().enumerate() {
        touching(&sent, currency, ladder)?;
        let meaning = ladder.meaning(at);
        for steps in ladder.quantities() {
            let quantity = Decimal::new(steps, ladder.decimals);
            let expected = cost(ladder.kind, &meaning, steps, ladder.decimals);
            let got = sent.cost(currency, quantity);
            if expected != got {
                return Err(format!(
                    "{quantity} in {currency} costs {expected:?} in CPQ, {got:?} as sent: {:?}",
                    sent.tiers(currency)
                ));
            }
            compared += 1;
        }
    }
    Ok(compared)
}

/// The tiers of a currency start at 0, and each starts one step after the one before it ends.
fn touching(sent: &Sent, currency: &str, ladder: &Ladder) -> Result<(), String> {
    let tiers = sent.tiers(currency);
    let mut next = Some(Decimal::ZERO);
    for tier in &tiers {
        if next != Some(tier.from) || tier.flat != (ladder.kind == Kind::Block) {
            return Err(format!("{currency}: {tier:?} does not follow, in {tiers:?}"));
        }
        next = tier.to.map(|to| to + Decimal::new(1, ladder.decimals));
    }
    let closed = matches!(ladder.end, End::Closed(_));
    // A first tier [0, 1) of whole units holds none of them and is not sent.
    let unitless = ladder.decimals == 0 && ladder.lower.len() > 1 && ladder.lower[..2] == [0, 1];
    if tiers.len() + usize::from(unitless) != ladder.lower.len() || next.is_some() != closed {
        return Err(format!("{currency}: {tiers:?} end otherwise than {ladder:?}"));
    }
    Ok(())
}

const KINDS: [Kind; 3] = [Kind::Slab, Kind::Range, Kind::Block];
const SAYS: [Says; 4] = [Says::Percent, Says::PercentEach, Says::Amount, Says::Price];

#[test]
fn every_kind_unit_end_and_first_bound_costs_what_cpq_asks() {
    let program = catalog();
    let ends = [End::Open, End::Sentinel(999_999), End::Sentinel(9_999_999), End::Closed(7)];
    let (mut ladders, mut compared) = (0, 0);
    for kind in KINDS {
        for says in SAYS {
            for decimals in [0, 2] {
                for first in [0, 1] {
                    for end in ends {
                        for lower in [vec![first], vec![first, 2], vec![first, 11, 12, 101]] {
                            let values = [0, 1_250, 3_333, 7_700][..lower.len()].to_vec();
                            let ladder = Ladder { kind, says, decimals, lower, end, values };
                            ladders += 1;
                            compared += hold(&program, &ladder)
                                .unwrap_or_else(|e| panic!("{ladder:?}\n{e}"));
                        }
                    }
                }
            }
        }
    }
    println!("{ladders} ladders, {compared} prices");
    assert_eq!(ladders, 3 * 4 * 2 * 2 * 4 * 3);
    assert!(compared > 20_000, "only {compared} prices were compared");
}

/// Any ladder that CPQ can hold.
fn any_ladder() -> impl Strategy<Value = Ladder> {
    let tiers = prop::collection::vec((1_i64..60, 0_i64..=7_774), 1..7);
    let ends = prop_oneof![
        Just(End::Open),
        Just(End::Sentinel(999_999)),
        Just(End::Sentinel(1_000_000)),
        (1_i64..50).prop_map(End::Closed),
    ];
    let kinds = prop::sample::select(KINDS.to_vec());
    let says = prop::sample::select(SAYS.to_vec());
    let decimals = prop::sample::select(vec![0, 2]);
    (kinds, says, decimals, 0_i64..=1, ends, tiers).prop_map(
        |(kind, says, decimals, first, end, tiers)| {
            let mut lower = vec![first];
            for (width, _) in tiers.iter().skip(1) {
                lower.push(lower.last().expect("the first") + width);
            }
            let values = tiers.iter().map(|(_, value)| *value).collect();
            Ladder { kind, says, decimals, lower, end, values }
        },
    )
}

#[test]
fn any_ladder_costs_what_cpq_asks() {
    let program = catalog();
    let config = ProptestConfig { cases: 400, failure_persistence: None, ..Default::default() };
    proptest!(config, |(ladder in any_ladder())| {
        let held = hold(&program, &ladder);
        prop_assert!(held.is_ok(), "{}", held.unwrap_err());
    });
}

/// The law would notice: a ladder whose tiers mean something else does not hold.
#[test]
fn a_lost_step_is_noticed() {
    let step = |lower, upper, price| Step { lower, upper, price, flat: false };
    let inclusive = [step(1, Some(11), Decimal::TWO), step(11, None, Decimal::ONE)];
    let ladder = Ladder {
        kind: Kind::Slab,
        says: Says::Price,
        decimals: 0,
        lower: vec![1, 10],
        end: End::Open,
        values: vec![200, 100],
    };
    let program = catalog();
    let charges = sent(&program, &mut program.reader(), &ladder.record()).expect("a charge");
    let nine = cost(Kind::Slab, &inclusive, 9, 0);
    let ten = cost(Kind::Slab, &inclusive, 10, 0);
    assert_eq!(charges[0].cost("USD", Decimal::from(9)), nine);
    assert_ne!(charges[0].cost("USD", Decimal::from(10)), ten);
}
