//! What Zuora says when it refuses: at least six forms of one thing.
//!
//! API Reference, "Error handling" and "CRUD: Errors and faults". The forms are
//! `{success:false,reasons:[{code,message}]}`, `{Success:false,Errors:[{Code,Message}]}`, the same
//! in lower case, `{FaultCode,FaultMessage}`, `{code,message}` and a bare `{message}`.

use crate::{
    connector::http::{Remedy, clip},
    json::{Checked, Members},
};

/// One thing that was wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) code: Option<String>,
    pub(super) said: String,
}

/// Whether an object says that it is a failure, whatever the status.
pub(super) fn says_failure(body: &Members<'_>) -> bool {
    ["success", "Success"].iter().any(|name| body.get(name).is_some_and(|is| is.text() == "false"))
}

/// All faults that an object states, in order.
pub(super) fn faults(body: &Members<'_>) -> Vec<Fault> {
    for list in ["reasons", "Errors", "errors"] {
        let stated = body.get_set(list).and_then(Checked::as_list).unwrap_or_default();
        let stated: Vec<Fault> =
            stated.into_iter().filter_map(|one| fault(&one.as_members()?)).collect();
        if !stated.is_empty() {
            return stated;
        }
    }
    fault(body).into_iter().collect()
}

/// The fault that one object states.
fn fault(body: &Members<'_>) -> Option<Fault> {
    let first = |names: &[&str]| names.iter().find_map(|name| body.get_set(name)).map(plain);
    let code = first(&["code", "Code", "FaultCode", "faultcode", "error"]);
    let said = first(&["message", "Message", "FaultMessage", "faultstring", "error_description"]);
    match (code, said) {
        (None, None) => None,
        (code, Some(said)) => Some(Fault { code, said: clip(&said) }),
        (Some(code), None) => Some(Fault { said: code.clone(), code: Some(code) }),
    }
}

/// A text without its quotes, or a number as it stands: codes come as both.
fn plain(value: Checked<'_>) -> String {
    value.as_text().map_or_else(|| value.text().to_owned(), std::borrow::Cow::into_owned)
}

/// What may be done about a fault, by its code; `None` where the code does not say.
pub(super) fn remedy(code: &str) -> Option<Remedy> {
    use crate::connector::Class;
    match code {
        "LOCK_COMPETITION" | "REQUEST_EXCEEDED_LIMIT" | "REQUEST_EXCEEDED_RATE" => {
            return Some(Remedy::Later);
        }
        "UNKNOWN_ERROR" => return Some(Remedy::Unclear),
        "INVALID_SESSION" => return Some(Remedy::Renew),
        _ => {}
    }
    let number: u64 = code.parse().ok()?;
    // The last two digits are the category; the gateway's limit has nothing in front of them.
    Some(match number % 100 {
        11 => Remedy::Renew,
        50 | 61 | 70 => Remedy::Later,
        60 | 99 => Remedy::Unclear,
        _ => Remedy::Final(Class::Refused),
    })
}

/// What may be done about several faults: only if all of them pass, the call may be sent again.
pub(super) fn remedy_of_all(faults: &[Fault]) -> Option<Remedy> {
    let each = faults.iter().map(|fault| remedy(fault.code.as_deref()?));
    let remedies: Vec<Remedy> = each.collect::<Option<_>>()?;
    let rank = |remedy: &Remedy| match remedy {
        Remedy::Later | Remedy::Unsent => 0,
        Remedy::Renew => 1,
        Remedy::Unclear => 2,
        Remedy::Final(_) => 3,
    };
    remedies.into_iter().max_by_key(rank)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connector::Class;

    #[test]
    fn reads_every_form() {
        let table: [(&str, Option<&str>, &str); 9] = [
            (
                r#"{"success":false,"processId":"7F","reasons":[{"code":53100320,"message":"bad termType"}],"requestId":"u"}"#,
                Some("53100320"),
                "bad termType",
            ),
            (
                r#"{"success":false,"reasons":[{"code":"53100020","message":"no"}]}"#,
                Some("53100020"),
                "no",
            ),
            (
                r#"{"Success":false,"Errors":[{"Code":"INVALID_VALUE","Message":"The name"}]}"#,
                Some("INVALID_VALUE"),
                "The name",
            ),
            (
                r#"{"id":"1","success":false,"errors":[{"code":"CANNOT_DELETE","message":"used"}]}"#,
                Some("CANNOT_DELETE"),
                "used",
            ),
            (
                r#"{"FaultCode":"INVALID_FIELD","FaultMessage":"invalid field for query: x"}"#,
                Some("INVALID_FIELD"),
                "invalid field for query: x",
            ),
            (
                r#"{"code":"ClientError","message":"Invalid action 'query1'"}"#,
                Some("ClientError"),
                "Invalid action 'query1'",
            ),
            (r#"{"message":"Error - unrecognised fields"}"#, None, "Error - unrecognised fields"),
            (
                r#"{"reasons":[{"code":70,"message":"API Rate limit exceeded"}]}"#,
                Some("70"),
                "API Rate limit exceeded",
            ),
            (
                r#"{"error":"invalid_client","error_description":"Bad credentials"}"#,
                Some("invalid_client"),
                "Bad credentials",
            ),
        ];
        for (body, code, said) in table {
            let body = Members::of(body).expect(body);
            let expected = Fault { code: code.map(str::to_owned), said: said.to_owned() };
            assert_eq!(faults(&body), [expected]);
        }
        assert!(faults(&Members::of(r#"{"size":0,"done":true}"#).expect("object")).is_empty());
    }

    #[test]
    fn knows_what_passes() {
        let table = [
            ("53100350", Some(Remedy::Later)),
            ("50000070", Some(Remedy::Later)),
            ("70", Some(Remedy::Later)),
            ("90000011", Some(Remedy::Renew)),
            ("53100060", Some(Remedy::Unclear)),
            ("53100320", Some(Remedy::Final(Class::Refused))),
            ("LOCK_COMPETITION", Some(Remedy::Later)),
            ("INVALID_VALUE", None),
        ];
        for (code, expected) in table {
            assert_eq!(remedy(code), expected, "{code}");
        }
        let both = ["53100350", "53100320"]
            .map(|code| Fault { code: Some(code.to_owned()), said: String::new() });
        assert_eq!(remedy_of_all(&both), Some(Remedy::Final(Class::Refused)));
    }
}
