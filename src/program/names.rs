//! Values that are named beside the items of a list: each is calculated once per item.

use super::{
    eval::{Evaluated, Evaluation, Local, NamedItem},
    scalar::Scalar,
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
        if let Some(Some(value)) = item.values.borrow().get(nth) {
            return Ok(value.clone());
        }
        let code = self.code;
        let Some(naming) = code.namings.get(naming) else { return Ok(Scalar::Missing) };
        let Some(expr) = naming.values.get(nth) else { return Ok(Scalar::Missing) };
        // The values of one item may ask those of another one, so what is under way is put aside.
        let depends = code.depends.get(naming.item).map_or(&[][..], Vec::as_slice);
        let aside: Vec<Local<'r>> =
            std::iter::once(&naming.item).chain(depends).map(|local| self.take(*local)).collect();
        self.set(naming.item, Local::Named(item.clone()));
        let value = self.expr(expr);
        for (local, before) in std::iter::once(&naming.item).chain(depends).zip(aside) {
            self.set(*local, before);
        }
        let value = value?;
        if let Some(place) = item.values.borrow_mut().get_mut(nth) {
            *place = Some(value.clone());
        }
        Ok(value)
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
