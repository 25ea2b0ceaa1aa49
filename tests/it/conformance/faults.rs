//! How a connector to a service fails: what it tries again, and what it calls the failure.

use std::{future::Future, pin::Pin};

use crosswalk::{
    connector::{CallError, Class, Source, Target, Write, http::Traffic},
    sandbox::wire::faults::{Fault, Faults},
};

type Reading<'a> = Pin<Box<dyn Future<Output = Result<usize, CallError>> + Send + 'a>>;

/// A connector with something to read, something to write, and a way to break the service.
pub struct Tried<'a> {
    pub target: &'a dyn Target,
    pub faults: &'a Faults,
    pub write: Write,
    pub write_path: &'a str,
    pub read: Box<dyn Fn() -> Reading<'a> + 'a>,
    pub read_path: &'a str,
    pub expire: Box<dyn Fn() + 'a>,
}

pub async fn fails_as_promised(tried: &Tried<'_>, traffic: &dyn Fn() -> Traffic) {
    let read = (tried.read)().await.expect("read");
    assert!(read > 0);

    let busy = Fault::Answer { status: 503, retry_after_s: None };
    tried.faults.next(2, None, tried.read_path, busy);
    assert_eq!((tried.read)().await.expect("read after 503"), read);
    tried.faults.next(1, None, tried.read_path, Fault::CutBefore);
    assert_eq!((tried.read)().await.expect("read after a cut"), read);
    tried.faults.next(50, None, tried.read_path, busy);
    let error = (tried.read)().await.expect_err("busy for good");
    assert_eq!(error.class, Class::Wait, "{error}");
    tried.faults.clear();

    let sign_ins = traffic().sign_ins;
    (tried.expire)();
    assert_eq!((tried.read)().await.expect("read after 401"), read);
    assert_eq!(traffic().sign_ins, sign_ins + 1);

    let writes = || traffic().writes;
    let batch = [tried.write.clone()];
    let limited = Fault::Answer { status: 429, retry_after_s: Some(0) };
    let before = writes();
    tried.faults.next(2, None, tried.write_path, limited);
    tried.target.write(&batch).await.expect("write after 429");
    assert_eq!(writes(), before + 3, "a refused write is sent again");

    // A service that asks for more time than we give gets its way from above.
    let later = Fault::Answer { status: 429, retry_after_s: Some(600) };
    tried.faults.next(1, None, tried.write_path, later);
    let error = tried.target.write(&batch).await.expect_err("later");
    assert_eq!(error.class, Class::Wait, "{error}");
    assert_eq!(error.retry_after.map(|wait| wait.as_secs()), Some(600));

    for fault in [
        Fault::CutBefore,
        Fault::CutAfter,
        Fault::Answer { status: 500, retry_after_s: None },
        Fault::Answer { status: 502, retry_after_s: None },
    ] {
        let before = writes();
        tried.faults.next(1, None, tried.write_path, fault);
        let error = tried.target.write(&batch).await.expect_err("no answer");
        assert_eq!(error.class, Class::UnknownFate, "{fault:?}: {error}");
        assert_eq!(writes(), before + 1, "a write of unknown fate is never sent again");
    }
}

pub async fn knows_a_wrong_secret(source: &dyn Source, secret: &str) {
    let error = source.identity().await.expect_err("a wrong secret");
    assert_eq!(error.class, Class::SignIn, "{error}");
    let shown = format!("{error} {error:?}");
    assert!(!shown.contains(&format!("={secret}")) && !shown.contains("Bearer"), "{shown}");
}
