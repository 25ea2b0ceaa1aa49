//! Builds the tree of a query from its tokens, by the grammar of the SOQL reference.
//!
//! As in the service, AND and OR do not mix without parentheses, and NOT takes one condition.

use super::ast::{
    Condition, FieldGroup, Function, Literal, LiteralValue, Name, Operator, OrderBy, Path, Query,
    Selected,
};
use super::lexer::{Token, tokens};
use super::{MALFORMED_QUERY, SoqlError};

/// Most characters of a query.
const QUERY_LENGTH_MAX: usize = 100_000;

/// Deepest nesting of parentheses; protects the stack, the service has a limit of its own.
const NESTING_MAX: usize = 64;

/// Functions over groups.
const FUNCTIONS: [(&str, Function); 5] = [
    ("COUNT", Function::Count),
    ("COUNT_DISTINCT", Function::CountDistinct),
    ("MIN", Function::Min),
    ("MAX", Function::Max),
    ("SUM", Function::Sum),
];

/// Words that cannot be an alias: clauses start with them, or operators are made of them.
const RESERVED_WORDS: [&str; 20] = [
    "WHERE", "ORDER", "LIMIT", "OFFSET", "WITH", "GROUP", "HAVING", "FOR", "ALL", "USING",
    "UPDATE", "AND", "OR", "NOT", "IN", "LIKE", "ASC", "DESC", "SELECT", "FROM",
];

/// Parses one query.
///
/// # Errors
/// `MALFORMED_QUERY` at the first token that does not fit.
pub fn parse(text: &str) -> Result<Query, SoqlError> {
    if text.chars().count() > QUERY_LENGTH_MAX {
        let message = "SOQL statements cannot be longer than 100000 characters.";
        return Err(SoqlError::whole(MALFORMED_QUERY, message));
    }
    if text.trim().is_empty() {
        return Err(SoqlError::whole(MALFORMED_QUERY, "A query string has to be specified"));
    }
    let mut parser = Parser { tokens: tokens(text)?, place: 0, depth: 0 };
    let query = parser.query()?;
    match parser.peek() {
        Token::End => Ok(query),
        _ => Err(parser.unexpected()),
    }
}

struct Parser {
    tokens: Vec<(Token, usize)>,
    place: usize,
    depth: usize,
}

impl Parser {
    fn peek(&self) -> &Token {
        self.peek_at(0)
    }

    fn peek_at(&self, ahead: usize) -> &Token {
        self.tokens.get(self.place.saturating_add(ahead)).map_or(&Token::End, |(token, _)| token)
    }

    fn offset(&self) -> usize {
        let last = self.tokens.last();
        self.tokens.get(self.place).or(last).map_or(0, |(_, offset)| *offset)
    }

    fn advance(&mut self) {
        self.place = self.place.saturating_add(1);
    }

    fn unexpected(&self) -> SoqlError {
        SoqlError::unexpected(self.offset(), self.peek().shown())
    }

    fn is_word(&self, word: &str) -> bool {
        is_word(self.peek(), word)
    }

    fn is_sign(&self, sign: &str) -> bool {
        matches!(self.peek(), Token::Sign(found) if *found == sign)
    }

    fn take_word(&mut self, word: &str) -> bool {
        let found = self.is_word(word);
        if found {
            self.advance();
        }
        found
    }

    fn take_sign(&mut self, sign: &str) -> bool {
        let found = self.is_sign(sign);
        if found {
            self.advance();
        }
        found
    }

    fn expect_word(&mut self, word: &str) -> Result<(), SoqlError> {
        if self.take_word(word) { Ok(()) } else { Err(self.unexpected()) }
    }

    fn expect_sign(&mut self, sign: &str) -> Result<(), SoqlError> {
        if self.take_sign(sign) { Ok(()) } else { Err(self.unexpected()) }
    }

    fn name(&mut self) -> Result<Name, SoqlError> {
        let Token::Word(text) = self.peek() else { return Err(self.unexpected()) };
        let name = Name { text: text.clone(), offset: self.offset() };
        self.advance();
        Ok(name)
    }

    fn path(&mut self) -> Result<Path, SoqlError> {
        let mut names = vec![self.name()?];
        while self.take_sign(".") {
            names.push(self.name()?);
        }
        Ok(Path { names })
    }

