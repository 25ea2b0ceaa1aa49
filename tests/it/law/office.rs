//! A service that takes orders and keeps subscriptions, and an office that has contracts and is
//! written back to.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

use crosswalk::connector::{
    Answer, CallError, Class, Cursor, FigureChange, Figures, Find, FindBy, Found, Identity, Limits,
    Outcome, Page, Preview, Query, Source, Target, Verb, Write,
};
use serde_json::{Value, json};

use super::{
    bench::Stopwatch,
    contracts::{self, Contract},
    till::{Tricked, failure},
};

/// How long an order may still take effect after its call.
pub(crate) const SETTLES_WITHIN: Duration = Duration::from_secs(120);

/// What a call does instead of what it should.
pub(crate) type Trick = Box<dyn Fn(usize, &Write) -> Option<Odd> + Send + Sync>;

/// A call that goes wrong.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Odd {
    /// As with any target.
    Usual(Class, When),
    /// No answer comes, and the order takes effect only after so long.
    Late(Duration),
    /// The order is refused.
    Refused,
}

/// Whether a lost call took effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum When {
    Before,
    After,
}

/// A service that takes orders.
pub(crate) struct Orders {
    /// By number.
    pub taken: Mutex<BTreeMap<String, Value>>,
    /// The numbers of accounts by their id.
    pub accounts: Mutex<BTreeMap<String, String>>,
    /// How often an order was created, by number.
    pub created: Mutex<Vec<String>>,
    pub previews: Mutex<Vec<String>>,
    late: Mutex<Vec<(Duration, Write)>>,
    calls: Mutex<usize>,
    pub trick: Option<Trick>,
    asked: AtomicUsize,
    /// How questions fail, one after the other and from the start again; `None` is answered.
    pub blind: Vec<Option<Class>>,
    pub clock: Arc<Stopwatch>,
    /// What a unit brings a month.
    pub unit: i64,
}

impl Orders {
    pub(crate) fn new(clock: Arc<Stopwatch>) -> Self {
        Self {
            taken: Mutex::default(),
            accounts: Mutex::new(BTreeMap::from([("id of acme".into(), "A-acme".into())])),
            created: Mutex::default(),
            previews: Mutex::default(),
            late: Mutex::default(),
            calls: Mutex::default(),
            trick: None,
            asked: AtomicUsize::new(0),
            blind: Vec::new(),
            clock,
            unit: 10,
        }
    }

    /// The orders by number.
    pub(crate) fn state(&self) -> BTreeMap<String, Value> {
        self.settle_late();
        self.taken.lock().unwrap().clone()
    }

    fn see(&self) -> Result<(), CallError> {
        let at = self.asked.fetch_add(1, SeqCst) % self.blind.len().max(1);
        self.blind.get(at).copied().flatten().map_or(Ok(()), |class| Err(failure(class)))
    }

    fn now(&self) -> Duration {
        self.clock.0.lock().unwrap().iter().sum()
    }

    /// What was under way takes effect when its time has come.
    fn settle_late(&self) {
        let now = self.now();
        let (due, late) = std::mem::take(&mut *self.late.lock().unwrap())
            .into_iter()
            .partition(|(at, _)| *at <= now);
        *self.late.lock().unwrap() = late;
        let due: Vec<(Duration, Write)> = due;
        due.iter().for_each(|(_, write)| drop(self.effect(write)));
    }

    /// The quantity of a subscription after all orders.
    fn quantity(&self, subscription: &str) -> i64 {
        let taken = self.taken.lock().unwrap();
        let of = |order: &&Value| order["subscriptions"][0]["subscriptionNumber"] == *subscription;
        let quantities =
            taken.values().filter(of).map(|order| &order["subscriptions"][0]["quantity"]);
        quantities.filter_map(Value::as_i64).sum()
    }

    fn effect(&self, write: &Write) -> Outcome {
        let body: Value = serde_json::from_str(&write.body).unwrap();
        let refused =
            |code: &str, said: String| Outcome::Refused { code: code.into(), said, passing: false };
        let number = body["orderNumber"].as_str().unwrap().to_owned();
        let subscription = &body["subscriptions"][0];
        let named = subscription["subscriptionNumber"].as_str().unwrap();
        if subscription["charge"] != "id of seat" || body["account"] != "A-acme" {
            return refused("REF", format!("there is no such thing: {body}"));
        }
        if self.taken.lock().unwrap().contains_key(&number) {
            return refused("NUMBER", format!("the order number {number} exists"));
        }
        let begun = self.begun(named);
        let begins = subscription["custom"].is_object();
        if begins == begun {
            return refused("SUB", format!("{named}: begun {begun}"));
        }
        self.created.lock().unwrap().push(number.clone());
        self.taken.lock().unwrap().insert(number.clone(), body.clone());
        Outcome::Done { id: format!("id of {number}"), answer: self.result(&number).unwrap() }
    }

