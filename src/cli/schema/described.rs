//! Which objects a system describes, and by which names.

use std::collections::BTreeSet;

use crate::schema::{Catalog, custom_fields_of};

/// Objects of Zuora whose name in orders is not the one that its Describe takes (API object names).
const DESCRIBED_AS: [(&str, &str); 3] = [
    ("OrderLineItem", "OrderLineItems"),
    ("SubscriptionRatePlan", "RatePlan"),
    ("SubscriptionRatePlanCharge", "RatePlanCharge"),
];

/// The name by which a system describes an object.
pub(super) fn described_as<'n>(system: &str, object: &'n str) -> &'n str {
    let other = DESCRIBED_AS.iter().find(|(name, _)| system == "zuora" && *name == object);
    other.map_or(object, |(_, name)| name)
}

/// The objects of a system that are described: all of Salesforce, and those of Zuora that have
/// custom fields, lie in one that has, or are places of custom fields in others. Bodies of commands
/// and answers are no objects of a tenant.
pub(super) fn objects(catalog: &mut Catalog, system: &str) -> Vec<String> {
    let names: Vec<String> = catalog.objects(system).map(str::to_owned).collect();
    if system != "zuora" {
        return names;
    }
    let mut described = BTreeSet::new();
    for name in names {
        let Ok(Some(object)) = catalog.object(system, &name) else { continue };
        described.extend(custom_fields_of(&object));
        described.extend((object.custom_fields || object.parent.is_some()).then_some(name));
    }
    described.into_iter().collect()
}

/// Those of them that some objects use.
pub(super) fn used(catalog: &mut Catalog) -> Vec<(String, String)> {
    let asked_for = catalog.used();
    let mut used = BTreeSet::new();
    for (system, name) in asked_for {
        if let Ok(Some(object)) = catalog.object(&system, &name) {
            let places = custom_fields_of(&object).into_iter();
            used.extend(places.map(|of| (system.clone(), of)));
            used.insert((system, name));
        }
    }
    let described: BTreeSet<String> = objects(catalog, "zuora").into_iter().collect();
    used.retain(|(system, name)| match system.as_str() {
        "zuora" => described.contains(name),
        system => system == "salesforce",
    });
    used.into_iter().collect()
}
