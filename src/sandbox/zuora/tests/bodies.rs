//! Bodies that the service accepts, and ways to spoil them.

use serde_json::{Value, json};

pub fn product(name: &str) -> Value {
    json!({
        "Name": name,
        "EffectiveStartDate": "2020-01-01",
        "EffectiveEndDate": "2099-12-31",
    })
}

pub fn plan(product: &str, name: &str) -> Value {
    json!({
        "Name": name,
        "ProductId": product,
        "EffectiveStartDate": "2020-01-01",
        "EffectiveEndDate": "2099-12-31",
        "ActiveCurrencies": ["USD", "EUR"],
    })
}

/// A charge of a type and a model, with two tiers per currency where the model has ranges.
pub fn charge(plan: &str, charge_type: &str, model: &str) -> Value {
    let mut body = json!({
        "Name": format!("{charge_type} {model}"),
        "ProductRatePlanId": plan,
        "ChargeType": charge_type,
        "ChargeModel": model,
        "BillCycleType": "DefaultFromCustomer",
        "BillingPeriod": "Month",
        "TriggerEvent": "ContractEffective",
        "ProductRatePlanChargeTierData": {"ProductRatePlanChargeTier": tiers(model)},
    });
    if needs_unit(model) {
        body["UOM"] = json!("Each");
    }
    if model == "Per Unit Pricing" && charge_type != "Usage" {
        body["DefaultQuantity"] = json!(1);
    }
    if model == "Overage Pricing" {
        body["IncludedUnits"] = json!(5);
    }
    body
}

fn needs_unit(model: &str) -> bool {
    !model.starts_with("Flat") && !model.starts_with("Discount") && !model.starts_with("Delivery")
}

pub fn tiers(model: &str) -> Value {
    let rows: Vec<Value> = ["USD", "EUR"]
        .iter()
        .flat_map(|currency| match model {
            "Volume Pricing" | "Tiered Pricing" => vec![
                json!({"Currency": currency, "StartingUnit": 0, "EndingUnit": 10, "Price": 9.99}),
                json!({"Currency": currency, "StartingUnit": 11, "Price": 8}),
            ],
            "Tiered with Overage Pricing" => vec![
                json!({"Currency": currency, "StartingUnit": 0, "EndingUnit": 10, "Price": 1}),
                json!({"Currency": currency, "IsOveragePrice": true, "Price": 2}),
            ],
            "Discount-Fixed Amount" => vec![json!({"Currency": currency, "DiscountAmount": 3})],
            "Discount-Percentage" => vec![json!({"Currency": currency, "DiscountPercentage": 10})],
            _ => vec![json!({"Currency": currency, "Price": 100})],
        })
        .collect();
    Value::Array(rows)
}

/// The body with other values; a null takes the field away.
pub fn but(mut body: Value, changes: Value) -> Value {
    for (name, value) in changes.as_object().unwrap() {
        match value {
            Value::Null => body.as_object_mut().unwrap().remove(name),
            value => body.as_object_mut().unwrap().insert(name.clone(), value.clone()),
        };
    }
    body
}

/// The body with these tiers.
pub fn with_tiers(body: Value, tiers: Value) -> Value {
    but(body, json!({"ProductRatePlanChargeTierData": {"ProductRatePlanChargeTier": tiers}}))
}
