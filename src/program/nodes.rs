//! From nodes to bytes: what is sent is written straight into one buffer.

use super::{
    Reference,
    code::{Absence, Form, Item, List, Node, ReferenceTo, Rule, TooLong},
    eval::{Evaluation, Halt, Local, compare},
    scalar::Scalar,
    watch::PartKind,
};
use crate::program::code::Order;

/// What a node wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Written {
    /// A value.
    Value,
    /// Nothing: the member is left out.
    Absent,
    /// Null, to empty a field.
    Clear,
    /// A null that stands for the value of another object.
    Reference(Reference),
}

impl<'r> Evaluation<'r> {
    /// Writes a node.
    pub(super) fn node(&mut self, node: &'r Node, out: &mut Vec<u8>) -> Result<Written, Box<Halt>> {
        match node {
            Node::Literal { json, origin } => {
                out.extend_from_slice(json.as_bytes());
                self.explain_literal(json, *origin);
                Ok(Written::Value)
            }
            Node::Value(rule) => self.rule(rule, out),
            Node::Object(members) => {
                self.members(members, out)?;
                Ok(Written::Value)
            }
            Node::List(items) => {
                out.push(b'[');
                let (start, mark) = (out.len(), self.mark());
                self.enter_list();
                self.list_items(items, start, out)?;
                self.back(mark);
                out.push(b']');
                Ok(Written::Value)
            }
            Node::Switch { on, cases, otherwise, origin, origins } => {
                let value = self.expr(on)?;
                let case =
                    cases.iter().position(|(case, _)| Scalar::of_constant(case).same(&value));
                let node = case.and_then(|at| cases.get(at)).map(|(_, node)| node);
                let Some(node) = node.or(otherwise.as_deref()) else {
                    let reason = format!("no case for `{}`", value.shown());
                    return Err(self.reject_at(*origin, "switch-unmatched", reason));
                };
                let mark = self.mark();
                self.enter_case(case, origins, &value);
                let written = self.node(node, out)?;
                self.back(mark);
                Ok(written)
            }
            Node::When(condition, node) => {
                if self.truth(condition)? {
                    self.node(node, out)
                } else {
                    Ok(Written::Absent)
                }
            }
            Node::On { kinds, path, node } => self.on(kinds, path, node, out),
            Node::Reference(reference) => self.reference(reference, out),
            Node::Stop(stop) => {
                self.fire(PartKind::Guard, stop.origin, || {
                    ("guard".to_owned(), Vec::new(), stop.shown())
                });
                Err(self.stop(stop))
            }
        }
    }

    /// Writes what the kind may send, and notes what it may not.
    fn on(
        &mut self,
        kinds: &[String],
        path: &str,
        node: &'r Node,
        out: &mut Vec<u8>,
    ) -> Result<Written, Box<Halt>> {
        if kinds.contains(&self.acting.kind) {
            let start = out.len();
            let written = self.node(node, out)?;
            if written == Written::Value {
                self.acting.withholdable.push((path.to_owned(), start..out.len()));
            }
            return Ok(written);
        }
        let (mut aside, holes, mark) = (Vec::new(), self.acting.holes.len(), self.mark());
        // What is not sent cannot be wrong: a rule that it breaks is nobody's concern here.
        if let Ok(Written::Value) = self.node(node, &mut aside) {
            self.acting.withheld.push((path.to_owned(), aside));
        }
        self.acting.holes.truncate(holes);
        self.undo(mark);
        Ok(Written::Absent)
    }

    /// Notes that what was just written is a hole, where it is one.
    fn hole(&mut self, written: Written, at: usize) -> Written {
        match written {
            Written::Reference(reference) => {
                self.acting.holes.push((at, reference));
                Written::Value
            }
            other => other,
        }
    }

    /// Forgets what stands behind a place in the text.
    fn forget_behind(&mut self, at: usize) {
        while self.acting.holes.last().is_some_and(|(hole, _)| *hole >= at) {
            self.acting.holes.pop();
        }
    }

    fn members(
        &mut self,
        members: &'r [(String, Node)],
        out: &mut Vec<u8>,
    ) -> Result<(), Box<Halt>> {
        out.push(b'{');
        let mut first = true;
        for (name, node) in members {
            let before = out.len();
            if !first {
                out.push(b',');
            }
            // The name was written as JSON, with its colon, when it was compiled.
            out.extend_from_slice(name.as_bytes());
            let (start, mark) = (out.len(), self.mark());
            self.enter_member(name);
            let written = self.node(node, out)?;
            self.back(mark);
            match self.hole(written, start) {
                Written::Absent => {
                    out.truncate(before);
                    self.forget_behind(before);
                }
                _ => first = false,
            }
        }
        out.push(b'}');
        Ok(())
    }

