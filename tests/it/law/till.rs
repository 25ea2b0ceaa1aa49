//! A target with real state, and a source with pages.

use std::{collections::BTreeMap, sync::Mutex};

use crosswalk::connector::{
    Answer, CallError, Class, Cursor, Find, FindBy, Found, Identity, KeyValues, Limits, Outcome,
    Page, Query, Source, Target, Verb, Write,
};
use serde_json::{Map, Value};

use super::shop::{self, Product};

/// A source: products in pages.
pub(crate) struct Shop {
    pub products: Vec<Product>,
    pub per_page: usize,
}

impl Source for Shop {
    fn identity(&self) -> Answer<'_, Identity> {
        Box::pin(async { Ok(Identity { system: "shop".into(), id: "org-1".into() }) })
    }

    fn read<'a>(&'a self, query: &'a Query, cursor: Option<&'a Cursor>) -> Answer<'a, Page> {
        Box::pin(async move {
            let only = query.only.clone();
            let wanted = |p: &&Product| only.as_ref().is_none_or(|only| only.contains(&p.id));
            let products: Vec<_> = self.products.iter().filter(wanted).cloned().collect();
            let at: usize = cursor.map_or(0, |cursor| cursor.0.parse().unwrap());
            let end = (at + self.per_page).min(products.len());
            let next = (end < products.len()).then(|| Cursor(end.to_string()));
            let marks = BTreeMap::from([(String::new(), products.len().to_string())]);
            Ok(Page { records: shop::page(&products[at..end]), next, marks })
        })
    }

    fn describe<'a>(&'a self, _: &'a str) -> Answer<'a, Vec<u8>> {
        Box::pin(async { Ok(Vec::new()) })
    }
}

/// One object of the target.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Object {
    pub kind: String,
    pub fields: Map<String, Value>,
}

/// What a call of the target does instead of what it should.
pub(crate) type Trick = Box<dyn Fn(usize, &[Write]) -> Option<Tricked> + Send + Sync>;

/// A call that goes wrong.
#[derive(Clone, Debug)]
pub(crate) enum Tricked {
    /// Before it took effect.
    Before(Class),
    /// After it took effect.
    After(Class),
    /// Each record is refused so.
    Refused { passing: bool },
}

/// A target.
pub(crate) struct Till {
    pub objects: Mutex<BTreeMap<String, Object>>,
    pub calls: Mutex<Vec<Vec<Write>>>,
    pub made: std::sync::atomic::AtomicUsize,
    pub trick: Option<Trick>,
    pub limits: Limits,
}

impl Till {
    pub(crate) fn new() -> Self {
        let limits = Limits {
            batch_size_max: 2,
            calls_in_flight_max: 3,
            keys_per_find_max: 2,
            settles_within: std::time::Duration::ZERO,
        };
        let (objects, calls) = (Mutex::default(), Mutex::default());
        Self { objects, calls, made: 100.into(), trick: None, limits }
    }

    pub(crate) fn state(&self) -> BTreeMap<String, Object> {
        self.objects.lock().unwrap().clone()
    }

    /// What is there without ids: parents by name, so that two histories can be compared.
    pub(crate) fn shape(&self) -> Vec<String> {
        let objects = self.state();
        let path = |object: &Object| path_of(&objects, object);
        let show = |object: &Object| {
            let mut fields = object.fields.clone();
            fields.remove("ProductId");
            fields.remove("ProductRatePlanId");
            if let Some(id) = fields.remove("ReplacesId") {
                let replaced = path(&objects[id.as_str().unwrap()]);
                fields.insert("ReplacesId".into(), replaced.into());
            }
            format!("{} {} {}", object.kind, path(object), Value::Object(fields))
        };
        let mut shape: Vec<String> = objects.values().map(show).collect();
        shape.sort();
        shape
    }

    pub(crate) fn writes(&self) -> usize {
        self.calls.lock().unwrap().iter().map(Vec::len).sum()
    }

    fn effect(&self, write: &Write) -> Outcome {
        let mut objects = self.objects.lock().unwrap();
        let Value::Object(body) = serde_json::from_str(&write.body).unwrap() else { panic!() };
        if let Some(refused) = self.refuse(&objects, write, &body) {
            return refused;
        }
        let id = match &write.verb {
            Verb::Create => {
                let made = self.made.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                let id = format!("T{made:04}");
                objects.insert(id.clone(), Object { kind: write.object.clone(), fields: body });
                id
            }
            Verb::Update { id, .. } => {
                objects.get_mut(id).unwrap().fields.extend(body);
                id.clone()
            }
        };
        objects.get_mut(&id).unwrap().fields.retain(|_, value| !value.is_null());
        Outcome::Done { answer: format!("{{\"Id\":\"{id}\"}}"), id }
    }

