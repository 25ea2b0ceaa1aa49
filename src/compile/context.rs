//! What the passes over one mapping share: findings, places, locals, slots and the query.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use super::{
    Facts, Used,
    formulas::{Doubts, Formulas},
    made::Made,
    maps::Needed,
    references::Ids,
    scope::Scope,
};
use crate::{
    connector::{Query, Relation, RelationKind},
    diag::{Code as FindingCode, Diagnostic, Findings, SourceMap, Span, nearest},
    program::{
        Code, Origin,
        code::{Expr, List, SlotRef},
        shape::{Member, Members, Place, Shape, Shapes},
    },
    schema::{Catalog, Field, FieldType, Object, ProfileRule},
    syntax::{
        Expression, ExpressionFault, Node, Select, SelectFault, parse_expression, parse_select,
    },
};

/// The resources of a set: mapping → resource → what is known of it from outside.
pub(super) type SetKeys = BTreeMap<String, BTreeMap<String, Outside>>;

/// What is known of a resource before anything is checked.
#[derive(Clone, Debug, Default)]
pub(super) struct Outside {
    /// The object of the target.
    pub object: Option<String>,
    /// The key fields, level by level, those of parents first.
    pub levels: Vec<Vec<String>>,
    /// The resources that these are of, level by level: its parents, and itself.
    pub owners: Vec<String>,
}

/// Where the resources of a set are made: mapping → resource → place.
pub(super) type SetPlaces = BTreeMap<String, BTreeMap<String, Span>>;

/// Texts that were read, or why they cannot be: a shape is compiled anew at every use, and its
/// texts stay the same.
struct Texts<T, F>(HashMap<String, Arc<Result<T, F>>>);

impl<T, F> Texts<T, F> {
    fn read(&mut self, text: &str, read: fn(&str) -> Result<T, F>) -> Arc<Result<T, F>> {
        if let Some(known) = self.0.get(text) {
            return known.clone();
        }
        let known = Arc::new(read(text));
        self.0.insert(text.to_owned(), known.clone());
        known
    }
}

/// The state of the compilation of one mapping.
pub(super) struct Context<'a> {
    pub sources: &'a SourceMap,
    pub findings: &'a mut Findings,
    pub catalog: &'a mut Catalog,
    pub facts: &'a Facts,
    pub code: Code,
    pub query: Query,
    /// Per shape: the relations that lead to it in the query. `None` where it is no relation.
    homes: Vec<Option<Vec<String>>>,
    pub source: String,
    pub target: String,
    /// The maps and tables of the mapping, by name.
    pub tables: BTreeMap<String, &'a Node>,
    /// Which value maps are compiled already.
    pub maps: BTreeMap<String, usize>,
    /// Which rows for values without a name the uses of each map need.
    pub map_uses: BTreeMap<String, Needed>,
    /// The shapes (reusable pieces) of the mapping, by name.
    pub pieces: BTreeMap<String, &'a Node>,
    /// The pieces that are being inlined, to find circles.
    pub inlining: Vec<String>,
    /// How many pieces were inlined: pieces of pieces grow fast.
    pub inlined: usize,
    /// Shapes that were compiled for arguments of some types.
    pub formulas: Formulas,
    /// Expressions that were read.
    expressions: Texts<Expression, ExpressionFault>,
    /// Selects that were read.
    selects: Texts<Select, SelectFault>,
    /// What was said of parts that are compiled at their first use alone: shapes that are one
    /// value, and maps.
    pub said_once: Vec<Diagnostic>,
    /// What seems to have no use in such shapes, by shape.
    pub doubts: BTreeMap<String, Doubts>,
    /// The decision tables that are being compiled, to find circles.
    pub tabling: Vec<String>,
    /// How many decision tables were compiled: each use of one is compiled anew.
    pub tabled: usize,
    /// Whether every file of the set could be read; else what a name stands for may be in the rest.
    pub set_is_whole: bool,
    /// Resources of the set.
    pub keys: &'a SetKeys,
    /// Where they are made.
    pub places: &'a SetPlaces,
    /// Which ids are keys, and by which ids references look for them.
    pub ids: &'a mut Ids,
    /// The resource whose key is being compiled.
    pub keying: Option<String>,
    /// The names by which this mapping uses others of the set.
    pub uses: BTreeMap<String, String>,
    /// The same as they are written.
    pub used: Vec<Used>,
    /// The name of this mapping.
    pub mapping: String,
    /// Where the names are made by which it does.
    pub uses_at: BTreeMap<String, Span>,
    /// The names that the mapping makes, and which it uses.
    pub made: Made,
    /// Names beside the fields of the object that a path goes into, for what is near to a wrong one.
    pub beside: Vec<(String, Span)>,
    /// What a select may start with where it goes to the source after an action.
    pub answers: &'static [&'static str],
    /// Parameters that were read, with their values, for the digest.
    pub params_read: BTreeMap<String, String>,
    /// Fields of the record that have a value wherever evaluation comes: a guard says so.
    pub present: Vec<SlotRef>,
    /// Whether the mapping takes actions.
    pub acts: bool,
    /// What the target tells of them afterwards, where that is known.
    pub outcome: Option<FieldType>,
    /// The kinds of its actions.
    pub kinds: Vec<String>,
    /// The local that holds the kind of the action.
    pub kind_local: Option<usize>,
    /// The kinds on which the part that is compiled is sent; `None` for all of them.
    pub on_kinds: Option<Vec<String>>,
    /// Where in the body the part stands that is compiled: `subscriptions`, `[]`, `.customFields`.
    pub path: Vec<String>,
    /// The profile, and its rules for what is sent.
    pub profile: String,
    /// Its rules for what is sent.
    pub profile_rules: Vec<ProfileRule>,
}