    fn accounts(&self, find: &Find, ids: &[String]) -> Vec<Found> {
        assert_eq!(
            (find.object.as_str(), &find.fields[..]),
            ("account", &["AccountNumber".into()][..])
        );
        let accounts = self.accounts.lock().unwrap();
        let found = |(asked, id): (usize, &String)| {
            let number = json!(accounts.get(id)?).to_string();
            let fields = vec![("AccountNumber".to_owned(), number)];
            Some(Found { asked, id: id.clone(), fields })
        };
        ids.iter().enumerate().filter_map(found).collect()
    }

    fn begun(&self, subscription: &str) -> bool {
        let taken = self.taken.lock().unwrap();
        taken.values().any(|order| order["subscriptions"][0]["subscriptionNumber"] == *subscription)
    }

    fn result(&self, number: &str) -> Option<String> {
        let order = self.taken.lock().unwrap().get(number)?.clone();
        let subscription = order["subscriptions"][0]["subscriptionNumber"].as_str().unwrap();
        let mrr = self.quantity(subscription) * self.unit;
        Some(format!(
            r#"{{"orderNumber":"{number}","subscription":"{subscription}","mrr":{mrr}.00}}"#
        ))
    }
}

fn identity(system: &str) -> Identity {
    Identity { system: system.into(), id: format!("{system}-1") }
}

impl Source for Orders {
    fn identity(&self) -> Answer<'_, Identity> {
        Box::pin(async { Ok(identity("till")) })
    }

    fn read<'a>(&'a self, _: &'a Query, _: Option<&'a Cursor>) -> Answer<'a, Page> {
        Box::pin(async { Ok(Page::default()) })
    }

    fn describe<'a>(&'a self, _: &'a str) -> Answer<'a, Vec<u8>> {
        Box::pin(async { Ok(Vec::new()) })
    }
}

impl Target for Orders {
    fn limits(&self, _: &str) -> Limits {
        Limits {
            batch_size_max: 1,
            calls_in_flight_max: 3,
            keys_per_find_max: 2,
            settles_within: SETTLES_WITHIN,
        }
    }

    fn find<'a>(&'a self, find: &'a Find) -> Answer<'a, Vec<Found>> {
        Box::pin(async move {
            self.see()?;
            let keys = match &find.by {
                FindBy::Keys(keys) => keys,
                FindBy::Ids(ids) => return Ok(self.accounts(find, ids)),
            };
            let state = self.state();
            let mut found = Vec::new();
            for (asked, key) in keys.iter().enumerate() {
                assert_eq!(key[0].0, "orderNumber");
                let number: String = serde_json::from_str(&key[0].1).unwrap();
                let Some(Value::Object(order)) = state.get(&number) else { continue };
                let mut order = order.clone();
                // What the service makes of the insides of an order is its own affair.
                order["subscriptions"][0]["quantity"] = json!(null);
                let fields = order.iter().filter(|(name, _)| find.fields.contains(name));
                let fields = fields.map(|(n, v)| (n.clone(), v.to_string())).collect();
                found.push(Found { asked, id: format!("id of {number}"), fields });
            }
            Ok(found)
        })
    }

    fn write<'a>(&'a self, batch: &'a [Write]) -> Answer<'a, Vec<Outcome>> {
        Box::pin(async move {
            let [write] = batch else { panic!("one order a call") };
            assert_eq!(write.verb, Verb::Create);
            let call = {
                let mut calls = self.calls.lock().unwrap();
                *calls += 1;
                *calls
            };
            match self.trick.as_ref().and_then(|trick| trick(call, write)) {
                None => Ok(vec![self.effect(write)]),
                Some(Odd::Usual(class, when)) => {
                    if when == When::After {
                        self.effect(write);
                    }
                    Err(failure(class))
                }
                Some(Odd::Late(long)) => {
                    self.late.lock().unwrap().push((self.now() + long, write.clone()));
                    Err(failure(Class::UnknownFate))
                }
                Some(Odd::Refused) => Ok(vec![Outcome::Refused {
                    code: "E7".into(),
                    said: "the order date is closed".into(),
                    passing: false,
                }]),
            }
        })
    }

