//! Faults of all other kinds: what is dropped, doubled, of the wrong type, in the wrong place.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
};

use super::{
    Mutant,
    schemas::{Held, held},
    token::{Role, Token},
    walk::{Entry, Holder, Parts},
};

/// All of them.
pub fn mutants(text: &str, parts: &Parts, known: &BTreeSet<String>) -> Vec<Mutant> {
    let held = if text.contains("target: { system: zuora }") { held() } else { BTreeMap::new() };
    let mut all = Vec::new();
    for entry in &parts.entries {
        all.extend(dropped(text, entry, &held));
        all.extend(doubled(text, entry));
        all.extend(indented(text, entry));
        all.extend(of_another_type(text, entry, &held));
        all.extend(of_actions(text, entry));
    }
    rows(text, parts, &mut all);
    expressions(text, parts, &held, known, &mut all);
    quotes(text, parts, &mut all);
    all
}

/// What is cut out when an entry goes, so that the rest stays well-formed.
fn cut(entry: &Entry) -> Option<Range<usize>> {
    let end = entry.value_at.end.max(entry.key_at.end);
    match (entry.before, entry.after) {
        (_, Some(after)) => Some(entry.key_at.start..after),
        (Some(before), None) => Some(before..end),
        (None, None) => None,
    }
}

/// The block of an entry with the line that it hangs on.
fn around(text: &str, entry: &Entry) -> Range<usize> {
    let line = |at: usize| text[..at].rfind('\n').unwrap_or(0);
    line(line(entry.block_at.start))..entry.block_at.end
}

/// What is needed, by where it stands: without it nothing can be made, or names are left unbound.
fn dropped(text: &str, entry: &Entry, held: &BTreeMap<String, Held>) -> Option<Mutant> {
    use Holder as H;
    let has = |key: &str| entry.beside.iter().any(|one| one == key);
    let key = entry.key.as_str();
    let (class, codes): (_, &'static [u16]) = match (entry.holder, key) {
        (
            H::Mapping,
            "crosswalk" | "name" | "source" | "target" | "resources" | "action" | "emit",
        ) => ("dropped: key of a mapping", &[102]),
        (H::Source | H::Target, "system") => ("dropped: system", &[102]),
        (H::Source, "object") => ("dropped: object", &[102]),
        (H::Rule, _) => ("dropped: when or reason", &[102]),
        (H::Resource, "object" | "key" | "fields") => ("dropped: key of a resource", &[102]),
        (
            H::Action,
            "rows" | "consumes" | "sequence" | "kind" | "begins" | "day" | "number" | "send"
            | "body",
        ) => ("dropped: key of an action", &[102]),
        (H::WriteBack, "object" | "id" | "fields") => ("dropped: key of a write-back", &[102]),
        (H::Table, "inputs" | "outputs" | "rows") => ("dropped: part of a table", &[102, 403, 405]),
        (H::Ranges, "lower" | "upper" | "step") => ("dropped: bound of ranges", &[102]),
        (H::Fields | H::Arguments, "$by") if has("$ref") => ("dropped: $by", &[102, 503]),
        (H::Fields | H::Value, "$by") if has("$group") => ("dropped: $by", &[102]),
        (_, "$cases") => ("dropped: $cases", &[102]),
        (_, "$from" | "$calc" | "$table")
            if entry.beside.iter().all(|key| key.starts_with('$')) =>
        {
            ("dropped: source of a value", &[106])
        }
        (_, "$as") if has("$each") || has("$only") => ("dropped: $as", &[204, 205]),
        (H::Arguments, key) if !key.starts_with('$') => ("dropped: parameter of a shape", &[102]),
        (H::ReferenceKey, key) if !key.starts_with('$') => {
            ("dropped: field of a reference", &[102, 503])
        }
        (H::Map, key) if !has("$other") && !key.starts_with('$') => {
            ("dropped: row of a map or case", &[401])
        }
        // A row that is not dead is the only one for some value.
        (H::Map, "$other") => ("dropped: $other", &[401]),
        (H::Fields, "UOM" | "DefaultQuantity" | "IncludedUnits" | "TaxCode" | "TaxMode") => {
            ("dropped: field that the charge model demands", &[501])
        }
        (H::Fields, key) if held.get(key).is_some_and(|held| held.required) => {
            ("dropped: required field", &[501])
        }
        // It stands there because the value may go without: else it would be dead.
        (H::Fields | H::Value, "$absent") if required(entry, held) => {
            ("dropped: $absent of a required field", &[304])
        }
        // What a shape is given may be short enough, so that only elsewhere it is needed.
        (H::Fields | H::Value, "$too_long" | "$truncate")
            if !entry.path.iter().any(|key| key == "shapes") =>
        {
            ("dropped: length", &[306])
        }
        (H::Names, _) => return None,
        _ => return None,
    };
    let cut = cut(entry)?;
    Some(Mutant::of(class, "dropped", cut, "", codes).anywhere_in(around(text, entry)))
}

