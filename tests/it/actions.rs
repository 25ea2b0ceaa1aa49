//! What records make of a mapping of actions: steps, kinds, numbers, holes, what is kept back.

use crosswalk::{
    compile::{Facts, compile},
    diag::{Colour, Findings, SourceMap, render},
    json::Checked,
    program::{ActionDraft, Draft, Known, KnownAction, Mapped, Program, WriteBackValue},
    schema::{Catalog, Field, FieldType},
};

const CATALOG: &str = "
crosswalk: 1
name: catalog
source: { system: salesforce, object: Product2 }
target: { system: zuora }
resources:
  product:
    object: Product
    key: { SKU: { $from: $.Id, $too_long: error } }
    fields: { Name: { $from: $.Name, $too_long: error }, EffectiveStartDate: 2000-01-01, EffectiveEndDate: 2099-12-31 }
  plan:
    object: ProductRatePlan
    within: product
    key: { Name: { $from: $.Name, $too_long: error } }
    fields: { EffectiveStartDate: 2000-01-01, EffectiveEndDate: 2099-12-31 }
";

const CONTRACT: &str = "
crosswalk: 1
name: contract
source: { system: salesforce, object: Contract }
target: { system: zuora }
profile: zuora-connector-a
uses: { catalog: catalog }
let:
  rows: $.SBQQ__Subscriptions__r.records[*]
  steps:
    $group: rows
    $only: not settled(row.Id)
    $by: row.SBQQ__SubscriptionStartDate__c | default(record.StartDate)
    $sort: [row.SBQQ__SubscriptionStartDate__c, $row.Id]
tables:
  kind:
    hit: unique
    inputs: { first: { $calc: known.own == 0 } }
    outputs: [kind]
    rows:
      - [true, New]
      - [false, Amend]
reject:
  - { when: record.StartDate is none, reason: 'the contract has no start date' }
action:
  rows: rows
  each: steps
  as: step
  consumes: $step.rows[*]
  sequence: 'S-{{ record.ContractNumber }}'
  kind: { $table: kind.kind }
  begins: [New]
  day: { $calc: step.key, $absent: error }
  number: 'O-{{ record.ContractNumber }}-{{ digest }}'
  send: Order
  body:
    orderDate: { $calc: step.key, $absent: error }
    existingAccountNumber: $.AccountId
    subscriptions:
      - subscriptionNumber: 'S-{{ record.ContractNumber }}'
        customFields:
          $on: [New]
          Region__c: { $from: $.Description, $truncate: 40 }
        orderActions:
          $switch: kind
          $cases:
            New:
              - type: CreateSubscription
                createSubscription:
                  terms:
                    initialTerm: { termType: EVERGREEN }
                  subscribeToRatePlans:
                    - $each: $step.rows[*]
                      $as: line
                      productRatePlanId: { $ref: catalog.plan, $by: { SKU: { $from: $line.SBQQ__Product__c, $absent: error }, Name: { $from: $line.SBQQ__ProductName__c, $absent: error } } }
            Amend:
              - type: RemoveProduct
                removeProduct: { ratePlanId: '{{ known.actions }} {{ known.kind | default(\"\") }}' }
  expect: { tcv: { $calc: 'sum(step.rows, row.SBQQ__NetPrice__c)' } }
write_back:
  - object: Contract
    id: $.Id
    fields: { Description: $result.orderNumber }
  - { on: failure, object: Contract, id: $.Id, fields: { Description: $failure } }
";

/// The programs of the two mappings, and what is wrong with them.
fn compiled(contract: &str) -> (Vec<Program>, String) {
    let mut sources = SourceMap::new();
    let files = [sources.add("catalog.yaml", CATALOG), sources.add("contract.yaml", contract)];
    let mut catalog = Catalog::embedded();
    let region = Field { length: Some(40), ..Field::of("Region__c", FieldType::Text) };
    catalog.add_field("zuora", "Subscription", region);
    let mut findings = Findings::new();
    let facts = Facts { currency: Some("USD".into()), ..Facts::default() };
    let programs = compile(&sources, &files, &mut catalog, &facts, &mut findings);
    let drawn = findings.into_sorted();
    let drawn = drawn.iter().map(|finding| render(finding, &sources, Colour::None));
    (programs, drawn.collect())
}

