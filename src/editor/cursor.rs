//! Where a cursor stands: at a key or in a value, and at which word.

use std::ops::Range;

/// What stands at a cursor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Spot {
    /// A key, or the place of one. `colon`: whether it has its colon already.
    Key { word: Range<usize>, colon: bool },
    /// A whole plain value, or the place of one.
    Value { whole: Range<usize> },
    /// A word inside of a select, an expression or a quoted text.
    Part { word: Range<usize> },
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// What stands at a place of a text; `None` in a comment.
pub(super) fn spot(text: &str, at: usize) -> Option<Spot> {
    let at = at.min(text.len());
    let start = text.get(..at)?.rfind('\n').map_or(0, |newline| newline + 1);
    let end = text.get(at..)?.find('\n').map_or(text.len(), |newline| at + newline);
    let line = text.get(start..end)?;
    let column = at - start;
    let Segment { from, is_value, quoted, comment } = segment(line.get(..column)?);
    if comment {
        return None;
    }
    let word = word(line, column);
    let part = |word: Range<usize>| Spot::Part { word: start + word.start..start + word.end };
    if quoted {
        return Some(part(word));
    }
    if is_value {
        let whole = value(line, from);
        let written = line.get(whole.clone())?;
        if written.starts_with('$') || written.contains("{{") || line_is_expression(line, from) {
            return Some(part(word));
        }
        return Some(Spot::Value { whole: start + whole.start..start + whole.end });
    }
    // A key may begin with `$`.
    let dollar =
        word.start.checked_sub(1).filter(|before| line.get(*before..word.start) == Some("$"));
    let word = dollar.unwrap_or(word.start)..word.end;
    let colon = line.get(word.end..)?.trim_start().starts_with(':');
    Some(Spot::Key { word: start + word.start..start + word.end, colon })
}

/// The last piece of a line before the cursor that can be a key or a value.
struct Segment {
    from: usize,
    is_value: bool,
    quoted: bool,
    comment: bool,
}

fn segment(before: &str) -> Segment {
    let mut quote: Option<char> = None;
    let mut last = Segment { from: 0, is_value: false, quoted: false, comment: false };
    let mut braces = 0usize;
    let mut previous = ' ';
    let mut lists = Vec::new();
    for (at, c) in before.char_indices() {
        let next = at + c.len_utf8();
        let follows = before.get(next..).and_then(|rest| rest.chars().next());
        match (quote, c) {
            (Some(open), _) if c == open => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'')
                if !last.is_value
                    || before.get(last.from..at).is_some_and(|v| v.trim().is_empty()) =>
            {
                quote = Some(c);
            }
            (None, '#') if previous == ' ' => return Segment { comment: true, ..last },
            (None, '{') => {
                braces += 1;
                lists.push(false);
                last = Segment { from: next, is_value: false, ..last };
            }
            (None, '[') if previous == ' ' || previous == ',' || previous == '[' => {
                lists.push(true);
                last = Segment { from: next, is_value: true, ..last };
            }
            (None, '}' | ']') => {
                lists.pop();
            }
            (None, ',') if braces > 0 || !lists.is_empty() => {
                let in_list = lists.last().copied().unwrap_or_default();
                last = Segment { from: next, is_value: in_list, ..last };
            }
            (None, ':') if follows.is_none_or(|c| c == ' ') => {
                last = Segment { from: next, is_value: true, ..last };
            }
            (None, '-')
                if before.get(..at).is_some_and(|b| b.trim().is_empty())
                    && follows == Some(' ') =>
            {
                last = Segment { from: next, is_value: false, ..last };
            }
            _ => {}
        }
        previous = c;
    }
    Segment { quoted: quote.is_some(), ..last }
}

/// The word around a column.
fn word(line: &str, column: usize) -> Range<usize> {
    let before = line.get(..column).unwrap_or_default();
    let after = line.get(column..).unwrap_or_default();
    let start = before.char_indices().rev().take_while(|(_, c)| is_word(*c)).last();
    let end = after.char_indices().find(|(_, c)| !is_word(*c)).map_or(after.len(), |(at, _)| at);
    start.map_or(column, |(at, _)| at)..column + end
}

/// The value that begins after a column: up to what ends it in a flow, or a comment.
fn value(line: &str, from: usize) -> Range<usize> {
    let rest = line.get(from..).unwrap_or_default();
    let in_flow =
        line.get(..from).is_some_and(|before| before.contains('{') || before.contains('['));
    let ends = |(at, c): &(usize, char)| {
        let before = rest.get(..*at).and_then(|b| b.chars().next_back());
        (in_flow && matches!(c, ',' | '}' | ']')) || (*c == '#' && before == Some(' '))
    };
    let end = rest.char_indices().find(ends).map_or(rest.len(), |(at, _)| at);
    let inner = rest.get(..end).unwrap_or_default();
    let start = from + inner.len() - inner.trim_start().len();
    // An empty value begins after one blank.
    if inner.trim().is_empty() {
        let blank = from + usize::from(inner.starts_with(' '));
        return blank..blank;
    }
    start..start + inner.trim().len()
}

/// Whether the key before a column takes an expression.
fn line_is_expression(line: &str, from: usize) -> bool {
    let key = line.get(..from.saturating_sub(1)).unwrap_or_default();
    let key = key.rsplit([' ', '{', ',']).next().unwrap_or_default();
    matches!(key, "$calc" | "$when" | "when" | "$switch" | "$only")
}
