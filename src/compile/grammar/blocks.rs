//! The blocks of a mapping, key by key.

use super::{Block, Key, Takes};

const fn key(name: &'static str, takes: Takes, doc: &'static str) -> Key {
    Key { name, takes, doc }
}

const DOC: Key = key("doc", Takes::Text, "A sentence for the reader.");
const DOC_OF_VALUE: Key = key("$doc", Takes::Text, "A sentence for the reader.");
const WHEN: Key =
    key("$when", Takes::Condition, "A condition: what stands here is there only when it holds.");
const SORT: Key = key(
    "$sort",
    Takes::Value,
    "By what the rows are ordered: a select, an expression, or a list of them; `{ $desc: … }` \
     orders downwards.",
);
const ONLY: Key = key("$only", Takes::Condition, "Which rows count; a row is `row`.");
const AS: Key = key("$as", Takes::Text, "The name of the row, for what stands beside it.");
const FROM: Key = key("$from", Takes::Value, "A select: where the value comes from.");
const RANGES_OF_VALUE: Key = key(
    "$ranges",
    Takes::Block(&RANGES),
    "Makes half-open bounds inclusive: each row gets `from` and `to`.",
);
const LET_OF_VALUE: Key =
    key("$let", Takes::Names, "Names for values that are used more than once below.");
const SYSTEM: Key = key("system", Takes::Word(&["salesforce", "zuora", "file"]), "The system.");
const SCHEMA_FILE: Key = key(
    "schema",
    Takes::Text,
    "The JSON Schema of the records, a file NAME.schema.json of the set; for files.",
);
const SKIP: Key = key(
    "skip",
    Takes::Several(&RULE),
    "Records that are left out, with a reason that is counted. Asked first: what it keeps out needs \
     no answer below.",
);
const REJECT: Key = key(
    "reject",
    Takes::Several(&RULE),
    "Records that are wrong, with what to do about it. Asked first: what it keeps out needs no \
     answer below.",
);
const EACH: Key = key("each", Takes::Value, "The list or the groups; one is made of each row.");
const ROW: Key = key("as", Takes::Text, "The name of the row of `each`.");
const INDEX: Key = key("index", Takes::Text, "The name of the number of the row, from 1.");
const ORDER: Key = key(
    "sort",
    Takes::Value,
    "By what the rows of `each` are ordered: a select, an expression, or a list of them.",
);
const FILTER: Key =
    key("when", Takes::Condition, "Which of them are made; the others are left out.");
const LET: Key = key("let", Takes::Names, "Names for values, expressions, rows, lists and groups.");

/// A mapping file.
pub static MAPPING: Block = Block {
    name: "mapping",
    what: "a mapping",
    keys: &[
        key("crosswalk", Takes::Version, "The version of the language: 1."),
        key("name", Takes::Text, "The name of the mapping; the ledger knows its objects by it."),
        key("was", Takes::Text, "The former name, after renaming."),
        DOC,
        key(
            "profile",
            Takes::Text,
            "Rules of the target beyond its API, by name: `zuora-connector-a`, `orders-api`.",
        ),
        key("source", Takes::Block(&SOURCE), "Which records are read, and from where."),
        key("target", Takes::Block(&TARGET), "Where what is made of them goes."),
        key(
            "params",
            Takes::Literals,
            "Names with their values; an environment may fill them otherwise, and has to where \
             there is none.",
        ),
        key("uses", Takes::Texts, "Names for other mappings of the set, for `$ref`."),
        LET,
        key("tables", Takes::Tables, "Maps of values and decision tables, by name."),
        key("shapes", Takes::Named(&SHAPE), "Pieces that are used more than once, by name."),
        SKIP,
        REJECT,
        key(
            "resources",
            Takes::Named(&RESOURCE),
            "What there shall be in the target: objects with keys, which are compared and then \
             created, changed or left alone.",
        ),
        key(
            "action",
            Takes::Block(&ACTION),
            "A command that must take effect exactly once for rows that it consumes.",
        ),
        key(
            "write_back",
            Takes::Several(&WRITE_BACK),
            "What is written on the source after an action.",
        ),
        key(
            "emit",
            Takes::Value,
            "One document for each record, with the shape of what is written.",
        ),
    ],
};

