//! Text to spanned trees; no meaning yet.
//!
//! Three small languages meet in a mapping file: YAML, selects (`$.A.B[*]`) and expressions
//! (`record.A ~ "x"`). Each door gives a tree and the findings, never an `Err`: one fault must not
//! hide the next. Every key and scalar has the span of its bytes in the file, and a span inside a
//! quoted text points into the YAML file.

mod expression;
mod select;
mod text;
mod tree;
mod yaml;

pub use expression::{
    Ast, BinaryOp, CompareOp, Expression, Fault as ExpressionFault, parse_expression,
};
pub use select::{
    Comparison, Fault as SelectFault, Name, Operand, Select, Step, Test, parse_select,
};
pub use text::{Part, has_expressions, parse_text};
pub use tree::{Key, Kind, Node, Scalar};
pub use yaml::parse_yaml;
