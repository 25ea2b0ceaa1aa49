//! Values that are named beside the items of a list: each is calculated once per item.

use super::{
    eval::{Evaluated, Evaluation, Local, NamedItem},
    scalar::Scalar,
    watch::Note,
};
use std::rc::Rc;

impl<'r> Local<'r> {
    /// The item itself, without the names beside it.
    pub(super) fn plain(&self) -> &Self {
        let mut local = self;
        while let Self::Named(named) = local {
            local = &named.item;
        }
        local
    }
}

impl<'r> Evaluation<'r> {
    /// What a local holds, without the names beside it.
    #[inline]
    pub(super) fn plain(&self, local: usize) -> Option<&Local<'r>> {
        self.locals.get(local).map(Local::plain)
    }

    /// A value that is named beside the item that a local holds.
    pub(super) fn named(&mut self, local: usize, naming: usize, nth: usize) -> Evaluated<'r> {
        let Some(item) = self.locals.get(local).and_then(|local| with_names(local, naming)) else {
            return Ok(Scalar::Missing);
        };
        let note = Note::Named(item.id, nth);
        if let Some(Some(value)) = item.values.borrow().get(nth) {
            let value = value.clone();
            if self.watch.is_some() {
                self.recall(note);
            }
            return Ok(value);
        }
        let code = self.code;
        let Some(naming) = code.namings.get(naming) else { return Ok(Scalar::Missing) };
        let Some(expr) = naming.values.get(nth) else { return Ok(Scalar::Missing) };
        // The values of one item may ask those of another one.
        let aside = self.put_aside(naming.item);
        self.set(naming.item, Local::Named(item.clone()));
        let value = self.noted(note, |this| this.expr(expr));
        self.take_back(naming.item, aside);
        let value = value?;
        if let Some(place) = item.values.borrow_mut().get_mut(nth) {
            *place = Some(value.clone());
        }
        Ok(value)
    }

    /// Empties a local and what depends on it, and gives what they held.
    pub(super) fn put_aside(&mut self, local: usize) -> Vec<Local<'r>> {
        let code = self.code;
        let depends = code.depends.get(local).into_iter().flatten();
        std::iter::once(&local).chain(depends).map(|local| self.take(*local)).collect()
    }

    /// Gives back what was put aside.
    pub(super) fn take_back(&mut self, local: usize, aside: Vec<Local<'r>>) {
        let code = self.code;
        let depends = code.depends.get(local).into_iter().flatten();
        for (local, before) in std::iter::once(&local).chain(depends).zip(aside) {
            self.set(*local, before);
        }
    }

    fn take(&mut self, local: usize) -> Local<'r> {
        match self.locals.get_mut(local) {
            Some(place) => std::mem::replace(place, Local::Unset),
            None => Local::Unset,
        }
    }
}

/// The item, where it has these names: they may be beside an item that has others.
fn with_names<'r>(local: &Local<'r>, naming: usize) -> Option<Rc<NamedItem<'r>>> {
    let mut local = local;
    while let Local::Named(named) = local {
        if named.naming == naming {
            return Some(named.clone());
        }
        local = &named.item;
    }
    None
}