/// Whether the field that an entry's block is the value of is required wherever there is one.
fn required(entry: &Entry, held: &BTreeMap<String, Held>) -> bool {
    entry.path.first().and_then(|field| held.get(field)).is_some_and(|held| held.required)
}

/// A key that stands twice: the second one would win, or the first.
fn doubled(text: &str, entry: &Entry) -> Option<Mutant> {
    let flow = text[entry.block_at.start..].starts_with('{');
    let at = entry.value_at.end.max(entry.key_at.end);
    let one = &text[entry.key_at.start..at];
    let long = !entry.nth.is_multiple_of(5) || one.contains('\n');
    if long {
        return None;
    }
    let line = text[..entry.key_at.start].rfind('\n').map_or(0, |at| at + 1);
    let blank = " ".repeat(entry.key_at.start - line);
    let by = if flow { format!(", {one}") } else { format!("\n{blank}{one}") };
    if !flow && !text[at..].starts_with('\n') {
        return None;
    }
    Some(Mutant::of("yaml: a key twice", "doubled", at..at, by, &[2]))
}

/// A line that is indented by one blank more than its neighbours, or by a tab.
fn indented(text: &str, entry: &Entry) -> Option<Mutant> {
    let line = text[..entry.key_at.start].rfind('\n').map_or(0, |at| at + 1);
    let indent = &text[line..entry.key_at.start];
    let flow = text[entry.block_at.start..].starts_with('{');
    if flow || entry.nth == 0 || indent.len() < 2 || !indent.trim().is_empty() {
        return None;
    }
    let at = line..line;
    let near = entry.before?..entry.value_at.end;
    let (how, by) = if entry.nth.is_multiple_of(2) { ("blank", " ") } else { ("tab", "\t") };
    Some(Mutant::of("yaml: indentation", how, at, by, &[1, 101, 103]).anywhere_in(near))
}

