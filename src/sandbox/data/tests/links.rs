//! Quantities over time, orders beside contracts, renewals beside what they renew.

use std::collections::{BTreeMap, BTreeSet};

use jiff::ToSpan;
use rust_decimal::Decimal;
use serde_json::Value;

use super::prices::effective_quantity;
use super::{Org, date, flag, number, text_of};
use crate::sandbox::data::builtin_fields;

fn quantity(line: &Value) -> Decimal {
    number(line, "SBQQ__Quantity__c").unwrap()
}

#[test]
fn no_reference_leads_nowhere() {
    let org = Org::load();
    let ids: BTreeSet<&String> = org.0.values().flat_map(BTreeMap::keys).collect();
    let listed: Value = serde_json::from_str(&builtin_fields()).unwrap();
    let mut followed = 0;
    for (object, records) in &org.0 {
        let fields = listed[object]["fields"].as_object().unwrap();
        let is_reference = |field: &str| {
            fields[field]["type"] == "reference"
                || ["SBQQ__RootId__c", "SBQQ__RequiredById__c"].contains(&field)
        };
        for record in records.values() {
            let named = record.as_object().unwrap().iter().filter(|(field, _)| is_reference(field));
            for (field, id) in named {
                let id = id.as_str().unwrap().to_owned();
                assert!(ids.contains(&id), "{object}.{field} of {}: {id}", record["Id"]);
                followed += 1;
            }
        }
    }
    assert!(followed > 1000, "{followed}");
}

#[test]
fn no_record_is_older_than_itself_or_younger_than_the_last_sale() {
    let org = Org::load();
    for record in org.0.values().flat_map(BTreeMap::values) {
        let stamp = |field: &str| text_of(record, field).unwrap();
        assert!(stamp("CreatedDate") <= stamp("LastModifiedDate"), "{}", record["Id"]);
        // Otherwise what a client writes would be stamped later than the data are sold.
        assert!(stamp("SystemModstamp").as_str() < "2026-08", "{}", record["Id"]);
    }
}

#[test]
fn a_line_is_terminated_on_the_day_before_nothing_is_left_of_it() {
    let org = Org::load();
    let revisions = |original: &Value| -> Vec<&Value> {
        org.all("SBQQ__Subscription__c")
            .filter(|line| line["SBQQ__RevisedSubscription__c"] == original["Id"])
            .collect()
    };
    let mut terminated = 0;
    for line in org.all("SBQQ__Subscription__c") {
        let revised = org.follow(line, "SBQQ__RevisedSubscription__c", "SBQQ__Subscription__c");
        if let Some(original) = revised {
            assert_eq!(original["SBQQ__Contract__c"], line["SBQQ__Contract__c"]);
            assert!(original["SBQQ__RevisedSubscription__c"].is_null(), "revisions never chain");
            assert_eq!(
                line["SBQQ__SubscriptionEndDate__c"],
                match flag(org.home(line).0, "SBQQ__Evergreen__c") {
                    true => Value::Null,
                    false => org.home(line).0["EndDate"].clone(),
                },
                "{}",
                line["Name"]
            );
        }
        let original = revised.unwrap_or(line);
        let revisions = revisions(original);
        let left =
            quantity(original) + revisions.iter().map(|line| quantity(line)).sum::<Decimal>();
        let last =
            revisions.iter().filter_map(|line| date(line, "SBQQ__SubscriptionStartDate__c")).max();
        let is_over = left.is_zero() && last.is_some();
        assert_eq!(date(line, "SBQQ__TerminatedDate__c").is_some(), is_over, "{}", line["Name"]);
        // A segment that has not begun ends before its own start, on the day of the amendment.
        if is_over && line["SBQQ__SegmentIndex__c"].is_null() {
            let before = last.map(|day| day.checked_sub(1.day()).unwrap());
            assert_eq!(date(line, "SBQQ__TerminatedDate__c"), before, "{}", line["Name"]);
            terminated += 1;
        }
    }
    assert!(terminated >= 10, "{terminated}");
}

