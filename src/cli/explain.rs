//! `crosswalk explain`: the long form of a code, or all codes there are.

use serde_json::json;

use super::{
    args::Explain,
    fault::{Ending, Fault},
    screen::{Screen, style},
};
use crate::diag::{CODES, CodeInfo, Shows, explain, nearest};

/// The columns that a paragraph is broken to.
const WIDTH: usize = 100;

/// Explains a code, or lists all.
///
/// # Errors
/// [`Fault::Argument`] when there is no such code.
pub(super) fn explain_code(asked: &Explain, screen: &Screen) -> Result<Ending, Fault> {
    match &asked.code {
        Some(code) => show(found(code)?, screen),
        None => CODES.iter().for_each(|info| match screen.is_json() {
            true => show(info, screen),
            false => screen.say(&format!("{}  {}", info.code, info.title)),
        }),
    }
    Ok(Ending::Done)
}

/// The code that was meant: `CW0101`, `cw0101` and `101` are the same.
fn found(written: &str) -> Result<&'static CodeInfo, Fault> {
    let digits = written.trim_start_matches(['c', 'C', 'w', 'W']).parse::<u16>().ok();
    let known = CODES.iter().find(|info| digits == Some(info.code.0));
    known.ok_or_else(|| {
        let codes: Vec<String> = CODES.iter().map(|info| info.code.to_string()).collect();
        let near = nearest(written, codes.iter().map(String::as_str));
        let way_out = match near {
            Some(near) => format!("`{near}` is near to it; `crosswalk explain` lists all codes"),
            None => "`crosswalk explain` lists all codes".to_owned(),
        };
        Fault::argument(format!("there is no code `{written}`"), way_out)
    })
}

fn show(info: &CodeInfo, screen: &Screen) {
    let Some(explained) = explain(info.code) else { return };
    if screen.is_json() {
        screen.json(&json!({
            "format": "crosswalk-code/1",
            "code": info.code.to_string(),
            "title": info.title,
            "text": explained.markdown(),
        }));
        return;
    }
    let title = format!("{}: {}", info.code, info.title);
    screen.say(&style::paint(style::BOLD, &title));
    screen.say("");
    explained.text.lines().for_each(|line| screen.say(&wrapped(line)));
    for example in &explained.examples {
        let (colour, shows) = match example.shows {
            Shows::Wrong => (style::RED, "wrong"),
            Shows::Right => (style::GREEN, "right"),
        };
        let file = example.file.map_or_else(String::new, |file| format!(" ({file})"));
        screen.say(&format!("\n{}{file}:\n", style::paint(colour, shows)));
        example.text.lines().for_each(|line| screen.say(&format!("    {line}")));
    }
}

/// A paragraph, broken between words.
fn wrapped(paragraph: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    for word in paragraph.split(' ') {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= WIDTH => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines.join("\n")
}
