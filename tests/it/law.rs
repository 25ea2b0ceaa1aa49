//! Laws of planning and applying, over a shop, a till and a ledger that keep real state.

mod applying;
mod bench;
mod contracts;
mod crash;
mod desk;
mod histories;
mod office;
mod orders;
mod orders_at_random;
mod planning;
mod shop;
mod till;

use shop::{charge, plan, product};

/// Seven objects: two products with a plan each and three charges.
fn two_products() -> Vec<shop::Product> {
    let mut first = product("p1", "Server");
    first.plans = vec![plan("a", "Monthly", vec![charge("Fee", 100), charge("Usage", 5)])];
    let mut second = product("p2", "Support");
    second.plans = vec![plan("b", "Monthly", vec![charge("Fee", 10)])];
    vec![first, second]
}
