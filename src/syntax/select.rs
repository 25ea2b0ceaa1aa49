//! Selects: `$.A.B`, `$row.C[0]`, `$.L.records[?@.X == $row.Y]`.
//!
//! jsonpath-rust parses what follows the head. What records
//! cannot serve (`..`, slices, several selectors, functions) is refused with its reason: no slot
//! and no list of fields to be read follows from it.

use std::ops::Range;

use jsonpath_rust::parser::{model as path, parse_json_path};

/// A select.
#[derive(Clone, Debug, PartialEq)]
pub struct Select {
    /// The name that it starts from; `None` for the record.
    pub head: Option<Name>,
    /// The steps.
    pub steps: Vec<Step>,
}

/// A name, and where it stands in the text of the select.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// The name.
    pub text: String,
    /// Where it stands.
    pub range: Range<usize>,
}

/// A step of a select.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// `.Name`
    Name(Name),
    /// `[0]`, `[-1]`
    Index(i64),
    /// `[*]`
    All,
    /// `[?…]`
    Where(Test),
}

/// A filter over the item's own fields and bound names.
#[derive(Clone, Debug, PartialEq)]
pub enum Test {
    /// All hold.
    And(Vec<Test>),
    /// One holds.
    Or(Vec<Test>),
    /// It does not hold.
    Not(Box<Test>),
    /// The member is there and not null.
    Present(Vec<Name>),
    /// A comparison.
    Compare(Comparison, Operand, Operand),
}

/// How two operands are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

/// A side of a comparison.
#[derive(Clone, Debug, PartialEq)]
pub enum Operand {
    /// `@.A.B`: a member of the item.
    Item(Vec<Name>),
    /// `$.A` or `$name.A`: a member of the record or of a bound name.
    Bound(Option<Name>, Vec<Name>),
    /// A text, in its quotes.
    Text(Name),
    /// A number, as written.
    Number(String),
    /// `true`, `false`.
    Bool(bool),
    /// `null`.
    Null,
}

/// Why a text is no select.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It cannot be read.
    Syntax(String),
    /// JSONPath knows it, and records cannot serve it.
    Unsupported(String),
}

/// The longest select that is read; the parser's time grows with the length.
const BYTES_MAX: usize = 2_000;
/// How deep parentheses may nest in a filter; the parser's time and stack grow with it.
const DEPTH_MAX: usize = 8;
/// Marks a bound name inside a filter, for the parser of paths.
const BOUND: char = '\u{1}';

/// Reads a select.
///
/// # Errors
/// A [`Fault`] that says what is wrong with it.
pub fn parse_select(text: &str) -> Result<Select, Fault> {
    if text.len() > BYTES_MAX {
        return Err(Fault::Syntax(format!("a select has at most {BYTES_MAX} bytes")));
    }
    let rest =
        text.strip_prefix('$').ok_or_else(|| Fault::Syntax("a select starts with `$`".into()))?;
    if depth(rest) > DEPTH_MAX {
        return Err(Fault::Syntax(format!("brackets nest deeper than {DEPTH_MAX} levels")));
    }
    let length = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
    let (head, rest) = rest.split_at(length);
    let steps = match plain_steps(text, 1 + length) {
        Some(steps) => steps,
        None => parsed_steps(text, 1 + length, rest)?,
    };
    let head = Name { text: head.to_owned(), range: 1..1 + length };
    Ok(Select { head: (length > 0).then_some(head), steps })
}

/// The steps behind a head, as the parser of paths reads them.
fn parsed_steps(text: &str, at: usize, rest: &str) -> Result<Vec<Step>, Fault> {
    let query = parse_json_path(&format!("${}", name_bounds(rest)))
        .map_err(|fault| Fault::Syntax(first_line(&fault.to_string())))?;
    let mut places = Places { text, at };
    query.segments.iter().map(|segment| step(segment, &mut places)).collect()
}