    /// Writes items; `start` is where the first one of the list stands.
    fn list_items(
        &mut self,
        items: &'r [Item],
        start: usize,
        out: &mut Vec<u8>,
    ) -> Result<(), Box<Halt>> {
        for item in items {
            match item {
                Item::One(node) => {
                    let before = out.len();
                    if before > start {
                        out.push(b',');
                    }
                    let (start, mark) = (out.len(), self.mark());
                    self.enter_item();
                    let written = self.node(node, out)?;
                    self.back(mark);
                    if self.hole(written, start) == Written::Absent {
                        out.truncate(before);
                        self.forget_behind(before);
                    } else {
                        self.count_item();
                    }
                }
                Item::Each(list, inner) => {
                    self.each(list, |this| this.list_items(inner, start, out))?
                }
                Item::When(condition, inner) => {
                    if self.truth(condition)? {
                        self.list_items(inner, start, out)?;
                    }
                }
                Item::Switch { on, cases, otherwise, origins } => {
                    let value = self.expr(on)?;
                    let case = cases.iter().position(|(case, _)| {
                        compare(Order::Equal, &Scalar::of_constant(case), &value)
                    });
                    let inner = case.and_then(|at| cases.get(at));
                    let inner = inner.map_or(otherwise, |(_, inner)| inner);
                    let mark = self.mark();
                    self.enter_case(case, origins, &value);
                    self.list_items(inner, start, out)?;
                    self.leave_case(mark);
                }
            }
        }
        Ok(())
    }

    /// Does something for each item of a list.
    pub(super) fn each(
        &mut self,
        list: &'r List,
        mut body: impl FnMut(&mut Self) -> Result<(), Box<Halt>>,
    ) -> Result<(), Box<Halt>> {
        let items = self.list(list)?;
        for (at, item) in items.iter().enumerate() {
            self.hold(list.item, item.clone());
            if let Some(index) = list.index {
                let number = Scalar::Number(crate::value::Decimal::from(at + 1));
                self.set(index, Local::Value(number));
            }
            body(self)?;
        }
        Ok(())
    }

    /// Takes the next item of a list, and forgets what was calculated of the one before.
    pub(super) fn hold(&mut self, item: usize, value: Local<'r>) {
        let code = self.code;
        for local in code.depends.get(item).into_iter().flatten() {
            self.set(*local, Local::Unset);
        }
        self.set(item, value);
    }

    /// Tells of the case that a value chose.
    fn enter_case(&mut self, case: Option<usize>, origins: &[usize], value: &Scalar<'r>) {
        let at = case.and_then(|at| origins.get(at)).or(origins.last());
        if let Some(origin) = at.filter(|_| self.watch.is_some()) {
            let case = if case.is_some() { "$switch" } else { "$switch, $other" };
            let told = || (case.to_owned(), vec![value.shown().into_owned()], String::new());
            self.fire(PartKind::Case, *origin, told);
        }
    }

    /// Writes a value with what is done to it on its way.
    pub(super) fn rule(&mut self, rule: &'r Rule, out: &mut Vec<u8>) -> Result<Written, Box<Halt>> {
        if self.watch.is_none() {
            return self.unwatched(rule, out);
        }
        let (mark, start) = (self.mark(), out.len());
        let written = self.unwatched(rule, out);
        let sent = match &written {
            Ok(Written::Value | Written::Clear) => out.get(start..),
            _ => None,
        };
        self.explain_rule(mark, rule.origin, sent);
        written
    }

    fn unwatched(&mut self, rule: &'r Rule, out: &mut Vec<u8>) -> Result<Written, Box<Halt>> {
        self.origin = rule.origin;
        let value = self.expr(&rule.from)?;
        if self.watch.is_some() {
            self.note_found(&value);
        }
        let absence = match &value {
            Scalar::Missing => Some(&rule.missing),
            Scalar::Null => Some(&rule.null),
            Scalar::Text(text) if text.is_empty() => rule.empty.as_ref(),
            _ => None,
        };
        let value = match absence {
            None => value,
            Some(Absence::Omit) => return Ok(Written::Absent),
            Some(Absence::Clear) => {
                out.extend_from_slice(b"null");
                return Ok(Written::Clear);
            }
            Some(Absence::Error) => {
                let what = if matches!(value, Scalar::Text(_)) { "empty" } else { "absent" };
                let reason = format!(
                    "a value is needed here, and the source has {}",
                    match &value {
                        Scalar::Missing => "no such member",
                        Scalar::Null => "null",
                        _ => "an empty text",
                    }
                );
                let named = if what == "empty" { "empty-value" } else { "absent-value" };
                return Err(self.reject_field(rule, named, reason));
            }
            Some(Absence::Value(expr)) => self.expr(expr)?,
        };
        self.write(rule, value, out)?;
        Ok(Written::Value)
    }

