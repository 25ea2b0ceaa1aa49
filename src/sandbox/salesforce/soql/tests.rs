//! Queries over the built-in records, as tables: accepted ones with what they find, refused ones
//! with their error.

use std::sync::Arc;

use super::execute::{Deleted, run};
use super::{bind, parser};
use crate::sandbox::Credentials;
use crate::sandbox::data::{builtin_fields, builtin_records};
use crate::sandbox::salesforce::Service;
use crate::sandbox::salesforce::service::Contents;
use crate::sandbox::salesforce::tests::descriptions;

fn org() -> Arc<Service> {
    let contents = Contents {
        objects: &descriptions(),
        records: &builtin_records(),
        fields: Some(&builtin_fields()),
        own_fields: &[],
    };
    let credentials = Credentials { client_id: String::new(), client_secret: String::new() };
    Service::open(&contents, credentials, None).unwrap()
}

/// The running numbers of the Ids that a query finds, in its order.
fn numbers(service: &Service, soql: &str) -> Vec<u32> {
    let parsed = parser::parse(soql).unwrap_or_else(|error| panic!("{}", error.render(soql)));
    let plan = bind::bind(&service.org, 67, &parsed);
    let plan = plan.unwrap_or_else(|error| panic!("{}", error.render(soql)));
    let ids = run(&service.read(), &plan, Deleted::Hidden);
    ids.iter().map(|id| id[5..15].parse().unwrap()).collect()
}

fn error(service: &Service, version: u32, soql: &str) -> String {
    let bound =
        parser::parse(soql).and_then(|parsed| bind::bind(&service.org, version, &parsed).map(drop));
    match bound {
        Ok(()) => "accepted".to_owned(),
        Err(error) => format!("{} {}", error.code, error.render(soql).trim_start()),
    }
}

#[test]
fn finds_what_a_condition_says() {
    let service = org();
    let cases: [(&str, &[u32]); 33] = [
        ("ProductCode = 'NL-SEAT-OP'", &[2]),
        ("ProductCode = 'nl-seat-op'", &[2]),
        ("productcode != 'NL-SEAT-OP' AND SBQQ__PricingMethod__c = 'Block'", &[7, 8]),
        ("Id = '01tNL0000000003'", &[3]),
        ("Id = '01tNL0000000003YAA'", &[3]),
        ("Id > '01tNL0000000023YAA'", &[24, 25]),
        ("Id IN ('01tNL0000000003', '01tNL0000000001YAA')", &[1, 3]),
        ("SBQQ__SubscriptionTerm__c = 6", &[4]),
        ("SBQQ__SubscriptionTerm__c = 6.00", &[4]),
        ("SBQQ__SubscriptionTerm__c >= 3 AND SBQQ__SubscriptionTerm__c < 12", &[3, 4, 11, 16]),
        ("SBQQ__SubscriptionPercent__c != null", &[19]),
        ("SBQQ__SubscriptionPercent__c > 0", &[19]),
        ("SBQQ__SubscriptionTerm__c = null", &[5, 22]),
        ("IsActive = false", &[20]),
        ("IsActive <> TRUE", &[20]),
        ("Name LIKE 'operator%'", &[2, 22, 23]),
        ("Name LIKE '%NODE'", &[9]),
        ("Name LIKE '_ensor N__e'", &[9]),
        ("Name LIKE '\\_ensor%'", &[]),
        ("Name IN ('Beacon', 'REPEATER') AND (NOT Name LIKE 'R%')", &[11]),
        ("NOT (IsActive = true OR Name = 'x')", &[20]),
        ("SBQQ__TaxCode__c NOT IN ('SERVICES', 'SAAS-B2B') AND SBQQ__Taxable__c = true", &[5, 13]),
        ("SBQQ__TaxCode__c = '' AND Family = 'Services'", &[19, 22, 23]),
        ("SBQQ__DiscountSchedule__r.SBQQ__Type__c = 'Slab'", &[9, 11]),
        ("SBQQ__DiscountSchedule__r.SBQQ__DiscountUnit__c = 'Amount'", &[11, 12]),
        ("SBQQ__DiscountSchedule__r.Name = null AND Family = 'Devices'", &[]),
        ("Id IN (SELECT ProductId FROM ProductConsumptionSchedule)", &[14, 15, 16, 17, 18]),
        (
            "Id IN (SELECT ProductId FROM ProductConsumptionSchedule WHERE \
             ConsumptionSchedule.IsActive = false) AND IsActive = true",
            &[18],
        ),
        ("Id NOT IN (SELECT Product2Id FROM PricebookEntry)", &[21]),
        (
            "CreatedDate >= 2024-06-01T00:00:00Z AND Id < '01tNL0000000012'",
            &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11],
        ),
        ("(Name = 'Beacon') OR (Name = 'Repeater' AND IsActive = true)", &[11, 12]),
        ("Product2.Name = 'Beacon'", &[11]),
        ("ERP_Key__c = 'NL-1000'", &[1]),
    ];
    for (condition, expected) in cases {
        let soql = format!("SELECT Id FROM Product2 WHERE {condition}");
        assert_eq!(numbers(&service, &soql), expected, "{condition}");
    }
}