/// The steps of a select that is nothing but names, `[*]` and `[0]`, as nearly all are: for these
/// the parser of paths would be most of the time that a check takes.
fn plain_steps(text: &str, mut at: usize) -> Option<Vec<Step>> {
    let mut steps = Vec::new();
    while at < text.len() {
        let rest = text.get(at..)?;
        let step = match rest.strip_prefix('.') {
            Some(name) => {
                let part = |c: char| c.is_ascii_alphanumeric() || c == '_';
                let length = name.find(|c| !part(c)).unwrap_or(name.len());
                let name = name.get(..length)?;
                name.chars().next().filter(|first| !first.is_ascii_digit())?;
                let range = at + 1..at + 1 + length;
                at = range.end;
                Step::Name(Name { text: name.to_owned(), range })
            }
            None => {
                let inner = rest.strip_prefix('[')?.split(']').next()?;
                at += inner.len() + 2;
                match inner {
                    "*" => Step::All,
                    index => Step::Index(plain_index(index)?),
                }
            }
        };
        steps.push(step);
    }
    // A bracket that is not closed ends behind the text.
    (at == text.len()).then_some(steps)
}

fn plain_index(text: &str) -> Option<i64> {
    let is_plain = text.len() <= 9 && text.bytes().all(|b| b.is_ascii_digit());
    (is_plain && (text == "0" || !text.starts_with('0'))).then(|| text.parse().ok())?
}

/// How deep brackets nest.
fn depth(text: &str) -> usize {
    let mut open = 0_usize;
    let mut most = 0;
    for letter in text.chars() {
        match letter {
            '(' | '[' => open += 1,
            ')' | ']' => open = open.saturating_sub(1),
            _ => {}
        }
        most = most.max(open);
    }
    most
}

/// Finds the places of names again, which the parser does not say: it gives them in the order of
/// the text.
struct Places<'t> {
    text: &'t str,
    at: usize,
}

impl Places<'_> {
    fn name(&mut self, name: String) -> Name {
        let found = self.word(&name).unwrap_or(0..self.text.len());
        Name { text: name, range: found }
    }

    /// The next place of a whole word, outside of other words.
    fn word(&mut self, word: &str) -> Option<Range<usize>> {
        let mut from = self.at;
        while let Some(found) = self.text.get(from..)?.find(word) {
            let range = from + found..from + found + word.len();
            let part = |c: char| c.is_alphanumeric() || c == '_';
            let before = self.text.get(..range.start)?.chars().next_back().is_some_and(part);
            let after = self.text.get(range.end..)?.chars().next().is_some_and(part);
            if !before && !after && !word.is_empty() {
                self.at = range.end;
                return Some(range);
            }
            from = range.start + self.text.get(range.start..)?.chars().next()?.len_utf8();
        }
        None
    }

    /// A text with its quotes.
    fn quoted(&mut self, text: String) -> Name {
        let word = self.word(&text).filter(|range| range.start > 0);
        let with_quotes = word.map(|range| range.start - 1..range.end + 1);
        let inside = with_quotes.filter(|range| {
            self.text.get(range.clone()).is_some_and(|text| text.starts_with(['\'', '"']))
        });
        Name { text, range: inside.unwrap_or(0..self.text.len()) }
    }
}

/// Writes `$name` inside filters as a member of the root that no record can have.
fn name_bounds(rest: &str) -> String {
    let mut out = String::with_capacity(rest.len());
    let mut letters = rest.chars().peekable();
    let mut quote = None;
    while let Some(letter) = letters.next() {
        out.push(letter);
        match quote {
            Some(open) if letter == open => quote = None,
            Some(_) => {}
            None if matches!(letter, '\'' | '"') => quote = Some(letter),
            None if letter == '$'
                && letters.peek().is_some_and(|c| c.is_alphanumeric() || *c == '_') =>
            {
                out.push_str("['");
                out.push_str("\\u0001");
                while let Some(c) = letters.next_if(|c| c.is_alphanumeric() || *c == '_') {
                    out.push(c);
                }
                out.push_str("']");
            }
            None => {}
        }
    }
    out
}

fn first_line(said: &str) -> String {
    said.lines().find(|line| line.trim_start().starts_with('=')).map_or_else(
        || said.lines().next().unwrap_or_default().to_owned(),
        |line| line.trim_start_matches([' ', '=']).to_owned(),
    )
}