    /// Enters a parenthesis.
    fn open(&mut self) -> Result<(), SoqlError> {
        self.expect_sign("(")?;
        self.depth = self.depth.saturating_add(1);
        if self.depth > NESTING_MAX {
            return Err(SoqlError::at(
                self.offset(),
                MALFORMED_QUERY,
                "query is nested too deeply",
            ));
        }
        Ok(())
    }

    fn close(&mut self) -> Result<(), SoqlError> {
        self.depth = self.depth.saturating_sub(1);
        self.expect_sign(")")
    }

    fn query(&mut self) -> Result<Query, SoqlError> {
        self.expect_word("SELECT")?;
        let mut select = vec![self.selected()?];
        while self.take_sign(",") {
            select.push(self.selected()?);
        }
        self.expect_word("FROM")?;
        let from = self.path()?;
        let alias = self.alias()?;
        let filter = if self.take_word("WHERE") { Some(self.condition()?) } else { None };
        let group = self.group()?;
        let order = self.order()?;
        let limit = if self.take_word("LIMIT") { Some(self.count()?) } else { None };
        let place = self.offset();
        let offset = if self.take_word("OFFSET") { Some((self.count()?, place)) } else { None };
        Ok(Query { select, from, alias, filter, group, order, limit, offset })
    }

    fn alias(&mut self) -> Result<Option<Name>, SoqlError> {
        let is_announced = self.take_word("AS");
        match self.peek() {
            _ if is_announced => self.name().map(Some),
            Token::Word(word) if !RESERVED_WORDS.iter().any(|c| c.eq_ignore_ascii_case(word)) => {
                self.name().map(Some)
            }
            _ => Ok(None),
        }
    }

    fn selected(&mut self) -> Result<Selected, SoqlError> {
        let offset = self.offset();
        if self.is_sign("(") {
            self.open()?;
            let query = self.query()?;
            self.close()?;
            return Ok(Selected::Children(Box::new(query), offset));
        }
        if matches!(self.peek_at(1), Token::Sign("(")) {
            return self.selected_function(offset);
        }
        self.path().map(Selected::Path)
    }

    fn selected_function(&mut self, offset: usize) -> Result<Selected, SoqlError> {
        if self.is_word("COUNT") && matches!(self.peek_at(2), Token::Sign(")")) {
            self.advance();
            self.expect_sign("(")?;
            self.expect_sign(")")?;
            return Ok(Selected::Count(offset));
        }
        for (word, function) in FUNCTIONS {
            if self.take_word(word) {
                self.expect_sign("(")?;
                let path = self.path()?;
                self.expect_sign(")")?;
                return Ok(Selected::Aggregate { function, path, alias: self.alias()? });
            }
        }
        if self.take_word("FIELDS") {
            self.expect_sign("(")?;
            let group = self.field_group()?;
            self.expect_sign(")")?;
            return Ok(Selected::Fields(group, offset));
        }
        self.advance();
        Err(self.unexpected())
    }

    fn field_group(&mut self) -> Result<FieldGroup, SoqlError> {
        for (word, group) in [
            ("ALL", FieldGroup::All),
            ("STANDARD", FieldGroup::Standard),
            ("CUSTOM", FieldGroup::Custom),
        ] {
            if self.take_word(word) {
                return Ok(group);
            }
        }
        Err(self.unexpected())
    }

    fn condition(&mut self) -> Result<Condition, SoqlError> {
        if self.take_word("NOT") {
            return Ok(Condition::Not(Box::new(self.simple_condition()?)));
        }
        let first = self.simple_condition()?;
        for (word, join) in
            [("AND", Condition::And as fn(Vec<_>) -> _), ("OR", Condition::Or as fn(Vec<_>) -> _)]
        {
            if self.is_word(word) {
                let mut parts = vec![first];
                while self.take_word(word) {
                    parts.push(self.simple_condition()?);
                }
                return Ok(join(parts));
            }
        }
        Ok(first)
    }

    fn simple_condition(&mut self) -> Result<Condition, SoqlError> {
        if self.is_sign("(") {
            self.open()?;
            let condition = self.condition()?;
            self.close()?;
            return Ok(condition);
        }
        // The grammar has NOT before a parenthesis or a comparison only; after AND and OR the
        // service wants parentheses around it.
        if self.is_word("NOT") {
            return Err(self.unexpected());
        }
        self.comparison()
    }

