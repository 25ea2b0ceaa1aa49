//! Pages of a list of the v1 API.

use serde_json::{Value, json};

use super::answer::Reason;
use super::call::Call;

/// Rows of a page when the call does not say how many.
const PAGE_SIZE: usize = 20;
/// Most rows of a page; a larger wish is taken for this one.
const PAGE_SIZE_MAX: usize = 40;

/// A part of a list.
#[derive(Debug)]
pub struct Page<'a, T> {
    /// Its rows.
    pub rows: &'a [T],
    /// The number of the next page, when there is one.
    pub next: Option<usize>,
    size: usize,
}

/// The part of a list that a call asks for by `page` and `pageSize`.
///
/// # Errors
/// When one of them is no positive number.
pub fn page_of<'a, T>(call: &Call, list: &'a [T]) -> Result<Page<'a, T>, Reason> {
    let number = |name: &str, otherwise: usize| match call.parameter(name) {
        None => Ok(otherwise),
        Some(text) => text.parse().ok().filter(|number| *number > 0).ok_or_else(|| {
            Reason::value(format!("Invalid value for the parameter {name}: {text}"))
        }),
    };
    let size = number("pageSize", PAGE_SIZE)?.min(PAGE_SIZE_MAX);
    let page = number("page", 1)?;
    let first = page.saturating_sub(1).saturating_mul(size).min(list.len());
    let last = first.saturating_add(size).min(list.len());
    let next = (last < list.len()).then(|| page.saturating_add(1));
    Ok(Page { rows: list.get(first..last).unwrap_or_default(), next, size })
}

impl<T> Page<'_, T> {
    /// Adds the link to the next page.
    pub fn link(&self, call: &Call, body: &mut Value) {
        let (Some(next), Some(body)) = (self.next, body.as_object_mut()) else { return };
        let (host, path, size) = (&call.host, &call.path, self.size);
        let url = format!("http://{host}{path}?page={next}&pageSize={size}");
        body.insert("nextPage".to_owned(), json!(url));
    }
}
