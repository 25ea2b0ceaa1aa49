//! Values with holes: ids of other objects that go somewhere inside a text.

use super::{
    change::{Hole, Holes, Sent},
    text::{Json, WishId},
};
use crate::program::Reference;

/// What a hole holds.
const EMPTY: &str = "null";

impl Holes {
    /// A value of a draft. A place where nothing was written gets its `null` here.
    pub(super) fn of(text: &str, references: &[(usize, Reference)]) -> Self {
        // Between the tokens of a text line ends are nothing but room; within one there are none.
        let mut text = text.replace(['\n', '\r'], " ");
        let mut holes = Vec::with_capacity(references.len());
        let mut shift = 0;
        for (at, reference) in references {
            let at = at.saturating_add(shift).min(text.len());
            if !text.get(at..).is_some_and(|rest| rest.starts_with(EMPTY)) {
                text.insert_str(at, EMPTY);
                shift += EMPTY.len();
            }
            let Reference { mapping, resource, key, take } = reference.clone();
            holes.push(Hole { at, of: WishId { mapping, resource, key }, take });
        }
        Self { text: Json::of_one_line(text), holes }
    }

    /// Puts in what is known: `value` gives what belongs into a hole, and nothing where that is
    /// not known yet.
    ///
    /// # Errors
    /// The first failure of `value`.
    pub fn fill<E>(
        &self,
        mut value: impl FnMut(&Hole) -> Result<Option<Json>, E>,
    ) -> Result<Sent, E> {
        let text = self.text.text();
        let (mut filled, mut left, mut done) = (String::with_capacity(text.len()), Vec::new(), 0);
        for hole in &self.holes {
            filled.push_str(text.get(done..hole.at).unwrap_or_default());
            done = hole.at + EMPTY.len();
            match value(hole)? {
                Some(json) => filled.push_str(json.text()),
                None => {
                    left.push(Hole { at: filled.len(), ..hole.clone() });
                    filled.push_str(EMPTY);
                }
            }
        }
        filled.push_str(text.get(done..).unwrap_or_default());
        let text = Json::of_one_line(filled);
        Ok(if left.is_empty() { Sent::Json(text) } else { Sent::Holed(Self { text, holes: left }) })
    }
}

impl Sent {
    /// The objects whose ids it waits for.
    pub fn waits_for(&self) -> impl Iterator<Item = &WishId> {
        let (one, several) = match self {
            Self::Json(_) => (None, [].as_slice()),
            Self::Pending { of, .. } => (Some(of), [].as_slice()),
            Self::Holed(holes) => (None, holes.holes.as_slice()),
        };
        one.into_iter().chain(several.iter().map(|hole| &hole.of))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reference(key: &str) -> Reference {
        let (mapping, resource) = ("catalog".into(), "charge".into());
        Reference { mapping, resource, key: key.into(), take: None }
    }

    fn fill(holes: &Holes, known: &str) -> Sent {
        let value = |hole: &Hole| {
            Ok::<_, ()>((hole.of.key == known).then(|| Json::of_text(&format!("id of {known}"))))
        };
        holes.fill(value).unwrap()
    }

    #[test]
    fn ids_go_where_they_belong_one_after_the_other() {
        let text = "{\"a\":null,\n\"b\":[null,1.50,null]}";
        let places: Vec<usize> = text.match_indices("null").map(|(at, _)| at).collect();
        let holes = Holes::of(text, &[(places[0], reference("x")), (places[2], reference("y"))]);
        let Sent::Holed(left) = fill(&holes, "y") else { panic!() };
        assert_eq!(left.text.text(), r#"{"a":null, "b":[null,1.50,"id of y"]}"#);
        let whole = r#"{"a":"id of x", "b":[null,1.50,"id of y"]}"#;
        assert_eq!(fill(&left, "x"), Sent::Json(Json::new(whole).unwrap()));
        let Sent::Holed(left) = fill(&holes, "x") else { panic!() };
        assert_eq!(fill(&left, "y"), Sent::Json(Json::new(whole).unwrap()));
    }

    #[test]
    fn a_whole_value_may_be_a_hole() {
        for text in ["", "null"] {
            let holes = Holes::of(text, &[(0, reference("x"))]);
            assert_eq!(fill(&holes, "x"), Sent::Json(Json::of_text("id of x")));
        }
    }
}