impl<'a> Context<'a> {
    pub fn new(
        sources: &'a SourceMap,
        findings: &'a mut Findings,
        catalog: &'a mut Catalog,
        facts: &'a Facts,
        (keys, places): (&'a SetKeys, &'a SetPlaces),
        ids: &'a mut Ids,
    ) -> Self {
        let code = Code { shapes: Shapes::new(), ..Code::default() };
        Self {
            sources,
            findings,
            catalog,
            facts,
            code,
            query: Query::of(""),
            homes: vec![Some(Vec::new())],
            source: String::new(),
            target: String::new(),
            tables: BTreeMap::new(),
            maps: BTreeMap::new(),
            map_uses: BTreeMap::new(),
            pieces: BTreeMap::new(),
            inlining: Vec::new(),
            inlined: 0,
            formulas: Formulas::new(),
            expressions: Texts(HashMap::new()),
            selects: Texts(HashMap::new()),
            said_once: Vec::new(),
            doubts: BTreeMap::new(),
            tabling: Vec::new(),
            tabled: 0,
            set_is_whole: true,
            keys,
            places,
            ids,
            keying: None,
            uses: BTreeMap::new(),
            used: Vec::new(),
            uses_at: BTreeMap::new(),
            made: Made::default(),
            beside: Vec::new(),
            answers: &[],
            mapping: String::new(),
            params_read: BTreeMap::new(),
            present: Vec::new(),
            acts: false,
            outcome: None,
            kinds: Vec::new(),
            kind_local: None,
            on_kinds: None,
            path: Vec::new(),
            profile: String::new(),
            profile_rules: Vec::new(),
        }
    }

    /// Reports an error without more to say.
    pub fn error(&mut self, code: FindingCode, span: Span, message: impl Into<String>) {
        self.findings.push(Diagnostic::error(code, span, message));
    }

    pub fn push(&mut self, finding: Diagnostic) {
        self.findings.push(finding);
    }

