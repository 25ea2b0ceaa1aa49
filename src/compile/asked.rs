//! Shapes that expressions ask as they ask functions: `monthly(line)`.
//!
//! Such a shape is one value, or a list. One value is compiled once ([`super::formulas`]); a list is
//! put in where it is asked, as every shape is.

use super::{exprs::Lowering, formulas, lets, objects, scope::At};
use crate::{
    diag::{Code, Diagnostic},
    program::functions as table,
    syntax::Expression,
};

use super::calls::Spans;

impl Lowering<'_, '_, '_> {
    /// Whether a name that is called is that of a shape; a function of the table comes first.
    pub(super) fn is_shape(&self, name: &str) -> bool {
        table::find(name).is_none() && self.cx.pieces.contains_key(name)
    }

    /// The place that a shape reaches with these arguments, in the order of its `$with`.
    pub(super) fn asked(&mut self, name: &str, args: &[Expression], spans: &Spans) -> At {
        let scope = self.scope;
        // An argument may ask the same shape: it is no part of it.
        let bound: Vec<At> = args
            .iter()
            .map(|arg| {
                let (at, span) = (self.path(arg), self.span(arg));
                lets::held(self.cx, scope, Some(at), span)
            })
            .collect();
        let Some(piece) = objects::begin_shape(self.cx, name, spans.name) else {
            return At::Poison;
        };
        let parameters = objects::parameters(self.cx, piece);
        if parameters.len() != bound.len() {
            let message = format!(
                "the shape `{name}` takes {} values, and {} are given",
                parameters.len(),
                bound.len()
            );
            let names: Vec<&str> = parameters.iter().map(|parameter| parameter.name).collect();
            let hint = format!("for example `{name}({})`", names.join(", "));
            let finding = Diagnostic::error(Code::TYPE_MISMATCH, spans.whole, message);
            self.cx.push(finding.hint(hint));
            return At::Poison;
        }
        let Some(body) = piece.get("$value") else {
            let message = format!("the shape `{name}` is no single value");
            let hint = "an expression asks shapes that have `$value`";
            self.cx.push(Diagnostic::error(Code::BAD_FORM, spans.name, message).hint(hint));
            return At::Poison;
        };
        if let Some(at) =
            formulas::value(self.cx, scope, name, &parameters, body, &bound, spans.whole)
        {
            return at;
        }
        let mut inner = scope.clone();
        for (parameter, at) in parameters.into_iter().zip(bound) {
            inner.bind_made(parameter.name, at, parameter.made);
        }
        self.cx.inlining.push(name.to_owned());
        let at = lets::reach(self.cx, &inner, body);
        self.cx.inlining.pop();
        at
    }
}
