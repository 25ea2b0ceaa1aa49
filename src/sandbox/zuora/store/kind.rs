//! The kinds of objects that are kept as records: those of the catalog, accounts, contacts.

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
    /// A customer.
    Account,
    /// A person at an account.
    Contact,
}

impl Kind {
    /// All kinds, parents before children.
    pub const ALL: [Self; 6] = [
        Self::Product,
        Self::ProductRatePlan,
        Self::ProductRatePlanCharge,
        Self::ProductRatePlanChargeTier,
        Self::Account,
        Self::Contact,
    ];

    /// The kinds of the catalog, parents before children.
    pub const CATALOG: [Self; 4] = [
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
            Self::Account => "Account",
            Self::Contact => "Contact",
        }
    }

    /// The kind of the catalog with exactly this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::CATALOG.into_iter().find(|kind| kind.name() == name)
    }

    /// The kind that has this one as its child, and the field that holds the parent's id.
    #[must_use]
    pub fn parent(self) -> Option<(Self, &'static str)> {
        match self {
            Self::Product | Self::Account => None,
            Self::ProductRatePlan => Some((Self::Product, "ProductId")),
            Self::ProductRatePlanCharge => Some((Self::ProductRatePlan, "ProductRatePlanId")),
            Self::ProductRatePlanChargeTier => {
                Some((Self::ProductRatePlanCharge, "ProductRatePlanChargeId"))
            }
            Self::Contact => Some((Self::Account, "accountId")),
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
            Self::Account => &["accountNumber"],
            Self::ProductRatePlanChargeTier | Self::Contact => &[],
        }
    }

    /// The field that the service fills with the next number, and the prefix of the number.
    #[must_use]
    pub fn numbered_fields(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Product => &[("SKU", "SKU"), ("ProductNumber", "PC")],
            Self::ProductRatePlan => &[("ProductRatePlanNumber", "PRP")],
            Self::ProductRatePlanCharge => &[("ProductRatePlanChargeNumber", "PRPC")],
            Self::ProductRatePlanChargeTier | Self::Account | Self::Contact => &[],
        }
    }
}
