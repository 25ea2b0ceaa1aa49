//! Percent and Base64 decoding of what clients send, strict: a malformed text is `None`.

/// Decodes `%XX`, and `+` as a space, as in a query string or a form.
#[must_use]
pub fn decode_form_text(text: &str) -> Option<String> {
    decode_percent(text, FormPlus::Space)
}

/// Decodes `%XX` in a path segment, where `+` is itself.
#[must_use]
pub fn decode_path_segment(text: &str) -> Option<String> {
    decode_percent(text, FormPlus::Plus)
}

/// The names and values of a query string or an `application/x-www-form-urlencoded` body.
#[must_use]
pub fn parse_form(text: &str) -> Option<Vec<(String, String)>> {
    text.split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Some((decode_form_text(name)?, decode_form_text(value)?))
        })
        .collect()
}

/// Decodes standard Base64 with or without padding.
#[must_use]
pub fn decode_base64(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len());
    let (mut bits, mut width) = (0_u32, 0_u32);
    for byte in text.trim_end_matches('=').bytes() {
        bits = ((bits << 6) | base64_digit(byte)?) & 0xFFFF;
        width = width.saturating_add(6);
        if width >= 8 {
            width = width.saturating_sub(8);
            bytes.push(u8::try_from((bits >> width) & 0xFF).ok()?);
        }
    }
    Some(bytes)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum FormPlus {
    Space,
    Plus,
}

fn decode_percent(text: &str, plus: FormPlus) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'%' => {
                let high = char::from(rest.next()?).to_digit(16)?;
                let low = char::from(rest.next()?).to_digit(16)?;
                bytes.push(u8::try_from(high.checked_mul(16)?.checked_add(low)?).ok()?);
            }
            b'+' if plus == FormPlus::Space => bytes.push(b' '),
            other => bytes.push(other),
        }
    }
    String::from_utf8(bytes).ok()
}

fn base64_digit(byte: u8) -> Option<u32> {
    let digit = match byte {
        b'A'..=b'Z' => byte.checked_sub(b'A')?,
        b'a'..=b'z' => byte.checked_sub(b'a')?.checked_add(26)?,
        b'0'..=b'9' => byte.checked_sub(b'0')?.checked_add(52)?,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    };
    Some(u32::from(digit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decodes_forms() {
        let pairs = parse_form("q=SELECT+Id%20FROM%2B&empty&x=%C3%A4").unwrap();
        let expected = [("q", "SELECT Id FROM+"), ("empty", ""), ("x", "ä")];
        assert_eq!(pairs, expected.map(|(n, v)| (n.to_owned(), v.to_owned())));
        assert_eq!(decode_path_segment("a+b%2Fc").as_deref(), Some("a+b/c"));
        for malformed in ["%", "%4", "%zz", "%ff"] {
            assert_eq!(decode_form_text(malformed), None, "{malformed}");
        }
    }

    #[test]
    fn decodes_base64() {
        for (text, plain) in [("", ""), ("YQ==", "a"), ("YWI", "ab"), ("aWQ6c+7/", "id:s\u{0}")] {
            let bytes = decode_base64(text).unwrap();
            if text != "aWQ6c+7/" {
                assert_eq!(bytes, plain.as_bytes());
            } else {
                assert_eq!(bytes, b"id:s\xee\xff");
            }
        }
        assert_eq!(decode_base64("a b"), None);
    }
}
