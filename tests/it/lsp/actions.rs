//! The language server over the shipped mapping of contracts: bodies of actions, shapes, switches,
//! what is known, what is written back.

use serde_json::{Value, json};

use super::{
    client::{Client, Spot, applied},
    super::cli::place::Place,
};

const FILE: &str = "mappings/salesforce-cpq-to-zuora/contract-subscription.yaml";

#[test]
fn explore() {
    let place = Place::shipped("lsp-actions");
    let mut client = Client::start(&place, &[]);
    let whole = place.read(FILE);
    client.open(FILE);
    for (find, typed) in [
        ("[{ $shape: removal, number: $one.number", "[{ $shape: re¦, number: $one.number"),
        ("[{ $shape: removal, number: $one.number, day: $step.key }]", "[{ $shape: removal, number: $one.number, day: $step.¦ }]"),
        ("[{ $shape: removal, number: $one.number, day: $step.key }]", "[{ $shape: removal, number: $one.nu¦, day: $step.key }]"),
        ("kind: { $table: contract_action.kind }", "kind: { $table: contract_action.¦ }"),
        ("kind: { $table: contract_action.kind }", "kind: { $table: con¦.kind }"),
        ("$on: [New]\n          sfdc", "$on: [N¦]\n          sfdc"),
        ("          Region__c: $.Region__c", "          Reg¦: $.Region__c"),
        ("          Region__c: $.Region__c", "          Region__c: $.Reg¦"),
        ("$ref: accounts.account, $by: { crmId: { $from: $owner", "$ref: acc¦.account, $by: { crmId: { $from: $owner"),
        ("$ref: accounts.account, $by: { crmId: { $from: $owner", "$ref: accounts.acc¦, $by: { crmId: { $from: $owner"),
        ("$ref: accounts.account, $by: { crmId: { $from: $owner", "$ref: accounts.account, $by: { crm¦: { $from: $owner"),
        ("$take: accountNumber }\n    subscriptions", "$take: acc¦ }\n    subscriptions"),
        ("  send: Order\n", "  send: Or¦\n"),
        ("  send: Order\n", "  se¦: Order\n"),
        ("  begins: [New]", "  begins: [¦]"),
        ("  expect:\n    mrr", "  expect:\n    m¦"),
        ("profile: zuora-connector-a", "profile: zu¦"),
        ("uses: { catalog: product-catalog,", "uses: { catalog: prod¦,"),
        ("- $when: kind == 'New'\n", "- $when: ki¦ == 'New'\n"),
        ("- $when: kind == 'New'\n", "- $when: kind == 'N¦'\n"),
        ("      - $when: line.action == 'remove'", "      - $when: line.action == 're¦'"),
        ("any(rows, row.lacks_meter)\n    reason: \"its", "any(rows, row.lacks¦)\n    reason: \"its"),
        ("- { name: ContractEffective, triggerDate: $day }", "- { name: Con¦, triggerDate: $day }"),
        ("$as: one\n            type: AddProduct", "$as: one\n            type: Add¦"),
        ("              $shape: plan\n              one: $one", "              $shape: plan\n              on¦: $one"),
        ("              amount: $line.amount\n              day: $step.key", "              amount: $line.amount\n              ¦\n              day: $step.key"),
        ("      recurringPerUnit: { recurringPerUnit: { listPrice: { $from: $price, $round: 9 }, quantity: $quantity } }\n      recurringFlatFee", "      recurringPerUnit: { recurringPerUnit: { li¦: { $from: $price, $round: 9 }, quantity: $quantity } }\n      recurringFlatFee"),
        ("        first: { $calc: \"line.rows[0].Id | default('')\" }", "        first: { $calc: \"line.rows[0].I¦ | default('')\" }"),
        ("price: { $calc: \"price_at(line, step, step.key)\" }", "price: { $calc: \"price¦(line, step, step.key)\" }"),
        ("    $only: not settled(row.Id)", "    $only: not set¦(row.Id)"),
        ("    $only: not settled(row.Id)", "    $only: not settled(row.¦)"),
        ("                    - $each: touched\n                      $as: line\n                      $when: line.quantity > 0", "                    - $each: tou¦\n                      $as: line\n                      $when: line.quantity > 0"),
    ] {
        let bar = '¦';
        if !whole.contains(find) { println!("NOT THERE {find}"); continue; }
        let at = whole.find(find).unwrap() + typed.find(bar).unwrap();
        let text = whole.replacen(find, &typed.replacen(bar, "", 1), 1);
        client.change(FILE, &text);
        let answer = client.ask("textDocument/completion", &Spot::at(FILE, &text, at));
        let items = answer["items"].as_array().unwrap();
        let labels: Vec<&str> = items.iter().take(14).map(|item| item["label"].as_str().unwrap()).collect();
        println!("{:50} {} {labels:?}", typed.trim().replace('\n', "⏎").chars().take(50).collect::<String>(), items.len());
    }
    let _: Value = json!({});
    let _ = applied;
    client.end();
}