    /// Parents must exist, and names of products are given once.
    fn refuse(
        &self,
        objects: &BTreeMap<String, Object>,
        write: &Write,
        body: &Map<String, Value>,
    ) -> Option<Outcome> {
        let refused = |said: &str| {
            Some(Outcome::Refused { code: "400".into(), said: said.into(), passing: false })
        };
        for parent in ["ProductId", "ProductRatePlanId", "ReplacesId"] {
            if let Some(id) = body.get(parent).and_then(Value::as_str)
                && !objects.contains_key(id)
            {
                return refused("its parent is not there");
            }
        }
        let own = match &write.verb {
            Verb::Create => None,
            Verb::Update { id, .. } => Some(id),
        };
        if let Verb::Update { id, .. } = &write.verb
            && !objects.contains_key(id)
        {
            return refused("it is not there");
        }
        let name = body.get("Name");
        let taken = objects.iter().any(|(id, object)| {
            object.kind == "Product" && object.fields.get("Name") == name && own != Some(id)
        });
        if write.object == "Product" && name.is_some() && taken {
            return refused("the name is taken");
        }
        None
    }
}

fn path_of(objects: &BTreeMap<String, Object>, object: &Object) -> String {
    let own = object.fields.get("sfdcId").or(object.fields.get("Name")).unwrap().to_string();
    let parents = ["ProductId", "ProductRatePlanId"];
    match parents.iter().find_map(|name| object.fields.get(*name)) {
        None => own,
        Some(id) => format!("{}/{own}", path_of(objects, &objects[id.as_str().unwrap()])),
    }
}

pub(super) fn failure(class: Class) -> CallError {
    CallError {
        class,
        system: "till".into(),
        call: "POST /things".into(),
        said: "tricked".into(),
        code: None,
        retry_after: None,
    }
}

impl Source for Till {
    fn identity(&self) -> Answer<'_, Identity> {
        Box::pin(async { Ok(Identity { system: "till".into(), id: "tenant-1".into() }) })
    }

    fn read<'a>(&'a self, _: &'a Query, _: Option<&'a Cursor>) -> Answer<'a, Page> {
        Box::pin(async { Ok(Page::default()) })
    }

    fn describe<'a>(&'a self, _: &'a str) -> Answer<'a, Vec<u8>> {
        Box::pin(async { Ok(Vec::new()) })
    }
}

impl Target for Till {
    fn limits(&self, _: &str) -> Limits {
        self.limits
    }

    fn find<'a>(&'a self, find: &'a Find) -> Answer<'a, Vec<Found>> {
        Box::pin(async move {
            let objects = self.state();
            let matches = |object: &Object, key: &KeyValues| {
                key.iter().all(|(name, text)| {
                    let asked: Value = serde_json::from_str(text).unwrap();
                    object.fields.get(name) == Some(&asked)
                })
            };
            let mut found = Vec::new();
            let asked = match &find.by {
                FindBy::Ids(ids) => ids.len(),
                FindBy::Keys(keys) => keys.len(),
            };
            assert!(asked <= self.limits.keys_per_find_max);
            for at in 0..asked {
                for (id, object) in &objects {
                    let hit = object.kind == find.object
                        && match &find.by {
                            FindBy::Ids(ids) => ids[at] == *id,
                            FindBy::Keys(keys) => matches(object, &keys[at]),
                        };
                    if hit {
                        let fields = object.fields.iter();
                        let wanted = fields.filter(|(name, _)| find.fields.contains(name));
                        let fields = wanted.map(|(n, v)| (n.clone(), v.to_string())).collect();
                        found.push(Found { asked: at, id: id.clone(), fields });
                    }
                }
            }
            Ok(found)
        })
    }

    fn write<'a>(&'a self, batch: &'a [Write]) -> Answer<'a, Vec<Outcome>> {
        Box::pin(async move {
            assert!(batch.len() <= self.limits.batch_size_max);
            let call = {
                let mut calls = self.calls.lock().unwrap();
                calls.push(batch.to_vec());
                calls.len()
            };
            let effect = || batch.iter().map(|write| self.effect(write)).collect();
            match self.trick.as_ref().and_then(|trick| trick(call, batch)) {
                None => Ok(effect()),
                Some(Tricked::Before(class)) => Err(failure(class)),
                Some(Tricked::After(class)) => {
                    let _: Vec<Outcome> = effect();
                    Err(failure(class))
                }
                Some(Tricked::Refused { passing }) => Ok(batch
                    .iter()
                    .map(|_| Outcome::Refused { code: "E1".into(), said: "no".into(), passing })
                    .collect()),
            }
        })
    }
}