    fn comparison(&mut self) -> Result<Condition, SoqlError> {
        let path = self.path()?;
        if self.is_sign("(") {
            return Err(self.unexpected());
        }
        let is_negated = is_word(self.peek(), "NOT") && is_word(self.peek_at(1), "IN");
        if is_negated {
            self.advance();
        }
        if self.take_word("IN") {
            return self.in_list(path, is_negated);
        }
        for (word, is_negated) in [("INCLUDES", false), ("EXCLUDES", true)] {
            if self.take_word(word) {
                let literals = self.literals()?;
                return Ok(Condition::Includes { path, is_negated, literals });
            }
        }
        let operator = self.operator()?;
        let literal = self.literal()?;
        Ok(Condition::Compare { path, operator, literal })
    }

    fn in_list(&mut self, path: Path, is_negated: bool) -> Result<Condition, SoqlError> {
        let is_query = self.is_sign("(") && is_word(self.peek_at(1), "SELECT");
        if is_query {
            self.open()?;
            let query = Box::new(self.query()?);
            self.close()?;
            return Ok(Condition::InQuery { path, is_negated, query });
        }
        let literals = self.literals()?;
        Ok(Condition::In { path, is_negated, literals })
    }

    fn literals(&mut self) -> Result<Vec<Literal>, SoqlError> {
        self.expect_sign("(")?;
        let mut literals = vec![self.literal()?];
        while self.take_sign(",") {
            literals.push(self.literal()?);
        }
        self.expect_sign(")")?;
        Ok(literals)
    }

    fn operator(&mut self) -> Result<Operator, SoqlError> {
        let operator = match self.peek() {
            Token::Sign("=") => Operator::Equal,
            Token::Sign("!=" | "<>") => Operator::NotEqual,
            Token::Sign("<") => Operator::Less,
            Token::Sign("<=") => Operator::LessOrEqual,
            Token::Sign(">") => Operator::Greater,
            Token::Sign(">=") => Operator::GreaterOrEqual,
            Token::Word(word) if word.eq_ignore_ascii_case("LIKE") => Operator::Like,
            _ => return Err(self.unexpected()),
        };
        self.advance();
        Ok(operator)
    }

    fn literal(&mut self) -> Result<Literal, SoqlError> {
        let value = match self.peek() {
            Token::Text(text) => LiteralValue::Text(text.clone()),
            Token::Number(text) => LiteralValue::Number(text.clone()),
            Token::Date(text) => LiteralValue::Date(text.clone()),
            Token::DateTime(text) => LiteralValue::DateTime(text.clone()),
            Token::Word(word) if word.eq_ignore_ascii_case("null") => LiteralValue::Null,
            Token::Word(word) if word.eq_ignore_ascii_case("true") => LiteralValue::Boolean(true),
            Token::Word(word) if word.eq_ignore_ascii_case("false") => LiteralValue::Boolean(false),
            _ => return Err(self.unexpected()),
        };
        let literal = Literal { value, offset: self.offset() };
        self.advance();
        Ok(literal)
    }

    fn group(&mut self) -> Result<Vec<Path>, SoqlError> {
        let mut group = Vec::new();
        if self.take_word("GROUP") {
            self.expect_word("BY")?;
            group.push(self.path()?);
            while self.take_sign(",") {
                group.push(self.path()?);
            }
        }
        Ok(group)
    }

    fn order(&mut self) -> Result<Vec<OrderBy>, SoqlError> {
        let mut order = Vec::new();
        if !self.take_word("ORDER") {
            return Ok(order);
        }
        self.expect_word("BY")?;
        loop {
            let path = self.path()?;
            let is_descending = !self.take_word("ASC") && self.take_word("DESC");
            let is_nulls_last = self.nulls_last()?;
            order.push(OrderBy { path, is_descending, is_nulls_last });
            if !self.take_sign(",") {
                return Ok(order);
            }
        }
    }

    fn nulls_last(&mut self) -> Result<bool, SoqlError> {
        if !self.take_word("NULLS") {
            return Ok(false);
        }
        if self.take_word("LAST") {
            return Ok(true);
        }
        self.expect_word("FIRST").map(|()| false)
    }

    fn count(&mut self) -> Result<usize, SoqlError> {
        let Token::Number(text) = self.peek() else { return Err(self.unexpected()) };
        // A sign is no part of a count, though a number may have one.
        let digits = Some(text).filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
        let count = digits.and_then(|text| text.parse().ok()).ok_or_else(|| self.unexpected())?;
        self.advance();
        Ok(count)
    }
}

fn is_word(token: &Token, word: &str) -> bool {
    matches!(token, Token::Word(found) if found.eq_ignore_ascii_case(word))
}