#[test]
fn segments_add_up_to_their_absolute_quantities() {
    let org = Org::load();
    let mut keys: BTreeMap<String, Vec<&Value>> = BTreeMap::new();
    for line in org.all("SBQQ__Subscription__c") {
        let is_sale = line["SBQQ__RevisedSubscription__c"].is_null();
        if let Some(key) = text_of(line, "SBQQ__SegmentKey__c").filter(|_| is_sale) {
            keys.entry(key).or_default().push(line);
        }
    }
    assert_eq!(keys.len(), 2);
    for lines in keys.values() {
        let mut sum = Decimal::ZERO;
        let last = number(lines.last().unwrap(), "SBQQ__SegmentQuantity__c");
        for (place, line) in (1_u32..).zip(lines) {
            sum += quantity(line);
            assert_eq!(number(line, "SBQQ__SegmentQuantity__c"), Some(sum), "{}", line["Name"]);
            assert_eq!(number(line, "SBQQ__SegmentIndex__c"), Some(Decimal::from(place)));
            assert_eq!(number(line, "SBQQ__RenewalQuantity__c"), last);
            assert_eq!(line["SBQQ__SubscriptionStartDate__c"], line["SBQQ__SegmentStartDate__c"]);
            assert_eq!(line["SBQQ__SubscriptionEndDate__c"], org.home(line).0["EndDate"]);
        }
    }
}

/// What an order item is paid for the whole of its time, and what its subscription line is.
fn amounts(org: &Org, item: &Value) -> Option<(Decimal, Decimal)> {
    let line = org.follow(item, "SBQQ__Subscription__c", "SBQQ__Subscription__c")?;
    let paid = number(item, "TotalPrice").unwrap();
    let net = number(line, "SBQQ__NetPrice__c").unwrap();
    // An order names the quantity of the whole segment, a subscription line what it adds to it.
    let of_line = match number(line, "SBQQ__SegmentQuantity__c") {
        Some(whole) if quantity(line).is_sign_negative() => -whole.abs() * net,
        Some(whole) => whole * net,
        None => net * effective_quantity(line),
    };
    Some((paid, of_line))
}

#[test]
fn orders_and_contracts_tell_of_the_same_sales() {
    let org = Org::load();
    let mut by_account: BTreeMap<String, (Decimal, Decimal)> = BTreeMap::new();
    let mut told = BTreeSet::new();
    let mut alone = 0;
    for item in org.all("OrderItem") {
        let of = |field: &str| number(item, field).unwrap();
        assert_eq!(of("TotalPrice"), of("UnitPrice") * of("Quantity"), "{}", item["Id"]);
        let order = org.follow(item, "OrderId", "Order").unwrap();
        assert_eq!(order["Status"], "Activated");
        let Some(line) = org.follow(item, "SBQQ__Subscription__c", "SBQQ__Subscription__c") else {
            alone += 1;
            continue;
        };
        assert_eq!(line["SBQQ__OrderProduct__c"], item["Id"]);
        assert_eq!(line["SBQQ__Product__c"], item["Product2Id"]);
        assert_eq!(line["SBQQ__Contract__c"], item["SBQQ__Contract__c"]);
        assert_eq!(
            line["SBQQ__TerminatedDate__c"], item["SBQQ__TerminatedDate__c"],
            "{}",
            item["Id"]
        );
        let revised = org.follow(item, "SBQQ__RevisedOrderProduct__c", "OrderItem");
        assert_eq!(
            revised.map_or(&Value::Null, |item| &item["SBQQ__Subscription__c"]),
            &line["SBQQ__RevisedSubscription__c"],
        );
        assert!(told.insert(text_of(line, "Id").unwrap()), "{} is ordered twice", line["Name"]);
        let (paid, of_line) = amounts(&org, item).unwrap();
        let account = text_of(order, "AccountId").unwrap();
        assert_eq!(Some(&account), text_of(line, "SBQQ__Account__c").as_ref());
        let sums = by_account.entry(account).or_default();
        *sums = (sums.0 + paid, sums.1 + of_line);
    }
    assert!(by_account.len() >= 14 && alone >= 2, "{by_account:?} {alone}");
    for (account, (ordered, contracted)) in by_account {
        assert_eq!(ordered, contracted, "{account}");
    }
    for contract in org.all("Contract").filter(|one| !one["SBQQ__Order__c"].is_null()) {
        for line in org.lines(contract) {
            assert!(told.contains(line["Id"].as_str().unwrap()), "{} has no order", line["Name"]);
        }
    }
}