#[test]
fn orders_limits_and_leaves_out() {
    let service = org();
    let cases: [(&str, &[u32]); 7] = [
        ("ORDER BY SBQQ__SubscriptionPercent__c DESC NULLS LAST LIMIT 1", &[19]),
        ("ORDER BY SBQQ__SubscriptionPercent__c LIMIT 2", &[1, 2]),
        ("ORDER BY SBQQ__SubscriptionTerm__c ASC NULLS LAST, Name DESC LIMIT 2", &[8, 9]),
        ("ORDER BY SBQQ__DiscountSchedule__r.Name DESC, Id LIMIT 3", &[1, 2, 3]),
        ("ORDER BY Id LIMIT 2 OFFSET 23", &[24, 25]),
        ("LIMIT 0", &[]),
        ("ORDER BY Name, ProductCode DESC LIMIT 1", &[17]),
    ];
    for (tail, expected) in cases {
        let soql = format!("SELECT Id FROM Product2 {tail}");
        assert_eq!(numbers(&service, &soql), expected, "{tail}");
    }
}

#[test]
fn refuses_what_the_service_refuses() {
    let service = org();
    let cases = [
        ("", "MALFORMED_QUERY"),
        ("SELECT", "unexpected token: '<EOF>'"),
        ("SELECT Id FORM Product2", "ERROR at Row:1:Column:11\nunexpected token: 'FORM'"),
        ("SELECT Id\nFROM Nope", "INVALID_TYPE FROM Nope\n     ^\nERROR at Row:2:Column:6\n"),
        ("SELECT Id, Nope FROM Product2", "ERROR at Row:1:Column:12\nNo such column 'Nope'"),
        ("SELECT * FROM Product2", "unexpected token: '*'"),
        ("SELECT Id, Id FROM Product2", "duplicate field selected: Id"),
        ("SELECT Nope__r.Id FROM Product2", "INVALID_FIELD"),
        ("SELECT Product2.Name FROM Pricebook2", "Didn't understand relationship 'Product2'"),
        ("SELECT (SELECT Id FROM Nope__r) FROM Product2", "INVALID_TYPE"),
        (
            "SELECT SBQQ__DiscountSchedule__r.(SELECT Id FROM SBQQ__DiscountTiers__r) FROM Product2",
            "MALFORMED_QUERY",
        ),
        (
            "SELECT (SELECT Id FROM SBQQ__DiscountSchedule__r.SBQQ__DiscountTiers__r) FROM Product2",
            "INVALID_TYPE",
        ),
        ("SELECT (SELECT Id FROM SBQQ__DiscountTiers__r) FROM Product2", "INVALID_TYPE"),
        ("SELECT Id FROM Product2 WHERE IsActive", "unexpected token: '<EOF>'"),
        ("SELECT Id FROM Product2 WHERE IsActive = 'true'", "must be of type boolean"),
        ("SELECT Id FROM Product2 WHERE Name = 5", "should be enclosed in quotes"),
        ("SELECT Id FROM Product2 WHERE SBQQ__SortOrder__c = '5'", "must be of type double"),
        ("SELECT Id FROM Product2 WHERE CreatedDate > 2024-01-01", "must be of type dateTime"),
        ("SELECT Id FROM Product2 WHERE CreatedDate > '2024-01-01'", "must be of type dateTime"),
        ("SELECT Id FROM Product2 WHERE CreatedDate > 2024-13-01T00:00:00Z", "unexpected token"),
        ("SELECT Id FROM Product2 WHERE Description = 'x'", "can not be filtered"),
        ("SELECT Id FROM Product2 ORDER BY Description", "can not be sorted"),
        ("SELECT Id FROM Product2 WHERE Id = 'x'", "INVALID_QUERY_FILTER_OPERATOR"),
        ("SELECT Id FROM Product2 WHERE Id = '01tNL0000000003YAB'", "invalid ID field"),
        ("SELECT Id FROM Product2 WHERE Id LIKE '01t%'", "invalid operator"),
        ("SELECT Id FROM Product2 WHERE IsActive > false", "invalid operator"),
        ("SELECT Id FROM Product2 WHERE Name > null", "invalid operator"),
        ("SELECT Id FROM Product2 WHERE Name = 'a' AND Name = 'b' OR Name = 'c'", "token: 'OR'"),
        ("SELECT Id FROM Product2 WHERE Name = 'a' AND NOT Name = 'b'", "token: 'NOT'"),
        ("SELECT Id FROM Product2 WHERE Name = 'it\\q'", "invalid escape sequence '\\q'"),
        ("SELECT Id FROM Product2 WHERE Name = 'open", "missing closing quote"),
        ("SELECT Id FROM Product2 WHERE Name = \"x\"", "unexpected token: '\"'"),
        ("SELECT Id FROM Product2 WHERE Name IN ()", "unexpected token: ')'"),
        ("SELECT Id FROM Product2 WHERE Name INCLUDES ('a')", "INVALID_QUERY_FILTER_OPERATOR"),
        (
            "SELECT Id FROM Product2 WHERE Id IN (SELECT Product2Id FROM PricebookEntry LIMIT 1)",
            "not allowed in a semi join",
        ),
        (
            "SELECT Id FROM Pricebook2 WHERE Id IN (SELECT Pricebook2.Id FROM PricebookEntry)",
            "of its own object",
        ),
        (
            "SELECT Id FROM Product2 WHERE Id IN (SELECT Product2Id FROM PricebookEntry WHERE \
             Pricebook2Id IN (SELECT Id FROM Pricebook2))",
            "Nesting of semi join",
        ),
        ("SELECT Id FROM Product2 LIMIT x", "unexpected token: 'x'"),
        ("SELECT Id FROM Product2 LIMIT -1", "unexpected token: '-1'"),
        ("SELECT Id FROM Product2 LIMIT +1", "unexpected token: '+1'"),
        ("SELECT Id FROM Product2 LIMIT 1.0", "unexpected token: '1.0'"),
        ("SELECT Id FROM Product2 OFFSET 2001", "NUMBER_OUTSIDE_VALID_RANGE"),
        ("SELECT (SELECT Id FROM PricebookEntries OFFSET 1) FROM Product2", "token: 'OFFSET'"),
        ("SELECT FIELDS(ALL) FROM Product2", "must have a LIMIT of at most 200"),
        ("SELECT FIELDS(CUSTOM) FROM Product2 LIMIT 201", "must have a LIMIT of at most 200"),
        ("SELECT COUNT(), Id FROM Product2", "COUNT() must be the only thing"),
        ("SELECT COUNT(Id) FROM Product2 LIMIT 1", "cannot also use LIMIT"),
        ("SELECT Name, COUNT(Id) FROM Product2", "Field must be grouped or aggregated: Name"),
        ("SELECT Name FROM Product2 GROUP BY Family", "must be grouped or aggregated: Name"),
        ("SELECT Family FROM Product2 GROUP BY Family ORDER BY Name", "Ordered field must be"),
        ("SELECT SUM(Name) FROM Product2", "does not support aggregate operator SUM"),
        ("SELECT AVG(SBQQ__SortOrder__c) FROM Product2", "unexpected token: '('"),
        ("SELECT (SELECT COUNT(Id) FROM PricebookEntries) FROM Product2", "not allowed in a sub"),
        ("SELECT COUNT(Id), (SELECT Id FROM PricebookEntries) FROM Product2", "only fields and"),
        ("SELECT COUNT(Id) FROM PricebookEntry GROUP BY UnitPrice", "can not be grouped"),
        ("SELECT Id FROM Product2 WHERE Id IN (SELECT Id FROM Product2)", "same object type"),
        ("SELECT Id FROM Product2 WHERE Id IN (SELECT Name FROM Contract)", "same object type"),
        (
            "SELECT Id FROM Product2 WHERE IsActive = true OR Id IN (SELECT Product2Id FROM \
             PricebookEntry)",
            "only allowed at the top level",
        ),
        ("SELECT Name FROM Product2 GROUP BY Name HAVING COUNT(Id) > 1", "token: 'HAVING'"),
        ("SELECT Id FROM Product2 WHERE CreatedDate = TODAY", "unexpected token: 'TODAY'"),
        ("SELECT Id FROM Product2 FOR VIEW", "unexpected token: 'FOR'"),
        ("SELECT Id FROM Product2;", "unexpected token: ';'"),
    ];
    for (soql, expected) in cases {
        let found = error(&service, 67, soql);
        assert!(found.contains(expected), "{soql}\nexpected {expected}\nfound {found}");
    }
}

