//! The functions of expressions: a closed table.

/// A function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the table below says what each one does")]
pub enum Function {
    Trim,
    Upper,
    Lower,
    Replace,
    Length,
    StartsWith,
    EndsWith,
    Contains,
    Left,
    Round,
    Abs,
    Min,
    Max,
    AddDays,
    AddMonths,
    DaysBetween,
    MonthsBetween,
    Date,
    Text,
    Number,
    UnitStep,
}

/// The kind of a parameter or a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Sort {
    Text,
    Number,
    Bool,
    Date,
    Instant,
    Any,
}

/// What is known of a function.
#[derive(Clone, Copy, Debug)]
pub struct Signature {
    /// Which it is.
    pub function: Function,
    /// Its name in expressions.
    pub name: &'static str,
    /// Its parameters; the first is what stands before `|`.
    pub takes: &'static [Sort],
    /// How many of them may be left out at the end.
    pub optional: usize,
    /// Its result. Absent when the first parameter is absent.
    pub gives: Sort,
    /// What it does.
    pub doc: &'static str,
    /// An example that runs, and what it gives as JSON.
    pub example: (&'static str, &'static str),
}

use Sort::{Any, Bool, Date, Number, Text};

macro_rules! functions {
    ($($function:ident $name:literal ($($takes:ident),*) opt $optional:literal -> $gives:ident, $doc:literal, $example:literal => $result:literal;)*) => {
        /// All functions, in the order of the README.
        pub const FUNCTIONS: &[Signature] = &[$(Signature {
            function: Function::$function,
            name: $name,
            takes: &[$($takes),*],
            optional: $optional,
            gives: $gives,
            doc: $doc,
            example: ($example, $result),
        },)*];
    };
}

functions! {
    Trim "trim" (Text) opt 0 -> Text, "without white space at both ends", "'  a b ' | trim" => "\"a b\"";
    Upper "upper" (Text) opt 0 -> Text, "in capital letters", "'abc' | upper" => "\"ABC\"";
    Lower "lower" (Text) opt 0 -> Text, "in small letters", "'ABC' | lower" => "\"abc\"";
    Replace "replace" (Text, Text, Text) opt 0 -> Text, "with every second text replaced by the third", "'a-b-c' | replace('-', '/')" => "\"a/b/c\"";
    Length "length" (Text) opt 0 -> Number, "how many characters; of a list, how many items", "'Zürich' | length" => "6";
    StartsWith "starts_with" (Text, Text) opt 0 -> Bool, "whether it starts with the second text", "'abc' | starts_with('ab')" => "true";
    EndsWith "ends_with" (Text, Text) opt 0 -> Bool, "whether it ends with the second text", "'abc' | ends_with('ab')" => "false";
    Contains "contains" (Text, Text) opt 0 -> Bool, "whether the second text is in it", "'abc' | contains('b')" => "true";
    Left "left" (Text, Number) opt 0 -> Text, "its first characters", "'abcdef' | left(3)" => "\"abc\"";
    Round "round" (Number, Number, Text) opt 1 -> Number, "rounded to so many decimals: half_up (when nothing is said), half_even, down or up", "round(2.345, 2)" => "2.35";
    Abs "abs" (Number) opt 0 -> Number, "without its sign", "abs(-1.5)" => "1.5";
    Min "min" (Number, Number) opt 0 -> Number, "the smaller one", "min(1, 2)" => "1";
    Max "max" (Number, Number) opt 0 -> Number, "the larger one", "max(1, 2)" => "2";
    AddDays "add_days" (Date, Number) opt 0 -> Date, "so many days later", "add_days(date('2024-02-28'), 2)" => "\"2024-03-01\"";
    AddMonths "add_months" (Date, Number) opt 0 -> Date, "so many months later; a day that the month lacks becomes its last", "add_months(date('2024-01-31'), 1)" => "\"2024-02-29\"";
    DaysBetween "days_between" (Date, Date) opt 0 -> Number, "days from the first to the second", "days_between(date('2024-02-28'), date('2024-03-01'))" => "2";
    MonthsBetween "months_between" (Date, Date) opt 0 -> Number, "whole months from the first to the second", "months_between(date('2024-01-15'), date('2024-03-14'))" => "1";
    Date "date" (Any, Text) opt 1 -> Date, "the day of an instant in a time zone; a text that is a date needs none", "date('2026-01-31T23:30:00Z', 'Europe/Berlin')" => "\"2026-02-01\"";
    Text "text" (Any) opt 0 -> Text, "as a text", "text(12.50)" => "\"12.5\"";
    Number "number" (Text) opt 0 -> Number, "the number that a text spells; rejects the record when it spells none", "number('12.50')" => "12.5";
    UnitStep "unit_step" (Text) opt 0 -> Number, "the smallest step of a unit of measure of the tenant: 1 with no decimals, 0.01 with two", "unit_step('Each')" => "1";
}

/// Finds a function by its name.
pub fn find(name: &str) -> Option<&'static Signature> {
    FUNCTIONS.iter().find(|signature| signature.name == name)
}
