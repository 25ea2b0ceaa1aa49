//! What is written back to contracts, their lines and quotes, against the emulated org.

use crosswalk::{
    connector::{Class, Outcome, Target, Write, salesforce::Salesforce},
    sandbox::{salesforce::OwnField, wire::faults::Fault},
};
use serde_json::{Value, json};

use super::{
    super::{
        claims::{self, created, found_by_id, update},
        servers::CLIENT_SECRET,
    },
    Org,
};

const LINE: &str = "SBQQ__Subscription__c";
const QUOTE: &str = "SBQQ__Quote__c";

/// Fields that an administrator has made for what is written back.
fn own_fields() -> Vec<OwnField> {
    let field = |object: &str, name: &str, type_name: &str, length| OwnField {
        object: object.into(),
        name: name.into(),
        type_name: type_name.into(),
        length,
        ..OwnField::default()
    };
    let status = field("Contract", "ZuoraStatus__c", "picklist", None);
    vec![
        field("Contract", "ZuoraSubscriptionNumber__c", "string", Some(100)),
        field("Contract", "MRR__c", "double", None),
        OwnField { values: vec!["Completed".into(), "Pending".into()], ..status },
        field(LINE, "ZuoraChargeNumber__c", "string", Some(50)),
        field(QUOTE, "TCV__c", "double", None),
    ]
}

struct Sold {
    org: Org,
    salesforce: Salesforce,
    contract: String,
}

