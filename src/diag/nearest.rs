//! The nearest of some names to one that was written wrongly.

/// The name that a person most probably meant, or `None` when nothing is near.
///
/// Near means: the same but for case and the characters `_`, `-` and blank, or at most a third of
/// the longer name has to be edited (a swap of neighbours is one edit), and no other name is
/// equally near.
pub fn nearest<'a>(written: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let mut best: Option<(usize, &str)> = None;
    let mut tied = false;
    let (wanted, length) = (plain(written), written.chars().count());
    for name in names {
        if name == written {
            continue;
        }
        let (same, other) = (plain(name) == wanted, name.chars().count());
        // What differs that much in length is not near, and need not be measured.
        if length.abs_diff(other) > length.max(other) / 3 && !same {
            continue;
        }
        let distance = if same { 0 } else { edits(written, name) };
        match best {
            Some((least, _)) if distance > least => {}
            Some((least, known)) if distance == least => tied = tied || known != name,
            _ => (best, tied) = (Some((distance, name)), false),
        }
    }
    let (distance, name) = best?;
    let longer = written.chars().count().max(name.chars().count());
    (!tied && distance <= longer / 3).then_some(name)
}

fn plain(name: &str) -> String {
    name.chars().filter(|c| !matches!(c, '_' | '-' | ' ')).flat_map(char::to_lowercase).collect()
}

/// Edits between two names: insert, delete, replace, swap of neighbours.
fn edits(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, cb) in b.iter().enumerate() {
            let at = |row: &[usize], j: usize| row.get(j).copied().unwrap_or(usize::MAX / 2);
            let replaced = at(&last, j) + usize::from(ca != cb);
            let mut least = replaced.min(at(&last, j + 1) + 1).min(at(&row, j) + 1);
            let neighbours = || (a.get(i.checked_sub(1)?)? == cb).then_some(());
            let swapped = || (b.get(j.checked_sub(1)?)? == ca).then_some(());
            if let (Some(()), Some(())) = (neighbours(), swapped()) {
                least = least.min(at(&before, j - 1) + 1);
            }
            row.push(least);
        }
        before = std::mem::replace(&mut last, row);
    }
    last.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_was_meant_or_nothing() {
        let names = ["Price", "PriceFormat", "Currency", "StartingUnit", "EndingUnit"];
        let table = [
            ("Pricee", Some("Price")),
            ("price", Some("Price")),
            ("Curency", Some("Currency")),
            ("Currecny", Some("Currency")),
            ("starting_unit", Some("StartingUnit")),
            ("Wombat", None),
        ];
        for (written, meant) in table {
            assert_eq!(nearest(written, names), meant, "{written}");
        }
    }

    #[test]
    fn says_nothing_when_two_are_equally_near() {
        assert_eq!(nearest("Bas", ["Bat", "Bar"]), None);
    }
}
