//! What depends on what: fields of the source, tables and maps, fields of the target. Static, so it
//! holds for all records.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Origin, Program, ProgramKind,
    code::{Absence, Expr, KnownPart, List, ListFrom, Rule},
    compiled::Code,
    operands::Operand,
    sources::{SourceField, source_fields},
    walk::{Found, Gives, Leaf, walk},
};

/// What depends on what in the mappings of a set.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Lineage {
    /// Fields, tables, maps and references, in the order of their ids.
    pub nodes: BTreeMap<String, LineageNode>,
    /// From what is read to what is sent.
    pub edges: BTreeMap<(String, String), Role>,
}

/// A thing that others depend on, or that depends on others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineageNode {
    /// What it is.
    pub kind: LineageKind,
    /// Its name: `Product2.Family`, `pricing`, `ProductRatePlanCharge.UOM`.
    pub name: String,
    /// The mapping that it belongs to; none for fields of the source.
    pub mapping: Option<String>,
    /// The resource, for a field of one.
    pub resource: Option<String>,
    /// Where it stands in a mapping; all places for a field of the source are those of what
    /// depends on it.
    pub origin: Option<Origin>,
}

/// The kinds of things.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LineageKind {
    /// A field of the source.
    Source,
    /// What is known of earlier actions, or what the target answers.
    Known,
    /// A decision table.
    Table,
    /// A value map.
    Map,
    /// A field of the target, or of the source where something is written back.
    Target,
    /// Whether there is an object at all.
    Object,
}

/// How a thing goes into another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Its value does.
    Value,
    /// It decides which value, or whether there is one.
    Decides,
    /// It chooses, groups or orders the rows.
    Rows,
}

impl Lineage {
    /// Adds what a program says.
    pub fn add(&mut self, program: &Program) {
        let names = source_fields(program);
        let mut items = BTreeMap::new();
        walk(program, &mut |found| {
            if let Found::Leaf(leaf) = found {
                items.extend(leaf.each.iter().map(|list| (list.item, *list)));
            }
        });
        let mut tracing = Tracing { lineage: self, program, names: &names, items };
        tracing.tables();
        walk(program, &mut |found| {
            if let Found::Leaf(leaf) = found {
                tracing.leaf(&leaf);
            }
        });
    }

    fn connect(&mut self, from: &str, to: &str, role: Role) {
        let known = self.edges.entry((from.to_owned(), to.to_owned())).or_insert(role);
        *known = (*known).min(role);
    }
}

struct Tracing<'l, 'p> {
    lineage: &'l mut Lineage,
    program: &'p Program,
    names: &'l BTreeMap<(usize, usize), SourceField>,
    /// The lists whose items locals hold.
    items: BTreeMap<usize, &'p List>,
}

/// What an expression depends on directly.
#[derive(Debug, Default)]
struct Uses {
    slots: BTreeSet<((usize, usize), Role)>,
    tables: BTreeSet<(usize, Role)>,
    maps: BTreeSet<(usize, Role)>,
    known: BTreeSet<(String, Role)>,
    seen: BTreeSet<(usize, Role)>,
    named: BTreeSet<(usize, usize, Role)>,
    asked: BTreeSet<(usize, Role)>,
}

impl Tracing<'_, '_> {
    /// What decides tables.
    fn tables(&mut self) {
        for table in &self.program.code.tables {
            let origin = self.program.code.origin(table.origin);
            let to = self.table_node(&table.name, LineageKind::Table, origin);
            for input in &table.inputs {
                let uses = self.uses(input, Role::Decides);
                self.feed(&uses, &to);
            }
        }
    }

    fn leaf(&mut self, leaf: &Leaf<'_>) {
        let to = self.target(leaf);
        for condition in &leaf.decided_by {
            let uses = self.uses(condition, Role::Decides);
            self.feed(&uses, &to);
        }
        for list in &leaf.each {
            let mut uses = Uses::default();
            self.list(list, &mut uses);
            self.feed(&uses, &to);
        }
        match &leaf.from {
            Gives::Rule(rule) => self.rule(rule, &to),
            Gives::Literal(_) | Gives::Existence => {}
            Gives::Reference(reference) => {
                for rule in reference.by.iter().flatten() {
                    self.rule(rule, &to);
                }
                let object = object_id(&reference.mapping, &reference.resource);
                self.lineage.connect(&object, &to, Role::Value);
            }
            Gives::Answer(path, _) => {
                let path = path.trim_start_matches("$.");
                self.known(&format!("answer {path}"), &to, Role::Value);
            }
            Gives::Failure(_) => self.known("failure of an action", &to, Role::Value),
        }
    }