fn step(segment: &path::Segment, places: &mut Places<'_>) -> Result<Step, Fault> {
    let unsupported = |what: &str| Err(Fault::Unsupported(what.to_owned()));
    match segment {
        path::Segment::Descendant(_) => {
            unsupported("`..` is not possible here: name the members one by one")
        }
        path::Segment::Selectors(_) => {
            unsupported("several selectors in one bracket are not possible here")
        }
        path::Segment::Selector(selector) => match selector {
            path::Selector::Name(name) => Ok(Step::Name(places.name(unquoted(name)))),
            path::Selector::Wildcard => Ok(Step::All),
            path::Selector::Index(index) => Ok(Step::Index(*index)),
            path::Selector::Slice(..) => unsupported("a slice is not possible here"),
            path::Selector::Filter(filter) => test(filter, places).map(Step::Where),
        },
    }
}

/// The parser leaves quotes around bracketed names.
fn unquoted(name: &str) -> String {
    let inner = |quote| name.strip_prefix(quote)?.strip_suffix(quote);
    let name = inner('\'').or_else(|| inner('"')).unwrap_or(name);
    name.replace("\\u0001", "\u{1}")
}

fn test(filter: &path::Filter, places: &mut Places<'_>) -> Result<Test, Fault> {
    let mut all = |filters: &[path::Filter]| -> Result<Vec<Test>, Fault> {
        filters.iter().map(|filter| test(filter, places)).collect()
    };
    match filter {
        path::Filter::Or(filters) => Ok(Test::Or(all(filters)?)),
        path::Filter::And(filters) => Ok(Test::And(all(filters)?)),
        path::Filter::Atom(atom) => atom_test(atom, places),
    }
}

fn atom_test(atom: &path::FilterAtom, places: &mut Places<'_>) -> Result<Test, Fault> {
    let negated = |holds: Test, not: bool| if not { Test::Not(Box::new(holds)) } else { holds };
    match atom {
        path::FilterAtom::Filter { expr, not } => Ok(negated(test(expr, places)?, *not)),
        path::FilterAtom::Test { expr, not } => match expr.as_ref() {
            path::Test::RelQuery(segments) => {
                Ok(negated(Test::Present(names(segments, places)?), *not))
            }
            _ => Err(Fault::Unsupported("only `@` members can be tested in a filter".into())),
        },
        path::FilterAtom::Comparison(comparison) => {
            let (left, right) = comparison.vals();
            let how = match comparison.as_ref() {
                path::Comparison::Eq(..) => Comparison::Equal,
                path::Comparison::Ne(..) => Comparison::NotEqual,
                path::Comparison::Gt(..) => Comparison::Greater,
                path::Comparison::Gte(..) => Comparison::GreaterOrEqual,
                path::Comparison::Lt(..) => Comparison::Less,
                path::Comparison::Lte(..) => Comparison::LessOrEqual,
            };
            Ok(Test::Compare(how, operand(left, places)?, operand(right, places)?))
        }
    }
}

fn names(segments: &[path::Segment], places: &mut Places<'_>) -> Result<Vec<Name>, Fault> {
    let name = |segment: &path::Segment| match segment {
        path::Segment::Selector(path::Selector::Name(name)) => Ok(places.name(unquoted(name))),
        _ => Err(Fault::Unsupported("a filter reads members by name only".into())),
    };
    segments.iter().map(name).collect()
}

