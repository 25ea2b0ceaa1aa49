//! Salesforce record Ids: 15 characters that tell case apart, or 18 with a checksum of the case.

use sha2::{Digest, Sha256};

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const CHECKSUM_ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";

/// The 18-character form of a 15- or 18-character Id, or `None` when it is no Id: wrong length,
/// foreign characters, or a checksum that does not fit.
///
/// An 18-character Id whose letters lost their case still carries the case in its checksum, but
/// the services refuse it as soon as the checksum disagrees, and so does this.
#[must_use]
pub fn to_18(text: &str) -> Option<String> {
    if !text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return None;
    }
    let head = text.get(..15)?;
    let full = with_checksum(head);
    match text.len() {
        15 => Some(full),
        18 if full == text => Some(full),
        _ => None,
    }
}

/// Why a text is no Id, for those who wrote it.
#[must_use]
pub fn wrong(text: &str) -> String {
    let of_letters = text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    match text.get(..15).filter(|_| of_letters && text.len() == 18) {
        Some(head) => {
            let full = with_checksum(head);
            let end = full.get(15..).unwrap_or_default();
            format!("the last three characters say which letters are capitals, here {end}")
        }
        None => "an Id has 15 letters and digits, or 18 with its checksum".to_owned(),
    }
}

/// A new Id: key prefix, the org's two characters, and a running number.
#[must_use]
pub fn make(key_prefix: &str, instance: &str, number: u64) -> String {
    let mut digits = [b'0'; 10];
    let mut rest = number;
    for digit in digits.iter_mut().rev() {
        *digit = letter(rest % 62);
        rest /= 62;
    }
    let running: String = digits.iter().map(|digit| char::from(*digit)).collect();
    with_checksum(&format!("{key_prefix}{instance}{running}"))
}

/// An Id that depends on nothing but `seed`.
#[must_use]
pub fn derive(key_prefix: &str, seed: &[u8]) -> String {
    let digest = Sha256::digest(seed);
    let text: String =
        digest.iter().take(12).map(|byte| char::from(letter(u64::from(*byte) % 62))).collect();
    with_checksum(&format!("{key_prefix}{text}"))
}

fn letter(index: u64) -> u8 {
    usize::try_from(index).ok().and_then(|index| ALPHABET.get(index)).copied().unwrap_or(b'0')
}

/// Each block of five characters gives one letter: the bits say which of them are upper case.
fn with_checksum(head: &str) -> String {
    let mut id = head.to_owned();
    for block in head.as_bytes().chunks(5) {
        let bits = block.iter().enumerate().fold(0_usize, |bits, (place, byte)| {
            bits | (usize::from(byte.is_ascii_uppercase()) << place)
        });
        id.push(char::from(CHECKSUM_ALPHABET.get(bits).copied().unwrap_or(b'A')));
    }
    id
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn completes_and_checks_ids() {
        let cases = [
            ("001D000000IqhSL", Some("001D000000IqhSLIAZ")),
            ("001D000000IqhSLIAZ", Some("001D000000IqhSLIAZ")),
            ("001D000000IqhSLIAA", None),
            ("001d000000iqhslIAZ", None),
            ("001D000000Iqh-L", None),
            ("001D000000IqhSLI", None),
            ("", None),
        ];
        for (text, expected) in cases {
            assert_eq!(to_18(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn says_why_a_text_is_no_id() {
        assert!(wrong("a0L000000000001AAA").ends_with("here EAA"));
        assert!(wrong("00000135").starts_with("an Id has 15"));
        assert!(wrong("001D000000Iqh-LIAZ").starts_with("an Id has 15"));
    }

    #[test]
    fn makes_ids_that_pass_the_check_and_rise() {
        let ids: Vec<String> = [1, 61, 62, 4000].map(|n| make("a0X", "Vx", n)).into();
        assert!(ids.iter().all(|id| to_18(id).as_ref() == Some(id)), "{ids:?}");
        assert!(ids.is_sorted(), "{ids:?}");
    }
}