#[test]
fn the_version_decides_how_deep_children_nest() {
    let service = org();
    let two = "SELECT (SELECT Id, (SELECT Id FROM SBQQ__DiscountTiers__r) FROM \
               SBQQ__DiscountSchedules__r) FROM Product2";
    assert!(
        error(&service, 57, two).starts_with("MALFORMED_QUERY"),
        "{}",
        error(&service, 57, two)
    );
    assert_eq!(error(&service, 58, two), "accepted");
    // Six levels with the root: one too many in every version.
    let mut deep = "SELECT Id FROM SBQQ__OriginalProducts__r".to_owned();
    for _ in 0..4 {
        deep = format!("SELECT Id, ({deep}) FROM SBQQ__OriginalProducts__r");
    }
    let six = format!("SELECT Id, ({deep}) FROM Product2");
    assert!(error(&service, 67, &six).contains("at most 5 levels"), "{six}");
    let five = six.replacen(
        "SELECT Id, (SELECT Id FROM SBQQ__OriginalProducts__r) FROM",
        "SELECT Id FROM",
        1,
    );
    assert_eq!(error(&service, 67, &five), "accepted", "{five}");
}

#[test]
fn keeps_the_limits_of_the_service() {
    let service = org();
    let long = format!("SELECT Id FROM Product2 WHERE Name = '{}'", "x".repeat(4_001));
    assert!(error(&service, 67, &long).contains("string literal is too long"));
    let fits = format!("SELECT Id FROM Product2 WHERE Name = '{}'", "x".repeat(4_000));
    assert_eq!(error(&service, 67, &fits), "accepted");
    let huge = format!("SELECT Id FROM Product2{}", " ".repeat(100_000));
    assert!(error(&service, 67, &huge).contains("longer than 100000 characters"));
    let path = format!("SELECT {}Id FROM Product2", "SBQQ__RenewalProduct__r.".repeat(6));
    assert!(error(&service, 67, &path).contains("longer than 5 levels"));
    let path = format!("SELECT {}Id FROM Product2", "SBQQ__RenewalProduct__r.".repeat(5));
    assert_eq!(error(&service, 67, &path), "accepted");
    let nested = format!(
        "SELECT Id FROM Product2 WHERE {}Name = 'a'{}",
        "(".repeat(10_000),
        ")".repeat(10_000)
    );
    assert!(error(&service, 67, &nested).contains("nested too deeply"));
}

