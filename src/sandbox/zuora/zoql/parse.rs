//! Reads a query; what the fields mean is not known here.

use std::iter::Peekable;
use std::vec::IntoIter;

use super::token::{Token, TokenFault, split};
use crate::sandbox::zuora::refusal::{Code, Refusal};

/// Longest query, in characters.
const QUERY_LENGTH_MAX: usize = 10_000;
/// Most conditions.
const CONDITIONS_MAX: usize = 200;
/// What the service says about most mistakes.
const SYNTAX: &str = "You have an error in your ZOQL syntax";

/// A query as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// Names of the fields to be read.
    pub fields: Vec<String>,
    /// Name of the object.
    pub object: String,
    /// Groups of conditions: all of one group must hold. Empty when every record is wanted.
    pub groups: Vec<Vec<Comparison>>,
}

/// One condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// Name of the field.
    pub field: String,
    /// How it is compared.
    pub operator: Operator,
    /// With what.
    pub literal: Literal,
}

/// How a field is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// `=`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
    /// `like`
    Like,
}

/// With what a field is compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Literal {
    /// In quotes.
    Quoted(String),
    /// Without quotes.
    Bare(String),
    /// `null`
    Null,
}

/// Reads a query.
///
/// # Errors
/// `MALFORMED_QUERY`, or `INVALID_VALUE` for a pattern that the service does not take.
pub fn parse(text: &str) -> Result<Query, Refusal> {
    if text.chars().count() > QUERY_LENGTH_MAX {
        return Err(malformed("The query string is longer than 10000 characters"));
    }
    let tokens = split(text).map_err(|fault| match fault {
        TokenFault::MissingQuote => malformed(
            "You have an error in your ZOQL syntax; your query might be missing a single quote.",
        ),
        TokenFault::Character => malformed(SYNTAX),
    })?;
    let mut reader = Reader { tokens: tokens.into_iter().peekable() };
    reader.keyword("select")?;
    let fields = reader.fields()?;
    reader.keyword("from")?;
    let object = reader.name()?;
    let groups = match reader.tokens.next() {
        None => Vec::new(),
        Some(Token::Word(word)) if word == "where" => reader.groups()?,
        Some(_) => return Err(malformed(SYNTAX)),
    };
    if groups.iter().map(Vec::len).sum::<usize>() > CONDITIONS_MAX {
        let message = "You have exceeded the maximum number of parameters in the Where clause.";
        return Err(malformed(message));
    }
    Ok(Query { fields, object, groups })
}

fn malformed(message: &str) -> Refusal {
    Refusal::new(Code::MalformedQuery, message)
}

struct Reader {
    tokens: Peekable<IntoIter<Token>>,
}

impl Reader {
    fn keyword(&mut self, keyword: &str) -> Result<(), Refusal> {
        match self.tokens.next() {
            Some(Token::Word(word)) if word == keyword => Ok(()),
            _ => Err(malformed(SYNTAX)),
        }
    }

    fn name(&mut self) -> Result<String, Refusal> {
        match self.tokens.next() {
            Some(Token::Word(word)) if is_name(&word) => Ok(word),
            _ => Err(malformed(SYNTAX)),
        }
    }

    fn fields(&mut self) -> Result<Vec<String>, Refusal> {
        let mut fields = vec![self.name()?];
        while self.tokens.next_if_eq(&Token::Comma).is_some() {
            fields.push(self.name()?);
        }
        Ok(fields)
    }

    fn groups(&mut self) -> Result<Vec<Vec<Comparison>>, Refusal> {
        let mut groups = Vec::new();
        let mut group = vec![self.comparison()?];
        loop {
            match self.tokens.next() {
                None => break,
                Some(Token::Word(word)) if word == "and" => group.push(self.comparison()?),
                Some(Token::Word(word)) if word == "or" => {
                    groups.push(std::mem::replace(&mut group, vec![self.comparison()?]));
                }
                Some(_) => return Err(malformed(SYNTAX)),
            }
        }
        groups.push(group);
        Ok(groups)
    }

    fn comparison(&mut self) -> Result<Comparison, Refusal> {
        let field = self.name()?;
        let operator = match self.tokens.next() {
            Some(Token::Sign("=")) => Operator::Equal,
            Some(Token::Sign("!=")) => Operator::NotEqual,
            Some(Token::Sign("<")) => Operator::Less,
            Some(Token::Sign("<=")) => Operator::LessOrEqual,
            Some(Token::Sign(">")) => Operator::Greater,
            Some(Token::Sign(">=")) => Operator::GreaterOrEqual,
            Some(Token::Word(word)) if word == "like" => Operator::Like,
            _ => return Err(malformed(SYNTAX)),
        };
        let literal = match self.tokens.next() {
            Some(Token::Text(text)) => Literal::Quoted(text),
            Some(Token::Word(word)) if word == "null" => Literal::Null,
            Some(Token::Word(word)) => Literal::Bare(word),
            _ => return Err(malformed(SYNTAX)),
        };
        if literal == Literal::Null && !matches!(operator, Operator::Equal | Operator::NotEqual) {
            return Err(Refusal::value("invalid comparator for null"));
        }
        Ok(Comparison { field, operator, literal })
    }
}

/// Names of fields and objects; a relation's path is none, for there are no joins.
fn is_name(word: &str) -> bool {
    let mut characters = word.chars();
    characters.next().is_some_and(|first| first.is_ascii_alphabetic())
        && characters.all(|next| next.is_ascii_alphanumeric() || next == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn and_binds_tighter_than_or() {
        let query = parse("select Id from Product where a = 1 or b = 'x' and c != null").unwrap();
        let names: Vec<Vec<&str>> = query
            .groups
            .iter()
            .map(|group| group.iter().map(|one| one.field.as_str()).collect())
            .collect();
        assert_eq!(names, [vec!["a"], vec!["b", "c"]]);
    }

    #[test]
    fn refuses_what_zoql_does_not_have() {
        for text in [
            "",
            "SELECT Id FROM Product",
            "select * from Product",
            "select Id, from Product",
            "select Id from Product order by Name",
            "select Id from Product limit 5",
            "select Id from Product where (Name = 'x')",
            "select Id from Product where Name in ('x')",
            "select Id from Product where Name = 'x",
            "select Id from Product where Name",
            "select Id from Product where",
            "select Id from Product where Name = 'x' AND SKU = 'y'",
            "select Product.Id from Product",
            "select Id from Product p",
        ] {
            let refusal = parse(text).unwrap_err();
            assert_eq!(refusal.code, Code::MalformedQuery, "{text}");
        }
        let many = vec!["Name = 'x'"; 201].join(" or ");
        let refusal = parse(&format!("select Id from Product where {many}")).unwrap_err();
        assert!(refusal.message.contains("maximum number"), "{refusal:?}");
        let most = vec!["Name = 'x'"; 200].join(" or ");
        assert!(parse(&format!("select Id from Product where {most}")).is_ok());
        let long = format!("select Id from Product where Name = '{}'", "x".repeat(10_000));
        assert_eq!(parse(&long).unwrap_err().code, Code::MalformedQuery);
    }

    #[test]
    fn keeps_escaped_quotes() {
        let query = parse(r"select Id from Product where Name = 'O\'Neill \\ Co'").unwrap();
        let literal = &query.groups[0][0].literal;
        assert_eq!(literal, &Literal::Quoted(r"O'Neill \ Co".to_owned()));
    }
}
