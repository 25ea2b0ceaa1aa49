//! From a record to its draft: one wish per resource and item, parents before what lies within.

use super::{
    Mapped, Resource, Verdict,
    code::{Expr, Stop},
    compiled::{Code, Making},
    draft::{Draft, DraftValue, FieldDraft, Left, WishDraft},
    eval::{Evaluation, Halt},
    nodes::Written,
    watch::PartKind,
};

/// The wishes of a record.
pub(super) fn draft<'r>(
    code: &'r Code,
    (resources, makings): (&'r [Resource], &'r [Making]),
    evaluation: &mut Evaluation<'r>,
) -> Mapped {
    let (record, label) = evaluation.identity();
    let left = |verdict| Left {
        record: record.clone(),
        label: label.clone(),
        verdict,
        on_failure: Vec::new(),
    };
    let mut maker = Maker {
        resources,
        makings,
        draft: Draft { record: record.clone(), label: label.clone(), ..Draft::default() },
        text: Vec::new(),
        unwished: None,
    };
    let roots: Vec<usize> = roots(makings);
    let made = evaluation
        .guard(&code.guards)
        .and_then(|()| roots.iter().try_for_each(|root| maker.make(evaluation, *root, None)));
    match made {
        Err(halt) if halt.reject => Mapped::Rejected(left(halt.verdict)),
        Err(halt) => Mapped::Skipped(left(halt.verdict)),
        Ok(()) => {
            maker.draft.text = String::from_utf8(maker.text).unwrap_or_default();
            match maker.unwished {
                // A record that wishes for nothing is left out, with the condition that says so.
                Some(verdict) if maker.draft.wishes.is_empty() => Mapped::Skipped(left(verdict)),
                _ => Mapped::Draft(maker.draft),
            }
        }
    }
}

/// The resources that lie within none.
fn roots(makings: &[Making]) -> Vec<usize> {
    let within = |at: &usize| makings.iter().any(|making| making.children.contains(at));
    (0..makings.len()).filter(|at| !within(at)).collect()
}

struct Maker<'r> {
    resources: &'r [Resource],
    makings: &'r [Making],
    draft: Draft,
    text: Vec<u8>,
    /// The first condition that kept a root from being wished for.
    unwished: Option<Verdict>,
}

impl<'r> Maker<'r> {
    /// Makes the objects of a resource, and what lies within them.
    fn make(
        &mut self,
        evaluation: &mut Evaluation<'r>,
        resource: usize,
        parent: Option<usize>,
    ) -> Result<(), Box<Halt>> {
        let makings = self.makings;
        let Some(making) = makings.get(resource) else { return Ok(()) };
        match &making.each {
            None => self.make_one(evaluation, making, resource, parent),
            Some(list) => evaluation
                .each(list, |evaluation| self.make_one(evaluation, making, resource, parent)),
        }
    }

    /// Makes one object; an item that the mapping skips leaves the record whole.
    fn make_one(
        &mut self,
        evaluation: &mut Evaluation<'r>,
        making: &'r Making,
        resource: usize,
        parent: Option<usize>,
    ) -> Result<(), Box<Halt>> {
        if let Some(when) = &making.when
            && !evaluation.truth(&when.holds)?
        {
            let origin = evaluation.code.origin(when.origin);
            let reason = format!("`{}` does not hold", when.text);
            self.unwished.get_or_insert(Verdict {
                rule: "not-wished-for",
                reason,
                origin,
                path: None,
            });
            return Ok(());
        }
        let before = (self.draft.wishes.len(), self.text.len());
        let mark = evaluation.mark();
        evaluation.begin_object(before.0);
        let made = evaluation
            .guard(&making.guards)
            .and_then(|()| self.wish(evaluation, making, resource, parent));
        match made {
            Err(halt) if !halt.reject => {
                self.draft.wishes.truncate(before.0);
                self.text.truncate(before.1);
                self.draft.skipped.push(halt.verdict);
                evaluation.undo(mark);
                Ok(())
            }
            other => other,
        }
    }