    fn preview<'a>(&'a self, write: &'a Write) -> Answer<'a, Option<Preview>> {
        Box::pin(async move {
            let body: Value = serde_json::from_str(&write.body).unwrap();
            self.previews.lock().unwrap().push(body["orderNumber"].as_str().unwrap().to_owned());
            let subscription = &body["subscriptions"][0];
            let quantity = subscription["quantity"].as_i64().unwrap();
            if quantity == 0 {
                let (code, said) = ("E9".into(), "nothing is ordered".into());
                return Ok(Some(Preview::Refused { code, said }));
            }
            let mrr = (quantity * self.unit).into();
            Ok(Some(Preview::Told(Figures {
                changes: vec![FigureChange {
                    subscription: subscription["subscriptionNumber"].as_str().unwrap().into(),
                    currency: "USD".into(),
                    mrr,
                    tcv: None,
                }],
                first_bill: vec![("USD".into(), mrr)],
            })))
        })
    }

    fn results<'a>(
        &'a self,
        object: &'a str,
        ids: &'a [String],
    ) -> Answer<'a, Vec<Option<String>>> {
        assert_eq!(object, "Order");
        Box::pin(async move {
            self.see()?;
            Ok(ids.iter().map(|id| self.result(id)).collect())
        })
    }
}

/// What a write to the office does instead of what it should.
pub(crate) type OfficeTrick = Box<dyn Fn(&Write) -> Option<Tricked> + Send + Sync>;

/// An office: contracts in pages, and fields that are written back to.
pub(crate) struct Office {
    pub contracts: Vec<Contract>,
    pub per_page: usize,
    /// What was written, by object and id.
    pub fields: Mutex<BTreeMap<String, BTreeMap<String, Value>>>,
    pub writes: Mutex<Vec<Write>>,
    pub trick: Option<OfficeTrick>,
}

impl Office {
    pub(crate) fn new(contracts: Vec<Contract>) -> Self {
        let (fields, writes) = (Mutex::default(), Mutex::default());
        Self { contracts, per_page: 2, fields, writes, trick: None }
    }

    /// A field of a contract, as it was written.
    pub(crate) fn field(&self, record: &str, name: &str) -> Value {
        let fields = self.fields.lock().unwrap();
        fields.get(record).and_then(|fields| fields.get(name)).cloned().unwrap_or(Value::Null)
    }

    /// The records that were written since this was asked.
    pub(crate) fn written(&self) -> Vec<String> {
        let id = |write: Write| match write.verb {
            Verb::Update { id, .. } => format!("{} {id}", write.object),
            Verb::Create => panic!("nothing is made in the office"),
        };
        std::mem::take(&mut *self.writes.lock().unwrap()).into_iter().map(id).collect()
    }

    fn effect(&self, write: &Write) -> Outcome {
        self.writes.lock().unwrap().push(write.clone());
        let Verb::Update { id, .. } = &write.verb else { panic!() };
        if let Some(Tricked::Refused { passing }) = self.trick.as_ref().and_then(|t| t(write)) {
            return Outcome::Refused {
                code: "LOCKED".into(),
                said: "it is locked".into(),
                passing,
            };
        }
        let Value::Object(body) = serde_json::from_str(&write.body).unwrap() else { panic!() };
        let mut fields = self.fields.lock().unwrap();
        fields.entry(format!("{} {id}", write.object)).or_default().extend(body);
        Outcome::Done { id: id.clone(), answer: "{}".into() }
    }
}

impl Source for Office {
    fn identity(&self) -> Answer<'_, Identity> {
        Box::pin(async { Ok(identity("office")) })
    }

    fn read<'a>(&'a self, query: &'a Query, cursor: Option<&'a Cursor>) -> Answer<'a, Page> {
        Box::pin(async move {
            let only = query.only.as_ref();
            let wanted = |one: &&Contract| only.is_none_or(|only| only.contains(&one.id));
            let contracts: Vec<_> = self.contracts.iter().filter(wanted).cloned().collect();
            let at: usize = cursor.map_or(0, |cursor| cursor.0.parse().unwrap());
            let end = (at + self.per_page).min(contracts.len());
            let next = (end < contracts.len()).then(|| Cursor(end.to_string()));
            let records = contracts::page(&contracts[at..end]);
            Ok(Page { records, next, marks: BTreeMap::new() })
        })
    }

    fn describe<'a>(&'a self, _: &'a str) -> Answer<'a, Vec<u8>> {
        Box::pin(async { Ok(Vec::new()) })
    }
}

impl Target for Office {
    fn limits(&self, _: &str) -> Limits {
        Limits {
            batch_size_max: 3,
            calls_in_flight_max: 2,
            keys_per_find_max: 2,
            settles_within: Duration::ZERO,
        }
    }

    fn find<'a>(&'a self, _: &'a Find) -> Answer<'a, Vec<Found>> {
        panic!("nothing is looked for in the office")
    }

    fn write<'a>(&'a self, batch: &'a [Write]) -> Answer<'a, Vec<Outcome>> {
        Box::pin(async move {
            assert!(batch.len() <= 3);
            Ok(batch.iter().map(|write| self.effect(write)).collect())
        })
    }
}
