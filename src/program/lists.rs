//! Lists of items: rows, groups, filters, orders, and ranges that must have no hole.

use std::{cell::RefCell, cmp::Ordering, rc::Rc};

use super::{
    code::{List, ListFrom, Ranges, RowRef, SlotRef},
    eval::{Evaluation, Group, Halt, Local, NamedItem},
    reader::Slot,
    scalar::Scalar,
};
use crate::value::Decimal;

type Items<'r> = Rc<Vec<Local<'r>>>;

impl<'r> Evaluation<'r> {
    /// The items of a list, filtered and in order.
    pub(super) fn list(&mut self, list: &'r List) -> Result<Items<'r>, Box<Halt>> {
        // Which rows there are is no part of a value that is made of them.
        self.hush();
        let items = self.chosen(list);
        self.unhush();
        items
    }

    fn chosen(&mut self, list: &'r List) -> Result<Items<'r>, Box<Halt>> {
        let mut items = self.items(&list.from)?;
        if let Some(only) = &list.only {
            let mut kept = Vec::with_capacity(items.len());
            for item in items.iter() {
                self.hold(list.item, item.clone());
                if self.truth(only)? {
                    kept.push(item.clone());
                }
            }
            items = Rc::new(kept);
        }
        if !list.sort.is_empty() {
            items = self.sorted(list, &items)?;
        }
        match &list.ranges {
            Some(ranges) => self.ranges(list, ranges, &items),
            None => Ok(items),
        }
    }

    fn items(&mut self, from: &'r ListFrom) -> Result<Items<'r>, Box<Halt>> {
        match from {
            ListFrom::Rows { slot, .. } => Ok(self.rows(*slot)),
            ListFrom::Nested(outer, inner) => {
                let mut all = Vec::new();
                for item in self.list(outer)?.iter() {
                    self.hold(outer.item, item.clone());
                    all.extend(self.list(inner)?.iter().cloned());
                }
                Ok(Rc::new(all))
            }
            ListFrom::Local(local) => self.let_list(*local),
            ListFrom::Named { of, naming } => {
                let items = self.list(of)?;
                let count = self.code.namings.get(*naming).map_or(0, |naming| naming.values.len());
                let first = self.named_items;
                self.named_items = first.saturating_add(items.len());
                let named = items.iter().enumerate().map(|(at, item)| {
                    let values = RefCell::new(vec![None; count]);
                    let (id, naming) = (first.saturating_add(at), *naming);
                    Local::Named(Rc::new(NamedItem { item: item.clone(), id, naming, values }))
                });
                Ok(Rc::new(named.collect()))
            }
            ListFrom::Group(local) => Ok(match self.plain(*local) {
                Some(Local::Group(group)) => Rc::new(group.items.clone()),
                _ => Rc::default(),
            }),
            ListFrom::Groups { of, key: by } => {
                let items = self.list(of)?;
                let mut groups: Vec<Group<'r>> = Vec::new();
                for item in items.iter() {
                    self.hold(of.item, item.clone());
                    let key = self.expr(by)?;
                    match groups.iter_mut().find(|group| group.key.same(&key)) {
                        Some(group) => group.items.push(item.clone()),
                        None => {
                            let (items, by) = (vec![item.clone()], (&**by, of.item));
                            groups.push(Group { key, items, by });
                        }
                    }
                }
                Ok(Rc::new(groups.into_iter().map(|group| Local::Group(Rc::new(group))).collect()))
            }
        }
    }

    fn rows(&self, slot: SlotRef) -> Items<'r> {
        let row = match slot.row {
            RowRef::Record => Some(0),
            RowRef::Local(local) => match self.plain(local) {
                Some(Local::Row(row) | Local::Ranged { row, .. }) => Some(*row),
                _ => None,
            },
        };
        let width = self.code.shapes.all.get(slot.shape).map_or(0, |shape| shape.width);
        match row.map(|row| self.reader.slot(slot.shape, row, width, slot.slot)) {
            Some(Slot::Rows(first, count)) => {
                Rc::new((first..first.saturating_add(count)).map(Local::Row).collect())
            }
            _ => Rc::default(),
        }
    }

    fn let_list(&mut self, local: usize) -> Result<Items<'r>, Box<Halt>> {
        if let Some(Local::Items(items)) = self.locals.get(local) {
            return Ok(items.clone());
        }
        let code = self.code;
        let Some(Some(list)) = code.let_lists.get(local) else { return Ok(Rc::default()) };
        let items = self.list(list)?;
        self.set(local, Local::Items(items.clone()));
        Ok(items)
    }

    fn sorted(&mut self, list: &'r List, items: &[Local<'r>]) -> Result<Items<'r>, Box<Halt>> {
        let mut keyed: Vec<(Vec<Scalar<'r>>, Local<'r>)> = Vec::with_capacity(items.len());
        for item in items {
            self.hold(list.item, item.clone());
            let mut keys = Vec::with_capacity(list.sort.len());
            for (key, _) in &list.sort {
                keys.push(self.expr(key)?);
            }
            keyed.push((keys, item.clone()));
        }
        keyed.sort_by(|(a, _), (b, _)| {
            let pairs = a.iter().zip(b).zip(&list.sort);
            let mut orders = pairs.map(|((a, b), (_, descending))| {
                let order = sort_order(a, b);
                if *descending { order.reverse() } else { order }
            });
            orders.find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
        });
        Ok(Rc::new(keyed.into_iter().map(|(_, item)| item).collect()))
    }

    /// Half-open ranges in order become inclusive ones that touch.
    fn ranges(
        &mut self,
        list: &'r List,
        ranges: &'r Ranges,
        items: &[Local<'r>],
    ) -> Result<Items<'r>, Box<Halt>> {
        let mut bounds = Vec::with_capacity(items.len());
        for item in items {
            self.hold(list.item, item.clone());
            let lower = self.expr(&ranges.lower)?;
            if lower.is_absent() {
                let reason = format!("the tier {} has no lower bound", self.tier_id(ranges)?);
                return Err(self.reject_at(ranges.origin, "tier-without-bound", reason));
            }
            let lower = self.number(&lower)?;
            let upper = self.expr(&ranges.upper)?;
            let upper = if upper.is_absent() { None } else { Some(self.number(&upper)?) };
            bounds.push(Bound { lower, upper, id: self.tier_id(ranges)?, item: item.clone() });
        }
        bounds.sort_by(|a, b| a.lower.cmp(&b.lower).then_with(|| a.id.cmp(&b.id)));
        // Only the last bound can be one that stands for infinity.
        if let Some(last) = bounds.last_mut() {
            last.upper = last.upper.filter(|upper| ranges.open_at.is_none_or(|open| *upper < open));
        }
        check(&bounds).map_err(|(rule, said)| self.reject_at(ranges.origin, rule, said))?;
        let step = self.expr(&ranges.step)?;
        let step = self.number(&step)?;
        check_steps(&bounds, ranges.first, step)
            .map_err(|(rule, said)| self.reject_at(ranges.origin, rule, said))?;
        drop_unitless(&mut bounds, ranges.first, step);
        let inclusive = |(at, bound): (usize, Bound<'r>)| {
            let row = match bound.item.plain() {
                Local::Row(row) | Local::Ranged { row, .. } => *row,
                _ => 0,
            };
            let from = ranges.first.filter(|_| at == 0).unwrap_or(bound.lower);
            let to = bound.upper.and_then(|upper| upper.checked_sub(step));
            Local::Ranged { row, from, to, by: (ranges, list.item) }
        };
        Ok(Rc::new(bounds.into_iter().enumerate().map(inclusive).collect()))
    }

    fn tier_id(&mut self, ranges: &'r Ranges) -> Result<String, Box<Halt>> {
        match &ranges.id {
            Some(id) => Ok(self.expr(id)?.shown().into_owned()),
            None => Ok(String::new()),
        }
    }
}

