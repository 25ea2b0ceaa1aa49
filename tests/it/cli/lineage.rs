//! `crosswalk lineage`: both ways, as text, as JSON, and as a page that a browser opens.

use std::{
    collections::BTreeSet,
    fs,
    path::PathBuf,
    process::{Command, Stdio},
};

use insta::assert_snapshot;
use serde_json::Value;

use super::{
    place::Place,
    sets::{ORDERS, orders},
};

/// Lines that a test of the page adds to it: they type, click, and tell what lit up.
const DRIVER: &str = r#"<script>
const told = {}, all = what => [...document.querySelectorAll(what)].map(one => one.dataset.id);
const type = text => { search.value = text; search.dispatchEvent(new Event("input")); };
told.shown = all(".node:not(.away)").length;
type("BILLINGFREQUENCY");
told.hits = all(".hit");
told.listed = all(".node").filter(id => document.querySelector(`[data-id="${id}"]`).offsetParent);
type("Product2.SBQQ__BillingFrequency__c");
told.exact = all(".hit");
told.count = document.getElementById("count").textContent;
document.querySelector('[data-id="source salesforce Product2.SBQQ__BillingFrequency__c"]').click();
told.lit = all(".node.lit");
told.chosen = all(".node.chosen");
told.away = all(".node.away").length;
told.edges = document.querySelectorAll("path.lit").length;
told.said = document.getElementById("said").textContent;
document.getElementById("all").click();
told.after = all(".node.lit").length + all(".node.away").length + all(".hit").length;
type("ProductRatePlanCharge.UOM");
search.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter" }));
told.entered = all(".node.chosen");
told.upstream = all(".node.lit");
const pre = document.createElement("pre");
pre.id = "told";
pre.textContent = JSON.stringify(told);
document.body.append(pre);
</script></body>"#;

#[test]
fn what_a_field_goes_into_and_what_it_is_made_of() {
    let place = orders(
        "lineage-orders",
        &ORDERS.replace(
            "  number: $.id\n",
            "  number: $.id\n  size: { $calc: \"'many' if record.quantity > 9 else 'few'\" }\n",
        ),
    );
    let lineage = |field: &str| {
        let run = place.run(&["lineage", field, "--set", "orders"]);
        assert_eq!((run.code, run.err.as_str()), (0, ""));
        run.out
    };
    assert_snapshot!("lineage_down", lineage("orders.quantity"));
    assert_snapshot!("lineage_up", lineage("invoices.total"));
    assert_eq!(lineage("total"), lineage("invoices.total"));
    assert_snapshot!("lineage_whole", place.run(&["lineage", "--set", "orders"]).out);
    let run = place.run(&["lineage", "orders.quantty", "--set", "orders"]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("`orders.quantity` is near to it"), "{}", run.err);
}

/// The ids that a line of `--format json` names in a list, with what lies between.
fn reached(line: &Value, list: &str) -> BTreeSet<String> {
    let id = |node: &Value| node["id"].as_str().expect("an id").to_owned();
    let all = line[list].as_array().expect("a list").iter();
    let ids = all.flat_map(|one| {
        let via = one["via"].as_array().expect("a list").iter().map(id);
        via.chain([id(one)]).collect::<Vec<_>>()
    });
    ids.chain([id(line)]).collect()
}

fn of_field(place: &Place, field: &str) -> Value {
    let run = place.run(&["lineage", field, "--format", "json"]);
    assert_eq!((run.code, run.err.as_str()), (0, ""));
    serde_json::from_str(run.out.lines().next().expect("a line")).expect("JSON")
}

#[test]
fn the_shipped_mappings_say_what_depends_on_a_pick_list() {
    let place = Place::shipped("lineage-json");
    let down = reached(&of_field(&place, "Product2.SBQQ__BillingFrequency__c"), "goes_into");
    let period = "target product-catalog charge ProductRatePlanCharge.BillingPeriod";
    assert!(down.contains(period), "{down:?}");
    assert!(down.contains("table contract-subscription line_action"), "{down:?}");
    let up = reached(&of_field(&place, "ProductRatePlanCharge.BillingPeriod"), "made_of");
    assert!(up.contains("table product-catalog billing_period"), "{up:?}");
    let up = reached(&of_field(&place, "ProductRatePlanCharge.UOM"), "made_of");
    assert!(up.contains("source salesforce Product2.QuantityUnitOfMeasure"), "{up:?}");
    assert!(up.contains("table product-catalog charge_model"), "{up:?}");
}

