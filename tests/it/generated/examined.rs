//! Records that ask for actions, each examined in the same way: as it was sold, as its schema alone
//! makes it, or with a value or two drawn anew.

use std::collections::BTreeMap;

use crosswalk::program::Known;
use serde_json::Value;

use super::{Fates, faults_of_orders, later::went_on, records::Org};
use crate::requests::orders::Published;

/// How many records in a hundred are left as their schema alone made them.
const WILD: usize = 5;
/// How many have a value or two drawn anew.
const DISTURBED: usize = 25;

pub struct Examined {
    published: Published,
    /// How many actions of each kind were asked for.
    pub sent: BTreeMap<String, usize>,
}

impl Examined {
    pub fn open() -> Self {
        Self { published: Published::open(), sent: BTreeMap::new() }
    }

    /// Examines a record of some kinds, of which one that its schema alone makes has none.
    pub fn record(&mut self, fates: &mut Fates<'_>, org: &mut Org, id: &str, kinds: &[String]) {
        let query = &fates.program.head.query;
        let wild = org.random.percent(WILD);
        let mut record = if wild { org.record(query) } else { org.joined(query, id) };
        let is_disturbed = !wild && org.random.percent(DISTURBED);
        for _ in 0..if is_disturbed { 1 + org.random.below(2) } else { 0 } {
            org.disturb(&mut record, query);
        }
        let text = Value::Object(record).to_string();
        let kinds = if wild { &[] } else { kinds };
        let Some(draft) = fates.draft(kinds, &text, &Known::default()) else { return };
        for fault in faults_of_orders(&self.published, &draft) {
            fates.fault(&fault, &text);
        }
        if !wild && !is_disturbed {
            went_on(fates, org, id, &draft);
        }
        for action in &draft.actions {
            *self.sent.entry(action.kind.clone()).or_default() += 1;
        }
    }
}
