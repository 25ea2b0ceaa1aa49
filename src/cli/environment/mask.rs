//! Secrets that stand in an environment file against the rules are blanked before anything is
//! drawn: a finding shows the line it is about, and a log of it is read by many.

/// The key whose value must not be seen.
const KEY: &str = "client_secret";

/// The text with the values of secrets blanked, every other byte in its place. The blank is plain
/// YAML, so that nothing else is found to be wrong with it.
pub(in crate::cli) fn without_secrets(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(KEY) {
        let (before, after) = rest.split_at(at + KEY.len());
        masked.push_str(before);
        let value = value_in(after);
        masked.push_str(after.get(..value.start).unwrap_or_default());
        let secret = after.get(value.clone()).unwrap_or_default();
        masked.push_str(&"x".repeat(secret.len()));
        rest = after.get(value.end..).unwrap_or_default();
    }
    masked.push_str(rest);
    masked
}

/// Where the value of the key that ends before this text stands: nowhere, when a block names a
/// variable, or when the key is only spoken of.
fn value_in(after: &str) -> std::ops::Range<usize> {
    let unquoted = after.trim_start_matches(['"', '\'']);
    let Some(value) = unquoted.trim_start_matches(' ').strip_prefix(':') else { return 0..0 };
    let value = value.trim_start_matches(' ');
    let start = after.len() - value.len();
    if value.starts_with('{') {
        return start..start;
    }
    let end = value.find(['\n', '\r', ',', '}']).unwrap_or(value.len());
    start..start + value.get(..end).unwrap_or_default().trim_end().len()
}

#[cfg(test)]
mod tests {
    use super::without_secrets;

    #[test]
    fn blanks_secrets_and_nothing_else() {
        let table = [
            ("client_secret: hunter2\nx: 1", "client_secret: xxxxxxx\nx: 1"),
            ("{ client_secret: 'a b', client_id: c }", "{ client_secret: xxxxx, client_id: c }"),
            ("\"client_secret\": é # why\r\n", "\"client_secret\": xxxxxxxx\r\n"),
            ("client_secret: { env: NAME }\n", "client_secret: { env: NAME }\n"),
            ("client_secret:\n  env: NAME\n", "client_secret:\n  env: NAME\n"),
            ("# no client_secret here\n", "# no client_secret here\n"),
        ];
        for (text, masked) in table {
            assert_eq!(without_secrets(text), masked);
            assert_eq!(without_secrets(text).len(), text.len());
        }
    }
}
