//! Formulas: their parameters are set, then their value is evaluated.

use super::{
    code::{Arg, Ask, List},
    eval::{Evaluated, Evaluation, Halt, Local},
    scalar::Scalar,
};

impl<'r> Evaluation<'r> {
    /// The value of a formula. What a name beside an item asks may be the formula that is under
    /// way for another item, so what that one was given is put aside.
    pub(super) fn ask(&mut self, ask: &'r Ask) -> Evaluated<'r> {
        let code = self.code;
        let Some(formula) = code.formulas.get(ask.formula) else { return Ok(Scalar::Missing) };
        let given =
            ask.args.iter().map(|arg| self.arg(arg)).collect::<Result<Vec<_>, Box<Halt>>>()?;
        let aside: Vec<_> = formula.params.iter().map(|param| self.put_aside(*param)).collect();
        for (param, value) in formula.params.iter().zip(given) {
            self.set(*param, value);
        }
        let value = self.expr(&formula.body);
        for (param, aside) in formula.params.iter().zip(aside).rev() {
            self.take_back(*param, aside);
        }
        value
    }

    fn arg(&mut self, arg: &'r Arg) -> Result<Local<'r>, Box<Halt>> {
        Ok(match arg {
            Arg::Record => Local::Row(0),
            Arg::Local(local) => self.locals.get(*local).cloned().unwrap_or(Local::Unset),
            Arg::Value(expr) => Local::Value(self.expr(expr)?),
            Arg::List(list) => Local::Items(self.list(list)?),
            Arg::Pick(list, index) => self.pick(list, *index)?.unwrap_or(Local::Unset),
        })
    }

    /// One item of a list; negative counts from the end.
    pub(super) fn pick(
        &mut self,
        list: &'r List,
        index: i64,
    ) -> Result<Option<Local<'r>>, Box<Halt>> {
        let items = self.list(list)?;
        let at = if index < 0 {
            let back = usize::try_from(index.unsigned_abs()).unwrap_or(usize::MAX);
            items.len().checked_sub(back)
        } else {
            usize::try_from(index).ok()
        };
        Ok(at.and_then(|at| items.get(at)).cloned())
    }
}
