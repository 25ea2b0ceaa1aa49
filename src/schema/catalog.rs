//! All schemas of a compilation, by system and object.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, PoisonError},
};

use include_dir::{Dir, include_dir};

use super::{
    describe, json_schema,
    object::{Field, FieldType, Object},
    pin,
    profile::Profile,
    tenant_field::is_custom,
};

static EMBEDDED: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/schemas");

/// A schema that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the schema of {system} `{object}` cannot be read: {said}")]
pub struct SchemaFault {
    /// The system.
    pub system: String,
    /// The object.
    pub object: String,
    /// What is wrong with it.
    pub said: String,
}

/// Objects by their system and their name.
type Objects = BTreeMap<(String, String), Arc<Object>>;

/// Schemas by system and object, with what an environment lays over them.
#[derive(Clone, Debug, Default)]
pub struct Catalog {
    texts: BTreeMap<(String, String), Cow<'static, str>>,
    extra: BTreeMap<(String, String), Vec<Arc<Field>>>,
    /// What a tenant said of its objects.
    pins: BTreeMap<(String, String), BTreeMap<Layer, Arc<Object>>>,
    changes: BTreeMap<(String, String), Vec<Change>>,
    /// The system whose records carry no currency because the org has one only.
    single_currency: BTreeSet<String>,
    profiles: BTreeMap<(String, String), Profile>,
    read: Objects,
    /// The shapes of lists of children, by the object of these.
    children: BTreeMap<String, Arc<Object>>,
    /// Objects as their texts inside the binary say, read once for all copies of this catalog.
    parsed: Arc<Mutex<Objects>>,
}

/// Where a pin comes from; an object can have one of each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Layer {
    /// The describe of the tenant.
    Describe,
    /// An OpenAPI document.
    OpenApi,
}

/// A field that is another one, to see what follows from it.
#[derive(Clone, Debug)]
pub struct Change {
    /// Its name.
    pub name: String,
    /// What it would be; `None` where it would be gone.
    pub field: Option<Arc<Field>>,
    /// Whether it would have to be filled.
    pub required: bool,
}

/// The names and texts of the schemas inside the binary, for one system (`salesforce`, `zuora`).
pub fn embedded_texts(system: &str) -> Vec<(String, Cow<'static, str>)> {
    let Some(folder) = EMBEDDED.get_dir(system) else { return Vec::new() };
    let named = |file: &'static include_dir::File<'static>| {
        let stem = file.path().file_stem()?.to_str()?.to_owned();
        Some((stem, Cow::Borrowed(file.contents_utf8()?)))
    };
    folder.files().filter_map(named).collect()
}

/// The profiles inside the binary, for one system.
fn embedded_profiles(system: &str) -> Vec<Profile> {
    let Some(folder) = EMBEDDED.get_dir(format!("profiles/{system}")) else { return Vec::new() };
    let read = |file: &'static include_dir::File<'static>| {
        // That each of them can be read is a test of this module.
        serde_json::from_slice(file.contents()).ok()
    };
    folder.files().filter_map(read).collect()
}

impl Catalog {
    /// A catalog of the schemas inside the binary.
    pub fn embedded() -> Self {
        let mut catalog = Self::default();
        for system in ["salesforce", "zuora"] {
            for (object, text) in embedded_texts(system) {
                catalog.add(system, &object, text);
            }
            for profile in embedded_profiles(system) {
                catalog.profiles.insert((system.to_owned(), profile.name.clone()), profile);
            }
        }
        catalog
    }

    /// A profile of a system.
    pub fn profile(&self, system: &str, name: &str) -> Option<Profile> {
        self.profiles.get(&(system.to_owned(), name.to_owned())).cloned()
    }

    /// The names of the profiles of a system.
    pub fn profiles(&self, system: &str) -> impl Iterator<Item = &str> {
        self.profiles
            .keys()
            .filter(move |(known, _)| known == system)
            .map(|(_, name)| name.as_str())
    }

    /// Adds or replaces the schema of an object.
    pub fn add(&mut self, system: &str, object: &str, text: impl Into<Cow<'static, str>>) {
        let key = (system.to_owned(), object.to_owned());
        self.read.remove(&key);
        self.texts.insert(key, text.into());
    }

    /// Lays a field over an object: a custom field of an org or a tenant.
    pub fn add_field(&mut self, system: &str, object: &str, field: impl Into<Arc<Field>>) {
        self.unread(system, object);
        let key = (system.to_owned(), object.to_owned());
        self.extra.entry(key).or_default().push(field.into());
    }