proptest::proptest! {
    /// Whatever a client sends, it gets rows or an error that points into its text.
    #[test]
    fn any_text_is_answered(pieces in proptest::collection::vec(piece(), 0..24)) {
        let soql = pieces.join(" ");
        if let Err(error) = parser::parse(&soql) {
            proptest::prop_assert!(error.offset.is_none_or(|offset| soql.get(offset..).is_some()));
            let rendered = error.render(&soql);
            proptest::prop_assert!(rendered.ends_with(&error.message), "{}", rendered);
        }
    }

    /// The greedy matcher agrees with the definition of LIKE.
    #[test]
    fn like_agrees_with_its_definition(text in "[ab]{0,8}", pattern in "[ab%_]{0,6}") {
        fn holds(text: &[char], pattern: &[char]) -> bool {
            match pattern.split_first() {
                None => text.is_empty(),
                Some(('%', rest)) => (0..=text.len()).any(|skip| holds(&text[skip..], rest)),
                Some((letter, rest)) => text.split_first().is_some_and(|(first, text)| {
                    (*letter == '_' || letter == first) && holds(text, rest)
                }),
            }
        }
        let letters: Vec<char> = text.chars().collect();
        let wanted: Vec<char> = pattern.chars().collect();
        let parts = super::conditions::pattern(&pattern);
        proptest::prop_assert_eq!(super::execute::is_like(&text, &parts), holds(&letters, &wanted));
    }
}

/// Words and signs of the language, and texts that are none of it.
fn piece() -> impl proptest::strategy::Strategy<Value = String> {
    use proptest::strategy::Strategy as _;
    let words = "SELECT FROM WHERE AND OR NOT IN LIKE ORDER BY LIMIT OFFSET NULLS FIRST LAST AS \
                 Product2 Id Name COUNT ( ) ( ) , . = != < >= 'x' '\\' 5 -1.5 2024-01-31 null true \
                 FIELDS(ALL) a.b ä";
    let words: Vec<String> = words.split_whitespace().map(str::to_owned).collect();
    proptest::prop_oneof![proptest::sample::select(words), ".{0,6}".prop_map(String::from)]
}