    fn write(
        &mut self,
        rule: &'r Rule,
        value: Scalar<'r>,
        out: &mut Vec<u8>,
    ) -> Result<(), Box<Halt>> {
        if let Some(among) = &rule.among
            && !among.values.contains(&*value.shown())
        {
            let known: Vec<&str> = among.values.iter().map(String::as_str).collect();
            let (list, known) = (&among.list, known.join(", "));
            let reason = format!(
                "the tenant has no `{}` in its {list} ({known}); add it to the tenant and to `tenant.{list}` of the environment",
                value.shown()
            );
            return Err(self.reject_field(rule, "unknown-to-tenant", reason));
        }
        let value = match rule.form {
            Form::Any => match value {
                Scalar::Text(_) | Scalar::Escaped(_) => self.cut(rule, value)?,
                other => other,
            },
            Form::Number => match &value {
                Scalar::Token(_) | Scalar::Number(_) => {
                    self.check_digits(rule, &value)?;
                    value
                }
                other => return Err(self.wrong_form(rule, other, "a number")),
            },
            Form::Bool if matches!(value, Scalar::Bool(_)) => value,
            Form::Bool => return Err(self.wrong_form(rule, &value, "true or false")),
            Form::Text => match value {
                Scalar::Text(_) | Scalar::Escaped(_) => self.cut(rule, value)?,
                Scalar::Number(_) | Scalar::Token(_) | Scalar::Bool(_) => {
                    return Err(self.wrong_form(rule, &value, "a text"));
                }
                other => other,
            },
        };
        value.write(out);
        Ok(())
    }

    fn wrong_form(&self, rule: &Rule, value: &Scalar<'r>, needed: &str) -> Box<Halt> {
        self.reject_field(rule, "wrong-type", format!("`{}` is not {needed}", value.shown()))
    }

    /// A rejection that names the target's field: the person who owns the record sees no mapping.
    fn reject_field(&self, rule: &Rule, named: &'static str, reason: String) -> Box<Halt> {
        if rule.field.is_empty() {
            return self.reject(named, reason);
        }
        self.reject(named, format!("{}: {reason}", rule.field))
    }

    fn cut(&mut self, rule: &Rule, value: Scalar<'r>) -> Result<Scalar<'r>, Box<Halt>> {
        let Some((length, too_long)) = rule.length else { return Ok(value) };
        let text = value.shown();
        // A text has at least as many bytes as characters, so short ones need no counting.
        let length = length as usize;
        if text.len() <= length || text.chars().count() <= length {
            drop(text);
            return Ok(value);
        }
        match too_long {
            TooLong::Cut => Ok(Scalar::Text(text.chars().take(length).collect::<String>().into())),
            TooLong::Error => {
                let count = text.chars().count();
                let reason =
                    format!("the text has {count} characters, and the field takes {length}");
                Err(self.reject_field(rule, "text-too-long", reason))
            }
        }
    }

    fn check_digits(&self, rule: &Rule, value: &Scalar<'r>) -> Result<(), Box<Halt>> {
        let Some((before, after)) = rule.digits else { return Ok(()) };
        let number = self.number(value)?.normalize();
        let whole = number.trunc().abs().to_string();
        let digits = if whole == "0" { 0 } else { whole.len() };
        if digits > before as usize || number.scale() > after {
            let reason = format!(
                "{number} has more digits than the field takes: {before} before the point, {after} after it"
            );
            return Err(self.reject_field(rule, "too-many-digits", reason));
        }
        Ok(())
    }

    fn reference(&mut self, to: &'r ReferenceTo, out: &mut Vec<u8>) -> Result<Written, Box<Halt>> {
        let (mut key, mark) = (Vec::new(), self.mark());
        for (at, level) in to.by.iter().enumerate() {
            if at > 0 {
                key.push(b'/');
            }
            for (at, rule) in level.iter().enumerate() {
                if at > 0 {
                    key.push(b',');
                }
                if self.rule(rule, &mut key)? != Written::Value {
                    return Ok(Written::Absent);
                }
            }
        }
        out.extend_from_slice(b"null");
        let reference = Reference {
            mapping: to.mapping.clone(),
            resource: to.resource.clone(),
            key: super::wishes::canonical_key(&key),
            take: to.take.clone(),
        };
        if self.watch.is_some() {
            self.explain_reference(mark, to.origin, &reference.to_string());
        }
        Ok(Written::Reference(reference))
    }
}
