//! The long form of each code: what it is about, an example that is wrong and one that is right.
//!
//! The texts lie in `explain/`, one file per code, and are part of the binary. An example is a
//! mapping, or the part of one that matters: its head may be left out. Where it takes more than one
//! file, each says its name behind the backticks. The test `explain` runs all of them.

use include_dir::{Dir, include_dir};

use super::Code;

static TEXTS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/src/diag/explain");

/// What an example shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shows {
    /// It has the finding.
    Wrong,
    /// It has none.
    Right,
}

/// A file of an example.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Example {
    /// What it shows.
    pub shows: Shows,
    /// The name of the file, where the example has several.
    pub file: Option<&'static str>,
    /// Its text.
    pub text: &'static str,
}

/// The long form of a code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// What it is about, in paragraphs.
    pub text: &'static str,
    /// Files that are wrong, then files that are right.
    pub examples: Vec<Example>,
}

/// The long form of a code; every code of the registry has one.
pub fn explain(code: Code) -> Option<Explanation> {
    let written = TEXTS.get_file(format!("{code}.md"))?.contents_utf8()?;
    let mut parts = written.split("```yaml ");
    let text = parts.next()?.trim();
    let example = |part: &'static str| {
        let (mark, rest) = part.split_once('\n')?;
        let (text, _) = rest.split_once("```")?;
        let mut words = mark.split_whitespace();
        let shows = if words.next()? == "wrong" { Shows::Wrong } else { Shows::Right };
        Some(Example { shows, file: words.next(), text })
    };
    Some(Explanation { text, examples: parts.filter_map(example).collect() })
}

impl Explanation {
    /// All of it as Markdown.
    pub fn markdown(&self) -> String {
        let mut out = self.text.to_owned();
        for example in &self.examples {
            let file = example.file.map_or_else(String::new, |file| format!(" ({file})"));
            let shows = match example.shows {
                Shows::Wrong => "Wrong",
                Shows::Right => "Right",
            };
            out.push_str(&format!("\n\n{shows}{file}:\n\n```yaml\n{}```", example.text));
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::CODES;

    #[test]
    fn every_code_is_explained_with_both_examples_and_nothing_else_is() {
        for info in CODES {
            let explained = explain(info.code).unwrap_or_else(|| panic!("{} is not", info.code));
            assert!(explained.text.len() > 40, "{}: {}", info.code, explained.text);
            for shows in [Shows::Wrong, Shows::Right] {
                let shown = explained.examples.iter().any(|example| example.shows == shows);
                assert!(shown, "{} lacks an example that is {shows:?}", info.code);
            }
        }
        assert_eq!(TEXTS.files().count(), CODES.len());
    }
}