    fn rule(&mut self, rule: &Rule, to: &str) {
        let uses = self.uses(&rule.from, Role::Value);
        self.feed(&uses, to);
        for absence in [Some(&rule.missing), Some(&rule.null), rule.empty.as_ref()] {
            if let Some(Absence::Value(expr)) = absence {
                let uses = self.uses(expr, Role::Value);
                self.feed(&uses, to);
            }
        }
    }

    /// The node of a field of the target, or of whether there is an object.
    fn target(&mut self, leaf: &Leaf<'_>) -> String {
        let mapping = &self.program.head.mapping;
        let origin = match leaf.from.origin() {
            Some(origin) => Some(self.program.code.origin(origin)),
            None => leaf.around.cloned(),
        };
        let (id, kind, name) = if leaf.path.is_empty() {
            let resource = leaf.resource.unwrap_or(leaf.object);
            (object_id(mapping, resource), LineageKind::Object, leaf.object.to_owned())
        } else {
            let resource = leaf.resource.unwrap_or_default();
            let id = format!("target {mapping} {resource} {}.{}", leaf.object, leaf.path);
            (id, LineageKind::Target, format!("{}.{}", leaf.object, leaf.path))
        };
        let node = LineageNode {
            kind,
            name,
            mapping: Some(mapping.clone()),
            resource: leaf.resource.map(str::to_owned),
            origin: origin.filter(|origin| origin.line > 0),
        };
        self.lineage.nodes.entry(id.clone()).or_insert(node);
        id
    }

    fn table_node(&mut self, name: &str, kind: LineageKind, origin: Origin) -> String {
        let mapping = self.program.head.mapping.clone();
        let id = format!("table {mapping} {name}");
        let node = LineageNode {
            kind,
            name: name.to_owned(),
            mapping: Some(mapping),
            resource: None,
            origin: Some(origin),
        };
        self.lineage.nodes.entry(id.clone()).or_insert(node);
        id
    }

    fn known(&mut self, what: &str, to: &str, role: Role) {
        let mapping = self.program.head.mapping.clone();
        let id = format!("known {mapping} {what}");
        let node = LineageNode {
            kind: LineageKind::Known,
            name: what.to_owned(),
            mapping: Some(mapping),
            resource: None,
            origin: None,
        };
        self.lineage.nodes.entry(id.clone()).or_insert(node);
        self.lineage.connect(&id, to, role);
    }

    fn feed(&mut self, uses: &Uses, to: &str) {
        for (slot, role) in &uses.slots {
            let Some(field) = self.names.get(slot) else { continue };
            let id = format!("source {} {field}", self.program.head.source);
            let node = LineageNode {
                kind: LineageKind::Source,
                name: field.to_string(),
                mapping: None,
                resource: None,
                origin: None,
            };
            self.lineage.nodes.entry(id.clone()).or_insert(node);
            self.lineage.connect(&id, to, *role);
        }
        for (table, role) in &uses.tables {
            let Some(table) = self.program.code.tables.get(*table) else { continue };
            let origin = self.program.code.origin(table.origin);
            let id = self.table_node(&table.name, LineageKind::Table, origin);
            self.lineage.connect(&id, to, *role);
        }
        for (map, role) in &uses.maps {
            let Some(map) = self.program.code.maps.get(*map) else { continue };
            let origin = self.program.code.origin(map.origin);
            let id = self.table_node(&map.name, LineageKind::Map, origin);
            self.lineage.connect(&id, to, *role);
        }
        for (what, role) in &uses.known {
            self.known(what, to, *role);
        }
    }

    fn uses(&self, expr: &Expr, role: Role) -> Uses {
        let mut uses = Uses::default();
        self.expr(expr, role, &mut uses);
        uses
    }

    fn code(&self) -> &Code {
        &self.program.code
    }

