//! Deleting objects, and the markers of use that forbid it.

use crate::sandbox::zuora::refusal::{Code, Refusal};
use crate::sandbox::zuora::store::{Kind, Mutation};
use crate::sandbox::zuora::work::Work;

/// Deletes an object and everything below it.
///
/// # Errors
/// When it does not exist, or a subscription has used it.
pub fn delete(work: &mut Work<'_>, kind: Kind, id: &str) -> Result<(), Refusal> {
    if work.store().get(kind, id).is_none() {
        return Err(Refusal::id(id));
    }
    if kind == Kind::ProductRatePlanChargeTier {
        let message = format!("invalid type for delete: {}", kind.name());
        return Err(Refusal::new(Code::InvalidType, message));
    }
    if work.store().is_used(id) {
        let message = format!(
            "{} cannot be deleted: a subscription has used it; let it expire instead",
            kind.name()
        );
        return Err(Refusal::new(Code::CannotDelete, message));
    }
    remove_whole(work, kind, id);
    work.count_write();
    Ok(())
}

fn remove_whole(work: &mut Work<'_>, kind: Kind, id: &str) {
    for (kind, id) in descendants(work, kind, id) {
        work.apply(Mutation::Remove { kind, id });
    }
    work.apply(Mutation::Remove { kind, id: id.to_owned() });
}

/// Everything below a record, children before their parents.
fn descendants(work: &Work<'_>, kind: Kind, id: &str) -> Vec<(Kind, String)> {
    let Some(child_kind) = kind.child() else { return Vec::new() };
    let mut found = Vec::new();
    for child in work.store().children(child_kind, id) {
        found.extend(descendants(work, child_kind, &child.id));
        found.push((child_kind, child.id.clone()));
    }
    found
}

/// Marks a plan, its product and its charges as used by a subscription.
pub fn mark_used(work: &mut Work<'_>, plan_id: &str) {
    let Some(plan) = work.store().get(Kind::ProductRatePlan, plan_id) else { return };
    let mut used = vec![plan_id.to_owned()];
    used.extend(plan.text("ProductId").map(str::to_owned));
    let charges = work.store().children(Kind::ProductRatePlanCharge, plan_id);
    used.extend(charges.map(|charge| charge.id.clone()));
    for id in used {
        work.apply(Mutation::Use { id });
    }
}