    /// Reports a finding with the name that was meant: as a fix where the file holds what was
    /// written letter by letter, else in words.
    pub fn push_near<'n>(
        &mut self,
        finding: Diagnostic,
        written: &str,
        names: impl IntoIterator<Item = &'n str>,
    ) {
        let names: Vec<&str> = names.into_iter().collect();
        let finding = finding.names(names.iter().copied());
        let finding = if self.sources.slice(finding.primary.span) == written {
            finding.suggest(written, names)
        } else {
            match nearest(written, names) {
                Some(near) if finding.hint.is_none() => {
                    finding.hint(format!("did you mean `{near}`?"))
                }
                _ => finding,
            }
        };
        self.findings.push(finding);
    }

    /// Notes a place of the mapping for a rule that may have to name it at run time.
    pub fn origin(&mut self, span: Span) -> usize {
        let place = self.sources.place(span);
        let file: Arc<str> = Arc::from(self.sources.name(span.file));
        self.code.origins.push(Origin { file, line: place.line, column: place.column });
        self.code.origins.len() - 1
    }

    /// The place of a span, for what a plan shows.
    pub fn place(&self, span: Span) -> Origin {
        let place = self.sources.place(span);
        let file: Arc<str> = Arc::from(self.sources.name(span.file));
        Origin { file, line: place.line, column: place.column }
    }

    /// The expression that a text holds.
    pub fn expression(&mut self, text: &str) -> Arc<Result<Expression, ExpressionFault>> {
        self.expressions.read(text, parse_expression)
    }

    /// The select that a text holds.
    pub fn select(&mut self, text: &str) -> Arc<Result<Select, SelectFault>> {
        self.selects.read(text, parse_select)
    }

    /// A new local. When it depends on an item, it is forgotten with the item.
    pub fn local(&mut self, scope: &Scope) -> usize {
        let local = self.code.locals;
        self.code.locals += 1;
        self.code.let_values.push(None);
        self.code.let_lists.push(None);
        self.code.depends.push(Vec::new());
        for item in &scope.items {
            if let Some(depends) = self.code.depends.get_mut(*item) {
                depends.push(local);
            }
        }
        local
    }

    pub fn set_let_value(&mut self, local: usize, expr: Expr) {
        if let Some(place) = self.code.let_values.get_mut(local) {
            *place = Some(expr);
        }
    }

    pub fn set_let_list(&mut self, local: usize, list: List) {
        if let Some(place) = self.code.let_lists.get_mut(local) {
            *place = Some(list);
        }
    }

    /// An object of the source's schema.
    pub fn source_object(&mut self, name: &str, span: Span) -> Option<Arc<Object>> {
        let system = self.source.clone();
        self.object(&system, name, span)
    }

    /// An object of a schema, reporting what hinders it.
    pub fn object(&mut self, system: &str, name: &str, span: Span) -> Option<Arc<Object>> {
        match self.catalog.object(system, name) {
            Ok(Some(object)) => Some(object),
            Ok(None) => {
                let message = format!("{system} has no object `{name}`");
                let known: Vec<String> = self.catalog.objects(system).map(str::to_owned).collect();
                let finding = Diagnostic::error(FindingCode::UNKNOWN_OBJECT, span, message);
                // A schema is named by its file.
                let written = self.sources.slice(span).to_owned();
                if system == "file" && written.ends_with(".json") {
                    let files = known.iter().map(|name| format!("{name}.schema.json"));
                    let files: Vec<String> = files.collect();
                    self.push_near(finding, &written, files.iter().map(String::as_str));
                } else {
                    self.push_near(finding, name, known.iter().map(String::as_str));
                }
                None
            }
            Err(fault) => {
                self.error(FindingCode::UNKNOWN_OBJECT, span, fault.to_string());
                None
            }
        }
    }

    /// The slot of a member, found or made; `inside` are the objects around it.
    pub fn slot(&mut self, shape: usize, inside: &[String], field: &Field) -> usize {
        self.ask_for(shape, inside, &field.name);
        let Some(shape) = self.code.shapes.all.get_mut(shape) else { return 0 };
        let width = &mut shape.width;
        let Some(members) = descend(&mut shape.members, inside, width) else { return 0 };
        match members.all.iter().find(|member| member.name == field.name).map(|m| &m.place) {
            Some(Place::Slot(slot) | Place::Inside { slot, .. } | Place::List { slot, .. }) => {
                *slot
            }
            None => {
                let slot = take(width);
                members.all.push(Member { name: field.name.clone(), place: Place::Slot(slot) });
                slot
            }
        }
    }

    /// The slot that says whether an object inside is there.
    pub fn presence(&mut self, shape: usize, inside: &[String]) -> usize {
        let Some(shape) = self.code.shapes.all.get_mut(shape) else { return 0 };
        let (Some(name), around) = (inside.last(), inside.get(..inside.len().saturating_sub(1)))
        else {
            return 0;
        };
        let width = &mut shape.width;
        descend(&mut shape.members, inside, width);
        let around = around.unwrap_or_default();
        let Some(members) = descend(&mut shape.members, around, width) else { return 0 };
        match members.all.iter().find(|member| member.name == *name).map(|m| &m.place) {
            Some(Place::Inside { slot, .. }) => *slot,
            _ => 0,
        }
    }

    /// The slot and the shape of a list, found or made. `relation` is what it is in the query.
    pub fn list(
        &mut self,
        shape: usize,
        inside: &[String],
        name: &str,
        relation: bool,
    ) -> (usize, usize) {
        let home = self.homes.get(shape).cloned().flatten().filter(|_| relation);
        let next = self.code.shapes.all.len();
        let Some(holder) = self.code.shapes.all.get_mut(shape) else { return (0, 0) };
        let width = &mut holder.width;
        let Some(members) = descend(&mut holder.members, inside, width) else { return (0, 0) };
        if let Some(Member { place: Place::List { slot, shape }, .. }) =
            members.all.iter().find(|member| member.name == name)
        {
            return (*slot, *shape);
        }
        let slot = take(width);
        let place = Place::List { slot, shape: next };
        members.all.push(Member { name: name.to_owned(), place });
        self.code.shapes.all.push(Shape::default());
        // The member `records` is part of the answer's form, not of the query.
        let home = home.map(|mut home| {
            home.extend(inside.iter().cloned());
            home
        });
        self.homes.push(home);
        (slot, next)
    }

    /// The slot of items that are no objects.
    pub fn item_slot(&mut self, shape: usize) -> usize {
        let Some(shape) = self.code.shapes.all.get_mut(shape) else { return 0 };
        match shape.item {
            Some(slot) => slot,
            None => {
                let slot = take(&mut shape.width);
                shape.item = Some(slot);
                slot
            }
        }
    }

    /// Asks for the member of the record in which objects and lists inside stand.
    pub fn slot_root(&mut self, shape: usize, inside: &[String], field: &Field) {
        if inside.is_empty() {
            self.ask_for(shape, inside, &field.name);
        }
    }

    /// Adds a field to the query, where the shape is part of it.
    fn ask_for(&mut self, shape: usize, inside: &[String], field: &str) {
        let Some(mut home) = self.homes.get(shape).cloned().flatten() else { return };
        home.extend(inside.iter().cloned());
        if let Some(query) = query_at(&mut self.query, &home) {
            query.add_field(field);
        }
    }

    /// Adds a relation to the query.
    pub fn relate(&mut self, shape: usize, inside: &[String], field: &Field) {
        let Some(mut home) = self.homes.get(shape).cloned().flatten() else { return };
        home.extend(inside.iter().cloned());
        let (kind, object) = match &field.kind {
            FieldType::Lookup { to, by } => (RelationKind::Lookup { field: by.clone() }, to),
            FieldType::Children { of, by } => (RelationKind::Children { field: by.clone() }, of),
            _ => return,
        };
        let Some(query) = query_at(&mut self.query, &home) else { return };
        if !query.relations.iter().any(|relation| relation.name == field.name) {
            let query_of = Query::of(object.clone());
            query.relations.push(Relation { name: field.name.clone(), kind, query: query_of });
        }
    }
}

