//! The chain of values for people: one line each, or the whole chain of the fields that were named.

use super::{Chain, Object};
use crate::{
    cli::{
        drawing::title,
        screen::{
            Screen,
            style::{BOLD, DIM, GREEN, RED, paint},
        },
    },
    program::{Explained, Fired, Origin, PartKind, Read},
};

/// The longest value that is shown whole in a list.
const VALUE_LENGTH_MAX: usize = 72;
/// What the path of a figure begins with that a preview is held against.
const EXPECTED: &str = "expect ";
/// Fields of the source that are named on a line of a list.
const READS_SHOWN_MAX: usize = 3;

/// Shows a record.
pub(super) fn show(chain: &Chain, field: Option<&str>, screen: &Screen) {
    let name = title(&chain.record, chain.label.as_deref());
    screen.say(&format!("{name} {}", paint(DIM, &format!("by {}", chain.mapping))));
    if let Some((how, why)) = &chain.left_out {
        let place = place(&why.origin).unwrap_or_default();
        screen.say(&format!("  {} {how}: {} {place}", paint(RED, "!"), why.reason));
    }
    for object in &chain.objects {
        screen.say(&heading(object));
        values(&object.values, field, screen);
        if let Some(answer) = &object.answer {
            let id = answer.target_id.as_ref().map(|id| format!(", id {id}"));
            screen.say(&format!(
                "    {} {}{}",
                paint(BOLD, "answer"),
                answer.said,
                id.unwrap_or_default()
            ));
            if let Some(result) = answer.result.as_ref().filter(|_| field.is_some()) {
                screen.say(&format!("           {result}"));
            }
        }
    }
    if chain.left_out.is_some() && !chain.unfinished.is_empty() {
        screen.say(&paint(DIM, "  what was calculated before that"));
        values(&chain.unfinished, field, screen);
    } else if !chain.unfinished.is_empty() {
        screen.say(&paint(DIM, "  what is written where an action fails"));
        values(&chain.unfinished, field, screen);
    }
}

fn heading(object: &Object) -> String {
    let part = Some(&object.part).filter(|part| !part.is_empty());
    let part = part.map(|part| paint(DIM, &format!(" ({part})"))).unwrap_or_default();
    format!("  {}{part} {}", paint(BOLD, &object.object), object.key)
}

fn values(all: &[Explained], field: Option<&str>, screen: &Screen) {
    for value in all {
        match field {
            Some(_) => whole(value, screen),
            None => screen.say(&line(value)),
        }
    }
}

fn line(value: &Explained) -> String {
    let absent = if value.path.starts_with(EXPECTED) { "nothing" } else { "not sent" };
    let sent = value.sent.as_deref().map_or_else(|| paint(DIM, absent), short);
    let mut names: Vec<String> = Vec::new();
    for read in &value.reads {
        let name = read.field.to_string();
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let more = names.len().checked_sub(READS_SHOWN_MAX).filter(|more| *more > 0);
    names.truncate(READS_SHOWN_MAX);
    let more = more.map(|more| format!(" and {more} more")).unwrap_or_default();
    let from =
        if names.is_empty() { String::new() } else { format!(" ← {}{more}", names.join(", ")) };
    let place = place(&value.origin).unwrap_or_default();
    format!("    {}: {sent}{} {place}", value.path, paint(DIM, &from))
}

fn whole(value: &Explained, screen: &Screen) {
    screen.say(&format!("    {}", paint(BOLD, &value.path)));
    let say = |what: &str, text: &str| screen.say(&format!("      {what:<7} {text}"));
    for fired in &value.within {
        say("within", &used(fired));
    }
    for read in &value.reads {
        say("read", &read_as(read));
    }
    for fired in &value.fired {
        say("used", &used(fired));
    }
    let at = place(&value.origin);
    if let Some(at) = &at {
        say("line", at);
    }
    match (&value.found, &value.sent) {
        (None, Some(sent)) if at.is_some() && !value.reads.is_empty() => {
            say("default", &format!("the value is missing, and {} stands in", short(sent)));
        }
        (Some(found), Some(sent)) if absent(found) && found != sent => {
            say("default", &format!("the value is {found}, and {} stands in", short(sent)));
        }
        (Some(found), Some(sent)) if found != sent => {
            say("found", &format!("{found}, before it is cut, rounded or mapped"));
        }
        _ => {}
    }
    let held = value.path.starts_with(EXPECTED);
    match &value.sent {
        Some(sent) if held => say("expect", &format!("{} of a preview", paint(GREEN, sent))),
        None if held => say("expect", "nothing: the value is missing"),
        Some(sent) => say("sent", &paint(GREEN, sent)),
        None => {
            let found = value.found.as_deref().unwrap_or("missing");
            say("sent", &format!("nothing: the value is {found}"));
        }
    }
}

fn absent(found: &str) -> bool {
    found == "null" || found == "\"\""
}

fn read_as(read: &Read) -> String {
    let row = read.row.map(|row| format!(" of row {row}")).unwrap_or_default();
    let value = read.value.as_deref().unwrap_or("missing");
    let path = &read.field.path;
    let path =
        if *path == read.field.field { String::new() } else { format!(" {}", paint(DIM, path)) };
    format!("{}{row} = {value}{path}", read.field)
}

fn used(fired: &Fired) -> String {
    let inputs = fired.inputs.join(", ");
    let place = place(&fired.origin).unwrap_or_default();
    match fired.kind {
        PartKind::Case => format!("{} {inputs} {place}", fired.name),
        PartKind::Guard => format!("{} {place}", fired.gives),
        PartKind::TableRow | PartKind::MapRow | PartKind::Field => {
            format!("{}({inputs}) → {} {place}", fired.name, fired.gives)
        }
    }
}

fn place(origin: &Origin) -> Option<String> {
    (origin.line > 0).then(|| paint(DIM, &format!("({origin})")))
}

fn short(text: &str) -> String {
    match text.char_indices().nth(VALUE_LENGTH_MAX) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or_default()),
        None => text.to_owned(),
    }
}
