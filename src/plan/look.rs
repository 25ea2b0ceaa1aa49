//! Looking things up in the target: in batches, several at the same time, tried again.

use super::patience::{Clock, ask, in_flight};
use crate::connector::{CallError, Find, FindBy, Found, KeyValues, Target};

/// Who looks things up.
#[derive(Clone, Copy)]
pub struct Look<'a> {
    /// Where.
    pub target: &'a dyn Target,
    /// How waiting is done.
    pub clock: &'a dyn Clock,
}

impl Look<'_> {
    /// The objects of these ids: one list of hits per id, in order.
    ///
    /// # Errors
    /// The failure of the first call that failed for good.
    pub async fn by_ids(
        &self,
        object: &str,
        fields: &[String],
        ids: &[String],
    ) -> Result<Vec<Vec<Found>>, CallError> {
        self.all(object, fields, ids, FindBy::Ids).await
    }

    /// The objects of these keys: one list of hits per key, in order.
    ///
    /// # Errors
    /// The failure of the first call that failed for good.
    pub async fn by_keys(
        &self,
        object: &str,
        fields: &[String],
        keys: &[KeyValues],
    ) -> Result<Vec<Vec<Found>>, CallError> {
        self.all(object, fields, keys, FindBy::Keys).await
    }

    async fn all<T: Clone>(
        &self,
        object: &str,
        fields: &[String],
        asked: &[T],
        by: impl Fn(Vec<T>) -> FindBy,
    ) -> Result<Vec<Vec<Found>>, CallError> {
        let limits = self.target.limits(object);
        let chunks: Vec<_> = asked.chunks(limits.keys_per_find_max.max(1)).collect();
        let finds = chunks.iter().map(|chunk| Find {
            object: object.to_owned(),
            by: by(chunk.to_vec()),
            fields: fields.to_vec(),
        });
        let finds: Vec<Find> = finds.collect();
        let calls = finds.iter().map(|find| ask(self.clock, || self.target.find(find))).collect();
        let answers = in_flight(limits.calls_in_flight_max, calls).await;
        let mut hits = Vec::with_capacity(asked.len());
        for (chunk, answer) in chunks.iter().zip(answers) {
            hits.extend(sort_hits(chunk.len(), answer?));
        }
        Ok(hits)
    }
}

/// Hits by what they answer. One object that a service gives twice is one hit.
fn sort_hits(asked: usize, found: Vec<Found>) -> Vec<Vec<Found>> {
    let mut hits: Vec<Vec<Found>> = (0..asked).map(|_| Vec::new()).collect();
    for one in found {
        if let Some(slot) = hits.get_mut(one.asked)
            && !slot.iter().any(|known| known.id == one.id)
        {
            slot.push(one);
        }
    }
    hits
}