fn program() -> Program {
    let (mut programs, findings) = compiled(CONTRACT);
    assert_eq!(findings, "");
    programs.pop().unwrap()
}

fn row(id: &str, day: &str, quantity: i64) -> String {
    format!(
        r#"{{"Id":"{id}","SBQQ__SubscriptionStartDate__c":"{day}","SBQQ__Quantity__c":{quantity},"SBQQ__NetPrice__c":10.50,"SBQQ__Product__c":"P1","SBQQ__ProductName__c":"Plan"}}"#
    )
}

fn contract(rows: &[String]) -> String {
    format!(
        r#"{{"Id":"C1","ContractNumber":"00001","StartDate":"2026-01-01","AccountId":"A1","Description":"EMEA","SBQQ__Subscriptions__r":{{"records":[{}]}}}}"#,
        rows.join(",")
    )
}

fn drafted(record: &str, known: &Known) -> Mapped {
    let program = program();
    let mut reader = program.reader();
    program.draft_known(&mut reader, Checked::check(record).unwrap(), known)
}

fn draft(record: &str, known: &Known) -> Draft {
    match drafted(record, known) {
        Mapped::Draft(draft) => draft,
        other => panic!("{other:?}"),
    }
}

/// The body of an action as it would be sent if nothing were pending.
fn body(draft: &Draft, action: &ActionDraft) -> String {
    let members = action.body.iter();
    let members: Vec<String> =
        members.map(|(name, holed)| format!("{name}: {}", draft.json(&holed.range))).collect();
    members.join("\n")
}

fn two_steps() -> String {
    contract(&[row("R1", "2026-01-01", 5), row("R2", "2026-01-01", 1), row("R3", "2026-04-01", -1)])
}

