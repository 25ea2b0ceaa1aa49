//! A folder of files as a source and as a target.

use std::path::{Path, PathBuf};

use crosswalk::connector::{
    Find, FindBy, Outcome, Source, Target, Verb,
    file::{Folder, Format},
};

use super::{
    claims::{self, Tried},
    records,
};

/// A folder that is removed at the end.
struct Temporary(PathBuf);

impl Temporary {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("crosswalk-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).expect("folder");
        Self(folder)
    }

    fn with_org(name: &str) -> Self {
        let folder = Self::new(name);
        for (object, lines) in records::org() {
            std::fs::write(folder.0.join(format!("{object}.ndjson")), lines).expect("file");
        }
        folder
    }

    fn open(&self, format: Format) -> Folder {
        Folder::open(&self.0, format).expect("folder")
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[tokio::test]
async fn files_keep_the_promises_of_a_source() {
    let temporary = Temporary::with_org("source");
    let folder = temporary.open(Format::Ndjson);
    claims::says_who_it_is(&folder, "file").await;
    claims::reads_all_pages(&folder).await;
    claims::completes_records(&folder).await;
    claims::completes_deep_records(&folder).await;
    claims::reads_only_what_is_named(&folder).await;
    claims::reads_what_has_changed(&folder).await;
    let described = folder.describe("Pricebook2").await.expect("describe");
    assert!(String::from_utf8(described).expect("text").contains("\"IsActive\""));
    assert_eq!(folder.traffic().writes, 0);
}

#[tokio::test]
async fn files_keep_the_promises_of_a_target() {
    for (name, format) in [("ndjson", Format::Ndjson), ("json", Format::Json)] {
        let temporary = Temporary::new(name);
        let tried = Tried {
            object: "orders",
            key: "number",
            bodies: [
                r#"{"id":"a","number":"O-1","lines":[{"price":1.10}],"note":"x\ny"}"#,
                r#"{"id":"b","number":"O-2","lines":[],"note":"z"}"#,
            ],
            bad: None,
            change: r#"{"note":"changed"}"#,
        };
        claims::writes_and_finds(&temporary.open(format), &tried).await;
        let file = temporary.0.join("deep/er").join(format!("orders.{name}"));
        let folder = Folder::create(&file, Format::Csv).expect("folder");
        claims::writes_and_finds(&folder, &tried).await;
        assert!(file.is_file());
        assert!(temporary.0.join(format!("orders.{name}")).is_file());
    }
}

#[tokio::test]
async fn a_line_that_a_killed_run_left_unfinished_is_mended() {
    let temporary = Temporary::new("torn");
    let path = temporary.0.join("orders.ndjson");
    let folder = temporary.open(Format::Ndjson);
    let long = "x".repeat(10_000);
    for (left, kept) in [
        ("{\"id\":\"1\"}\n{\"id\":\"2\",\"no", "{\"id\":\"1\"}\n".to_owned()),
        ("{\"id\":\"1\"}", "{\"id\":\"1\"}\n".to_owned()),
        ("{\"id", String::new()),
        (&format!("{{\"id\":\"1\"}}\n{{\"id\":\"{long}"), "{\"id\":\"1\"}\n".to_owned()),
        ("", String::new()),
    ] {
        std::fs::write(&path, left).expect("file");
        let find = Find {
            object: "orders".into(),
            by: FindBy::Ids(vec!["1".into(), "2".into()]),
            fields: Vec::new(),
        };
        let found = folder.find(&find).await.expect("find");
        assert_eq!(found.len(), usize::from(!kept.is_empty()), "{left}");
        folder.write(&[claims::create("orders", "{\"id\":\"3\"}")]).await.expect("write");
        let text = std::fs::read_to_string(&path).expect("file");
        assert_eq!(text, format!("{kept}{{\"id\":\"3\"}}\n"));
    }
}

#[tokio::test]
async fn a_table_takes_flat_documents_alone() {
    let temporary = Temporary::new("table");
    let folder = temporary.open(Format::Csv);
    let create = |body| claims::create("rows", body);
    let good = create(r#"{"id":"1","name":"a, \"b\"","price":1.10}"#);
    let nested = create(r#"{"id":"2","name":[1],"price":2}"#);
    let other = create(r#"{"id":"3","colour":"red"}"#);
    let outcomes = folder.write(&[good, nested, other]).await.expect("write");
    assert!(matches!(&outcomes[0], Outcome::Done { id, .. } if id == "1"));
    assert!(matches!(&outcomes[1], Outcome::Refused { said, .. } if said.contains("`name`")));
    assert!(matches!(&outcomes[2], Outcome::Refused { said, .. } if said.contains("`colour`")));
    folder.write(&[create(r#"{"id":"4","price":null}"#)]).await.expect("write");
    let text = std::fs::read_to_string(temporary.0.join("rows.csv")).expect("file");
    assert_eq!(text, "id,name,price\n1,\"a, \"\"b\"\"\",1.10\n4,,\n");
}

#[tokio::test]
async fn says_which_file_is_missing_and_which_line_is_broken() {
    let temporary = Temporary::new("faults");
    let folder = temporary.open(Format::Ndjson);
    let query = crosswalk::connector::Query::of("Product2");
    let said = folder.read(&query, None).await.expect_err("no file").to_string();
    assert!(said.contains("no file Product2.ndjson"), "{said}");
    std::fs::write(temporary.0.join("Product2.ndjson"), "{}\n{\"a\" 1}\n").expect("file");
    let said = folder.read(&query, None).await.expect_err("a broken line").to_string();
    assert!(said.contains("Product2.ndjson:2: column 6"), "{said}");
    let outside = crosswalk::connector::Query::of("../Product2");
    assert!(folder.read(&outside, None).await.is_err());
    assert!(Folder::open(Path::new("/does/not/exist"), Format::Json).is_err());
}

#[cfg(unix)]
#[tokio::test]
async fn a_link_to_a_file_or_a_device_stays_one() {
    use std::os::unix::fs::symlink;
    let temporary = Temporary::new("links");
    let at = |name: &str| temporary.0.join(name);
    std::fs::write(at("kept.ndjson"), "{\"id\":\"1\",\"n\":1}\n").expect("file");
    symlink("kept.ndjson", at("rows.ndjson")).expect("link");
    symlink("/dev/null", at("nothing.ndjson")).expect("link");
    let change = |id: &str| crosswalk::connector::Write {
        object: "rows".into(),
        verb: Verb::Update { id: id.into(), before: "{}".into() },
        body: "{\"n\":2}".into(),
    };
    let rows = Folder::open(at("rows.ndjson"), Format::Ndjson).expect("folder");
    rows.write(&[change("1")]).await.expect("written");
    let text = std::fs::read_to_string(at("kept.ndjson")).expect("file");
    assert_eq!(text, "{\"id\":\"1\",\"n\":2}\n");
    let nothing = Folder::open(at("nothing.ndjson"), Format::Ndjson).expect("folder");
    nothing.write(&[claims::create("rows", "{\"id\":\"1\"}")]).await.expect("written");
    let said = nothing.write(&[change("1")]).await.expect_err("no change").to_string();
    assert!(said.contains("a device or a pipe"), "{said}");
    for (link, target) in [("rows.ndjson", "kept.ndjson"), ("nothing.ndjson", "/dev/null")] {
        assert_eq!(std::fs::read_link(at(link)).expect("link"), Path::new(target));
    }
}
