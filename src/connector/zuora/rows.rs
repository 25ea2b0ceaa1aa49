//! Questions sent, and their pages followed: `size`, `done`, `queryLocator`, `records`.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Zuora, broken};
use crate::{
    connector::{
        CallError,
        http::{Call, Effect, Method},
    },
    json::ObjectText,
};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answered<'a> {
    done: bool,
    query_locator: Option<String>,
    #[serde(borrow, default)]
    records: Vec<&'a RawValue>,
}

/// A page of rows, each as it was written, and where the next page is.
pub(super) struct Rows {
    pub(super) texts: Vec<String>,
    pub(super) next: Option<String>,
}

impl Zuora {
    /// The first page of a question.
    pub(super) async fn ask(&self, zoql: &str) -> Result<Rows, CallError> {
        let mut body = ObjectText::new();
        body.push_text("queryString", zoql);
        self.rows("/v1/action/query", body).await
    }

    /// A further page.
    pub(super) async fn ask_more(&self, locator: &str) -> Result<Rows, CallError> {
        let mut body = ObjectText::new();
        body.push_text("queryLocator", locator);
        self.rows("/v1/action/queryMore", body).await
    }

    /// All rows of some questions.
    pub(super) async fn ask_all(&self, questions: &[String]) -> Result<Vec<String>, CallError> {
        let mut texts = Vec::new();
        for question in questions {
            let mut rows = self.ask(question).await?;
            texts.append(&mut rows.texts);
            while let Some(locator) = rows.next {
                rows = self.ask_more(&locator).await?;
                texts.append(&mut rows.texts);
            }
        }
        Ok(texts)
    }

    async fn rows(&self, path: &str, body: ObjectText) -> Result<Rows, CallError> {
        let call = Call::json(Effect::Read, Method::POST, path, body.end());
        let reply = self.send(call).await?;
        let fault = |said: String| broken(format!("POST {path}"), said);
        let page: Answered<'_> = serde_json::from_str(&reply.body)
            .map_err(|error| fault(format!("the answer is no list of records: {error}")))?;
        let next = match (page.done, page.query_locator) {
            (true, _) => None,
            (false, Some(locator)) => Some(locator),
            (false, None) => {
                return Err(fault("the list is not done, and has no queryLocator".to_owned()));
            }
        };
        Ok(Rows { texts: page.records.into_iter().map(|row| row.get().to_owned()).collect(), next })
    }
}
