//! The nearest of some names to one that was written wrongly.

/// The name that a person most probably meant, or `None` when nothing is near.
///
/// Near means: the same but for case and the characters `_`, `-` and blank, or at most a third of
/// the longer name has to be edited (a swap of neighbours is one edit, and so is a suffix such as
/// `__c` that is wrong or not there), and no other name is equally near. Of two that are, the one
/// with the same first letter counts: that is seldom wrong.
pub fn nearest<'a>(written: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let mut best: Option<(usize, &str)> = None;
    let mut tied = false;
    let (wanted, length) = (plain(written), written.chars().count());
    for name in names {
        if name == written {
            continue;
        }
        let (same, other) = (plain(name) == wanted, name.chars().count());
        let ((stem, suffix), (other_stem, other_suffix)) = (split(written), split(name));
        let apart = usize::from(suffix != other_suffix);
        let stems = stem.chars().count().abs_diff(other_stem.chars().count());
        // What differs that much in length is not near, and need not be measured.
        if stems + apart > length.max(other) / 3 && !same {
            continue;
        }
        let distance = if same { 0 } else { edits(stem, other_stem) + apart };
        // Doubled, so that half an edit tells equals apart.
        let distance = 2 * distance + usize::from(first(name) != first(written));
        match best {
            Some((least, _)) if distance > least => {}
            Some((least, known)) if distance == least => tied = tied || known != name,
            _ => (best, tied) = (Some((distance, name)), false),
        }
    }
    let (distance, name) = best?;
    let longer = written.chars().count().max(name.chars().count());
    (!tied && distance / 2 <= longer / 3).then_some(name)
}

fn first(name: &str) -> Option<char> {
    name.chars().next()
}

/// The name of which another one is most probably a slip, though it may be right too: closer than
/// [`nearest`], and not another one of a row that is numbered.
pub fn slip<'a>(written: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let near = nearest(written, names)?;
    let length = written.chars().count().max(near.chars().count());
    let letters = |text: &str| text.chars().filter(|c| !c.is_numeric()).collect::<String>();
    let numbered = letters(written) == letters(near);
    let same = plain(near) == plain(written);
    let close = same || (length >= 4 && edits(written, near) <= 1 + length / 8);
    (close && !numbered).then_some(near)
}

/// A name and the suffix that says whose kind of name it is.
fn split(name: &str) -> (&str, &str) {
    let suffix = ["__c", "__r", "__NS"].into_iter().find(|suffix| name.ends_with(suffix));
    let suffix = suffix.unwrap_or_default();
    (name.strip_suffix(suffix).unwrap_or(name), suffix)
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
            ("Xurrency", Some("Currency")),
        ];
        for (written, meant) in table {
            assert_eq!(nearest(written, names), meant, "{written}");
        }
    }

    #[test]
    fn what_may_be_right_is_a_slip_only_when_it_is_close() {
        let names = ["Recurring", "One-Time", "Net 30", "Slab"];
        assert_eq!(slip("Recuring", names), Some("Recurring"));
        assert_eq!(slip("one-time", names), Some("One-Time"));
        assert_eq!(slip("Net 35", names), None);
        assert_eq!(slip("Slot", names), None);
    }

    #[test]
    fn a_suffix_is_one_edit() {
        let names = ["TCV__c", "MRR__c", "Region__r"];
        assert_eq!(nearest("TCV", names), Some("TCV__c"));
        assert_eq!(nearest("Region__c", names), Some("Region__r"));
        assert_eq!(nearest("Name__c", names), None);
    }

    #[test]
    fn the_first_letter_tells_two_apart() {
        assert_eq!(nearest("lne", ["line", "one"]), Some("line"));
    }

    #[test]
    fn says_nothing_when_two_are_equally_near() {
        assert_eq!(nearest("Bas", ["Bat", "Bar"]), None);
    }
}
