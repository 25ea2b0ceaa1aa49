//! Names that are misspelt: each is a fault, since nothing else has the name that comes out.

use std::collections::BTreeSet;

use super::{
    Mutant, Wanted,
    token::{Role, Token},
};

/// The shortest name that one slip leaves recognisable.
const LETTERS_MIN: usize = 4;

/// What a slip of the keyboard makes of a name, with what it is called.
fn slips(name: &str, salt: usize) -> Vec<(&'static str, String)> {
    let letters: Vec<char> = name.chars().collect();
    let stem = name.strip_suffix("__c").or(name.strip_suffix("__r")).unwrap_or(name);
    let inside: Vec<usize> = (1..stem.chars().count().saturating_sub(1)).collect();
    let mut made = Vec::new();
    let pick = |fits: &dyn Fn(usize) -> bool| {
        let fitting: Vec<usize> = inside.iter().copied().filter(|at| fits(*at)).collect();
        fitting.get(salt % fitting.len().max(1)).copied()
    };
    let swap = |at: usize| {
        let mut letters = letters.clone();
        letters.swap(at, at + 1);
        letters.into_iter().collect::<String>()
    };
    let other = |at: usize| letters.get(at + 1).is_some_and(|next| *next != letters[at]);
    if let Some(at) = pick(&|at| other(at) && at + 1 < stem.chars().count()) {
        made.push(("swapped", swap(at)));
    }
    if let Some(at) = pick(&|at| letters[at] != '_') {
        let kept = letters.iter().enumerate().filter(|(nth, _)| *nth != at);
        made.push(("dropped", kept.map(|(_, letter)| *letter).collect()));
    }
    if let Some(at) = pick(&|at| letters[at] != '_') {
        let mut letters = letters.clone();
        letters.insert(at, letters[at]);
        made.push(("doubled", letters.into_iter().collect()));
    }
    let flipped = |letter: char| match letter.is_uppercase() {
        true => letter.to_lowercase().to_string(),
        false => letter.to_uppercase().to_string(),
    };
    let at = letters.iter().rposition(char::is_ascii_uppercase).unwrap_or(0);
    let cased = letters.iter().enumerate();
    let cased = cased.map(|(nth, l)| if nth == at { flipped(*l) } else { l.to_string() });
    made.push(("case", cased.collect()));
    if stem != name {
        made.push(("suffix", stem.to_owned()));
    }
    made
}

/// The class of a token whose misspelling is a fault, and the codes that say so.
fn class(token: &Token, name: &str) -> Option<(&'static str, &'static [u16])> {
    Some(match token.role {
        Role::SourceField if name.ends_with("__c") => ("typo: custom field", &[201]),
        Role::SourceField => ("typo: source field", &[201]),
        Role::Relation => ("typo: relation or list", &[201, 204]),
        Role::Known => ("typo: known", &[201]),
        Role::Answer => ("typo: answer", &[201]),
        Role::Name => ("typo: name", &[204]),
        Role::Call => ("typo: function, map or shape called", &[205, 206, 210]),
        Role::TargetField if name.ends_with("__c") => {
            ("typo: custom target field", &[201, 203, 601])
        }
        Role::TargetField => ("typo: target field", &[201, 203, 503]),
        Role::ReferenceKey => ("typo: key of a reference", &[101, 503]),
        Role::GrammarKey => ("typo: grammar key", &[101]),
        Role::Word => ("typo: word", &[105, 302, 303]),
        Role::Cell => ("typo: table cell", &[402]),
        Role::MapRow => ("typo: map row", &[402]),
        Role::Case => ("typo: case", &[402]),
        Role::Table => ("typo: table", &[205]),
        Role::Shape => ("typo: shape", &[210]),
        Role::Parameter => ("typo: parameter of a shape", &[101, 203, 204]),
        Role::Resource => ("typo: resource", &[207]),
        Role::Mapping => ("typo: mapping", &[207]),
        Role::Object => ("typo: object", &[202]),
        Role::System => ("typo: system", &[208]),
        Role::Profile => ("typo: profile", &[507]),
        Role::Kind => ("typo: kind", &[105, 303, 402, 506]),
        Role::Definition => ("typo: definition", &[101, 201, 204, 205, 206, 207, 210, 503]),
        Role::Text | Role::Number | Role::Literal | Role::Output | Role::MapValue => return None,
    })
}

/// Every misspelling of the tokens of a mapping. A name that means something elsewhere is left out:
/// it might be right.
pub fn mutants(text: &str, tokens: &[Token], known: &BTreeSet<String>) -> Vec<Mutant> {
    let mut all = Vec::new();
    for (salt, token) in tokens.iter().enumerate() {
        let name = &text[token.at.clone()];
        let Some((class, codes)) = class(token, name) else { continue };
        if matches!(name, "true" | "false") || name.len() < 2 {
            continue;
        }
        for (how, by) in slips(name, salt) {
            if known.contains(&by) || by == name || by.is_empty() {
                continue;
            }
            let near = name.trim_start_matches('$').chars().count() >= LETTERS_MIN;
            // A relation without its suffix may be the lookup's field just as well, where nothing
            // that follows tells them apart.
            let either = how == "suffix"
                && name.ends_with("__r")
                && !text[token.at.end..].starts_with(['.', '[']);
            let wanted = match token.role {
                // Where one place asks for a name, it may be that place that is wrong.
                Role::Definition if near => Wanted::Right,
                // Which files there are is not known to a text.
                Role::Mapping if name.contains('/') => Wanted::Anything,
                _ if near && !either => Wanted::Restored,
                _ => Wanted::Anything,
            };
            all.push(Mutant::of(class, how, token.at.clone(), by, codes).wanting(wanted));
        }
    }
    all
}
