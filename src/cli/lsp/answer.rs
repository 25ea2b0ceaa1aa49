//! Answers to what an editor asks of a place.

use serde_json::{Value, json};

use super::{
    position, publish,
    workspace::{Document, Workspace, file_of},
};
use crate::{
    diag::{FileId, Findings, Possible},
    editor,
    syntax::{Node, parse_yaml},
};

/// The text that a request is about, its address and the byte of the cursor.
fn asked<'a>(
    workspace: &'a Workspace,
    params: &'a Value,
) -> Option<(&'a str, &'a Document, usize)> {
    let uri = params.pointer("/textDocument/uri")?.as_str()?;
    let document = workspace.document(uri)?;
    let at = position::offset(&document.text, params.get("position")?)?;
    Some((uri, document, at))
}

/// What could stand at the cursor.
pub(super) fn completion(workspace: &Workspace, params: &Value) -> Option<Value> {
    let (uri, document, at) = asked(workspace, params)?;
    let mut look = |text: &str| workspace.look(uri, text);
    let found = editor::complete(&document.text, at, &mut look);
    let range = position::range(&document.text, found.range.clone());
    let items = found.items.iter().map(|item| completion_item(item, found.then, &range));
    Some(json!({"isIncomplete": false, "items": items.collect::<Vec<_>>()}))
}

fn completion_item(item: &Possible, then: &str, range: &Value) -> Value {
    json!({
        "label": item.name,
        "kind": if then.is_empty() { 12 } else { 5 },
        "detail": item.detail,
        "documentation": item.doc,
        "filterText": item.name,
        "textEdit": {"range": range, "newText": format!("{}{then}", item.name)},
    })
}

/// What stands at the cursor.
pub(super) fn hover(workspace: &Workspace, params: &Value) -> Option<Value> {
    let (uri, document, at) = asked(workspace, params)?;
    let mut look = |text: &str| workspace.look(uri, text);
    let found = editor::hover(&document.text, at, &mut look)?;
    let Possible { name, detail, doc } = &found.is;
    let text = format!("**{name}**: {detail}\n\n{doc}");
    Some(json!({
        "contents": {"kind": "markdown", "value": text.trim_end()},
        "range": position::range(&document.text, found.range),
    }))
}

/// Where the name at the cursor is made.
pub(super) fn definition(workspace: &Workspace, params: &Value) -> Option<Value> {
    let (uri, document, at) = asked(workspace, params)?;
    let loaded = workspace.load(&workspace.set_of(uri)?).ok()?;
    let tree =
        |file: &FileId| Some((*file, parse_yaml(&loaded.sources, *file, &mut Findings::new())?));
    let roots: Vec<(FileId, Node)> = loaded.files.iter().filter_map(tree).collect();
    let file = file_of(&loaded, &document.path)?;
    let span = editor::definition(&loaded.sources, &roots, file, at)?;
    Some(publish::location(workspace, &loaded, span))
}

/// What would mend the findings in a range.
pub(super) fn actions(workspace: &Workspace, params: &Value) -> Option<Value> {
    let uri = params.pointer("/textDocument/uri")?.as_str()?;
    let document = workspace.document(uri)?;
    let from = position::offset(&document.text, params.pointer("/range/start")?)?;
    let to = position::offset(&document.text, params.pointer("/range/end")?)?;
    let loaded = workspace.load(&workspace.set_of(uri)?).ok()?;
    let file = file_of(&loaded, &document.path)?;
    let root = parse_yaml(&loaded.sources, file, &mut Findings::new())?;
    let mut actions = Vec::new();
    for finding in &loaded.findings {
        let span = finding.primary.span;
        if span.file != file || span.end < from || to < span.start {
            continue;
        }
        for (at, mend) in editor::mends(&loaded.sources, &root, finding).into_iter().enumerate() {
            let change = json!({
                "range": publish::range(&loaded, mend.span),
                "newText": mend.text,
            });
            actions.push(json!({
                "title": mend.title,
                "kind": "quickfix",
                "isPreferred": at == 0,
                "diagnostics": [publish::diagnostic(workspace, &loaded, finding)],
                "edit": {"changes": {workspace.uri(loaded.sources.name(mend.span.file)): [change]}},
            }));
        }
    }
    Some(Value::from(actions))
}
