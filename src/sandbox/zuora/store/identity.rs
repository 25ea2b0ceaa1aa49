//! Who a tenant is, and the ids that it gives out.

use std::hash::{BuildHasher, Hasher, RandomState};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// What is drawn once, when a tenant is made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// The number of the tenant, seen as `tenant.<id>` in the scope of a token.
    pub tenant_id: u32,
    /// From this all ids of the tenant follow.
    pub seed: String,
}

impl Identity {
    /// A tenant that nobody has seen before.
    #[must_use]
    pub fn draw() -> Self {
        let seed = draw_seed();
        let number = u32::from_str_radix(seed.get(..8).unwrap_or("0"), 16).unwrap_or(0);
        // Five to seven digits, as the tenants of the service have.
        Self { tenant_id: 10_000_u32.saturating_add(number % 9_000_000), seed }
    }

    /// The id of the one user.
    #[must_use]
    pub fn user_id(&self) -> String {
        hex_id(&self.seed, "user", 0)
    }

    /// The entity, a UUID.
    #[must_use]
    pub fn entity_id(&self) -> String {
        uuid(&hex_id(&self.seed, "entity", 0))
    }
}

/// Sixteen bytes that no other process has, as text. The standard library keys each hasher map
/// from the system's entropy, which spares a dependency here.
#[must_use]
pub fn draw_seed() -> String {
    let draw = || RandomState::new().build_hasher().finish();
    let clock = jiff::Timestamp::now().as_nanosecond();
    hex_id(&format!("{:016x}{:016x}{clock}", draw(), draw()), "seed", 0)
}

/// The n-th id of a sequence: 32 hexadecimal characters.
#[must_use]
pub fn hex_id(seed: &str, sequence: &str, number: u64) -> String {
    let digest = Sha256::digest(format!("{seed}/{sequence}/{number}"));
    digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

/// 32 hexadecimal characters in the form of a UUID.
#[must_use]
pub fn uuid(hex: &str) -> String {
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
    [part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32)].join("-")
}
