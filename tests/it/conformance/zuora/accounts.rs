//! Accounts and contacts of Zuora, against the emulated tenant.

use crosswalk::{
    connector::{Class, Find, FindBy, Outcome, Target},
    sandbox::wire::faults::Fault,
};
use serde_json::Value;

use super::{
    super::{
        claims::{self, Tried, created, found_by_id, update},
        servers::CLIENT_SECRET,
    },
    Emulated,
};

const ACCOUNT: &str = r#"{"name":"Mill Ltd","currency":"USD","crmId":"001A","notes":null,"billCycleDay":1,"batch":"Batch1","paymentTerm":"Net 30",
    "billToContact":{"firstName":"Ada","lastName":"Byron","country":"Canada","state":null}}"#;

#[tokio::test]
async fn accounts_keep_the_promises_of_a_target() {
    let emulated = Emulated::start().await;
    let zuora = emulated.connect(CLIENT_SECRET);
    let tried = Tried {
        object: "Account",
        key: "crmId",
        bodies: [
            ACCOUNT,
            r#"{"name":"O'Brien & Co","currency":"EUR","crmId":"001B","Region__c":"North","autoPay":false,"billCycleDay":31,
                "billToContact":{"crmId__c":"003A","firstName":"Al","lastName":"O'Brien","country":"Ireland","zipCode":"007"},
                "taxInfo":{"VATId":"IE1"}}"#,
        ],
        bad: Some(
            r#"{"name":"Nowhere","currency":"XXX","crmId":"001C","billToContact":{"firstName":"A","lastName":"B"}}"#,
        ),
        change: r#"{"name":"Mill AG","billCycleDay":15,"paymentTerm":"Net 30"}"#,
    };
    claims::writes_and_finds(&zuora, &tried).await;
    assert_eq!(zuora.limits("Account").batch_size_max, 1, "one account's fate is one call's");
}

#[tokio::test]
async fn a_contact_is_changed_within_its_account() {
    let emulated = Emulated::start().await;
    let zuora = emulated.connect(CLIENT_SECRET);
    let body = ACCOUNT.replace(r#""state":null"#, r#""state":"Ontario","zipCode":"N1G""#);
    let id = created(&zuora, "Account", &body).await;
    let moved = r#"{"billToContact":{"firstName":"Ada","lastName":"Byron","country":"Malta","city":"Valletta","state":null,"zipCode":null}}"#;
    let outcomes = zuora.write(&[update("Account", &id, "{}", moved)]).await.expect("update");
    assert!(matches!(&outcomes[..], [Outcome::Done { .. }]), "{outcomes:?}");
    let found = found_by_id(&zuora, "Account", &id, &["billToContact", "crmId"]).await;
    let contact: Value = serde_json::from_str(&found.fields[0].1).expect("a contact");
    let wished = serde_json::json!(
        {"firstName": "Ada", "lastName": "Byron", "country": "Malta", "city": "Valletta"}
    );
    assert_eq!((contact, found.fields[1].1.as_str()), (wished, "\"001A\""));
}

#[tokio::test]
async fn two_accounts_of_one_crm_id_are_two_hits() {
    let emulated = Emulated::start().await;
    let zuora = emulated.connect(CLIENT_SECRET);
    let twins =
        [created(&zuora, "Account", ACCOUNT).await, created(&zuora, "Account", ACCOUNT).await];
    let key = |id: &str| vec![("crmId".to_owned(), format!("\"{id}\""))];
    let by = FindBy::Keys(vec![key("001a"), key("001A")]);
    let find = Find { object: "Account".into(), by, fields: vec!["billToContact".into()] };
    let found = zuora.find(&find).await.expect("find");
    let mut ids: Vec<&str> = found.iter().map(|hit| hit.id.as_str()).collect();
    ids.sort_unstable();
    let mut expected = twins.each_ref().map(String::as_str);
    expected.sort_unstable();
    assert_eq!(ids, expected);
    assert!(found.iter().all(|hit| hit.asked == 1), "a key of another case is another key");
}

#[tokio::test]
async fn an_account_whose_answer_was_lost_has_no_known_fate() {
    let emulated = Emulated::start().await;
    let zuora = emulated.connect(CLIENT_SECRET);
    emulated.service.faults().next(1, None, "/v1/accounts", Fault::CutAfter);
    let error = zuora.write(&[claims::create("Account", ACCOUNT)]).await.expect_err("cut");
    assert_eq!(error.class, Class::UnknownFate, "{error}");
    let by = FindBy::Keys(vec![vec![("crmId".to_owned(), "\"001A\"".to_owned())]]);
    let find = Find { object: "Account".into(), by, fields: vec!["name".into()] };
    assert_eq!(zuora.find(&find).await.expect("find").len(), 1, "it was made, and once");
}

#[tokio::test]
async fn a_contact_by_itself_keeps_the_promises_too() {
    let emulated = Emulated::start().await;
    let zuora = emulated.connect(CLIENT_SECRET);
    let account = created(&zuora, "Account", ACCOUNT).await;
    let body = format!(
        r#"{{"accountId":"{account}","firstName":"Jo","lastName":"Ng","crmId__c":"003B","zipCode":"01"}}"#
    );
    let id = created(&zuora, "Contact", &body).await;
    let change = [update("Contact", &id, "{}", r#"{"city":"Bern"}"#)];
    let outcomes = zuora.write(&change).await.expect("update");
    assert!(matches!(&outcomes[..], [Outcome::Done { .. }]), "{outcomes:?}");
    let by = FindBy::Keys(vec![vec![("crmId__c".to_owned(), "\"003B\"".to_owned())]]);
    let fields = ["accountId", "zipCode", "city"].map(String::from).to_vec();
    let found = zuora.find(&Find { object: "Contact".into(), by, fields }).await.expect("find");
    let values: Vec<&str> = found[0].fields.iter().map(|(_, text)| text.as_str()).collect();
    assert_eq!(
        (found[0].id.as_str(), values),
        (id.as_str(), vec![&*format!("\"{account}\""), "\"01\"", "\"Bern\""])
    );
}
