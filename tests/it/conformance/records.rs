//! The records that every source is filled with, and the query that reads them.

use crosswalk::connector::{Query, Relation, RelationKind, Sort};

/// Products; more than fit into one page.
pub const PRODUCTS: usize = 2_100;
/// Entries of the first product; more than come with it at once.
pub const ENTRIES: usize = 450;
/// Products that share one schedule.
pub const SHARING: usize = 3;

/// An id in the form of 18 characters: the last three spell out which of the first are capitals,
/// and only the prefix has any.
pub fn id(prefix: &str, number: usize) -> String {
    let capitals =
        prefix.bytes().rev().fold(0, |bits, byte| bits * 2 + u8::from(byte.is_ascii_uppercase()));
    format!("{prefix}{number:012}{}AA", char::from(b'A' + capitals))
}

/// The records of an org: the name of the object and its lines.
pub fn org() -> Vec<(String, String)> {
    let stamp = |text: &str| format!("\"SystemModstamp\":\"2024-0{text}T00:00:00.000+0000\"");
    let products = (0..PRODUCTS).map(|n| {
        let schedule = if n < SHARING { format!("\"{}\"", id("a0d", 1)) } else { "null".into() };
        format!(
            r#"{{"Id":"{}","Name":"Product {n}","ProductCode":"P'{n}","IsActive":true,"SBQQ__DiscountSchedule__c":{schedule},{}}}"#,
            id("01t", n),
            stamp("2-01")
        )
    });
    // Written backwards, so that no order comes by itself.
    let entries = (0..ENTRIES).rev().map(|n| {
        format!(
            r#"{{"Id":"{}","Product2Id":"{}","Pricebook2Id":"{}","UnitPrice":{}.10,"IsActive":true,"UseStandardPrice":false,{}}}"#,
            id("01u", n),
            id("01t", 0),
            id("01s", 1),
            ENTRIES - n,
            stamp("3-01")
        )
    });
    let tiers = [2, 1].map(|n| {
        format!(
            r#"{{"Id":"{}","Name":"Tier {n}","SBQQ__Schedule__c":"{}","SBQQ__Number__c":{n},"SBQQ__Discount__c":{n}.5,"SBQQ__LowerBound__c":{n},{}}}"#,
            id("a0e", n),
            id("a0d", 1),
            stamp("4-01")
        )
    });
    let schedule = format!(
        r#"{{"Id":"{}","Name":"Volume","SBQQ__Type__c":"Range","SBQQ__DiscountUnit__c":"Percent",{}}}"#,
        id("a0d", 1),
        stamp("2-15")
    );
    let book = format!(
        r#"{{"Id":"{}","Name":"Standard","IsActive":true,{}}}"#,
        id("01s", 1),
        stamp("1-01")
    );
    let product_schedule = format!(
        r#"{{"Id":"{}","ProductId":"{}","ConsumptionScheduleId":"{}",{}}}"#,
        id("0Mq", 1),
        id("01t", 1),
        id("0Mh", 1),
        stamp("2-01")
    );
    let consumption = format!(
        r#"{{"Id":"{}","Name":"Calls","BillingTerm":1,"BillingTermUnit":"Month","RatingMethod":"Tier","Type":"Slab",{}}}"#,
        id("0Mh", 1),
        stamp("2-01")
    );
    let rates = [3, 1, 2].map(|n| {
        format!(
            r#"{{"Id":"{}","Name":"Rate {n}","ConsumptionScheduleId":"{}","ProcessingOrder":{n},"LowerBound":{n},"Price":{n}.25,"PricingMethod":"PerUnit",{}}}"#,
            id("0Mo", n),
            id("0Mh", 1),
            stamp("5-01")
        )
    });
    let lines = |lines: Vec<String>| lines.join("\n");
    vec![
        ("ProductConsumptionSchedule".into(), product_schedule),
        ("ConsumptionSchedule".into(), consumption),
        ("ConsumptionRate".into(), lines(rates.to_vec())),
        ("Product2".into(), lines(products.collect())),
        ("PricebookEntry".into(), lines(entries.collect())),
        ("Pricebook2".into(), book),
        ("SBQQ__DiscountSchedule__c".into(), schedule),
        ("SBQQ__DiscountTier__c".into(), lines(tiers.to_vec())),
    ]
}