/// `source`.
pub static SOURCE: Block = Block {
    name: "source",
    what: "`source`",
    keys: &[
        SYSTEM,
        key("object", Takes::Text, "The object whose records are read, by its API name."),
        SCHEMA_FILE,
        key("key", Takes::Text, "The field that a record is known by; `Id` in Salesforce."),
        key("label", Takes::Text, "The field that people know a record by; `Name` in Salesforce."),
        key("changed_by", Takes::Text, "The field that moves when a record changes."),
        key("when", Takes::Condition, "Which records; the others are skipped."),
    ],
};

/// `target`.
pub static TARGET: Block = Block {
    name: "target",
    what: "`target`",
    keys: &[
        SYSTEM,
        key("object", Takes::Text, "What a document is called; for files."),
        SCHEMA_FILE,
    ],
};

/// A rule of `skip` or `reject`.
pub static RULE: Block = Block {
    name: "rule",
    what: "a rule",
    keys: &[
        key("when", Takes::Condition, "When it holds."),
        key(
            "reason",
            Takes::Text,
            "Why, in words that say what to do; `{{ … }}` is an expression.",
        ),
    ],
};

/// A resource.
pub static RESOURCE: Block = Block {
    name: "resource",
    what: "a resource",
    keys: &[
        DOC,
        key("was", Takes::Text, "The former name, after renaming."),
        key("object", Takes::Text, "The object of the target, by its API name."),
        key("within", Takes::Text, "The resource that is its parent."),
        EACH,
        ROW,
        INDEX,
        ORDER,
        key("ranges", Takes::Block(&RANGES), "Makes half-open bounds of the rows inclusive."),
        LET,
        FILTER,
        SKIP,
        REJECT,
        key(
            "key",
            Takes::Names,
            "The fields that tell it from the others within its parent; sent as fields.",
        ),
        key(
            "adopt_by",
            Takes::Names,
            "Fields by which an object that was made by hand is found and taken over.",
        ),
        key(
            "retire",
            Takes::Word(&["expire", "keep", "reject"]),
            "What happens to an object that is no longer wished for.",
        ),
        key("fields", Takes::Value, "The fields, by their names in the target."),
    ],
};

/// `action`.
pub static ACTION: Block = Block {
    name: "action",
    what: "an action",
    keys: &[
        DOC,
        key("rows", Takes::Value, "All rows that actions of the record consume, one day."),
        EACH,
        ROW,
        INDEX,
        ORDER,
        LET,
        FILTER,
        SKIP,
        REJECT,
        key(
            "consumes",
            Takes::Value,
            "The rows that this action consumes, for good, by their Ids.",
        ),
        key(
            "sequence",
            Takes::Value,
            "Actions with one name run one after the other; a failed one holds back the rest.",
        ),
        key("kind", Takes::Value, "What is done: the kinds are those that the table can give."),
        key("begins", Takes::Words, "The kinds that a sequence begins with."),
        key("day", Takes::Value, "The day that it takes effect."),
        key(
            "number",
            Takes::Value,
            "Its number in the target, by which it is looked up before it is sent again.",
        ),
        key("send", Takes::Text, "The object that is sent: `Order`."),
        key("preview", Takes::Word(&["only"]), "`only`: it is previewed and never sent."),
        key("body", Takes::Value, "What is sent, in the shape of the target's API."),
        key("expect", Takes::Block(&EXPECT), "What the source says that it should come to."),
    ],
};

/// `expect` of an action.
pub static EXPECT: Block = Block {
    name: "expect",
    what: "`expect`",
    keys: &[
        key("mrr", Takes::Value, "The change of the monthly recurring revenue."),
        key("tcv", Takes::Value, "The change of the total contract value."),
        key(
            "tolerance",
            Takes::Number,
            "How far the preview may be off; 0.01 where nothing is said.",
        ),
    ],
};