/// A first tier that ends before the first unit, as [0, 1) does, holds nothing: the next one begins
/// in its place. Sent as 0 to 0, its flat fee would be charged for a quantity that is not its own.
fn drop_unitless(bounds: &mut Vec<Bound<'_>>, first: Option<Decimal>, step: Decimal) {
    let ends = bounds.first().and_then(|bound| bound.upper?.checked_sub(step));
    let unitless = ends.is_some_and(|end| end <= Decimal::ZERO);
    if first == Some(Decimal::ZERO) && unitless && bounds.len() > 1 {
        bounds.remove(0);
    }
}

struct Bound<'r> {
    lower: Decimal,
    upper: Option<Decimal>,
    id: String,
    item: Local<'r>,
}

/// Absent before everything else, so that an order is total.
fn sort_order(a: &Scalar<'_>, b: &Scalar<'_>) -> Ordering {
    match (a.is_absent(), b.is_absent()) {
        (true, true) => Ordering::Equal,
        (true, false) => Ordering::Less,
        (false, true) => Ordering::Greater,
        _ => a.order(b).unwrap_or(Ordering::Equal),
    }
}

impl std::fmt::Display for Bound<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let lower = self.lower.normalize();
        match self.upper {
            Some(upper) => write!(f, "{} [{lower}, {})", self.id, upper.normalize()),
            None => write!(f, "{} [{lower}, open)", self.id),
        }
    }
}

