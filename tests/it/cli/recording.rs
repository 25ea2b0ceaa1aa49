//! `crosswalk record`: a case of a record, its personal values replaced.

use serde_json::Value;

use super::place::Place;

const SET: &str = "mappings/salesforce-cpq-to-zuora";

/// The records of one file of a case.
fn records(place: &Place, case: &str, object: &str) -> Vec<Value> {
    let text = place.read(&format!("{SET}/cases/{case}/source/{object}.ndjson"));
    text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

/// A small org with people in it.
fn people(name: &str) -> Place {
    let place = Place::shipped(name);
    place.write("org/Account.ndjson", concat!(
        r#"{"Id":"001000000000001AAA","Name":"Byron Engines Ltd","CurrencyIsoCode":"USD","Industry":null,"#,
        r#""BillingStreet":"12 High Street","BillingCity":"London","BillingState":null,"BillingPostalCode":"N1","BillingCountry":"United Kingdom","#,
        r#""ShippingStreet":"12 High Street","ShippingCity":"London","ShippingState":null,"ShippingPostalCode":"N1","ShippingCountry":"United Kingdom","#,
        r#""ParentId":null,"SystemModstamp":"2026-01-01T00:00:00.000+0000"}"#, "\n"));
    place.write("org/Contact.ndjson", concat!(
        r#"{"Id":"003000000000001AAA","AccountId":"001000000000001AAA","FirstName":"Ada","LastName":"Byron","Email":"ada@byron.example","#,
        r#""Phone":"+44 20 7946 0000","MobilePhone":null,"SystemModstamp":"2026-01-01T00:00:00.000+0000"}"#, "\n"));
    place.write("org/Contract.ndjson", concat!(
        r#"{"Id":"800000000000001AAA","AccountId":"001000000000001AAA","Status":"Activated","SystemModstamp":"2026-01-01T00:00:00.000+0000"}"#, "\n"));
    place.write("org/Order.ndjson", concat!(
        r#"{"Id":"801000000000001AAA","AccountId":"001000000000001AAA","Status":"Activated","EffectiveDate":"2026-01-01","BillToContactId":"003000000000001AAA","#,
        r#""ShipToContactId":"003000000000001AAA","SystemModstamp":"2026-01-01T00:00:00.000+0000"}"#, "\n"));
    place
}

#[test]
fn a_recorded_case_passes_and_names_nobody() {
    let place = people("record-people");
    let mapping = format!("{SET}/account.yaml");
    let record = ["record", "001000000000001AAA", "byron", "--set", &mapping, "--data", "org"];
    let run = place.run(&record);
    assert_eq!((run.code, run.err.as_str()), (0, ""), "{}", run.out);
    let account = &records(&place, "byron", "Account")[0];
    assert_eq!(account["Id"], "001000000000001AAA");
    assert_eq!(account["BillingStreet"], account["ShippingStreet"]);
    let folder = place.folder.join(SET).join("cases/byron");
    let mut files = vec![folder.join("expected.json"), folder.join("case.yaml")];
    files.extend(std::fs::read_dir(folder.join("source")).unwrap().map(|one| one.unwrap().path()));
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        for personal in ["Byron Engines", "Ada", "High Street", "byron.example", "7946"] {
            assert!(!text.contains(personal), "{personal} is in {}", file.display());
        }
    }
    // The same mail and name reach the target's contact.
    let expected = place.read(&format!("{SET}/cases/byron/expected.json"));
    assert!(expected.contains(account["Name"].as_str().expect("a name")), "{expected}");
    assert!(expected.contains("person1@example.com"), "{expected}");
    let run = place.run(&["test", "byron"]);
    assert_eq!(run.code, 0, "{}", run.out);
    // A case that is there is never written over.
    assert_eq!(place.run(&record).code, 2);
}

#[test]
fn personal_values_are_kept_where_that_is_asked_for() {
    let place = people("record-personal");
    let mapping = format!("{SET}/account.yaml");
    let run = place.run(&[
        "record",
        "001000000000001AAA",
        "byron",
        "--set",
        &mapping,
        "--data",
        "org",
        "--personal",
    ]);
    assert_eq!((run.code, run.err.as_str()), (0, ""), "{}", run.out);
    assert_eq!(records(&place, "byron", "Account")[0]["Name"], "Byron Engines Ltd");
}

#[test]
fn a_record_of_the_built_in_org_becomes_a_case_that_passes() {
    let place = Place::shipped("record-builtin");
    let run = place.run(&["record", "01tNL0000000001YAA", "northlight", "--as-of", "2026-01-15"]);
    assert_eq!((run.code, run.err.as_str()), (0, ""), "{}", run.out);
    assert_eq!(records(&place, "northlight", "Product2").len(), 1);
    assert!(records(&place, "northlight", "PricebookEntry").len() > 3);
    let run = place.run(&["test", "northlight"]);
    assert_eq!(run.code, 0, "{}", run.out);
    let run = place.run(&["record", "01tNL0000000999YAA", "other"]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("no mapping reads a record"), "{}", run.err);
    // What is no Id at all is no fault of the service.
    for command in [&["record", "00000135", "other"][..], &["explain", "00000135"]] {
        let run = place.run(command);
        assert_eq!(run.code, 2);
        assert!(run.err.contains("name it by its Id"), "{}", run.err);
    }
    assert_eq!(place.run(&["record", "01tNL0000000001YAA", "../x"]).code, 2);
}

#[test]
fn a_recorded_case_says_only_what_its_mapping_asks_and_its_neighbours_do_not_say() {
    let place = people("record-setting");
    let environment = format!("{SET}/environments/embedded.yaml");
    let known = place.read(&environment);
    let own = "    Account:\n      Tier__c: { type: text, length: 20 }\n    Lead:\n      \
               Rank__c: { type: number }\n";
    place.write(
        &environment,
        &known.replacen("org:\n  fields:\n", &format!("org:\n  fields:\n{own}"), 1),
    );
    let mapping = format!("{SET}/account.yaml");
    let record = ["record", "001000000000001AAA", "byron", "--set", &mapping, "--data", "org"];
    let run = place.run(&record);
    assert_eq!((run.code, run.err.as_str()), (0, ""), "{}", run.out);
    let case = place.read(&format!("{SET}/cases/byron/case.yaml"));
    assert!(case.contains("org:\n  fields:\n    Account:\n      Tier__c: {"), "{case}");
    for foreign in ["Rank__c", "Region__c", "default_tax_code"] {
        assert!(!case.contains(foreign), "{foreign}: {case}");
    }
}