/// An entry of `write_back`.
pub static WRITE_BACK: Block = Block {
    name: "write_back",
    what: "a write-back",
    keys: &[
        DOC,
        key(
            "on",
            Takes::Word(&["success", "failure"]),
            "After which end; `success` where nothing is said.",
        ),
        key("object", Takes::Text, "The object of the source that is written."),
        EACH,
        ROW,
        INDEX,
        ORDER,
        FILTER,
        key("id", Takes::Value, "The Id of the record that is written."),
        key("fields", Takes::Value, "Its fields; `$result` is what the target answered."),
    ],
};

/// A decision table; a block under `tables` without these keys is a map.
pub static TABLE: Block = Block {
    name: "table",
    what: "a decision table",
    keys: &[
        key(
            "hit",
            Takes::Word(&["first", "unique"]),
            "`first`: the first row that matches counts. `unique`: no two may match one case.",
        ),
        key("inputs", Takes::Names, "Names, each with a pick-list or a truth value."),
        key("outputs", Takes::List, "Names of what a row gives."),
        key(
            "rows",
            Takes::Rows,
            "A cell for each input and each output. A cell is a value, a list of values, `$null`, \
             `$any` or `$other`; `$reject` or `$skip` and a reason stand for the outputs.",
        ),
        DOC,
    ],
};

/// A shape, where it is made.
pub static SHAPE: Block = Block {
    name: "shape",
    what: "a shape",
    keys: &[
        key("$with", Takes::List, "The names of what it is given."),
        key("$value", Takes::Value, "A value that is no object."),
        key("$items", Takes::Value, "Several items of a list."),
        key("$switch", Takes::Value, "Chooses among `$cases` by the result of an expression."),
        key(
            "$cases",
            Takes::Names,
            "Values by the results of `$switch`; `$other` is for the rest.",
        ),
        LET_OF_VALUE,
        WHEN,
        DOC_OF_VALUE,
    ],
};

/// A value with one source and modifiers.
pub static VALUE: Block = Block {
    name: "value",
    what: "a value",
    keys: &[
        FROM,
        key("$calc", Takes::Expression, "An expression: where the value comes from."),
        key("$table", Takes::Text, "`table.output`: the value that a decision table gives."),
        key("$text", Takes::Text, "A literal text, also one that starts with `$`."),
        key("$ref", Takes::Text, "An object of another resource: `mapping.resource`."),
        key("$switch", Takes::Value, "Chooses among `$cases` by the result of an expression."),
        key("$shape", Takes::Text, "Puts a shape in; its parameters stand beside it."),
        key("$skip", Takes::Text, "Leaves the record out, for this reason."),
        key("$reject", Takes::Text, "Turns the record away, for this reason."),
        key("$value", Takes::Value, "Any value, under a `$when`."),
        key("$map", Takes::Text, "Looks the value up in a map."),
        key(
            "$missing",
            Takes::Value,
            "When the value is not in the record: a value, `omit`, `clear` or `error`.",
        ),
        key("$null", Takes::Value, "When the value is null: a value, `omit`, `clear` or `error`."),
        key(
            "$empty",
            Takes::Value,
            "When it is an empty text: a value, `omit`, `clear` or `error`.",
        ),
        key(
            "$absent",
            Takes::Value,
            "When the value is missing or null: a value, `omit`, `clear` or `error`.",
        ),
        key("$truncate", Takes::Number, "Cuts a text to so many characters."),
        key(
            "$too_long",
            Takes::Word(&["error"]),
            "`error`: a text that is too long rejects the record.",
        ),
        key(
            "$round",
            Takes::Value,
            "`2` rounds half up, `[2, half_even]` otherwise; also `down` and `up`.",
        ),
        key("$date", Takes::Text, "Makes an instant a day, in the time zone it names."),
        WHEN,
        DOC_OF_VALUE,
        key(
            "$cases",
            Takes::Names,
            "Values by the results of `$switch`; `$other` is for the rest.",
        ),
    ],
};