    fn expr(&self, expr: &Expr, role: Role, uses: &mut Uses) {
        match expr {
            Expr::Slot(slot) => drop(uses.slots.insert(((slot.shape, slot.slot), role))),
            Expr::Local(local) => self.local(*local, role, uses),
            Expr::GroupKey(local) => self.item(*local, role, uses, |list| match &list.from {
                ListFrom::Groups { key, .. } => vec![key],
                _ => Vec::new(),
            }),
            Expr::RangeFrom(local) => self.item(*local, role, uses, |list| {
                list.ranges.iter().map(|ranges| &ranges.lower).collect()
            }),
            Expr::RangeTo(local) => self.item(*local, role, uses, |list| {
                list.ranges.iter().map(|ranges| &ranges.upper).collect()
            }),
            Expr::If(condition, ..) => self.expr(condition, role.max(Role::Decides), uses),
            Expr::Table { table, .. } => drop(uses.tables.insert((*table, role))),
            Expr::Map { map, .. } => drop(uses.maps.insert((*map, role))),
            Expr::Named { naming, nth, .. } => self.named(*naming, *nth, role, uses),
            Expr::Ask(ask) => self.formula(ask.formula, role, uses),
            Expr::Known(part) => drop(uses.known.insert((known_name(part), role))),
            Expr::Settled(_) => drop(uses.known.insert(("settled rows".to_owned(), role))),
            _ => {}
        }
        // A condition has another part in it than what it decides on.
        let is_condition = matches!(expr, Expr::If(..));
        for operand in expr.operands().into_iter().skip(usize::from(is_condition)) {
            match operand {
                Operand::Value(value) => self.expr(value, role, uses),
                Operand::List(list) => self.list(list, uses),
            }
        }
    }

    /// A name is what it stands for; its rows are what they are chosen by.
    fn local(&self, local: usize, role: Role, uses: &mut Uses) {
        if !uses.seen.insert((local, role)) {
            return;
        }
        if let Some(Some(expr)) = self.code().let_values.get(local) {
            self.expr(expr, role, uses);
        }
        if let Some(Some(list)) = self.code().let_lists.get(local) {
            self.list(list, uses);
        }
        if let ProgramKind::Action(_, making) = &self.program.kind
            && local == making.kind_local
        {
            self.expr(&making.kind.from, role, uses);
        }
    }

    /// What makes an item that a local holds, in whichever list it first stands.
    fn item(
        &self,
        local: usize,
        role: Role,
        uses: &mut Uses,
        made_of: impl Fn(&List) -> Vec<&Expr>,
    ) {
        let mut list = self.items.get(&local).copied();
        while let Some(at) = list {
            for expr in made_of(at) {
                self.expr(expr, role, uses);
            }
            list = match &at.from {
                ListFrom::Local(local) => {
                    self.code().let_lists.get(*local).and_then(Option::as_ref)
                }
                ListFrom::Named { of, .. } => Some(of),
                _ => None,
            };
        }
    }

    /// A value that is named beside an item.
    fn named(&self, naming: usize, nth: usize, role: Role, uses: &mut Uses) {
        let named = self.code().namings.get(naming).and_then(|naming| naming.values.get(nth));
        if let Some(expr) = named.filter(|_| uses.named.insert((naming, nth, role))) {
            self.expr(expr, role, uses);
        }
    }

    fn formula(&self, formula: usize, role: Role, uses: &mut Uses) {
        let body = self.code().formulas.get(formula).map(|formula| &formula.body);
        if let Some(body) = body.filter(|_| uses.asked.insert((formula, role))) {
            self.expr(body, role, uses);
        }
    }

    fn list(&self, list: &List, uses: &mut Uses) {
        match &list.from {
            ListFrom::Rows { .. } | ListFrom::Group(_) => {}
            ListFrom::Nested(outer, inner) => {
                self.list(outer, uses);
                self.list(inner, uses);
            }
            ListFrom::Local(local) => self.local(*local, Role::Rows, uses),
            ListFrom::Named { of, .. } => self.list(of, uses),
            ListFrom::Groups { of, key } => {
                self.list(of, uses);
                self.expr(key, Role::Rows, uses);
            }
        }
        let sorted = list.sort.iter().map(|(key, _)| key);
        for expr in list.only.iter().chain(sorted) {
            self.expr(expr, Role::Rows, uses);
        }
        if let Some(ranges) = &list.ranges {
            for expr in [&ranges.lower, &ranges.upper, &ranges.step] {
                self.expr(expr, Role::Value, uses);
            }
        }
    }
}

fn object_id(mapping: &str, resource: &str) -> String {
    format!("object {mapping} {resource}")
}

fn known_name(part: &KnownPart) -> String {
    match part {
        KnownPart::Actions => "number of earlier actions".to_owned(),
        KnownPart::Own => "number of own earlier actions".to_owned(),
        KnownPart::Kind => "kind of earlier actions".to_owned(),
        KnownPart::Day => "day of earlier actions".to_owned(),
        KnownPart::Result(_) => "result of earlier actions".to_owned(),
    }
}