/// A Chromium of this machine; none where there is none and none may be installed.
fn chromium() -> Option<PathBuf> {
    let finder = concat!(env!("CARGO_MANIFEST_DIR"), "/.ci/chromium");
    let found = Command::new(finder).stdin(Stdio::null()).output().ok()?;
    let path = String::from_utf8(found.stdout).ok()?;
    Some(PathBuf::from(path.trim())).filter(|path| path.is_file())
}

/// The text of an element of a page after its scripts have run.
fn opened(browser: &PathBuf, place: &Place, page: &str) -> String {
    let url = format!("file://{}", place.folder.join(page).display());
    let profile = format!("--user-data-dir={}", place.folder.join("profile").display());
    let output = Command::new(browser)
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"])
        .args(["--window-size=1400,1000", &profile, "--dump-dom", &url])
        .stdin(Stdio::null())
        .output()
        .expect("the browser runs");
    String::from_utf8(output.stdout).expect("a page is text")
}

#[test]
fn the_page_is_searched_and_clicked_in_a_browser() {
    let place = Place::shipped("lineage-page");
    let run = place.run(&["lineage", "--format", "html", "--out", "lineage.html"]);
    assert_eq!((run.code, run.out.as_str(), run.err.as_str()), (0, "", ""));
    let page = place.read("lineage.html");
    for outside in ["src=", "href=", "@import", "url(", "fetch("] {
        assert!(!page.contains(outside), "the page asks for something with `{outside}`");
    }
    let Some(browser) = chromium() else {
        println!("there is no Chromium here: the page was not opened");
        return;
    };
    fs::write(place.folder.join("driven.html"), page.replace("</body>", DRIVER)).unwrap();
    let dom = opened(&browser, &place, "driven.html");
    let told = dom.split("<pre id=\"told\">").nth(1).and_then(|rest| rest.split("</pre>").next());
    let told = told.expect("the driver told something").replace("&gt;", ">").replace("&amp;", "&");
    let told: Value = serde_json::from_str(&told).expect("JSON");
    let ids = |list: &str| -> BTreeSet<String> {
        let all = told[list].as_array().unwrap_or_else(|| panic!("{list} of {told}"));
        all.iter().map(|id| id.as_str().expect("an id").to_owned()).collect()
    };
    let field = "source salesforce Product2.SBQQ__BillingFrequency__c";
    assert!(ids("hits").contains(field) && ids("hits").len() > 1, "{told}");
    // A search leaves what it found, and nothing else.
    assert_eq!(ids("listed"), ids("hits"));
    assert_eq!(ids("exact"), BTreeSet::from([field.to_owned()]));
    assert_eq!(told["count"], "1 found");
    assert_eq!(ids("chosen"), BTreeSet::from([field.to_owned()]));
    // What lights up is what the command says.
    let down = of_field(&place, "Product2.SBQQ__BillingFrequency__c");
    assert_eq!(ids("lit"), reached(&down, "goes_into"));
    assert!(told["edges"].as_u64().expect("a number") as usize >= ids("lit").len() - 1);
    assert_eq!(
        told["away"].as_u64().expect("a number") as usize + ids("lit").len(),
        told["shown"].as_u64().expect("a number") as usize
    );
    assert!(
        told["said"].as_str().expect("a text").starts_with("Product2.SBQQ__BillingFrequency__c")
    );
    assert_eq!(told["after"], 0);
    let charge = "target product-catalog charge ProductRatePlanCharge.UOM";
    assert_eq!(ids("entered"), BTreeSet::from([charge.to_owned()]));
    let up = of_field(&place, "ProductRatePlanCharge.UOM");
    assert_eq!(ids("upstream"), reached(&up, "made_of"));
}