fn operand(comparable: &path::Comparable, places: &mut Places<'_>) -> Result<Operand, Fault> {
    let members = |segments: &[path::SingularQuerySegment]| {
        let name = |segment: &path::SingularQuerySegment| match segment {
            path::SingularQuerySegment::Name(name) => Ok(unquoted(name)),
            path::SingularQuerySegment::Index(_) => {
                Err(Fault::Unsupported("a filter reads members by name only".into()))
            }
        };
        segments.iter().map(name).collect::<Result<Vec<_>, _>>()
    };
    match comparable {
        path::Comparable::Literal(literal) => Ok(match literal {
            path::Literal::Int(number) => Operand::Number(number.to_string()),
            path::Literal::Float(number) => Operand::Number(number.to_string()),
            path::Literal::String(text) => Operand::Text(places.quoted(unquoted(text))),
            path::Literal::Bool(truth) => Operand::Bool(*truth),
            path::Literal::Null => Operand::Null,
        }),
        path::Comparable::SingularQuery(path::SingularQuery::Current(segments)) => {
            let names = members(segments)?.into_iter().map(|name| places.name(name));
            Ok(Operand::Item(names.collect()))
        }
        path::Comparable::SingularQuery(path::SingularQuery::Root(segments)) => {
            let mut names = members(segments)?;
            let bound = names.first().and_then(|name| name.strip_prefix(BOUND)).map(str::to_owned);
            if bound.is_some() {
                names.remove(0);
            }
            let bound = bound.map(|name| places.name(name));
            Ok(Operand::Bound(bound, names.into_iter().map(|name| places.name(name)).collect()))
        }
        path::Comparable::Function(_) => {
            Err(Fault::Unsupported("functions are not possible in a filter".into()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str, start: usize) -> Name {
        Name { text: text.into(), range: start..start + text.len() }
    }

    #[test]
    fn reads_what_records_can_serve() {
        let select =
            parse_select("$.PricebookEntries.records[?@.IsActive == true]").expect("select");
        let test = Test::Compare(
            Comparison::Equal,
            Operand::Item(vec![name("IsActive", 30)]),
            Operand::Bool(true),
        );
        let names = [name("PricebookEntries", 2), name("records", 19)].map(Step::Name);
        assert_eq!(select.head, None);
        assert_eq!(select.steps[..2], names);
        assert_eq!(select.steps[2..], [Step::Where(test)]);
        let select = parse_select("$entry.C[0]").expect("select");
        assert_eq!(select.head, Some(name("entry", 1)));
        assert_eq!(select.steps, [Step::Name(name("C", 7)), Step::Index(0)]);
        assert_eq!(parse_select("$").expect("record").steps, []);
    }

    #[test]
    fn plain_selects_are_read_as_the_parser_of_paths_reads_them() {
        let plain = [
            "",
            ".A",
            ".A.B__r.C__c",
            ".A[0].B",
            ".L.records[*].X",
            "[*]",
            "[12][*].a_1",
            "._a",
            ".records",
            ".length",
        ];
        for rest in plain {
            let text = format!("$head{rest}");
            let steps = plain_steps(&text, 5).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(parsed_steps(&text, 5, rest), Ok(steps), "{text}");
        }
        let others = [
            ".",
            "..A",
            ".1",
            ".A.",
            "[",
            "[0",
            "[01]",
            "[-1]",
            "[ 0]",
            "['A']",
            "[*",
            ".A ",
            "[]",
            ".ä",
            "[?@.A]",
            "[0:1]",
            ".A-B",
            "[0]]",
            "[99999999999]",
        ];
        for rest in others {
            assert_eq!(plain_steps(&format!("$head{rest}"), 5), None, "{rest}");
        }
    }

    #[test]
    fn a_filter_may_name_what_is_bound() {
        let select = parse_select("$.L.records[?@.Y == $Y.Y && @.Z == 'Y']").expect("select");
        let Some(Step::Where(Test::And(tests))) = select.steps.last() else { panic!("{select:?}") };
        let bound = Operand::Bound(Some(name("Y", 21)), vec![name("Y", 23)]);
        let own = Operand::Item(vec![name("Y", 15)]);
        assert_eq!(tests[0], Test::Compare(Comparison::Equal, own, bound));
        let text = Name { text: "Y".into(), range: 35..38 };
        let own = Operand::Item(vec![name("Z", 30)]);
        assert_eq!(tests[1], Test::Compare(Comparison::Equal, own, Operand::Text(text)));
    }

    #[test]
    fn refuses_what_nests_too_deep() {
        let text = format!("$.A[?{}@.x{}]", "(".repeat(900), ")".repeat(900));
        assert!(matches!(parse_select(&text), Err(Fault::Syntax(_))));
    }

    #[test]
    fn refuses_what_gives_no_list_of_fields() {
        for text in ["$..A", "$.A[1:2]", "$['a','b']", "$.A[?length(@.x) > 1]"] {
            assert!(matches!(parse_select(text), Err(Fault::Unsupported(_))), "{text}");
        }
        for text in ["$.", "$.A[", "A.B", "$.A[?]"] {
            assert!(matches!(parse_select(text), Err(Fault::Syntax(_))), "{text}");
        }
    }
}
