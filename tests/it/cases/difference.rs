//! The lines in which two texts differ, with a few lines around them.

/// Lines shown before and after what differs.
const AROUND: usize = 3;

/// What differs, `-` before an expected line and `+` before one that came instead; empty when
/// nothing does.
pub fn difference(expected: &str, got: &str) -> String {
    let (old, new): (Vec<&str>, Vec<&str>) = (expected.lines().collect(), got.lines().collect());
    let lines = aligned(&old, &new);
    let differs = |at: usize| lines.get(at).is_some_and(|(mark, _)| *mark != ' ');
    let mut out = String::new();
    let mut hidden = false;
    for (at, (mark, line)) in lines.iter().enumerate() {
        let near = (at.saturating_sub(AROUND)..=at + AROUND).any(differs);
        if near {
            if hidden {
                out.push_str("  …\n");
            }
            out.push_str(&format!("{mark} {line}\n"));
        }
        hidden = !near;
    }
    out
}

/// The lines of both texts in one order, those that they share only once.
fn aligned<'t>(old: &[&'t str], new: &[&'t str]) -> Vec<(char, &'t str)> {
    // `shared[a][b]`: how many lines `old[a..]` and `new[b..]` share in order.
    let mut shared = vec![vec![0_usize; new.len() + 1]; old.len() + 1];
    for a in (0..old.len()).rev() {
        for b in (0..new.len()).rev() {
            shared[a][b] = if old[a] == new[b] {
                shared[a + 1][b + 1] + 1
            } else {
                shared[a + 1][b].max(shared[a][b + 1])
            };
        }
    }
    let (mut a, mut b, mut lines) = (0, 0, Vec::new());
    while a < old.len() || b < new.len() {
        if a < old.len() && b < new.len() && old[a] == new[b] {
            lines.push((' ', old[a]));
            (a, b) = (a + 1, b + 1);
        } else if b == new.len() || (a < old.len() && shared[a + 1][b] >= shared[a][b + 1]) {
            lines.push(('-', old[a]));
            a += 1;
        } else {
            lines.push(('+', new[b]));
            b += 1;
        }
    }
    lines
}

#[test]
fn shows_only_what_differs() {
    assert_eq!(difference("a\nb\nc", "a\nb\nc"), "");
    assert_eq!(difference("a\nb\nc", "a\nx\nc\nd"), "  a\n- b\n+ x\n  c\n+ d\n");
}
