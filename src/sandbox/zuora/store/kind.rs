//! The kinds of objects that the catalog is made of.

use serde::{Deserialize, Serialize};

/// A kind of object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Kind {
    /// What is sold.
    Product,
    /// A way to buy a product.
    ProductRatePlan,
    /// One price of a plan.
    ProductRatePlanCharge,
    /// One row of a charge's prices.
    ProductRatePlanChargeTier,
}

impl Kind {
    /// All kinds, parents before children.
    pub const ALL: [Self; 4] = [
        Self::Product,
        Self::ProductRatePlan,
        Self::ProductRatePlanCharge,
        Self::ProductRatePlanChargeTier,
    ];

    /// Name of the object, as in `type` of an action and in a query.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Product => "Product",
            Self::ProductRatePlan => "ProductRatePlan",
            Self::ProductRatePlanCharge => "ProductRatePlanCharge",
            Self::ProductRatePlanChargeTier => "ProductRatePlanChargeTier",
        }
    }

    /// The kind with exactly this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// The kind that has this one as its child, and the field that holds the parent's id.
    #[must_use]
    pub fn parent(self) -> Option<(Self, &'static str)> {
        match self {
            Self::Product => None,
            Self::ProductRatePlan => Some((Self::Product, "ProductId")),
            Self::ProductRatePlanCharge => Some((Self::ProductRatePlan, "ProductRatePlanId")),
            Self::ProductRatePlanChargeTier => {
                Some((Self::ProductRatePlanCharge, "ProductRatePlanChargeId"))
            }
        }
    }

    /// The kind of this one's children.
    #[must_use]
    pub fn child(self) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.parent().is_some_and(|(parent, _)| parent == self))
    }

    /// Fields whose values are unique in the tenant. The SKU is not among them: no published source
    /// says so, and orgs have products that share a product code.
    #[must_use]
    pub fn unique_fields(self) -> &'static [&'static str] {
        match self {
            Self::Product => &["Name", "ProductNumber"],
            Self::ProductRatePlan => &["ProductRatePlanNumber"],
            Self::ProductRatePlanCharge => &["ProductRatePlanChargeNumber"],
            Self::ProductRatePlanChargeTier => &[],
        }
    }

    /// The field that the service fills with the next number, and the prefix of the number.
    #[must_use]
    pub fn numbered_fields(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Product => &[("SKU", "SKU"), ("ProductNumber", "PC")],
            Self::ProductRatePlan => &[("ProductRatePlanNumber", "PRP")],
            Self::ProductRatePlanCharge => &[("ProductRatePlanChargeNumber", "PRPC")],
            Self::ProductRatePlanChargeTier => &[],
        }
    }
}