fn of(object: &str, fields: &[&str]) -> Query {
    let mut query = Query::of(object);
    fields.iter().for_each(|field| query.add_field(field));
    query
}

fn relation(name: &str, kind: RelationKind, query: Query) -> Relation {
    Relation { name: name.into(), kind, query }
}

/// Products with their entries and their books, their schedule and its tiers.
pub fn products() -> Query {
    let lookup = |field: &str| RelationKind::Lookup { field: field.into() };
    let children = |field: &str| RelationKind::Children { field: field.into() };
    let mut tiers = of("SBQQ__DiscountTier__c", &["Id", "SBQQ__Number__c", "SBQQ__Discount__c"]);
    tiers.sort.push(Sort { field: "SBQQ__Number__c".into(), descending: false });
    let mut schedule = of("SBQQ__DiscountSchedule__c", &["Id", "Name"]);
    schedule.relations.push(relation(
        "SBQQ__DiscountTiers__r",
        children("SBQQ__Schedule__c"),
        tiers,
    ));
    let mut entries = of("PricebookEntry", &["Id", "UnitPrice", "Pricebook2Id", "Product2Id"]);
    entries.sort.push(Sort { field: "UnitPrice".into(), descending: false });
    let book = of("Pricebook2", &["Id", "Name"]);
    entries.relations.push(relation("Pricebook2", lookup("Pricebook2Id"), book));
    let mut query = of("Product2", &["Id", "Name", "ProductCode", "SBQQ__DiscountSchedule__c"]);
    query.sort.push(Sort { field: "Id".into(), descending: false });
    query.relations.push(relation("PricebookEntries", children("Product2Id"), entries));
    let by = lookup("SBQQ__DiscountSchedule__c");
    query.relations.push(relation("SBQQ__DiscountSchedule__r", by, schedule));
    query
}

/// Products with the children of a parent of their children, and with children of children.
pub fn deep_products() -> Query {
    let lookup = |field: &str| RelationKind::Lookup { field: field.into() };
    let children = |field: &str| RelationKind::Children { field: field.into() };
    let mut rates = of("ConsumptionRate", &["Id", "Price"]);
    rates.sort.push(Sort { field: "ProcessingOrder".into(), descending: true });
    let mut consumption = of("ConsumptionSchedule", &["Id", "Name"]);
    consumption.relations.push(relation(
        "ConsumptionRates",
        children("ConsumptionScheduleId"),
        rates,
    ));
    let mut schedules = of("ProductConsumptionSchedule", &["Id"]);
    let by = lookup("ConsumptionScheduleId");
    schedules.relations.push(relation("ConsumptionSchedule", by, consumption));
    let mut query = of("Product2", &["Id"]);
    let kind = children("ProductId");
    query.relations.push(relation("ProductConsumptionSchedules", kind, schedules));
    query.only = Some(vec![id("01t", 1)]);
    query
}

/// Schedules with their products, and the entries of these: children of children.
pub fn schedules() -> Query {
    let children = |field: &str| RelationKind::Children { field: field.into() };
    let entries = of("PricebookEntry", &["Id", "UnitPrice"]);
    let mut products = of("Product2", &["Id"]);
    products.relations.push(relation("PricebookEntries", children("Product2Id"), entries));
    let mut query = of("SBQQ__DiscountSchedule__c", &["Id", "Name"]);
    let kind = children("SBQQ__DiscountSchedule__c");
    query.relations.push(relation("SBQQ__Products__r", kind, products));
    query
}

/// The same query, with stamps.
pub fn stamped_products() -> Query {
    Query { changed_by: Some("SystemModstamp".into()), ..products() }
}
