//! The registry of codes: one number per kind of finding, for good.
//!
//! CW00xx: text and YAML. CW01xx: keys and forms. CW02xx: names. CW03xx: types and absence.
//! CW04xx: tables. CW05xx: what the target demands. CW06xx: environment and set.

use std::fmt;

/// The code of a finding. Codes are never used again for something else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code(pub u16);

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CW{:04}", self.0)
    }
}

/// A code with what it stands for.
#[derive(Clone, Copy, Debug)]
pub struct CodeInfo {
    /// The code.
    pub code: Code,
    /// What it stands for, in a few words.
    pub title: &'static str,
}

macro_rules! codes {
    ($($name:ident = $number:literal $title:literal;)*) => {
        impl Code {
            $(#[doc = $title] pub const $name: Code = Code($number);)*
        }
        /// All codes, in order.
        pub const CODES: &[CodeInfo] = &[$(CodeInfo { code: Code($number), title: $title },)*];
    };
}

codes! {
    YAML_SYNTAX = 1 "the text is not YAML";
    YAML_DUPLICATE_KEY = 2 "a key stands twice in one mapping";
    YAML_LIMIT = 3 "the text exceeds a limit of size, depth or aliases";
    YAML_FEATURE = 4 "a feature of YAML that mapping files do not have";
    UNKNOWN_KEY = 101 "a key that has no meaning here";
    MISSING_KEY = 102 "a key that must be here is not";
    WRONG_SHAPE = 103 "a text, list or block where another one is expected";
    BAD_VERSION = 104 "the version of the language is not known";
    BAD_WORD = 105 "a word that is not one of those possible here";
    BAD_FORM = 106 "keys that do not go together in one value";
    BAD_SELECT = 107 "a select that cannot be read";
    BAD_EXPRESSION = 108 "an expression that cannot be read";
    UNSUPPORTED_SELECT = 109 "a select that records cannot serve";
    UNSUPPORTED_EXPRESSION = 110 "a part of Jinja that mappings do not have";
    UNKNOWN_FIELD = 201 "a source field that does not exist";
    UNKNOWN_OBJECT = 202 "an object that the schema does not have";
    UNKNOWN_TARGET_FIELD = 203 "a target field that does not exist";
    UNKNOWN_NAME = 204 "a name that is not bound";
    UNKNOWN_TABLE = 205 "a table or an output of it that does not exist";
    UNKNOWN_FUNCTION = 206 "a function or filter that does not exist";
    UNKNOWN_RESOURCE = 207 "a resource or mapping that does not exist";
    UNKNOWN_SYSTEM = 208 "a system for which there is no schema";
    DUPLICATE_NAME = 209 "a name that is bound twice";
    UNKNOWN_SHAPE = 210 "a shape that does not exist";
    UNUSED_NAME = 211 "a name that nothing uses";
    TYPE_MISMATCH = 301 "a value of another type than is needed";
    BAD_LITERAL = 302 "a literal that the target field cannot hold";
    NOT_IN_ENUM = 303 "a value that is not one of the field's values";
    MAY_BE_ABSENT = 304 "a value that may be missing or null reaches a required field";
    DEAD_MODIFIER = 305 "a modifier that can never fire";
    TOO_LONG = 306 "a text that may be longer than the field";
    NOT_A_LIST = 307 "one value where a list is needed";
    IS_A_LIST = 308 "a list where one value is needed";
    DATE_AND_INSTANT = 309 "a date and an instant mixed";
    NOT_BOOLEAN = 310 "a condition that is not true or false";
    BAD_NUMBER = 311 "a number with more decimals than the field, or beyond its bounds";
    TABLE_INCOMPLETE = 401 "a table that misses a case";
    TABLE_DEAD_ROW = 402 "a row that can never match";
    TABLE_ROW_LENGTH = 403 "a row with too few or too many cells";
    TABLE_OVERLAP = 404 "two rows of a unique table that match the same case";
    TABLE_INPUT = 405 "an input of a decision table that is no picklist and no boolean";
    REQUIRED_FIELD = 501 "a field that the target requires is not filled";
    NOT_ALLOWED = 502 "a field that the target does not take here";
    BAD_KEY = 503 "a key that cannot identify an object";
    REFERENCE_CYCLE = 504 "references or parents that go round in a circle";
    READ_ONLY = 505 "a field that the target fills itself";
    PROFILE_RULE = 506 "a part of a body that the profile does not let flow here";
    UNKNOWN_PROFILE = 507 "a profile that the target does not have";
    ACTION_IDENTITY = 508 "actions that cannot be told from each other";
    WRONG_REFERENCE = 509 "the id of another kind of object than is needed";
    TENANT_LACKS = 601 "the tenant lacks what the mapping needs";
    ENVIRONMENT = 602 "an environment that cannot be used";
    UNKNOWN_PARAM = 603 "a parameter that the environment does not fill";
    DUPLICATE_MAPPING = 604 "two mappings of one set with one name";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_in_order() {
        assert!(CODES.windows(2).all(|pair| pair[0].code < pair[1].code));
        assert_eq!(Code::UNKNOWN_KEY.to_string(), "CW0101");
    }
}