/// A value whose type is not that of its field, or which no field of that type can hold.
fn of_another_type(text: &str, entry: &Entry, held: &BTreeMap<String, Held>) -> Vec<Mutant> {
    let Some(held) = held.get(&entry.key).filter(|_| entry.holder == Holder::Fields) else {
        return Vec::new();
    };
    if entry.key.ends_with("__c") || held.types.len() != 1 || held.formats.len() != 1 {
        return Vec::new();
    }
    let kind = held.types.first().map(String::as_str).unwrap_or_default();
    let format = held.formats.first().map(String::as_str).unwrap_or_default();
    let mut made: Vec<(&'static str, &'static str, String, &'static [u16])> = Vec::new();
    match (kind, format) {
        ("boolean", _) => made.push(("type: literal", "truth", "perhaps".into(), &[302])),
        ("number" | "integer", _) => {
            made.push(("type: literal", "number", "a dozen".into(), &[302]));
            made.push(("type: value", "number", "{ $calc: \"'a' ~ 'b'\" }".into(), &[301]));
            made.push(("type: literal", "digits", "0.12345678901234567".into(), &[302]));
        }
        ("string", "date") => {
            made.push(("type: literal", "date", "next summer".into(), &[302]));
            made.push(("type: value", "date", "{ $calc: 1 + 1 }".into(), &[301]));
            made.push(("type: instant for a date", "", "$.CreatedDate".into(), &[309]));
        }
        ("string", "") if held.enumerated => {
            made.push(("type: literal", "enum", "Quite Another".into(), &[303]));
            made.push(("type: value", "enum", "$.Id".into(), &[303]));
        }
        ("string", "") => {
            made.push(("type: value", "text", "{ $calc: 1 + 1 }".into(), &[301]));
            if let Some(length) = held.length {
                let long = "x".repeat(usize::try_from(length).expect("a length") + 1);
                made.push(("type: too long", "", long, &[306, 302]));
            }
        }
        ("object" | "array", _) => {
            made.push(("type: text for a block or list", "", "a text".into(), &[103]));
        }
        _ => {}
    }
    if !matches!(kind, "object" | "array") {
        made.push(("type: list for a value", "", "[one, two]".into(), &[103]));
    }
    let own = text[entry.value_at.clone()].to_owned();
    let all = made.into_iter().filter(|(_, _, by, _)| *by != own);
    let near = entry.key_at.start..entry.value_at.end;
    all.map(|(class, how, by, codes)| {
        let by = if text[entry.value_at.clone()].is_empty() { format!(" {by}") } else { by };
        Mutant::of(class, how, entry.value_at.clone(), by, codes).anywhere_in(near.clone())
    })
    .collect()
}

/// What the rules of actions forbid.
fn of_actions(text: &str, entry: &Entry) -> Vec<Mutant> {
    let key = entry.key.as_str();
    let made: Vec<(&'static str, &str, &'static [u16])> = match (entry.holder, key) {
        (Holder::Fields, "$on") => vec![("action: fields sent with Amend", "[Amend]", &[506])],
        (Holder::Action, "day") => vec![("action: wrong type", "$.Id", &[301])],
        (Holder::Action, "kind") => vec![("action: unknown kind", "$.Id", &[303])],
        (Holder::Action, "consumes" | "rows") => vec![("action: no rows", "$.Id", &[307])],
        (Holder::Action, "send") => vec![("action: no command", "Product", &[502])],
        (Holder::Action, "sequence") => {
            vec![("action: wrong type", "{ $calc: 1 + 1 }", &[301])]
        }
        (Holder::Expect, "tolerance") => vec![("action: wrong type", "little", &[302])],
        (Holder::Expect, _) => vec![("action: wrong type", "$.Id", &[301])],
        (Holder::WriteBack, "id") => vec![("write-back: wrong type", "{ $calc: 1 + 1 }", &[301])],
        _ => Vec::new(),
    };
    let near = entry.key_at.start..entry.value_at.end;
    let near = if key == "$on" { around(text, entry) } else { near };
    let mut all: Vec<Mutant> = made
        .into_iter()
        .map(|(class, by, codes)| {
            Mutant::of(class, "", entry.value_at.clone(), by, codes).anywhere_in(near.clone())
        })
        .collect();
    if entry.holder == Holder::WrittenFields && !key.starts_with('$') {
        let at = entry.key_at.clone();
        all.push(Mutant::of("write-back: read-only field", "", at, "CreatedDate", &[505]));
        let by = "{ $calc: \"record.Id is none\" }";
        let at = entry.value_at.clone();
        all.push(Mutant::of("write-back: wrong type", "", at, by, &[301]));
    }
    all
}

/// Rows of decision tables. One of a table that says `unique` is the only one for its cases, and
/// the last one of any table too; else it would be dead.
fn rows(text: &str, parts: &Parts, all: &mut Vec<Mutant>) {
    for row in &parts.rows {
        let line = text[..row.at.start].rfind('\n').unwrap_or(0);
        let near = |mutant: Mutant| mutant.anywhere_in(line.saturating_sub(4000)..row.at.end);
        if row.unique || row.is_last {
            let cut = line..row.at.end;
            all.push(near(Mutant::of("table: row dropped", "", cut, "", &[401])));
        }
        let again = text[line..row.at.end].to_owned();
        let at = row.at.end..row.at.end;
        if text[row.at.end..].starts_with('\n') {
            all.push(Mutant::of("table: row twice", "", at, again, &[402, 404]));
        }
        let first =
            text[row.at.clone()].find(',').map(|end| row.at.start + 1..row.at.start + end + 1);
        let short = first.filter(|cell| !text[cell.clone()].contains('['));
        if let Some(cell) = short {
            let near = row.at.clone();
            let short = Mutant::of("table: short row", "", cell, "", &[402, 403]);
            all.push(short.anywhere_in(near));
        }
    }
}

/// Parts of expressions and selects.
fn expressions(
    text: &str,
    parts: &Parts,
    held: &BTreeMap<String, Held>,
    known: &BTreeSet<String>,
    all: &mut Vec<Mutant>,
) {
    for place in &parts.conditions {
        let by = "\"'yes'\"";
        let quoted = text[..place.start].ends_with(['"', '\'']);
        let folded = text[..place.start].ends_with('\n');
        let at = if quoted { place.start - 1..place.end + 1 } else { place.clone() };
        let by = if folded { format!("{}'yes'", blanks(text, place.start)) } else { by.to_owned() };
        all.push(Mutant::of("condition: a text", "", at, by, &[310]));
    }
    for place in &parts.selects {
        let select = &text[place.clone()];
        for (at, _) in select.match_indices("[*].") {
            let cut = place.start + at..place.start + at + 3;
            let near = place.clone();
            let cut = Mutant::of("list: [*] forgotten", "", cut, "", &[201, 301, 307, 308]);
            all.push(cut.anywhere_in(near));
        }
        for (at, _) in select.match_indices("[0].") {
            let cut = place.start + at..place.start + at + 3;
            let cut = Mutant::of("list: [0] forgotten", "", cut, "", &[201, 301, 307, 308]);
            all.push(cut.anywhere_in(place.clone()));
        }
        if select.ends_with("__c") && !select.contains('[') {
            let at = place.end..place.end;
            let more = Mutant::of("list: [*] of a value", "", at, "[*]", &[1, 307]);
            all.push(more.anywhere_in(place.clone()));
        }
    }
    for place in &parts.templates {
        defaults(text, place, all);
    }
    for token in &parts.tokens {
        compared(text, token, all);
        values(text, token, known, all);
        literal(text, token, held, all);
    }
}

fn blanks(text: &str, at: usize) -> String {
    text[at..].chars().take_while(|letter| *letter == ' ').collect()
}

/// A part of a text that may be absent, and of which nobody says any more what stands in.
fn defaults(text: &str, place: &Range<usize>, all: &mut Vec<Mutant>) {
    let mut at = place.start;
    while let Some(open) = text[at..place.end].find("{{") {
        let start = at + open + 2;
        let Some(length) = text[start..place.end].find("}}") else { return };
        let inner = &text[start..start + length];
        if let Some(bar) = inner.find(" | default(")
            && inner.trim_end().ends_with(')')
            && inner.matches(" | ").count() == 1
            && inner.matches('(').count() == 1
        {
            let cut = start + bar..start + inner.trim_end().len();
            let cut = Mutant::of("absence: default dropped", "", cut, "", &[304]);
            all.push(cut.anywhere_in(start..start + length));
        }
        at = start + length + 2;
    }
}

/// A text that is compared with a value that some pick-list has, misspelt. What an earlier action
/// was of kind stands in the ledger, and may be a name that the mapping no longer has.
fn values(text: &str, token: &Token, known: &BTreeSet<String>, all: &mut Vec<Mutant>) {
    let quoted = &text[token.at.clone()];
    let word = quoted.trim_matches('\'');
    let before = text[..token.at.start].trim_end();
    let compares = ["==", "!="].iter().any(|sign| before.ends_with(sign));
    let line = before.rsplit('\n').next().unwrap_or_default();
    let is_remembered = line.contains("known.kind");
    if token.role != Role::Text
        || !compares
        || word.len() < 4
        || !known.contains(word)
        || is_remembered
    {
        return;
    }
    let swapped = format!("'{}{}{}{}'", &word[..1], &word[2..3], &word[1..2], &word[3..]);
    if swapped != quoted {
        let at = token.at.clone();
        let mutant = Mutant::of("typo: text compared", "swapped", at, swapped, &[303]);
        all.push(mutant.wanting(super::Wanted::Restored));
    }
    let dropped = format!("'{}{}'", &word[..2], &word[3..]);
    let mutant = Mutant::of("typo: text compared", "dropped", token.at.clone(), dropped, &[303]);
    all.push(mutant.wanting(super::Wanted::Restored));
}

/// A literal of another kind than what it is compared or calculated with.
fn compared(text: &str, token: &Token, all: &mut Vec<Mutant>) {
    let before = text[..token.at.start].trim_end();
    let after = text[token.at.end..].trim_start();
    let compares = ["==", "!=", "<", "<=", ">", ">="].iter().any(|sign| before.ends_with(sign));
    let (class, by): (_, &str) = match token.role {
        Role::Text if compares => ("type: compared with a number", "5"),
        Role::Number if compares => ("type: compared with a text", "'five'"),
        Role::Number
            if before.ends_with(['+', '*', '/', '-']) || after.starts_with(['+', '*', '/']) =>
        {
            ("type: calculated with a text", "'five'")
        }
        _ => return,
    };
    // What is compared may be the whole expression.
    let line = text[..token.at.start].rfind('\n').unwrap_or(0);
    let near = line..token.at.end + 40;
    all.push(Mutant::of(class, "", token.at.clone(), by, &[301]).anywhere_in(near));
}

/// A literal that is misspelt, where the field has a list of values.
fn literal(text: &str, token: &Token, held: &BTreeMap<String, Held>, all: &mut Vec<Mutant>) {
    let word = &text[token.at.clone()];
    let is_value = held.get(&token.under).is_some_and(|held| {
        held.enumerated && held.types.len() == 1 && held.types.contains("string")
    });
    if token.role != Role::Literal || !is_value || word.len() < 4 {
        return;
    }
    let dropped = format!("{}{}", &word[..2], &word[3..]);
    let mutant = Mutant::of("typo: literal", "dropped", token.at.clone(), dropped, &[303]);
    all.push(mutant.wanting(super::Wanted::Restored));
    let lower = word.to_lowercase();
    if lower != word {
        let mutant = Mutant::of("typo: literal", "case", token.at.clone(), lower, &[303]);
        all.push(mutant.wanting(super::Wanted::Restored));
    }
}

/// Quotes and brackets that are not closed.
fn quotes(text: &str, parts: &Parts, all: &mut Vec<Mutant>) {
    for entry in parts.entries.iter().step_by(3) {
        let value = &text[entry.value_at.clone()];
        let end = entry.value_at.end;
        if value.len() > 1 && value.ends_with(['"', '}', ']']) && !value.contains('\n') {
            let rest = entry.value_at.start..text.len();
            let cut = Mutant::of("yaml: not closed", "", end - 1..end, "", &[1, 107]);
            all.push(cut.anywhere_in(rest));
        }
    }
}
