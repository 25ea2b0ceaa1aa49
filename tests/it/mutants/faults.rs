use super::{Mutant, walk::Parts};
pub fn mutants(_text: &str, _parts: &Parts) -> Vec<Mutant> { Vec::new() }
