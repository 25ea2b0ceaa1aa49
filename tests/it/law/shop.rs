//! A small shop: records of a source, and the drafts that a mapping would make of them.

use std::sync::Arc;

use crosswalk::{
    connector::Query,
    json::Records,
    program::{
        Change, Draft, DraftValue, FieldDraft, FieldRule, Head, Left, Mapped, Origin, Reference,
        Resource, Retire, Unique, Verdict, WishDraft,
    },
    value::FingerprintOf,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The product of a source.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Product {
    pub id: String,
    pub name: String,
    pub sku: Option<String>,
    pub state: State,
    /// The id of the product that it replaces.
    pub replaces: Option<String>,
    pub plans: Vec<Plan>,
    /// The key, where it is not the id.
    pub key: Option<String>,
}

/// What a mapping says of a product.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) enum State {
    #[default]
    Sold,
    NotSold,
    Broken,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Plan {
    pub id: String,
    pub name: String,
    pub charges: Vec<Charge>,
    pub currencies: Vec<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Charge {
    pub name: String,
    pub model: String,
    /// Currency, start, price.
    pub tiers: Vec<(String, u32, u32)>,
}

pub(crate) fn product(id: &str, name: &str) -> Product {
    Product { id: id.into(), name: name.into(), ..Product::default() }
}

pub(crate) fn plan(id: &str, name: &str, charges: Vec<Charge>) -> Plan {
    Plan { id: id.into(), name: name.into(), charges, currencies: Vec::new() }
}

pub(crate) fn charge(name: &str, price: u32) -> Charge {
    let tiers = vec![("USD".into(), 0, price), ("EUR".into(), 0, price + 1)];
    Charge { name: name.into(), model: "Flat".into(), tiers }
}

pub(crate) fn head() -> Head {
    Head {
        mapping: "catalog".into(),
        was: None,
        source: "shop".into(),
        target: "till".into(),
        profile: None,
        params: Default::default(),
        query: Query::of("Product2"),
        digest: FingerprintOf::kind("program").text("1").end(),
    }
}

fn origin(line: u32) -> Origin {
    Origin { file: Arc::from("catalog.yaml"), line, column: 3 }
}

fn rule(line: u32, name: &str) -> FieldRule {
    let change = Change::Allowed;
    let unordered = name == "Currencies";
    FieldRule { name: name.into(), change, unordered, item_key: Vec::new(), origin: origin(line) }
}

fn unique(within_parent: bool) -> Vec<Unique> {
    vec![Unique { fields: vec!["Name".into()], within_parent }]
}

/// Products, plans within them, charges within those.
pub(crate) fn resources() -> Vec<Resource> {
    let expire = || Retire::Expire { field: "EndDate".into() };
    let resource = |line, name: &str, object: &str| Resource {
        name: name.into(),
        was: None,
        object: object.into(),
        within: None,
        parent_field: None,
        retire: expire(),
        fields: Vec::new(),
        unique: Vec::new(),
        origin: origin(line),
    };
    vec![
        Resource {
            fields: vec![
                rule(11, "sfdcId"),
                rule(12, "Name"),
                rule(13, "SKU"),
                rule(14, "ReplacesId"),
                rule(15, "EndDate"),
            ],
            unique: unique(false),
            ..resource(10, "product", "Product")
        },
        Resource {
            within: Some(0),
            parent_field: Some("ProductId".into()),
            fields: vec![
                rule(21, "sfdcId"),
                rule(22, "Name"),
                rule(23, "EndDate"),
                rule(24, "Currencies"),
            ],
            unique: unique(true),
            ..resource(20, "plan", "ProductRatePlan")
        },
        Resource {
            within: Some(1),
            parent_field: Some("ProductRatePlanId".into()),
            retire: Retire::Keep,
            fields: vec![
                rule(31, "Name"),
                FieldRule {
                    change: Change::Never("make a new charge and retire this one".into()),
                    ..rule(32, "Model")
                },
                FieldRule {
                    item_key: vec!["Currency".into(), "Start".into()],
                    ..rule(33, "Tiers")
                },
            ],
            ..resource(30, "charge", "ProductRatePlanCharge")
        },
    ]
}

/// Writes the records of a page, as a source would give them.
pub(crate) fn page(products: &[Product]) -> Records {
    let lines = products.iter().map(|product| serde_json::to_string(product).unwrap() + "\n");
    Records::of_ndjson(lines.collect()).unwrap()
}

/// Evaluates a page.
pub(crate) fn eval(records: &Records) -> Vec<Mapped> {
    records.iter().map(|record| mapped(&serde_json::from_str(record.text()).unwrap())).collect()
}

fn mapped(product: &Product) -> Mapped {
    let left = |rule: &'static str, reason: &str| Left {
        record: product.id.clone(),
        label: Some(product.name.clone()),
        verdict: Verdict {
            rule,
            reason: reason.into(),
            origin: origin(9),
            path: Some("$.state".into()),
        },
        on_failure: Vec::new(),
    };
    match product.state {
        State::NotSold => Mapped::Skipped(left("when", "it is not sold")),
        State::Broken => Mapped::Rejected(left("map-unmatched", "its state is unknown")),
        State::Sold => Mapped::Draft(Drafting::of(product)),
    }
}

#[derive(Default)]
struct Drafting {
    draft: Draft,
}

impl Drafting {
    fn of(product: &Product) -> Draft {
        let mut drafting = Self::default();
        drafting.draft.record.clone_from(&product.id);
        drafting.draft.label = Some(product.name.clone());
        drafting.product(product);
        drafting.draft
    }

    fn json(&mut self, value: &Value) -> std::ops::Range<usize> {
        let start = self.draft.text.len();
        self.draft.text.push_str(&value.to_string());
        start..self.draft.text.len()
    }

    fn field(&mut self, rule: usize, value: &Value) -> FieldDraft {
        FieldDraft { rule, value: DraftValue::Json(self.json(value)) }
    }

    fn product(&mut self, product: &Product) {
        let key = product.key.as_ref().unwrap_or(&product.id).clone();
        let key_fields = vec![("sfdcId".to_owned(), self.json(&json!(key)))];
        let mut adopt_by = Vec::new();
        let mut fields = vec![
            self.field(0, &json!(key)),
            self.field(1, &json!(product.name)),
            self.field(4, &json!("2099-12-31")),
        ];
        match &product.sku {
            Some(sku) => {
                fields.push(self.field(2, &json!(sku)));
                adopt_by.push(("SKU".to_owned(), self.json(&json!(sku))));
            }
            None => fields.push(FieldDraft { rule: 2, value: DraftValue::Clear }),
        }
        if let Some(replaced) = &product.replaces {
            let value = DraftValue::Ref(Reference {
                mapping: "catalog".into(),
                resource: "product".into(),
                key: format!("[\"{replaced}\"]"),
                take: None,
            });
            fields.push(FieldDraft { rule: 3, value });
        }
        let key = format!("[\"{key}\"]");
        let wish =
            WishDraft { resource: 0, parent: None, key: key.clone(), key_fields, adopt_by, fields };
        self.draft.wishes.push(wish);
        product.plans.iter().for_each(|plan| self.plan(plan, &key));
    }

    fn plan(&mut self, plan: &Plan, parent: &str) {
        let key = format!("{parent}/[\"{}\"]", plan.id);
        let wish = WishDraft {
            resource: 1,
            parent: Some(0),
            key: key.clone(),
            key_fields: vec![("sfdcId".to_owned(), self.json(&json!(plan.id)))],
            adopt_by: Vec::new(),
            fields: vec![
                self.field(0, &json!(plan.id)),
                self.field(1, &json!(plan.name)),
                self.field(2, &json!("2099-12-31")),
            ],
        };
        let mut wish = wish;
        if !plan.currencies.is_empty() {
            wish.fields.push(self.field(3, &json!(plan.currencies)));
        }
        let at = self.draft.wishes.len();
        self.draft.wishes.push(wish);
        for charge in &plan.charges {
            let tier = |(currency, start, price): &(String, u32, u32)| json!({ "Currency": currency, "Start": start, "Price": price });
            let tiers: Vec<_> = charge.tiers.iter().map(tier).collect();
            let wish = WishDraft {
                resource: 2,
                parent: Some(at),
                key: format!("{key}/[\"{}\"]", charge.name),
                key_fields: vec![("Name".to_owned(), self.json(&json!(charge.name)))],
                adopt_by: Vec::new(),
                fields: vec![
                    self.field(0, &json!(charge.name)),
                    self.field(1, &json!(charge.model)),
                    self.field(2, &json!({ "Tier": tiers })),
                ],
            };
            self.draft.wishes.push(wish);
        }
    }
}
