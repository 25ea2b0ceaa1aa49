//! Salesforce, against the emulated org.

mod write_back;

use std::sync::Arc;

use crosswalk::{
    connector::{
        Class, Find, FindBy, Query, Source, Target,
        salesforce::{API_VERSION, Salesforce, Settings, connect},
    },
    sandbox::salesforce::{Contents, OwnField, Service, router},
    secret::Secret,
};

use super::{
    claims::{self, Tried},
    faults, records,
    servers::{self, CLIENT_ID, CLIENT_SECRET, Server},
};

struct Org {
    service: Arc<Service>,
    server: Server,
}

impl Org {
    async fn start() -> Self {
        Self::with(&[]).await
    }

    async fn with(own_fields: &[OwnField]) -> Self {
        let schemas = concat!(env!("CARGO_MANIFEST_DIR"), "/schemas/salesforce");
        let mut objects = Vec::new();
        for entry in std::fs::read_dir(schemas).expect("schemas") {
            let path = entry.expect("entry").path();
            let name = path.file_stem().expect("stem").to_string_lossy().into_owned();
            objects.push((name, std::fs::read_to_string(&path).expect("schema").into()));
        }
        objects.sort();
        let records: Vec<_> =
            records::org().into_iter().map(|(object, lines)| (object, lines.into())).collect();
        let contents = Contents { objects: &objects, records: &records, fields: None, own_fields };
        let service = Service::open(&contents, servers::credentials(), None).expect("org");
        let server = servers::serve(router(service.clone())).await;
        Self { service, server }
    }

    /// Deletes a record behind the connector's back.
    async fn delete(&self, object: &str, id: &str) {
        let form = format!(
            "grant_type=client_credentials&client_id={CLIENT_ID}&client_secret={CLIENT_SECRET}"
        );
        let url = &self.server.url;
        let client = reqwest::Client::new();
        let request = client.post(format!("{url}/services/oauth2/token")).body(form);
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        let reply = request.send().await.expect("token").text().await.expect("token");
        let token: serde_json::Value = serde_json::from_str(&reply).expect("token");
        let token = token["access_token"].as_str().expect("token");
        let path = format!("{url}/services/data/v{API_VERSION}/sobjects/{object}/{id}");
        let reply = client.delete(path).bearer_auth(token).send().await.expect("delete");
        assert_eq!(reply.status().as_u16(), 204);
    }

    fn connect(&self, secret: &str) -> Salesforce {
        connect(Settings {
            base_url: Some(self.server.url.clone()),
            patience: servers::patience(),
            ..Settings::new(&self.server.url, CLIENT_ID, Secret::new(secret))
        })
        .expect("settings")
    }
}

#[tokio::test]
async fn salesforce_keeps_the_promises_of_a_source() {
    let org = Org::start().await;
    let salesforce = org.connect(CLIENT_SECRET);
    let id = claims::says_who_it_is(&salesforce, "salesforce").await;
    assert_eq!(id, org.service.org_id());
    claims::reads_all_pages(&salesforce).await;
    claims::completes_records(&salesforce).await;
    claims::completes_deep_records(&salesforce).await;
    claims::reads_only_what_is_named(&salesforce).await;
    claims::reads_what_has_changed(&salesforce).await;
    let described = salesforce.describe("Product2").await.expect("describe");
    assert!(String::from_utf8(described).expect("text").contains("PricebookEntries"));
    let traffic = salesforce.traffic();
    assert_eq!((traffic.writes, traffic.sign_ins), (0, 1));
}