    /// Says that the org has one currency, so that no record has a `CurrencyIsoCode`.
    pub fn set_single_currency(&mut self, system: &str) {
        self.read.retain(|(known, _), _| known != system);
        self.single_currency.insert(system.to_owned());
    }

    /// The objects that were asked for, with their systems.
    pub fn used(&self) -> Vec<(String, String)> {
        self.read.keys().cloned().collect()
    }

    /// Lays what a tenant said of an object over its schema: a schema of the fields that it named.
    ///
    /// # Errors
    /// [`SchemaFault`] when the text is no schema.
    pub fn pin(
        &mut self,
        system: &str,
        object: &str,
        layer: Layer,
        text: &str,
    ) -> Result<(), SchemaFault> {
        let read = json_schema::read(object, text).map_err(|fault| SchemaFault {
            system: system.into(),
            object: object.into(),
            said: fault.to_string(),
        })?;
        self.unread(system, object);
        let key = (system.to_owned(), object.to_owned());
        self.pins.entry(key).or_default().insert(layer, Arc::new(read));
        Ok(())
    }

    /// Forgets a pin of an object, and the fields that an environment lays over it.
    pub fn forget(&mut self, system: &str, object: &str, layer: Layer) {
        self.unread(system, object);
        let key = (system.to_owned(), object.to_owned());
        if let Some(layers) = self.pins.get_mut(&key) {
            layers.remove(&layer);
        }
        self.extra.remove(&key);
    }

    /// The tenant's own fields of an object that is only a place in other ones.
    pub fn added(&self, system: &str, object: &str) -> Object {
        let mut added =
            Object { name: object.to_owned(), custom_fields: true, ..Object::default() };
        self.lay_own(system, object, &mut added);
        added
    }

    /// Makes fields of an object other ones, wherever they are fields.
    pub fn change(&mut self, system: &str, object: &str, changes: Vec<Change>) {
        self.unread(system, object);
        let key = (system.to_owned(), object.to_owned());
        self.changes.entry(key).or_default().extend(changes);
    }

    /// An object, and those that have its custom fields in them, are read again when asked for.
    fn unread(&mut self, system: &str, name: &str) {
        let holds =
            |object: &Object| pin::custom_fields_of(object).iter().any(|known| known == name);
        self.read.retain(|(known, own), object| known != system || own != name && !holds(object));
    }

    /// Whether the catalog has a schema of that system.
    pub fn has_system(&self, system: &str) -> bool {
        self.texts.keys().any(|(known, _)| known == system)
    }

    /// The names of the objects of a system.
    pub fn objects(&self, system: &str) -> impl Iterator<Item = &str> {
        self.texts
            .keys()
            .filter(move |(known, _)| known == system)
            .map(|(_, object)| object.as_str())
    }

    /// An object, read at its first use.
    ///
    /// # Errors
    /// [`SchemaFault`] when its text is no schema; `Ok(None)` when there is none.
    pub fn object(&mut self, system: &str, name: &str) -> Result<Option<Arc<Object>>, SchemaFault> {
        let key = (system.to_owned(), name.to_owned());
        if let Some(known) = self.read.get(&key) {
            return Ok(Some(known.clone()));
        }
        let Some(mut object) = self.parsed(&key)? else { return Ok(None) };
        if self.has_own(system, name) {
            self.lay_own(system, name, Arc::make_mut(&mut object));
        }
        if object.fields.values().any(|field| self.is_touched(system, &field.kind)) {
            self.lay_inside(system, Arc::make_mut(&mut object));
        }
        if self.single_currency.contains(system) && object.fields.contains_key("CurrencyIsoCode") {
            Arc::make_mut(&mut object).fields.remove("CurrencyIsoCode");
        }
        self.read.insert(key, object.clone());
        Ok(Some(object))
    }

    /// An object as its text says.
    fn parsed(&self, key: &(String, String)) -> Result<Option<Arc<Object>>, SchemaFault> {
        let Some(text) = self.texts.get(key) else { return Ok(None) };
        let is_embedded = matches!(text, Cow::Borrowed(_));
        let mut known = self.parsed.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(object) = known.get(key).filter(|_| is_embedded) {
            return Ok(Some(object.clone()));
        }
        let (system, name) = key;
        let describes = text.contains("\"childRelationships\"");
        let read = if describes { describe::read(text) } else { json_schema::read(name, text) };
        let object = read.map(Arc::new).map_err(|fault| SchemaFault {
            system: system.clone(),
            object: name.clone(),
            said: fault.to_string(),
        })?;
        if is_embedded {
            known.insert(key.clone(), object.clone());
        }
        Ok(Some(object))
    }

