//! The tree of a query as it was written: nothing is looked up yet.

/// A name with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    /// As written.
    pub text: String,
    /// Byte offset.
    pub offset: usize,
}

/// A field path, `A.B.Name`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path {
    /// Relationship names and, last, the field.
    pub names: Vec<Name>,
}

impl Path {
    /// Where the path starts.
    #[must_use]
    pub fn offset(&self) -> usize {
        self.names.first().map_or(0, |name| name.offset)
    }

    /// The path as written.
    #[must_use]
    pub fn text(&self) -> String {
        let names: Vec<&str> = self.names.iter().map(|name| name.text.as_str()).collect();
        names.join(".")
    }
}

/// Which fields a `FIELDS(…)` stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldGroup {
    /// All.
    All,
    /// Those of the platform.
    Standard,
    /// Those of the org and its packages.
    Custom,
}

/// One thing that a query selects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selected {
    /// A field or a field of a parent.
    Path(Path),
    /// `FIELDS(…)`.
    Fields(FieldGroup, usize),
    /// `COUNT()`.
    Count(usize),
    /// A function over the rows of a group.
    Aggregate {
        /// The function.
        function: Function,
        /// What it is taken over.
        path: Path,
        /// The name that its value gets.
        alias: Option<Name>,
    },
    /// A sub-query over children, and where its parenthesis opens.
    Children(Box<Query>, usize),
}

/// A function over the rows of a group. AVG is not among them: its rounding is not documented.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Function {
    /// Rows with a value.
    Count,
    /// Different values.
    CountDistinct,
    /// The smallest value.
    Min,
    /// The largest value.
    Max,
    /// The sum.
    Sum,
}

/// A query or sub-query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// What is selected.
    pub select: Vec<Selected>,
    /// Object, or relationship in a sub-query; a sub-query may write it as a path.
    pub from: Path,
    /// A second name for the object.
    pub alias: Option<Name>,
    /// The condition.
    pub filter: Option<Condition>,
    /// What rows are grouped by.
    pub group: Vec<Path>,
    /// The order.
    pub order: Vec<OrderBy>,
    /// Most rows.
    pub limit: Option<usize>,
    /// Rows to leave out first, and where it says so.
    pub offset: Option<(usize, usize)>,
}

/// One key of the order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderBy {
    /// The field.
    pub path: Path,
    /// `DESC`.
    pub is_descending: bool,
    /// `NULLS LAST`.
    pub is_nulls_last: bool,
}

/// A condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// All hold.
    And(Vec<Condition>),
    /// One holds.
    Or(Vec<Condition>),
    /// It does not hold.
    Not(Box<Condition>),
    /// A field against a literal.
    Compare {
        /// The field.
        path: Path,
        /// The operator.
        operator: Operator,
        /// What it is compared with.
        literal: Literal,
    },
    /// A field against several literals.
    In {
        /// The field.
        path: Path,
        /// `NOT IN`.
        is_negated: bool,
        /// What it is compared with.
        literals: Vec<Literal>,
    },
    /// A field against the rows of another query.
    InQuery {
        /// The field.
        path: Path,
        /// `NOT IN`.
        is_negated: bool,
        /// The other query.
        query: Box<Query>,
    },
    /// Values of a multi-select picklist; each literal may name several with `;`.
    Includes {
        /// The field.
        path: Path,
        /// `EXCLUDES`.
        is_negated: bool,
        /// The combinations.
        literals: Vec<Literal>,
    },
}

/// A comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// `=`
    Equal,
    /// `!=` or `<>`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
    /// `LIKE`
    Like,
}

/// A literal with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Literal {
    /// The value.
    pub value: LiteralValue,
    /// Byte offset.
    pub offset: usize,
}

/// The value of a literal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LiteralValue {
    /// `'text'`; in a LIKE, escaped wildcards keep their backslash.
    Text(String),
    /// Digits as written.
    Number(String),
    /// `2024-01-31`
    Date(String),
    /// `2024-01-31T00:00:00Z`
    DateTime(String),
    /// `true`, `false`
    Boolean(bool),
    /// `null`
    Null,
}
