//! Fingerprints: what two values that mean the same have in common.
//!
//! A fingerprint is taken over the canonical form of a JSON value: members sorted by name, numbers
//! without trailing zeros (`12.0` and `12` are one number), text unescaped. It is what a ledger
//! keeps instead of the value, and what tells a change from a repetition.

use std::fmt;

use sha2::{Digest, Sha256};

/// The first 16 bytes of a SHA-256 over a canonical value.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint([u8; 16]);

/// A fingerprint that is being taken, part by part; parts cannot run into each other.
#[derive(Clone, Default)]
pub struct FingerprintOf(Sha256);

impl FingerprintOf {
    /// Starts over a named kind of thing, so that two kinds never share a fingerprint.
    pub fn kind(name: &str) -> Self {
        Self::default().text(name)
    }

    /// Adds a text, with its length before it.
    #[must_use]
    pub fn text(mut self, text: &str) -> Self {
        self.0.update(u64::try_from(text.len()).unwrap_or(u64::MAX).to_le_bytes());
        self.0.update(text.as_bytes());
        self
    }

    /// Ends the taking.
    pub fn end(self) -> Fingerprint {
        let digest = self.0.finalize();
        let mut first = [0; 16];
        for (slot, byte) in first.iter_mut().zip(digest.iter()) {
            *slot = *byte;
        }
        Fingerprint(first)
    }
}

impl Fingerprint {
    /// Reads the 32 hexadecimal digits that `Display` writes.
    pub fn parse(text: &str) -> Option<Self> {
        let mut bytes = [0; 16];
        if text.len() != 32 || !text.is_ascii() {
            return None;
        }
        for (at, slot) in bytes.iter_mut().enumerate() {
            *slot = u8::from_str_radix(text.get(at * 2..at * 2 + 2)?, 16).ok()?;
        }
        Some(Self(bytes))
    }

    /// The first hexadecimal digits, for a number that a person reads.
    pub fn short(&self, digits: usize) -> String {
        self.to_string().chars().take(digits).collect()
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_do_not_run_into_each_other() {
        let of = |a: &str, b: &str| FingerprintOf::kind("test").text(a).text(b).end();
        assert_ne!(of("ab", "c"), of("a", "bc"));
        assert_eq!(Fingerprint::parse(&of("a", "b").to_string()), Some(of("a", "b")));
    }
}