#[test]
fn a_first_sync_gives_a_new_and_then_each_amendment() {
    let draft = draft(&two_steps(), &Known::default());
    let told: Vec<_> = draft
        .actions
        .iter()
        .map(|action| (action.kind.as_str(), action.day.as_str(), action.rows.clone()))
        .collect();
    assert_eq!(told, [("New", "2026-01-01", vec![0, 1]), ("Amend", "2026-04-01", vec![2])]);
    let [new, amend] = draft.actions.as_slice() else { panic!() };
    assert_eq!(new.sequence, "S-00001");
    assert_eq!(new.number, format!("O-00001-{}", &new.key[..12]));
    assert_ne!(new.key, amend.key);
    assert!(body(&draft, amend).contains(r#""ratePlanId":"1 New""#), "{}", body(&draft, amend));
    assert_eq!(new.expected.as_ref().unwrap().tcv.unwrap().to_string(), "21.00");
    assert_eq!(draft.rows.len(), 3);
}

#[test]
fn what_is_settled_is_not_asked_for_again() {
    let first = KnownAction {
        record: "C1".into(),
        sequence: "S-00001".into(),
        kind: "New".into(),
        day: "2026-01-01".into(),
        rows: vec!["R1".into(), "R2".into()],
        result: "{}".into(),
    };
    let known = Known { actions: vec![first] };
    let amended = draft(&two_steps(), &known);
    let [amend] = amended.actions.as_slice() else { panic!("{:?}", amended.actions) };
    assert_eq!((amend.kind.as_str(), amend.rows.as_slice()), ("Amend", [2].as_slice()));
    let all = KnownAction { rows: vec!["R3".into()], ..known.actions[0].clone() };
    let known = Known { actions: vec![known.actions[0].clone(), all] };
    let draft = draft(&two_steps(), &known);
    assert!(draft.actions.is_empty());
    assert_eq!(draft.rows.len(), 3, "what was sent is watched for changes");
}

#[test]
fn the_order_of_rows_and_other_rows_do_not_change_an_identity() {
    let one = draft(&two_steps(), &Known::default());
    let rows = [row("R3", "2026-04-01", 9), row("R2", "2026-01-01", 7), row("R1", "2026-01-01", 5)];
    let other = draft(&contract(&rows), &Known::default());
    let keys = |draft: &Draft| draft.actions.iter().map(|a| a.key.clone()).collect::<Vec<_>>();
    assert_eq!(keys(&one), keys(&other));
    let third = draft(&contract(&[row("R1", "2026-01-01", 5)]), &Known::default());
    assert_ne!(keys(&one)[0], keys(&third)[0]);
}

#[test]
fn an_id_that_is_not_known_yet_is_a_hole_at_its_place() {
    let draft = draft(&two_steps(), &Known::default());
    let (_, subscriptions) =
        draft.actions[0].body.iter().find(|(name, _)| name == "subscriptions").unwrap();
    let text = draft.json(&subscriptions.range);
    assert_eq!(subscriptions.holes.len(), 2);
    for (at, reference) in &subscriptions.holes {
        assert!(text[..*at].ends_with(r#""productRatePlanId":"#), "{}", &text[..*at]);
        assert_eq!(&text[*at..at + 4], "null");
        assert_eq!((reference.mapping.as_str(), reference.resource.as_str()), ("catalog", "plan"));
        assert_eq!(reference.key, r#""P1"/"Plan""#);
    }
}

#[test]
fn custom_fields_go_with_a_new_and_are_kept_back_else() {
    let draft = draft(&two_steps(), &Known::default());
    let [new, amend] = draft.actions.as_slice() else { panic!() };
    let at = |all: &[(String, std::ops::Range<usize>)]| {
        all.iter().map(|(path, range)| format!("{path} {}", draft.json(range))).collect::<Vec<_>>()
    };
    let fields = [r#"subscriptions[].customFields {"Region__c":"EMEA"}"#];
    assert_eq!(
        (at(&new.withholdable), at(&new.withheld)),
        (fields.map(String::from).into(), vec![])
    );
    assert_eq!(
        (at(&amend.withholdable), at(&amend.withheld)),
        (vec![], fields.map(String::from).into())
    );
    assert!(body(&draft, new).contains("EMEA"));
    assert!(!body(&draft, amend).contains("EMEA"));
}

#[test]
fn a_rejected_record_says_what_is_written_to_it() {
    let record = two_steps().replace(r#""2026-01-01","AccountId""#, r#"null,"AccountId""#);
    let Mapped::Rejected(left) = drafted(&record, &Known::default()) else { panic!() };
    assert_eq!(left.verdict.reason, "the contract has no start date");
    let [write] = left.on_failure.as_slice() else { panic!() };
    assert_eq!((write.object.as_str(), write.id.as_str()), ("Contract", "C1"));
    assert!(matches!(write.fields[0].1, WriteBackValue::Failure(_)));
}

#[test]
fn the_profile_refuses_custom_fields_on_other_kinds() {
    let (_, findings) = compiled(&CONTRACT.replace("          $on: [New]\n", ""));
    assert!(findings.contains("CW0506"), "{findings}");
    assert!(findings.contains("would be sent on Amend"), "{findings}");
    let allowed = CONTRACT.replace("          $on: [New]\n", "").replace("connector-a", "x");
    let (_, findings) = compiled(&allowed);
    assert!(findings.contains("CW0507"), "{findings}");
    let open =
        CONTRACT.replace("          $on: [New]\n", "").replace("zuora-connector-a", "orders-api");
    assert_eq!(compiled(&open).1, "");
}

#[test]
fn a_kind_that_is_none_is_named() {
    let (_, findings) = compiled(&CONTRACT.replace("begins: [New]", "begins: [Nwe]"));
    assert!(findings.contains("`Nwe` is no kind of this action"), "{findings}");
    assert!(findings.contains("New"), "{findings}");
}

#[test]
fn an_action_needs_the_member_of_its_type_and_no_other() {
    let other = CONTRACT.replace("removeProduct: {", "addProduct: {");
    let (_, findings) = compiled(&other);
    assert!(
        findings.contains(
            "`OrderAction` of type `RemoveProduct` takes `removeProduct`, and no `addProduct`"
        ),
        "{findings}"
    );
    let (_, findings) = compiled(&CONTRACT.replace("existingAccountNumber: $.AccountId", ""));
    assert!(findings.contains("needs one more field: an order is for one account"), "{findings}");
    let both = CONTRACT.replace(
        "    existingAccountNumber: $.AccountId",
        "    existingAccountNumber: $.AccountId\n    existingAccountId: $.AccountId",
    );
    let (_, findings) = compiled(&both);
    assert!(findings.contains("takes only one of"), "{findings}");
    let (_, findings) = compiled(&CONTRACT.replace("termType: EVERGREEN", "termType: TERMED"));
    assert!(findings.contains("a term ends after a period or on a date"), "{findings}");
}