impl Sold {
    async fn open() -> Self {
        let org = Org::with(&own_fields()).await;
        let salesforce = org.connect(CLIENT_SECRET);
        let account = created(&salesforce, "Account", r#"{"Name":"Harbour Mills"}"#).await;
        let body =
            format!(r#"{{"AccountId":"{account}","StartDate":"2026-01-01","ContractTerm":12}}"#);
        let contract = created(&salesforce, "Contract", &body).await;
        Self { org, salesforce, contract }
    }

    /// The code of the refusal of one update.
    async fn refusal(&self, object: &str, id: &str, body: &str) -> String {
        let outcomes = self.salesforce.write(&[update(object, id, "{}", body)]).await;
        match outcomes.expect("a call that works").remove(0) {
            Outcome::Refused { code, passing: false, .. } => code,
            other => panic!("{body}: {other:?}"),
        }
    }

    async fn stamp(&self, object: &str, id: &str) -> String {
        found_by_id(&self.salesforce, object, id, &["SystemModstamp"]).await.fields[0].1.clone()
    }
}

#[tokio::test]
async fn what_is_written_back_is_there_and_moves_the_stamp() {
    let sold = Sold::open().await;
    let before = sold.stamp("Contract", &sold.contract).await;
    let body = r#"{"ZuoraSubscriptionNumber__c":"S-1","MRR__c":1234.567890123,"ZuoraStatus__c":"Completed"}"#;
    let batch = [update("Contract", &sold.contract, "{}", body)];
    let outcomes = sold.salesforce.write(&batch).await.expect("written");
    assert!(matches!(&outcomes[..], [Outcome::Done { id, .. }] if *id == sold.contract));
    assert!(sold.stamp("Contract", &sold.contract).await > before);
    let fields = ["ZuoraSubscriptionNumber__c", "MRR__c", "ZuoraStatus__c"];
    let found = found_by_id(&sold.salesforce, "Contract", &sold.contract, &fields).await;
    let values: Vec<&str> = found.fields.iter().map(|(_, value)| value.as_str()).collect();
    assert_eq!(values, ["\"S-1\"", "1234.567890123", "\"Completed\""]);
}

#[tokio::test]
async fn three_refused_lines_of_two_hundred_leave_the_others_written() {
    let sold = Sold::open().await;
    let line = format!(r#"{{"SBQQ__Contract__c":"{}","SBQQ__Quantity__c":1}}"#, sold.contract);
    let lines: Vec<Write> = (0..200).map(|_| claims::create(LINE, &line)).collect();
    let made = sold.salesforce.write(&lines).await.expect("made");
    let id = |outcome: &Outcome| match outcome {
        Outcome::Done { id, .. } => id.clone(),
        refused => panic!("{refused:?}"),
    };
    let ids: Vec<String> = made.iter().map(id).collect();
    let body = |at: usize| match at {
        17 => json!({"ZuoraChargeNumber__c": "x".repeat(51)}),
        99 => json!({"ZuoraChargeNumber__c": "C-99", "Nobody__c": 1}),
        150 => json!({"ZuoraChargeNumber__c": 150}),
        _ => json!({"ZuoraChargeNumber__c": format!("C-{at}")}),
    };
    let changes = |wanted: &[usize], body: &dyn Fn(usize) -> Value| -> Vec<Write> {
        wanted.iter().map(|&at| update(LINE, &ids[at], "{}", &body(at).to_string())).collect()
    };
    let all: Vec<usize> = (0..200).collect();
    let writes = sold.salesforce.traffic().writes;
    let outcomes = sold.salesforce.write(&changes(&all, &body)).await.expect("a call that works");
    assert_eq!(sold.salesforce.traffic().writes, writes + 1);
    let mut refused = Vec::new();
    for (at, outcome) in outcomes.iter().enumerate() {
        match outcome {
            Outcome::Done { id, .. } => assert_eq!(*id, ids[at]),
            Outcome::Refused { code, passing, .. } => refused.push((at, code.as_str(), *passing)),
        }
    }
    let expected = [
        (17, "STRING_TOO_LONG", false),
        (99, "INVALID_FIELD", false),
        (150, "JSON_PARSER_ERROR", false),
    ];
    assert_eq!(refused, expected);
    let number = async |at: usize| {
        let found = found_by_id(&sold.salesforce, LINE, &ids[at], &["ZuoraChargeNumber__c"]).await;
        found.fields.first().map(|(_, value)| value.clone())
    };
    assert_eq!((number(16).await.as_deref(), number(17).await), (Some("\"C-16\""), None));
    // Only those three are sent again.
    let mended = |at: usize| json!({"ZuoraChargeNumber__c": format!("C-{at}")});
    let again = sold.salesforce.write(&changes(&[17, 99, 150], &mended)).await.expect("mended");
    assert!(again.iter().all(|outcome| matches!(outcome, Outcome::Done { .. })), "{again:?}");
    assert_eq!(number(99).await.as_deref(), Some("\"C-99\""));
}

#[tokio::test]
async fn values_that_do_not_fit_are_refused_row_by_row() {
    let sold = Sold::open().await;
    let quote = created(&sold.salesforce, QUOTE, "{}").await;
    for (object, id, body, expected) in [
        (
            "Contract",
            sold.contract.as_str(),
            json!({"ZuoraStatus__c": "Done"}),
            "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
        ),
        ("Contract", &sold.contract, json!({"MRR__c": "1.10"}), "JSON_PARSER_ERROR"),
        (
            "Contract",
            &sold.contract,
            json!({"ContractNumber": "1"}),
            "INVALID_FIELD_FOR_INSERT_UPDATE",
        ),
        ("Contract", "800000000000000AAA", json!({"MRR__c": 1}), "INVALID_CROSS_REFERENCE_KEY"),
        (QUOTE, &quote, json!({"SBQQ__NetAmount__c": 1}), "INVALID_FIELD_FOR_INSERT_UPDATE"),
        (QUOTE, &quote, json!({"MRR__c": 1}), "INVALID_FIELD"),
    ] {
        assert_eq!(sold.refusal(object, id, &body.to_string()).await, expected, "{body}");
    }
    let change = [update(QUOTE, &quote, "{}", r#"{"TCV__c":0.1}"#)];
    let outcomes = sold.salesforce.write(&change).await.expect("written");
    assert!(matches!(&outcomes[..], [Outcome::Done { .. }]), "{outcomes:?}");
}

#[tokio::test]
async fn what_comes_twice_for_a_record_ends_as_the_later_one() {
    let sold = Sold::open().await;
    let set = |number: &str, id: &str| {
        let body = json!({"ZuoraSubscriptionNumber__c": number}).to_string();
        update("Contract", id, "{}", &body)
    };
    let short = &sold.contract[..15];
    let batch = [set("S-1", &sold.contract), set("S-2", short)];
    let outcomes = sold.salesforce.write(&batch).await.expect("written");
    assert!(outcomes.iter().all(|outcome| matches!(outcome, Outcome::Done { .. })), "{outcomes:?}");
    let fields = ["ZuoraSubscriptionNumber__c"];
    let found = found_by_id(&sold.salesforce, "Contract", &sold.contract, &fields).await;
    assert_eq!(found.fields[0].1, "\"S-2\"");
    // The second call does not come through: the first one has, and says so.
    let faults = sold.org.service.faults();
    let down = Fault::Answer { status: 400, retry_after_s: None };
    faults.after(1, 1, Some("PATCH"), "/services/data", down);
    let outcomes = sold.salesforce.write(&batch).await.expect("half of it");
    assert!(
        matches!(&outcomes[..], [Outcome::Done { .. }, Outcome::Refused { .. }]),
        "{outcomes:?}"
    );
    faults.after(1, 1, Some("PATCH"), "/services/data", Fault::CutAfter);
    let error = sold.salesforce.write(&batch).await.expect_err("nobody knows");
    assert_eq!(error.class, Class::UnknownFate);
}
