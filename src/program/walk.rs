//! A walk over everything that a program may send: each value with what it depends on.
//!
//! Nothing is evaluated. What the walk finds is what `lineage` draws and what coverage is counted
//! against.

use super::{
    Origin, Program, ProgramKind,
    code::{Constant, Expr, Item, List, Node, ReferenceTo, Rule, Stop},
    compiled::{ActionMaking, Making, WriteBackNode, WriteBackRule},
};

/// A value that may be sent.
pub(super) struct Leaf<'p> {
    /// The object that it is a part of.
    pub object: &'p str,
    /// The resource, where the mapping has several.
    pub resource: Option<&'p str>,
    /// The path in the object; empty for whether there is an object at all.
    pub path: String,
    /// What gives it.
    pub from: Gives<'p>,
    /// The place of the resource or of the action.
    pub around: Option<&'p Origin>,
    /// What decides whether it is sent.
    pub decided_by: Vec<&'p Expr>,
    /// The lists whose items it is sent for.
    pub each: Vec<&'p List>,
}

/// What gives a value.
pub(super) enum Gives<'p> {
    Rule(&'p Rule),
    /// A literal, and where it stands.
    Literal(usize),
    Reference(&'p ReferenceTo),
    /// What the target answers, by a path, and where that stands.
    Answer(&'p str, usize),
    /// Why an action failed, and where that is asked.
    Failure(usize),
    /// Whether there is an object.
    Existence,
}

impl Gives<'_> {
    /// Where it stands, unless it is the object itself.
    pub(super) fn origin(&self) -> Option<usize> {
        match self {
            Self::Rule(rule) => Some(rule.origin),
            Self::Reference(to) => Some(to.origin),
            Self::Literal(origin) | Self::Answer(_, origin) | Self::Failure(origin) => {
                Some(*origin)
            }
            Self::Existence => None,
        }
    }

    /// Where it stands, if drafting a record can show that it is used: an answer comes later.
    pub(super) fn counted(&self) -> Option<usize> {
        match self {
            Self::Answer(..) | Self::Failure(_) => None,
            _ => self.origin(),
        }
    }
}

/// What the walk comes by.
pub(super) enum Found<'p> {
    Leaf(Leaf<'p>),
    /// A case of a `$switch`; no constant for what holds otherwise.
    Case(Option<&'p Constant>, usize),
    /// What leaves a record or an item out.
    Guard(&'p Stop),
}

/// Walks over a program.
pub(super) fn walk<'p>(program: &'p Program, visit: &mut dyn FnMut(Found<'p>)) {
    let mut walk = Walk {
        visit,
        object: "",
        resource: None,
        path: Vec::new(),
        around: None,
        decided_by: Vec::new(),
        each: Vec::new(),
    };
    for (condition, stop) in &program.code.guards {
        walk.guard(condition, stop);
    }
    walk.decided_by.clear();
    match &program.kind {
        ProgramKind::Emit { document, object } => {
            walk.object = object;
            walk.decided_by.extend(program.code.guards.iter().map(|(condition, _)| condition));
            walk.leaf(Gives::Existence);
            walk.decided_by.clear();
            walk.node(document);
        }
        ProgramKind::Action(action, making) => {
            walk.object = &action.object;
            walk.around = Some(&action.origin);
            walk.decided_by.extend(program.code.guards.iter().map(|(condition, _)| condition));
            walk.action(making);
        }
        ProgramKind::Resources(resources, makings) => {
            for (resource, making) in resources.iter().zip(makings) {
                walk.object = &resource.object;
                walk.resource = Some(&resource.name);
                walk.around = Some(&resource.origin);
                if resource.within.is_none() {
                    let guards = program.code.guards.iter();
                    walk.decided_by.extend(guards.map(|(condition, _)| condition));
                }
                walk.existence(making);
                for (rule, node) in resource.fields.iter().zip(&making.fields) {
                    walk.within(&rule.name, |walk| walk.node(node));
                }
            }
        }
    }
}

struct Walk<'p, 'v> {
    visit: &'v mut dyn FnMut(Found<'p>),
    object: &'p str,
    resource: Option<&'p str>,
    path: Vec<String>,
    around: Option<&'p Origin>,
    decided_by: Vec<&'p Expr>,
    each: Vec<&'p List>,
}

impl<'p> Walk<'p, '_> {
    fn leaf(&mut self, from: Gives<'p>) {
        let path = self.path.concat();
        let path = path.strip_prefix('.').map(str::to_owned).unwrap_or(path);
        (self.visit)(Found::Leaf(Leaf {
            object: self.object,
            resource: self.resource,
            path,
            from,
            around: self.around,
            decided_by: self.decided_by.clone(),
            each: self.each.clone(),
        }));
    }

    fn guard(&mut self, condition: &'p Expr, stop: &'p Stop) {
        self.decided_by.push(condition);
        (self.visit)(Found::Guard(stop));
    }

    /// Whether there is an object: its list, its condition and its guards.
    fn existence(&mut self, making: &'p Making) {
        self.each.extend(&making.each);
        self.decided_by.extend(making.when.iter().map(|when| &when.holds));
        for (condition, stop) in &making.guards {
            self.guard(condition, stop);
        }
        self.leaf(Gives::Existence);
        self.each.clear();
        self.decided_by.clear();
        for (name, rule) in &making.adopt_by {
            self.within(&format!("adopt_by {name}"), |walk| walk.leaf(Gives::Rule(rule)));
        }
    }

    fn action(&mut self, making: &'p ActionMaking) {
        self.each.extend(&making.each);
        self.decided_by.extend(making.when.iter().map(|when| &when.holds));
        for (condition, stop) in &making.guards {
            self.guard(condition, stop);
        }
        self.leaf(Gives::Existence);
        self.each.clear();
        self.decided_by.clear();
        for rule in [&making.sequence, &making.kind, &making.day, &making.number] {
            self.within(&rule.field, |walk| walk.leaf(Gives::Rule(rule)));
        }
        for (name, node) in &making.body {
            self.within(name, |walk| walk.node(node));
        }
        for rule in making.write_back.iter().chain(&making.on_failure) {
            self.write_back(rule);
        }
    }

    fn write_back(&mut self, rule: &'p WriteBackRule) {
        let object = std::mem::replace(&mut self.object, &rule.object);
        self.each.extend(&rule.each);
        self.decided_by.extend(&rule.when);
        for (name, node) in &rule.fields {
            self.within(name, |walk| match node {
                WriteBackNode::Value(node) => walk.node(node),
                WriteBackNode::Result { path, origin } => {
                    walk.leaf(Gives::Answer(path, *origin));
                }
                WriteBackNode::Failure { origin, .. } => walk.leaf(Gives::Failure(*origin)),
            });
        }
        self.each.clear();
        self.decided_by.clear();
        self.object = object;
    }

    /// A part of the path, and what lies in it.
    fn within(&mut self, name: &str, inner: impl FnOnce(&mut Self)) {
        self.path.push(format!(".{name}"));
        inner(self);
        self.path.pop();
    }

    fn node(&mut self, node: &'p Node) {
        match node {
            Node::Literal { origin, .. } => self.leaf(Gives::Literal(*origin)),
            Node::Value(rule) => self.leaf(Gives::Rule(rule)),
            Node::Reference(to) => self.leaf(Gives::Reference(to)),
            Node::Object(members) => {
                for (name, node) in members {
                    let name = name.trim_end_matches(':').trim_matches('"');
                    self.within(name, |walk| walk.node(node));
                }
            }
            Node::List(items) => {
                self.path.push("[]".to_owned());
                self.items(items);
                self.path.pop();
            }
            Node::Switch { on, cases, otherwise, origins, .. } => {
                self.decided_by.push(on);
                for (at, (case, node)) in cases.iter().enumerate() {
                    self.case(Some(case), origins.get(at));
                    self.node(node);
                }
                if let Some(node) = otherwise {
                    self.case(None, origins.last());
                    self.node(node);
                }
                self.decided_by.pop();
            }
            Node::When(condition, node) => {
                self.decided_by.push(condition);
                self.node(node);
                self.decided_by.pop();
            }
            Node::On { node, .. } => self.node(node),
            Node::Stop(stop) => (self.visit)(Found::Guard(stop)),
        }
    }

    fn case(&mut self, case: Option<&'p Constant>, origin: Option<&usize>) {
        if let Some(origin) = origin {
            (self.visit)(Found::Case(case, *origin));
        }
    }

    fn items(&mut self, items: &'p [Item]) {
        for item in items {
            match item {
                Item::One(node) => self.node(node),
                Item::Each(list, items) => {
                    self.each.push(list);
                    self.items(items);
                    self.each.pop();
                }
                Item::When(condition, items) => {
                    self.decided_by.push(condition);
                    self.items(items);
                    self.decided_by.pop();
                }
                Item::Switch { on, cases, otherwise, origins } => {
                    self.decided_by.push(on);
                    for (at, (case, items)) in cases.iter().enumerate() {
                        self.case(Some(case), origins.get(at));
                        self.items(items);
                    }
                    if !otherwise.is_empty() {
                        self.case(None, origins.last());
                        self.items(otherwise);
                    }
                    self.decided_by.pop();
                }
            }
        }
    }
}