    /// Whether an org or a tenant has something of its own in the object of this name.
    fn has_own(&self, system: &str, name: &str) -> bool {
        let key = (system.to_owned(), name.to_owned());
        self.pins.contains_key(&key)
            || self.extra.contains_key(&key)
            || self.changes.contains_key(&key)
    }

    /// Whether something inside of it has fields of a tenant.
    fn is_touched(&self, system: &str, kind: &FieldType) -> bool {
        match kind {
            FieldType::List(item) => self.is_touched(system, item),
            FieldType::Object(object) => {
                object.custom_fields_of.as_ref().is_some_and(|of| self.has_own(system, of))
                    || object.fields.values().any(|field| self.is_touched(system, &field.kind))
            }
            _ => false,
        }
    }

    /// Gives an object what an org or a tenant has of its own in the object of this name.
    fn lay_own(&self, system: &str, name: &str, object: &mut Object) {
        let key = (system.to_owned(), name.to_owned());
        for said in self.pins.get(&key).into_iter().flat_map(BTreeMap::values) {
            pin::lay(object, said);
        }
        lay(object, self.extra.get(&key));
        for change in self.changes.get(&key).into_iter().flatten() {
            apply(object, change);
        }
    }

    /// The same for the objects inside of its fields.
    fn lay_inside(&self, system: &str, object: &mut Object) {
        for field in object.fields.values_mut() {
            if self.is_touched(system, &field.kind) {
                self.lay_within(system, &mut Arc::make_mut(field).kind);
            }
        }
    }

    /// The same for the objects inside of another one that say whose custom fields they have.
    fn lay_within(&self, system: &str, kind: &mut FieldType) {
        match kind {
            FieldType::List(item) => self.lay_within(system, Arc::make_mut(item)),
            FieldType::Object(object) => {
                let object = Arc::make_mut(object);
                self.lay_inside(system, object);
                if let Some(of) = object.custom_fields_of.clone() {
                    self.lay_own(system, &of, object);
                }
            }
            _ => {}
        }
    }

    /// Whether records of this system carry no currency.
    pub fn is_single_currency(&self, system: &str) -> bool {
        self.single_currency.contains(system)
    }

    /// The shape of a list of children in a record: `{"totalSize", "done", "records"}`.
    pub fn children(&mut self, of: &str) -> Arc<Object> {
        if let Some(known) = self.children.get(of) {
            return known.clone();
        }
        let mut object = Object { name: format!("{of} list"), ..Object::default() };
        let list =
            FieldType::List(Arc::new(FieldType::Lookup { to: of.into(), by: String::new() }));
        for (name, kind) in
            [("totalSize", FieldType::Integer), ("done", FieldType::Bool), ("records", list)]
        {
            object.add(Field { nullable: false, ..Field::of(name, kind) });
        }
        let object = Arc::new(object);
        self.children.insert(of.to_owned(), object.clone());
        object
    }
}

/// Gives an object the fields that an org or a tenant has added to it.
fn lay(object: &mut Object, extra: Option<&Vec<Arc<Field>>>) {
    for field in extra.into_iter().flatten() {
        object.fields.entry(field.name.clone()).or_insert_with(|| field.clone());
    }
}

/// Makes a field another one, where it is one.
fn apply(object: &mut Object, change: &Change) {
    let Change { name, field, required } = change;
    let is_place = object.custom_fields_of.is_some();
    if is_place && !object.fields.contains_key(name) && !is_custom(name) {
        return;
    }
    object.fields.remove(name);
    object.required.retain(|known| known != name);
    if *required && !is_place {
        object.required.push(name.clone());
    }
    object.fields.extend(field.clone().map(|field| (name.clone(), field)));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_profile_inside_the_binary_can_be_read() {
        let files = EMBEDDED.get_dir("profiles/zuora").expect("profiles").files().count();
        assert_eq!(embedded_profiles("zuora").len(), files);
        assert!(Catalog::embedded().profile("zuora", "zuora-connector-a").is_some());
    }
}
