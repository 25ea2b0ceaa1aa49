//! Contracts whose rows become orders: records of a source, and the drafts that a mapping of
//! actions would make of them.

use std::{collections::BTreeSet, sync::Arc};

use crosswalk::{
    connector::Query,
    json::Records,
    plan::{Evaluate, Sequenced, digest},
    program::{
        Action, ActionDraft, Draft, Expected, Head, Holed, Known, Left, Mapped, Origin, Reference,
        RowDraft, Verdict, WriteBackDraft, WriteBackValue,
    },
    value::{Decimal, FingerprintOf},
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// A contract.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Contract {
    pub id: String,
    pub account: String,
    /// The subscription; that of another contract where it renews one.
    pub subscription: String,
    pub renews: bool,
    pub broken: bool,
    pub region: Option<String>,
    pub rows: Vec<Row>,
}

/// A row of a contract.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Row {
    pub id: String,
    pub day: String,
    pub quantity: i64,
}

pub(crate) fn row(id: &str, day: &str, quantity: i64) -> Row {
    Row { id: id.into(), day: day.into(), quantity }
}

/// A contract on a subscription of its own.
pub(crate) fn contract(id: &str, rows: Vec<Row>) -> Contract {
    Contract {
        id: id.into(),
        account: "acme".into(),
        subscription: format!("S-{id}"),
        region: Some("EU".into()),
        rows,
        ..Contract::default()
    }
}

/// A contract that renews the subscription of another one.
pub(crate) fn renewal(id: &str, of: &str, rows: Vec<Row>) -> Contract {
    Contract { subscription: format!("S-{of}"), renews: true, ..contract(id, rows) }
}

pub(crate) fn head() -> Head {
    Head {
        mapping: "contracts".into(),
        was: None,
        source: "office".into(),
        target: "till".into(),
        params: Default::default(),
        query: Query::of("Contract"),
        profile: Some("strict".into()),
        digest: FingerprintOf::kind("program").text("contracts").end(),
    }
}

fn origin() -> Origin {
    Origin { file: Arc::from("contracts.yaml"), line: 7, column: 3 }
}

pub(crate) fn action() -> Action {
    Action {
        object: "Order".into(),
        number_field: "orderNumber".into(),
        begins: vec!["New".into()],
        preview_only: false,
        origin: origin(),
    }
}

/// How contracts are evaluated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Evaluating {
    /// Steps of the rows that no settled action consumed.
    #[default]
    OpenRows,
    /// Steps of all rows, settled or not.
    AllRows,
}

/// What turns contracts into drafts.
#[derive(Clone, Debug)]
pub(crate) struct Evaluator {
    pub evaluating: Evaluating,
    /// What the source says that a unit brings a month, for previews.
    pub unit: Decimal,
}

impl Evaluate for Evaluator {
    fn eval(&self, _: &Records) -> Vec<Mapped> {
        panic!("a mapping of actions is evaluated with what is known")
    }

    fn sequences(&self, records: &Records) -> Vec<Sequenced> {
        let of = |contract: Contract| Sequenced {
            record: contract.id,
            sequences: [contract.subscription].into(),
        };
        records.iter().map(|record| of(read(record.text()))).collect()
    }

    fn eval_known(&self, records: &Records, known: &[Known]) -> Vec<Mapped> {
        let each = records.iter().zip(known);
        each.map(|(record, known)| self.mapped(&read(record.text()), known)).collect()
    }
}

fn read(text: &str) -> Contract {
    serde_json::from_str(text).unwrap()
}

impl Evaluator {
    fn mapped(&self, contract: &Contract, known: &Known) -> Mapped {
        let on_failure = on_failure(contract);
        if contract.broken {
            let verdict = Verdict {
                rule: "no-account",
                reason: "it has no billing address".into(),
                origin: origin(),
                path: None,
            };
            let (record, label) = (contract.id.clone(), None);
            return Mapped::Rejected(Left { record, label, verdict, on_failure });
        }
        let mut draft = Draft {
            record: contract.id.clone(),
            label: Some(format!("Contract {}", contract.id)),
            on_failure,
            ..Draft::default()
        };
        let fields = |row: &Row| {
            let digest = |value: Value| digest(&value.to_string()).unwrap();
            vec![
                ("day".to_owned(), digest(json!(row.day))),
                ("quantity".to_owned(), digest(json!(row.quantity))),
            ]
        };
        draft.rows = contract
            .rows
            .iter()
            .map(|row| RowDraft { id: row.id.clone(), fields: fields(row) })
            .collect();
        for (step, rows) in self.steps(contract, known).into_iter().enumerate() {
            self.step(contract, known, &mut draft, step, &rows);
        }
        Mapped::Draft(draft)
    }

