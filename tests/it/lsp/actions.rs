//! The language server over the shipped mapping of contracts: bodies of actions, shapes, switches,
//! what is known, what is written back.

use serde_json::{Value, json};

use super::{
    super::cli::place::Place,
    client::{Client, Spot, applied},
};

const FILE: &str = "mappings/salesforce-cpq-to-zuora/contract-subscription.yaml";

/// The shipped set, opened in an editor.
fn opened(name: &str) -> (Place, Client, String) {
    let place = Place::shipped(name);
    // What it is not about would only be compiled with it, each time.
    std::fs::remove_file(place.folder.join(FILE).with_file_name("quote-preview.yaml")).unwrap();
    let mut client = Client::start(&place, &[]);
    let whole = place.read(FILE);
    let found: Vec<Value> = client.open(FILE);
    let count: usize = found.iter().map(|p| p["diagnostics"].as_array().unwrap().len()).sum();
    assert_eq!(count, 0, "the shipped set is clean: {found:?}");
    (place, client, whole)
}

/// A text with a part of it typed anew, and where the cursor `¦` stands in it.
fn typed(whole: &str, find: &str, typed: &str) -> (String, usize) {
    let at = whole.find(find).unwrap_or_else(|| panic!("{find} is not in the mapping"));
    let at = at + typed.find('¦').expect("a cursor");
    (whole.replacen(find, &typed.replacen('¦', "", 1), 1), at)
}

/// What is typed where, some of what is offered there, and one that is not.
const OFFERS: [(&str, &str, &[&str], &str); 19] = [
    // The body of an action, down to the last block in it.
    (
        "    orderDate: $step.key\n",
        "    orderDate: $step.key\n    cat¦\n",
        &["category", "schedulingOptions"],
        "rows",
    ),
    ("- type: CreateSubscription", "- type: Cr¦", &["CreateSubscription", "ChangePlan"], "New"),
    (
        "          Region__c: $.Region__c",
        "          Region__c: $.Reg¦",
        &["Region__c", "AccountId"],
        "orderDate",
    ),
    // Kinds, tables and their outputs.
    (
        "{ $table: contract_action.kind }",
        "{ $table: con¦ }",
        &["contract_action.kind", "line_action.action"],
        "New",
    ),
    ("- $when: kind == 'New'\n", "- $when: kind == 'N¦'\n", &["'New'", "'Cancel'"], "record"),
    // Switches and their cases.
    (
        "terms:\n                    $switch: evergreen",
        "terms:\n                    $switch: ev¦",
        &["evergreen", "renews"],
        "$evergreen",
    ),
    (
        "\"true\":\n                        initialTerm",
        "tr¦:\n                        initialTerm",
        &["true", "false"],
        "Month",
    ),
    // What is known, what was answered, what is written back.
    (
        "known.actions > 0",
        "known.result.sub¦ is none",
        &["subscriptionNumber", "subscriptions"],
        "actions",
    ),
    (
        "$result.subscriptions[0].status",
        "$result.subscriptions[0].st¦",
        &["status", "termEndDate"],
        "orderNumber",
    ),
    (
        "      ZuoraStatus__c: $result",
        "      Zuora¦: $result",
        &["ZuoraStatus__c", "MRR__c"],
        "orderDate",
    ),
    ("  - on: failure", "  - on: ¦", &["success", "failure"], "$success"),
    (
        "    each: $step.rows[*]\n    as: one\n    id: $one.Id",
        "    each: $step.rows[*]\n    as: one\n    id: $one.¦",
        &["Id", "number", "is_own"],
        "orderNumber",
    ),
    // Shapes and what they are given; what is named beside an item.
    ("- { $shape: removal, ", "- { $shape: re¦, ", &["removal", "own_removals", "plan"], "kind"),
    (
        "$shape: plan\n              one: $one",
        "$shape: plan\n              num¦: $one",
        &["number", "quantity", "day"],
        "orderDate",
    ),
    (
        "number: $line.plan, quantity: $line.quantity, price",
        "number: $line.¦, quantity: $line.quantity, price",
        &["plan", "old_key", "key", "rows"],
        "Name",
    ),
    (
        "{ $calc: \"price_at(line, step, step.key)\" }",
        "{ $calc: \"price¦(line, step, step.key)\" }",
        &["price_at", "quantity_at", "settled", "round"],
        "removal",
    ),
    ("startingUnit: $rate.from", "startingUnit: $rate.¦", &["from", "to", "SBQQ__Price__c"], "key"),
    // References.
    (
        "{ $ref: accounts.account, $by: { crmId: { $from: $owner",
        "{ $ref: acc¦, $by: { crmId: { $from: $owner",
        &["accounts.account", "catalog.rate_plan", "catalog.charge"],
        "owner",
    ),
    (
        "$take: accountNumber }\n    subscriptions",
        "$take: acc¦ }\n    subscriptions",
        &["accountNumber", "accountId", "Id"],
        "orderNumber",
    ),
];