/// A rule that ranges break, and what is said of it.
type Broken = (&'static str, String);

/// The first range begins where counting does, and every bound is a quantity that can be.
///
/// Counting starts at `first` or at the unit after it. A first range that begins later is not made
/// to reach down: its discount would then be given to quantities that have none.
fn check_steps(bounds: &[Bound<'_>], first: Option<Decimal>, step: Decimal) -> Result<(), Broken> {
    let starts_late = |bound: &&Bound<'_>| {
        let counting = first.and_then(|first| first.checked_add(Decimal::ONE));
        counting.is_some_and(|counting| bound.lower > counting)
    };
    if let Some(bound) = bounds.first().filter(starts_late) {
        let said = format!(
            "the tier {bound} is the first one, and what lies below has no price; add a tier below it"
        );
        return Err(("tier-late-start", said));
    }
    let between = |bound: Decimal| bound.checked_rem(step).is_some_and(|rest| !rest.is_zero());
    match bounds.iter().find(|bound| between(bound.lower) || bound.upper.is_some_and(between)) {
        Some(bound) => {
            let step = step.normalize();
            let said =
                format!("the tier {bound} has a bound between two steps of the unit ({step})");
            Err(("tier-between-steps", said))
        }
        None => Ok(()),
    }
}

/// Ranges in order must touch, and only the last may be open.
fn check(bounds: &[Bound<'_>]) -> Result<(), Broken> {
    let said = |what: &str, bounds: &[&Bound<'_>]| {
        let ranges: Vec<_> = bounds.iter().map(ToString::to_string).collect();
        format!("the tiers {} {what}", ranges.join(" and "))
    };
    for bound in bounds {
        if bound.upper.is_some_and(|upper| upper <= bound.lower) {
            return Err(("tier-empty", format!("the tier {bound} holds no quantity")));
        }
    }
    for pair in bounds.windows(2) {
        let [a, b] = pair else { continue };
        if a.lower == b.lower && a.upper == b.upper {
            return Err(("tier-duplicate", said("are duplicates", &[a, b])));
        }
        match a.upper {
            None if b.upper.is_none() => {
                return Err(("tier-two-open", said("are both open", &[a, b])));
            }
            None => return Err(("tier-overlap", said("overlap", &[a, b]))),
            Some(upper) if upper > b.lower => {
                return Err(("tier-overlap", said("overlap", &[a, b])));
            }
            Some(upper) if upper < b.lower => {
                return Err(("tier-hole", said("leave a hole between them", &[a, b])));
            }
            Some(_) => {}
        }
    }
    Ok(())
}
