//! A tenant that does not tell, or not all of it.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    thread,
};

use super::{
    super::place::{Place, Run},
    MAPPING,
};

const NAME: &str = "<field><name>Name</name><maxlength>100</maxlength><type>text</type></field>";

/// A tenant that answers every describe of an object so: status, type and body.
fn tenant(answer: impl Fn(&str) -> (u16, String) + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    // It ends with the process of the tests, as its listener does.
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let _ = serve(stream, &answer);
        }
    });
    address
}

fn serve(stream: TcpStream, answer: &impl Fn(&str) -> (u16, String)) -> std::io::Result<()> {
    let mut from = BufReader::new(stream.try_clone()?);
    let mut to = stream;
    let (mut first, mut length) = (String::new(), 0);
    from.read_line(&mut first)?;
    loop {
        let mut line = String::new();
        from.read_line(&mut line)?;
        if line.trim().is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().unwrap();
        }
    }
    from.read_exact(&mut vec![0; length])?;
    let path = first.split(' ').nth(1).unwrap_or_default();
    let (status, body) = match path.strip_prefix("/v1/describe/") {
        Some(object) => answer(object),
        None => (200, r#"{"access_token": "t", "expires_in": 3600, "scope": "tenant.1"}"#.into()),
    };
    write!(
        to,
        "HTTP/1.1 {status} X\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
}

fn place(name: &str, address: &str) -> Place {
    let place = Place::empty(name);
    place.write("set/products.yaml", MAPPING);
    let client = "{ env: X }";
    place.write(
        "set/environments/live.yaml",
        &format!(
            "zuora: {{ base_url: \"{address}\", client_id: {client}, client_secret: {client} }}\n"
        ),
    );
    place
}

fn run(place: &Place, what: &str, output: &str) -> Run {
    let arguments = ["schema", what, "set", "--env", "live", "--output", output];
    place.run_with(&arguments, &[("X", "0a1b2c3d-0000-4000-8000-000000000001")])
}

fn described(fields: &str) -> String {
    format!("<object><name>X</name><fields>{fields}</fields></object>")
}

#[test]
fn no_permission_is_told_apart_from_no_object() {
    let address = tenant(|object| match object {
        "Product" => (403, r#"{"message": "this user may not describe"}"#.into()),
        "RatePlan" => (404, "<error>no such object</error>".into()),
        "Order" => {
            (200, r#"{"success": false, "reasons": [{"code": 50000040, "message": "no"}]}"#.into())
        }
        _ => (200, described(NAME)),
    });
    let place = place("schema-refused", &address);
    let pull = run(&place, "pull", "json");
    let pulled = pull.only("crosswalk-schema-pull/1");
    let refused = pulled["refused"].as_array().unwrap();
    assert_eq!((pull.code, refused.len()), (1, 1), "{}{}", pull.out, pull.err);
    assert!(refused[0].as_str().unwrap().starts_with("zuora Product: "), "{refused:?}");
    let absent = pulled["absent"].as_array().unwrap();
    assert_eq!(absent, &["zuora Order", "zuora SubscriptionRatePlan"], "{}", pull.out);
    assert!(pulled["written"].as_array().unwrap().len() > 5, "the others are there");
    let diff = run(&place, "diff", "human");
    assert_eq!(diff.code, 3, "what is not told cannot be compared: {}", diff.out);
    assert!(diff.err.contains("may not describe"), "{}", diff.err);
}

#[test]
fn an_object_that_is_gone_breaks_what_uses_it() {
    let address = tenant(|object| match object {
        "Product" => (404, String::new()),
        _ => (200, described(NAME)),
    });
    let place = place("schema-absent", &address);
    let diff = run(&place, "diff", "json");
    let found = diff.only("crosswalk-schema-difference/1");
    assert_eq!((diff.code, found["object"].as_str()), (1, Some("Product")), "{}", diff.out);
    assert!(found["field"].is_null() && found["uses"][0]["file"] == "set/products.yaml", "{found}");
}

#[test]
fn an_answer_that_was_cut_is_no_describe() {
    let whole = described(NAME);
    let cut = whole[..whole.len() - 20].to_owned();
    let address = tenant(move |_| (200, cut.clone()));
    let place = place("schema-cut", &address);
    for what in ["pull", "diff"] {
        let run = run(&place, what, "human");
        assert_eq!(run.code, 3, "{}", run.out);
        assert!(run.err.contains("the describe of Account cannot be read"), "{what}: {}", run.err);
    }
    assert!(!place.folder.join("set/schemas/live/zuora/Product.json").exists());
}