    fn wish(
        &mut self,
        evaluation: &mut Evaluation<'r>,
        making: &'r Making,
        resource: usize,
        parent: Option<usize>,
    ) -> Result<(), Box<Halt>> {
        let mut fields = Vec::with_capacity(making.fields.len());
        for (rule, node) in making.fields.iter().enumerate() {
            let start = self.text.len();
            if evaluation.watch.is_some()
                && let Some(rule) = self.resources.get(resource).and_then(|r| r.fields.get(rule))
            {
                evaluation.begin_field("", &rule.name);
            }
            let value = match evaluation.node(node, &mut self.text)? {
                Written::Value => DraftValue::Json(start..self.text.len()),
                Written::Clear => DraftValue::Clear,
                Written::Reference(reference) => DraftValue::Ref(reference),
                Written::Absent => continue,
            };
            fields.push(FieldDraft { rule, value });
        }
        let mut adopt_by = Vec::new();
        for (name, rule) in &making.adopt_by {
            let start = self.text.len();
            evaluation.begin_field("adopt_by ", name);
            if evaluation.rule(rule, &mut self.text)? == Written::Value {
                adopt_by.push((name.clone(), start..self.text.len()));
            }
        }
        let own = self.key(evaluation, making, &fields)?;
        let key = match parent.and_then(|parent| self.draft.wishes.get(parent)) {
            Some(parent) => format!("{}/{own}", parent.key),
            None => own,
        };
        let wish = WishDraft { resource, parent, key, key_fields: Vec::new(), adopt_by, fields };
        self.draft.wishes.push(wish);
        let at = self.draft.wishes.len() - 1;
        self.name_key(making, at);
        for child in &making.children {
            self.make(evaluation, *child, Some(at))?;
        }
        Ok(())
    }

    /// The key of a wish as canonical text. Names are left to the resource: values suffice.
    fn key(
        &self,
        evaluation: &Evaluation<'r>,
        making: &Making,
        fields: &[FieldDraft],
    ) -> Result<String, Box<Halt>> {
        let mut key = Vec::new();
        for (rule, _) in &making.key {
            let field = fields.iter().find(|field| field.rule == *rule);
            match field.map(|field| &field.value) {
                Some(DraftValue::Json(range)) => {
                    key.push(self.text.get(range.clone()).unwrap_or_default());
                }
                _ => return Err(evaluation.reject("absent-key", "a field of the key has no value")),
            }
        }
        Ok(canonical_key(&key.join(&b',')))
    }

    /// Notes which fields are the key, with the ranges of their values.
    fn name_key(&mut self, making: &Making, at: usize) {
        if let Some(wish) = self.draft.wishes.get_mut(at) {
            for (rule, name) in &making.key {
                let value = wish.fields.iter().find(|field| field.rule == *rule);
                if let Some(FieldDraft { value: DraftValue::Json(range), .. }) = value {
                    wish.key_fields.push((name.clone(), range.clone()));
                }
            }
        }
    }
}

/// A key as canonical text: the JSON of its values, which is the same for the same values.
pub(super) fn canonical_key(key: &[u8]) -> String {
    String::from_utf8_lossy(key).into_owned()
}

impl<'r> Evaluation<'r> {
    /// The id and the name of the record.
    pub(super) fn identity(&mut self) -> (String, Option<String>) {
        let code = self.code;
        let mut shown = |expr: &'r Option<Expr>| {
            let value = self.expr(expr.as_ref()?).ok()?;
            (!value.is_absent()).then(|| value.shown().into_owned())
        };
        (shown(&code.record_id).unwrap_or_default(), shown(&code.record_label))
    }

    /// Ends with the first guard whose condition holds.
    pub(super) fn guard(&mut self, guards: &'r [(Expr, Stop)]) -> Result<(), Box<Halt>> {
        for (condition, stop) in guards {
            if self.truth(condition)? {
                self.fire(PartKind::Guard, stop.origin, || {
                    ("guard".to_owned(), Vec::new(), stop.shown())
                });
                return Err(self.stop(stop));
            }
        }
        Ok(())
    }
}
