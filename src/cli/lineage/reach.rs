//! What can be reached from a thing, up to what it is made of or down to what depends on it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::program::{Lineage, LineageKind, Role};

/// The edges of a lineage by their ends.
pub(super) struct Reach<'l> {
    lineage: &'l Lineage,
    into: BTreeMap<&'l str, Vec<(&'l str, Role)>>,
    out: BTreeMap<&'l str, Vec<(&'l str, Role)>>,
}

/// A thing that was reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reached<'l> {
    /// It.
    pub(super) id: &'l str,
    /// How it goes in, or is gone into, at the near end.
    pub(super) role: Role,
    /// Tables between, the nearest first.
    pub(super) via: Vec<&'l str>,
}

impl Reached<'_> {
    /// It and what lies between.
    pub(super) fn all(&self) -> Vec<String> {
        std::iter::once(&self.id).chain(&self.via).map(|id| (*id).to_owned()).collect()
    }
}

impl<'l> Reach<'l> {
    /// Over a lineage.
    pub(super) fn over(lineage: &'l Lineage) -> Self {
        let (mut into, mut out): (BTreeMap<_, Vec<_>>, BTreeMap<_, Vec<_>>) = Default::default();
        for ((from, to), role) in &lineage.edges {
            into.entry(to.as_str()).or_default().push((from.as_str(), *role));
            out.entry(from.as_str()).or_default().push((to.as_str(), *role));
        }
        Self { lineage, into, out }
    }

    /// What a thing is made of.
    pub(super) fn up(&self, id: &str) -> Vec<Reached<'l>> {
        self.along(&self.into, id)
    }

    /// What depends on a thing.
    pub(super) fn down(&self, id: &str) -> Vec<Reached<'l>> {
        self.along(&self.out, id)
    }

    /// A table is passed through, since its inputs decide; all else is an end. A map is used for
    /// many fields, each of which has its own value looked up.
    fn along(
        &self,
        edges: &BTreeMap<&'l str, Vec<(&'l str, Role)>>,
        start: &str,
    ) -> Vec<Reached<'l>> {
        let mut found: Vec<Reached<'l>> = Vec::new();
        let mut seen: BTreeSet<&str> = BTreeSet::new();
        let mut queue: VecDeque<(&str, Vec<&'l str>, Option<Role>)> =
            VecDeque::from([(start, Vec::new(), None)]);
        while let Some((at, via, role)) = queue.pop_front() {
            for (other, step) in edges.get(at).into_iter().flatten() {
                if *other == start || !seen.insert(other) {
                    continue;
                }
                let role = role.unwrap_or(*step);
                let kind = self.lineage.nodes.get(*other).map(|node| node.kind);
                if kind == Some(LineageKind::Table) {
                    let mut via = via.clone();
                    via.push(other);
                    queue.push_back((other, via, Some(role)));
                } else {
                    found.push(Reached { id: other, role, via: via.clone() });
                }
            }
        }
        found
    }
}