/// `{ $skip: … }` or `{ $reject: … }`.
pub static STOP: Block = Block {
    name: "stop",
    what: "the end of a record or item",
    keys: &[
        key("$skip", Takes::Text, "Leaves the record out, for this reason."),
        key("$reject", Takes::Text, "Turns the record away, for this reason."),
        WHEN,
        DOC_OF_VALUE,
    ],
};

/// A choice.
pub static SWITCH: Block = Block {
    name: "switch",
    what: "a `$switch`",
    keys: &[
        key("$switch", Takes::Value, "Chooses among `$cases` by the result of an expression."),
        key(
            "$cases",
            Takes::Names,
            "Values by the results of `$switch`; `$other` is for the rest.",
        ),
        WHEN,
        DOC_OF_VALUE,
    ],
};

/// A reference.
pub static REFERENCE: Block = Block {
    name: "reference",
    what: "a reference",
    keys: &[
        key("$ref", Takes::Text, "An object of another resource: `mapping.resource`."),
        key("$by", Takes::Value, "Its key, field by field; those of its parents too."),
        key("$take", Takes::Text, "The field of it that is taken; its id where nothing is said."),
        WHEN,
        DOC_OF_VALUE,
    ],
};

/// A shape, where it is put in; its parameters stand beside these keys.
pub static SHAPE_USE: Block = Block {
    name: "shape_use",
    what: "a shape",
    keys: &[
        key("$shape", Takes::Text, "Puts a shape in; its parameters stand beside it."),
        WHEN,
        DOC_OF_VALUE,
    ],
};

/// Any value under a condition.
pub static UNDER_CONDITION: Block = Block {
    name: "under_condition",
    what: "a value under a condition",
    keys: &[key("$value", Takes::Value, "Any value, under a `$when`."), WHEN, DOC_OF_VALUE],
};

/// A list whose items are selected.
pub static LIST_OF_VALUES: Block =
    Block { name: "list_of_values", what: "a list of values", keys: &[FROM, WHEN, DOC_OF_VALUE] };

/// Several items of a list.
pub static ITEMS: Block = Block {
    name: "items",
    what: "a group of items",
    keys: &[
        key("$items", Takes::Value, "Several items of a list."),
        WHEN,
        LET_OF_VALUE,
        DOC_OF_VALUE,
    ],
};

/// A list that is made of a list.
pub static LIST_OF_LIST: Block = Block {
    name: "list_of_list",
    what: "a list of a list",
    keys: &[FROM, AS, ONLY, SORT, RANGES_OF_VALUE, LET_OF_VALUE, DOC_OF_VALUE],
};

/// Rows by a key.
pub static GROUP: Block = Block {
    name: "group",
    what: "a group",
    keys: &[
        key("$group", Takes::Value, "A list; gives one item per key, with `key` and `rows`."),
        AS,
        ONLY,
        key("$by", Takes::Value, "The key of a `$row`."),
        SORT,
        LET_OF_VALUE,
        DOC_OF_VALUE,
    ],
};

/// What may stand beside the fields of an object or of an item.
pub static FIELDS: Block = Block {
    name: "fields",
    what: "fields",
    keys: &[
        key("$each", Takes::Value, "A list or groups: one item, or several, of each row."),
        AS,
        key("$index", Takes::Text, "The name of the number of the row, from 1."),
        SORT,
        RANGES_OF_VALUE,
        LET_OF_VALUE,
        WHEN,
        key("$on", Takes::Words, "The kinds of actions that it is sent with."),
        DOC_OF_VALUE,
    ],
};

/// `$ranges`.
pub static RANGES: Block = Block {
    name: "ranges",
    what: "`$ranges`",
    keys: &[
        key("lower", Takes::Value, "The first of a row."),
        key("upper", Takes::Value, "The bound above it, which is part of the next row."),
        key("step", Takes::Value, "How far the end of a row lies from the start of the next."),
        key("open_at", Takes::Value, "The bound that means no bound."),
        key("first", Takes::Value, "Where the first row is made to start."),
        key("id", Takes::Value, "What names a row in a message."),
    ],
};