#[test]
fn completion_reaches_every_part_of_an_action() {
    let (_place, mut client, whole) = opened("lsp-actions");
    let mut faults = Vec::new();
    for (find, written, wanted, not) in OFFERS {
        let (text, at) = typed(&whole, find, written);
        client.change(FILE, &text);
        let answer = client.ask("textDocument/completion", &Spot::at(FILE, &text, at));
        let items = answer["items"].as_array().unwrap().iter();
        let labels: Vec<&str> = items.map(|item| item["label"].as_str().unwrap()).collect();
        let missing: Vec<_> = wanted.iter().filter(|name| !labels.contains(name)).collect();
        if !missing.is_empty() || labels.contains(&not) {
            faults.push(format!("{written}: {missing:?} missing, {not:?} unwanted: {labels:?}"));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    client.end();
}

#[test]
fn hover_says_what_a_name_of_an_action_is() {
    let (_place, mut client, whole) = opened("lsp-actions-hover");
    let mut faults = Vec::new();
    for (marked, parts) in [
        ("    ord¦erDate: $step.key", &["orderDate", "a date", "required"][..]),
        ("createSub¦scription:\n", &["createSubscription", "an object"]),
        ("$result.ord¦erNumber\n      ZuoraStatus", &["orderNumber"]),
        ("$result.subscriptions[0].sta¦tus", &["status", "a text"]),
        ("{ $calc: known.act¦ions > 0 }", &["actions", "took effect"]),
        (
            "$shape: pl¦an\n              one",
            &["a shape with one, number, quantity, price, amount, day"],
        ),
        ("price: { $calc: \"price¦_at(line, step, step.key)\" }", &["a shape with"]),
        ("round¦(record.SBQQ__RenewalTerm__c | default(0), 0)", &["a function", "half_up"]),
        ("not sett¦led(row.Id)", &["consumed"]),
        ("      ZuoraSt¦atus__c: $result", &["ZuoraStatus__c", "a text"]),
        ("$take: account¦Number }\n    subscriptions", &["accountNumber"]),
        ("number: $line.pl¦an, quantity: $line.quantity, price", &["plan", "text"]),
    ] {
        let find = marked.replacen('¦', "", 1);
        let at = whole.find(&find).unwrap_or_else(|| panic!("{find}")) + marked.find('¦').unwrap();
        let answer = client.ask("textDocument/hover", &Spot::at(FILE, &whole, at));
        let said = answer["contents"]["value"].as_str().unwrap_or_default().to_owned();
        let missing: Vec<_> = parts.iter().filter(|part| !said.contains(**part)).collect();
        if !missing.is_empty() {
            faults.push(format!("{marked}: {missing:?} not in {said:?}"));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    client.end();
}

#[test]
fn definitions_are_found_from_an_action() {
    let (place, mut client, whole) = opened("lsp-actions-definition");
    let mut faults = Vec::new();
    for (marked, file, to) in [
        ("kind: { $table: contract_¦action.kind }", "contract-subscription", "contract_action:"),
        ("$shape: pl¦an\n              one", "contract-subscription", "plan:\n    $with"),
        (
            "$shape: plan\n              on¦e: $one",
            "contract-subscription",
            "one, number, quantity",
        ),
        ("{ $from: $own¦er, $absent", "contract-subscription", "owner: { $calc"),
        (
            "- $each: tou¦ched\n                      $as: line",
            "contract-subscription",
            "touched:\n",
        ),
        (
            "price: { $calc: \"price¦_at(line, step, step.key)\" }",
            "contract-subscription",
            "price_at:",
        ),
        ("$ref: accounts.acc¦ount", "account", "account:\n"),
        ("$ref: catalog.rate_¦plan", "product-catalog", "rate_plan:\n"),
        ("uses: { catalog: product-cat¦alog", "product-catalog", "product-catalog"),
        ("consumes: $st¦ep.rows[*]", "contract-subscription", "step\n"),
        ("autoRenew: { $calc: auto¦_renew }", "contract-subscription", "auto_renew: false"),
    ] {
        let find = marked.replacen('¦', "", 1);
        let at = whole.find(&find).unwrap_or_else(|| panic!("{find}")) + marked.find('¦').unwrap();
        let answer = client.ask("textDocument/definition", &Spot::at(FILE, &whole, at));
        let path = format!("mappings/salesforce-cpq-to-zuora/{file}.yaml");
        let is_file = answer["uri"].as_str().is_some_and(|uri| uri.ends_with(&path));
        let text = place.read(&path);
        let line = answer["range"]["start"]["line"].as_u64().unwrap_or_default() as usize;
        let column = answer["range"]["start"]["character"].as_u64().unwrap_or_default() as usize;
        let before: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
        if !is_file || !text[before + column..].starts_with(to) {
            let found: String = text[before + column..].chars().take(30).collect();
            faults.push(format!("{marked}: {answer} {found:?}"));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    client.end();
}

#[test]
fn quick_fixes_mend_an_action() {
    let (_place, mut client, whole) = opened("lsp-actions-fixes");
    let mut faults = Vec::new();
    for (find, wrong, code, written) in [
        // The nearest name, wherever one can be misspelt.
        ("    orderDate: $step.key", "    orderDat: $step.key", "CW0203", "orderDate"),
        ("$result.subscriptions[0].status", "$result.subscriptions[0].staus", "CW0201", "status"),
        (
            "      ZuoraStatus__c: $result",
            "      ZuoraStats__c: $result",
            "CW0201",
            "ZuoraStatus__c",
        ),
        (
            "              quantity: $line.quantity\n",
            "              quantty: $line.quantity\n",
            "",
            "quantity",
        ),
        (
            "number: $line.plan, quantity: $line.quantity, price",
            "number: $line.pln, quantity: $line.quantity, price",
            "CW0201",
            "plan",
        ),
        ("{ $calc: \"price_at(line", "{ $calc: \"pric_at(line", "CW0206", "price_at"),
        (
            "$take: accountNumber }\n    subscriptions",
            "$take: acountNumber }\n    subscriptions",
            "CW0203",
            "accountNumber",
        ),
        // A case that a switch lacks, a row that a table lacks, a field that the target requires.
        (
            "                      \"true\":\n                        initialTerm: { termType: EVERGREEN, startDate: $start }\n",
            "",
            "CW0401",
            "true:",
        ),
        (
            "      - [false, true, true, false, Cancel]\n",
            "",
            "CW0401",
            "- [false, true, true, false, $reject",
        ),
        ("    orderDate: $step.key\n", "", "CW0501", "orderDate: { $reject"),
        ("cancellationPolicy: SpecificDate, ", "", "CW0501", "cancellationPolicy: { $reject"),
    ] {
        assert!(whole.contains(find), "{find}");
        let text = whole.replacen(find, wrong, 1);
        client.change(FILE, &text);
        let before = client.published(FILE);
        let of_file = |published: &[Value]| -> Vec<Value> {
            let own = published.iter().rev().find(|p| p["uri"].as_str().unwrap().ends_with(FILE));
            own.map_or_else(Vec::new, |p| p["diagnostics"].as_array().unwrap().clone())
        };
        let found = of_file(&before);
        let is_wanted = |one: &&Value| code.is_empty() || one["code"] == code;
        let Some(finding) = found.iter().find(is_wanted) else {
            let codes: Vec<_> = found.iter().map(|one| (&one["code"], &one["message"])).collect();
            faults.push(format!("{wrong:?}: no {code} in {codes:?}"));
            continue;
        };
        let params = json!({"range": finding["range"], "context": {"diagnostics": [finding]}});
        let actions = client.ask_about("textDocument/codeAction", FILE, params);
        let Some(action) = actions.as_array().and_then(|all| all.first()) else {
            faults.push(format!("{wrong:?}: nothing is offered for {finding}"));
            continue;
        };
        let mended = applied(&text, &action["edit"]);
        if !mended.contains(written) || mended == text {
            faults.push(format!("{wrong:?}: {action}"));
        }
        client.change(FILE, &mended);
        let after = of_file(&client.published(FILE));
        let same =
            |one: &&Value| one["code"] == finding["code"] && one["message"] == finding["message"];
        if after.iter().any(|one| same(&one)) {
            faults.push(format!("{wrong:?}: still there after {}", action["title"]));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    client.end();
}