#[tokio::test]
async fn salesforce_keeps_the_promises_of_a_target() {
    let org = Org::start().await;
    let tried = Tried {
        object: "Account",
        key: "Name",
        bodies: [
            r#"{"Name":"O'Brien \\ \"Sons\"","Industry":"Energy"}"#,
            r#"{"Name":"Two\tThree"}"#,
        ],
        bad: Some(r#"{"Name":"x","Colour__c":"red"}"#),
        change: r#"{"Name":"Renamed"}"#,
    };
    claims::writes_and_finds(&org.connect(CLIENT_SECRET), &tried).await;
}

#[tokio::test]
async fn salesforce_fails_as_every_service() {
    let org = Org::start().await;
    let salesforce = org.connect(CLIENT_SECRET);
    let tried = faults::Tried {
        target: &salesforce,
        faults: org.service.faults(),
        write: claims::create("Account", r#"{"Name":"x"}"#),
        write_path: "/services/data",
        read: Box::new(|| {
            Box::pin(async {
                let query =
                    Query { only: Some(vec![records::id("01t", 1)]), ..records::products() };
                salesforce.read(&query, None).await.map(|page| page.records.len())
            })
        }),
        read_path: "/services/data",
        expire: Box::new(|| org.service.expire_sessions()),
    };
    faults::fails_as_promised(&tried, &|| salesforce.traffic()).await;
    faults::knows_a_wrong_secret(&org.connect("wrong"), "wrong").await;
}

#[tokio::test]
async fn a_wrong_name_gives_the_message_of_the_service() {
    let org = Org::start().await;
    let salesforce = org.connect(CLIENT_SECRET);
    let mut query = Query::of("Product2");
    query.add_field("Colour__c");
    let error = salesforce.read(&query, None).await.expect_err("no such field");
    assert_eq!((error.class, error.code.as_deref()), (Class::Refused, Some("INVALID_FIELD")));
    assert!(error.said.contains("Colour__c"), "{error}");
    let mut query = Query::of("Product2");
    query.add_field("Id FROM Account --");
    let error = salesforce.read(&query, None).await.expect_err("no name");
    assert_eq!(error.class, Class::Broken);
}

#[tokio::test]
async fn a_key_may_hold_a_date() {
    let org = Org::start().await;
    let salesforce = org.connect(CLIENT_SECRET);
    let body = r#"{"Name":"2024-01-31","StageName":"Prospecting","CloseDate":"2024-01-31"}"#;
    let id = claims::created(&salesforce, "Opportunity", body).await;
    let key = |day: &str| {
        ["Name", "CloseDate"].map(|name| (name.to_owned(), format!("\"{day}\""))).to_vec()
    };
    let find = Find {
        object: "Opportunity".into(),
        by: FindBy::Keys(vec![key("2024-02-01"), key("2024-01-31")]),
        fields: vec!["CloseDate".into()],
    };
    let found = salesforce.find(&find).await.expect("find");
    assert_eq!(found.iter().map(|hit| (hit.asked, &hit.id)).collect::<Vec<_>>(), [(1, &id)]);
}

#[tokio::test]
async fn a_deleted_child_brings_its_parent_again() {
    let org = Org::start().await;
    let salesforce = org.connect(CLIENT_SECRET);
    let (_, _, mut marks) = claims::read_all(&salesforce, &records::stamped_products()).await;
    let later = "2024-05-01T00:00:01.000+0000".to_owned();
    marks.values_mut().for_each(|mark| mark.clone_from(&later));
    let query = Query { since: Some(marks), ..records::stamped_products() };
    assert_eq!(claims::read_all(&salesforce, &query).await.0.len(), 0);
    org.delete("SBQQ__DiscountTier__c", &records::id("a0e", 1)).await;
    let (read, _, _) = claims::read_all(&salesforce, &query).await;
    assert_eq!(read.len(), records::SHARING);
    let tiers = &read[0]["SBQQ__DiscountSchedule__r"]["SBQQ__DiscountTiers__r"];
    assert_eq!(tiers["totalSize"], 1);
}

#[tokio::test]
async fn a_lost_cursor_is_an_error_and_never_a_short_page() {
    let org = Org::start().await;
    let salesforce = org.connect(CLIENT_SECRET);
    let page = salesforce.read(&records::products(), None).await.expect("page");
    org.service.expire_cursors();
    let error = salesforce.read(&records::products(), page.next.as_ref()).await.expect_err("lost");
    assert_eq!(error.class, Class::Refused, "{error}");
    assert!(salesforce.limits("Account").batch_size_max <= 200);
}