    /// Rows by day, oldest first.
    fn steps(&self, contract: &Contract, known: &Known) -> Vec<Vec<usize>> {
        let settled: BTreeSet<&String> =
            known.actions.iter().flat_map(|action| &action.rows).collect();
        let is_open = |row: &Row| match self.evaluating {
            Evaluating::OpenRows => !settled.contains(&row.id),
            Evaluating::AllRows => true,
        };
        let days: BTreeSet<&String> =
            contract.rows.iter().filter(|row| is_open(row)).map(|row| &row.day).collect();
        let of_day = |day: &String| {
            let rows = contract.rows.iter().enumerate();
            rows.filter(|(_, row)| is_open(row) && row.day == *day).map(|(at, _)| at).collect()
        };
        days.into_iter().map(of_day).collect()
    }

    fn step(
        &self,
        contract: &Contract,
        known: &Known,
        draft: &mut Draft,
        step: usize,
        rows: &[usize],
    ) {
        let own = known.actions.iter().any(|action| action.record == contract.id);
        let first = step == 0 && !(own && self.evaluating == Evaluating::OpenRows);
        let kind = match (first, contract.renews) {
            (true, false) => "New",
            (true, true) => "Renew",
            (false, _) => "Amend",
        };
        let mut ids: Vec<&str> = rows.iter().map(|at| contract.rows[*at].id.as_str()).collect();
        ids.sort_unstable();
        let start = FingerprintOf::kind("rows");
        let key = ids.iter().fold(start, |all, id| all.text(id)).end().to_string();
        let number = format!("{}-{}", contract.id, &key[..12]);
        let quantity: i64 = rows.iter().map(|at| contract.rows[*at].quantity).sum();
        let day = contract.rows[rows[0]].day.clone();
        let account = Reference {
            mapping: "accounts".into(),
            resource: "account".into(),
            key: contract.account.clone(),
            take: Some("AccountNumber".into()),
        };
        let region = json!({ "Region": contract.region });
        let subscription = json!({
            "subscriptionNumber": contract.subscription,
            "charge": null,
            "quantity": quantity,
            "rows": ids,
            "custom": if kind == "New" { region.clone() } else { json!(null) },
        });
        let charge = Reference {
            mapping: "catalog".into(),
            resource: "charge".into(),
            key: "seat".into(),
            take: None,
        };
        let mut body = vec![
            member(draft, "orderNumber", &json!(number), Vec::new()),
            member(draft, "orderDate", &json!(day), Vec::new()),
            member(draft, "account", &json!(null), vec![(0, account)]),
        ];
        let text = json!([subscription]).to_string();
        let at = text.find("\"charge\":null").unwrap() + "\"charge\":".len();
        let subscriptions = json!([subscription]);
        body.push(member(draft, "subscriptions", &subscriptions, vec![(at, charge)]));
        let path = "subscriptions[0].custom.Region".to_owned();
        let value = put(draft, &json!(contract.region));
        let (withholdable, withheld) = match kind {
            "New" => (vec![(path, value)], Vec::new()),
            _ => (Vec::new(), vec![(path, value)]),
        };
        draft.actions.push(ActionDraft {
            key,
            sequence: contract.subscription.clone(),
            kind: kind.into(),
            day,
            number,
            rows: rows.to_vec(),
            body,
            withholdable,
            withheld,
            expected: Some(Expected {
                mrr: self.unit.checked_mul(quantity.into()),
                tcv: None,
                tolerance: Decimal::new(1, 2),
            }),
            write_back: write_back(contract, rows),
        });
    }
}

fn put(draft: &mut Draft, value: &Value) -> std::ops::Range<usize> {
    let start = draft.text.len();
    draft.text.push_str(&value.to_string());
    start..draft.text.len()
}

fn member(
    draft: &mut Draft,
    name: &str,
    value: &Value,
    holes: Vec<(usize, Reference)>,
) -> (String, Holed) {
    (name.to_owned(), Holed { range: put(draft, value), holes })
}

fn write_back(contract: &Contract, rows: &[usize]) -> Vec<WriteBackDraft> {
    let result = |path: &str| WriteBackValue::Result(path.into());
    let json = |text: &str| WriteBackValue::Json(text.into());
    let mut all = vec![WriteBackDraft {
        object: "Contract".into(),
        id: contract.id.clone(),
        fields: vec![
            ("Order".into(), result("$.orderNumber")),
            ("Mrr".into(), result("$.mrr")),
            ("Gone".into(), result("$.nowhere[3].at.all")),
            ("Status".into(), json("\"Active\"")),
            ("Error".into(), json("null")),
        ],
    }];
    all.extend(rows.iter().map(|at| WriteBackDraft {
        object: "Row".into(),
        id: contract.rows[*at].id.clone(),
        fields: vec![("Order".into(), result("$.orderNumber"))],
    }));
    all
}

fn on_failure(contract: &Contract) -> Vec<WriteBackDraft> {
    vec![WriteBackDraft {
        object: "Contract".into(),
        id: contract.id.clone(),
        fields: vec![
            ("Status".into(), WriteBackValue::Json("\"Failed\"".into())),
            ("Error".into(), WriteBackValue::Failure(60)),
        ],
    }]
}

/// Writes the records of a page, as a source would give them.
pub(crate) fn page(contracts: &[Contract]) -> Records {
    let lines = contracts.iter().map(|contract| serde_json::to_string(contract).unwrap() + "\n");
    Records::of_ndjson(lines.collect()).unwrap()
}
