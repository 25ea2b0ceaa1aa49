//! The chain of values as JSON lines: one per object, or one that says why there is none.

use serde_json::{Value, json};

use super::{Chain, Object};
use crate::{
    cli::screen::Screen,
    program::{Explained, Fired, Origin, PartKind},
};

/// Shows a record. Values are JSON texts, so that every digit stays as it was written.
pub(super) fn show(chain: &Chain, screen: &Screen) {
    if let Some((how, why)) = &chain.left_out {
        screen.json(&json!({
            "format": "crosswalk-explain/1",
            "mapping": chain.mapping,
            "record": chain.record,
            "name": chain.label,
            "result": how,
            "rule": why.rule,
            "reason": why.reason,
            "place": place(&why.origin),
            "values": chain.unfinished.iter().map(value).collect::<Vec<_>>(),
        }));
    }
    for object in &chain.objects {
        screen.json(&line(chain, object));
    }
}

fn line(chain: &Chain, object: &Object) -> Value {
    json!({
        "format": "crosswalk-explain/1",
        "mapping": chain.mapping,
        "record": chain.record,
        "name": chain.label,
        "result": "mapped",
        "object": object.object,
        "part": object.part,
        "key": object.key,
        "values": object.values.iter().map(value).collect::<Vec<_>>(),
        "answer": object.answer.as_ref().map(|answer| json!({
            "said": answer.said,
            "target_id": answer.target_id,
            "result": answer.result,
        })),
    })
}

fn value(value: &Explained) -> Value {
    let reads = value.reads.iter().map(|read| {
        json!({
            "object": read.field.object,
            "field": read.field.field,
            "path": read.field.path,
            "row": read.row,
            "value": read.value,
        })
    });
    json!({
        "path": value.path,
        "place": place(&value.origin),
        "within": value.within.iter().map(fired).collect::<Vec<_>>(),
        "reads": reads.collect::<Vec<_>>(),
        "used": value.fired.iter().map(fired).collect::<Vec<_>>(),
        "found": value.found,
        "sent": value.sent,
    })
}

fn fired(fired: &Fired) -> Value {
    let kind = match fired.kind {
        PartKind::Field => "field",
        PartKind::TableRow => "table row",
        PartKind::MapRow => "map row",
        PartKind::Case => "case",
        PartKind::Guard => "guard",
    };
    json!({
        "kind": kind,
        "name": fired.name,
        "inputs": fired.inputs,
        "gives": fired.gives,
        "place": place(&fired.origin),
    })
}

fn place(origin: &Origin) -> Value {
    match origin.line {
        0 => Value::Null,
        _ => json!({"file": &*origin.file, "line": origin.line, "column": origin.column}),
    }
}