#[test]
fn an_order_costs_what_its_items_cost_and_says_what_they_do() {
    let org = Org::load();
    let mut actions = BTreeSet::new();
    for order in org.all("Order") {
        let items: Vec<_> =
            org.all("OrderItem").filter(|item| item["OrderId"] == order["Id"]).collect();
        assert!(!items.is_empty(), "{}", order["OrderNumber"]);
        let total: Decimal = items.iter().map(|item| number(item, "TotalPrice").unwrap()).sum();
        assert_eq!(number(order, "TotalAmount"), Some(total), "{}", order["OrderNumber"]);
        for item in items {
            let action = text_of(item, "SBQQ__ContractAction__c").unwrap();
            let revises = !item["SBQQ__RevisedOrderProduct__c"].is_null();
            let changes = ["Quantity Increase", "Quantity Decrease", "Cancel"];
            assert_eq!(changes.contains(&action.as_str()), revises, "{}", item["Id"]);
            let ordered = number(item, "SBQQ__OrderedQuantity__c").unwrap();
            assert_eq!(
                action == "Quantity Increase",
                revises && !ordered.is_sign_negative(),
                "{}",
                item["Id"]
            );
            actions.insert(action);
        }
    }
    let all = ["Cancel", "New", "Quantity Decrease", "Quantity Increase", "Renew"];
    assert_eq!(actions, all.map(str::to_owned).into());
}

#[test]
fn a_renewal_begins_when_what_it_renews_is_over() {
    let org = Org::load();
    let mut renewals = 0;
    for contract in org.all("Contract") {
        let opportunity = org.follow(contract, "SBQQ__Opportunity__c", "Opportunity").unwrap();
        let renewed = org.follow(opportunity, "SBQQ__RenewedContract__c", "Contract");
        assert_eq!(flag(opportunity, "SBQQ__Renewal__c"), renewed.is_some());
        let Some(renewed) = renewed else { continue };
        let next = date(renewed, "EndDate").map(|day| day.checked_add(1.day()).unwrap());
        assert_eq!(date(contract, "StartDate"), next);
        assert_eq!(renewed["SBQQ__RenewalOpportunity__c"], opportunity["Id"]);
        let quote = org.follow(contract, "SBQQ__Quote__c", "SBQQ__Quote__c").unwrap();
        assert_eq!(quote["SBQQ__Type__c"], "Renewal");
        let mut matched = 0;
        for line in org.lines(contract) {
            let quoted = org.follow(line, "SBQQ__QuoteLine__c", "SBQQ__QuoteLine__c").unwrap();
            let old = org.follow(quoted, "SBQQ__RenewedSubscription__c", "SBQQ__Subscription__c");
            if let Some(old) = old {
                assert_eq!(old["SBQQ__Contract__c"], renewed["Id"]);
                assert_eq!(old["SBQQ__Product__c"], line["SBQQ__Product__c"]);
                matched += 1;
            }
        }
        assert!(matched > 0, "{}", contract["ContractNumber"]);
        renewals += 1;
    }
    assert_eq!(renewals, 4);
}

#[test]
fn a_usage_line_has_its_own_schedule_without_holes() {
    let org = Org::load();
    let mut rates = 0;
    for line in org.all("SBQQ__Subscription__c") {
        let schedules: Vec<_> = org
            .all("SBQQ__SubscriptionConsumptionSchedule__c")
            .filter(|schedule| schedule["SBQQ__Subscription__c"] == line["Id"])
            .collect();
        let expected = usize::from(flag(line, "SBQQ__HasConsumptionSchedule__c"));
        assert_eq!(schedules.len(), expected, "{}", line["Name"]);
        for schedule in schedules {
            let mut upper = Some(Decimal::ONE);
            let of_schedule = org
                .all("SBQQ__SubscriptionConsumptionRate__c")
                .filter(|rate| rate["SBQQ__SubscriptionConsumptionSchedule__c"] == schedule["Id"]);
            for rate in of_schedule {
                assert_eq!(number(rate, "SBQQ__LowerBound__c"), upper, "{}", rate["Name"]);
                upper = number(rate, "SBQQ__UpperBound__c");
                rates += 1;
            }
            assert_eq!(upper, None, "the last rate of {} is open", schedule["Id"]);
        }
    }
    assert!(rates > 20, "{rates}");
}