/// The part of a query that a path of relations leads to. Objects that are no relations end it.
fn query_at<'q>(query: &'q mut Query, home: &[String]) -> Option<&'q mut Query> {
    let Some((first, rest)) = home.split_first() else { return Some(query) };
    let relation = query.relations.iter_mut().find(|relation| relation.name == *first)?;
    query_at(&mut relation.query, rest)
}

/// The members of the object that a path of names leads to, made where they are not there yet.
/// `None` where the path leads into a list, which no path of the language does.
fn descend<'m>(
    members: &'m mut Members,
    inside: &[String],
    width: &mut usize,
) -> Option<&'m mut Members> {
    let Some((first, rest)) = inside.split_first() else { return Some(members) };
    let at = match members.all.iter().position(|member| member.name == *first) {
        Some(at) => at,
        None => {
            let place = Place::Inside { slot: take(width), members: Members::default() };
            members.all.push(Member { name: first.clone(), place });
            members.all.len() - 1
        }
    };
    // A member that was asked for whole and is now gone into is read inside from here on.
    if let Some(member) = members.all.get_mut(at)
        && let Place::Slot(slot) = member.place
    {
        member.place = Place::Inside { slot, members: Members::default() };
    }
    match members.all.get_mut(at).map(|member| &mut member.place) {
        Some(Place::Inside { members, .. }) => descend(members, rest, width),
        _ => None,
    }
}

fn take(width: &mut usize) -> usize {
    let slot = *width;
    *width += 1;
    slot
}
