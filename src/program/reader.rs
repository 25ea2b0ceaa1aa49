//! From the bytes of a record to slots, in one pass.
//!
//! What a program does not read is passed over without being looked at; the text was checked
//! before ([`Checked`]). Records of one page have their members in one order, so the reader
//! remembers the order of the record before and tests only whether it holds again.

use super::shape::{Member, Members, Place, Shapes};
use crate::json::Checked;

/// What a slot holds: nothing, a constant, or a range of the record's text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Slot {
    /// There is no such member.
    #[default]
    Missing,
    /// Null.
    Null,
    /// A truth value.
    Bool(bool),
    /// The range of a number.
    Number(u32, u32),
    /// The range of a text inside its quotes, without escapes.
    Text(u32, u32),
    /// The range of a text inside its quotes, with escapes.
    Escaped(u32, u32),
    /// The range of an object or list that is taken whole.
    Whole(u32, u32),
    /// Rows of another shape: the first, and how many.
    Rows(u32, u32),
    /// An object whose members have slots of their own.
    Inside,
}

/// A record that the reader cannot take.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadFault {
    /// It is no object.
    #[error("the record is not a JSON object")]
    NotAnObject,
    /// A member that is read stands in it twice.
    #[error("the member `{0}` stands twice in the record")]
    Duplicate(String),
    /// It is larger than a slot can point into.
    #[error("the record is larger than 4 GiB")]
    TooLarge,
    /// A member is of another kind than the schema says.
    #[error("the member `{0}` is {1}")]
    Kind(String, &'static str),
}

/// Reads records of one program, one after the other.
#[derive(Clone, Debug)]
pub struct Reader {
    /// The slots of all rows, per shape.
    rows: Vec<Vec<Slot>>,
    /// Per set of members: the names in the order of the record before, and which member each is.
    learned: Vec<Vec<Learned>>,
}

#[derive(Clone, Debug)]
struct Learned {
    name: Vec<u8>,
    member: Option<u32>,
}

/// How many names of one object are remembered; what comes later is looked up by name.
const LEARNED_MAX: usize = 1_024;

impl Reader {
    /// A reader for shapes that were numbered, giving how many sets of members there are.
    pub fn new(shapes: &Shapes, sets: usize) -> Self {
        Self { rows: vec![Vec::new(); shapes.all.len()], learned: vec![Vec::new(); sets] }
    }

    /// Reads a record; what was read before is gone.
    ///
    /// # Errors
    /// [`ReadFault`] for a text that is no object or has a member twice.
    pub fn read(&mut self, shapes: &Shapes, record: Checked<'_>) -> Result<(), ReadFault> {
        self.rows.iter_mut().for_each(Vec::clear);
        let text = record.text();
        if u32::try_from(text.len()).is_err() {
            return Err(ReadFault::TooLarge);
        }
        let root = shapes.all.first().ok_or(ReadFault::NotAnObject)?;
        if let Some(rows) = self.rows.first_mut() {
            rows.resize(root.width, Slot::Missing);
        }
        if text.as_bytes().first() != Some(&b'{') {
            return Err(ReadFault::NotAnObject);
        }
        Pass { shapes, bytes: text.as_bytes(), at: 0, reader: self }.object(&root.members, 0, 0)
    }

    /// A slot of a row of a shape.
    #[inline]
    pub fn slot(&self, shape: usize, row: u32, width: usize, slot: usize) -> Slot {
        let at = row as usize * width + slot;
        self.rows.get(shape).and_then(|rows| rows.get(at)).copied().unwrap_or_default()
    }
}

struct Pass<'a> {
    shapes: &'a Shapes,
    bytes: &'a [u8],
    at: usize,
    reader: &'a mut Reader,
}

#[expect(clippy::cast_possible_truncation, reason = "`read` refuses texts beyond u32")]
fn small(at: usize) -> u32 {
    at as u32
}

impl Pass<'_> {
    #[inline]
    fn peek(&self) -> u8 {
        self.bytes.get(self.at).copied().unwrap_or(b'}')
    }

    #[inline]
    fn skip_blanks(&mut self) {
        while let b' ' | b'\n' | b'\r' | b'\t' = self.bytes.get(self.at).copied().unwrap_or(b'x') {
            self.at += 1;
        }
    }

    /// Reads the members of an object whose `{` is next, into the slots that start at `base`.
    fn object(&mut self, members: &Members, shape: usize, base: usize) -> Result<(), ReadFault> {
        self.at += 1;
        let mut nth = 0;
        loop {
            self.skip_blanks();
            match self.peek() {
                b'}' => {
                    self.at += 1;
                    return Ok(());
                }
                b',' => {
                    self.at += 1;
                    continue;
                }
                _ => {}
            }
            let member = self.name(members, nth);
            nth += 1;
            self.skip_blanks();
            self.at += 1; // the colon
            self.skip_blanks();
            match member.and_then(|index| members.all.get(index)) {
                Some(member) => self.member(member, shape, base)?,
                None => self.pass_over(),
            }
        }
    }

    /// Reads a name whose quote is next, and finds the member by it.
    #[inline]
    fn name(&mut self, members: &Members, nth: usize) -> Option<usize> {
        let start = self.at + 1;
        let learned = self.reader.learned.get(members.number).and_then(|all| all.get(nth));
        if let Some(learned) = learned {
            let end = start + learned.name.len();
            if self.bytes.get(end) == Some(&b'"')
                && self.bytes.get(start..end) == Some(learned.name.as_slice())
            {
                self.at = end + 1;
                return learned.member.map(|member| member as usize);
            }
        }
        self.text_end();
        let name = self.bytes.get(start..self.at - 1).unwrap_or_default();
        let found = members.all.iter().position(|member| member.name.as_bytes() == name);
        let found = found.or_else(|| escaped_name(name, members));
        if let Some(all) = self.reader.learned.get_mut(members.number) {
            let learned = Learned { name: name.to_vec(), member: found.map(small) };
            let next = all.len() == nth && nth < LEARNED_MAX;
            match all.get_mut(nth) {
                Some(known) => *known = learned,
                None if next => all.push(learned),
                None => {}
            }
        }
        found
    }

    /// Passes over a text whose quote is next; gives whether it has escapes.
    #[inline]
    fn text_end(&mut self) -> bool {
        self.at += 1;
        let mut escapes = false;
        while let Some(rest) = self.bytes.get(self.at..) {
            let Some(found) = memchr::memchr2(b'"', b'\\', rest) else {
                self.at = self.bytes.len();
                break;
            };
            self.at += found + 1;
            if rest.get(found) == Some(&b'"') {
                break;
            }
            escapes = true;
            self.at += 1;
        }
        escapes
    }

    /// Reads a value that is wanted.
    fn member(&mut self, member: &Member, shape: usize, base: usize) -> Result<(), ReadFault> {
        match &member.place {
            Place::Slot(slot) => {
                let value = self.value();
                self.put(shape, base + slot, value, member)
            }
            Place::Inside { slot, members } => match self.peek() {
                b'{' => {
                    self.put(shape, base + slot, Slot::Inside, member)?;
                    self.object(members, shape, base)
                }
                b'n' => {
                    self.at += 4;
                    self.put(shape, base + slot, Slot::Null, member)
                }
                _ => Err(ReadFault::Kind(member.name.clone(), "no object")),
            },
            Place::List { slot, shape: items } => match self.peek() {
                b'[' => {
                    let rows = self.list(*items)?;
                    self.put(shape, base + slot, rows, member)
                }
                b'n' => {
                    self.at += 4;
                    self.put(shape, base + slot, Slot::Null, member)
                }
                _ => Err(ReadFault::Kind(member.name.clone(), "no list")),
            },
        }
    }

    fn put(
        &mut self,
        shape: usize,
        at: usize,
        value: Slot,
        member: &Member,
    ) -> Result<(), ReadFault> {
        match self.reader.rows.get_mut(shape).and_then(|rows| rows.get_mut(at)) {
            Some(slot) if *slot == Slot::Missing => *slot = value,
            Some(_) => return Err(ReadFault::Duplicate(member.name.clone())),
            None => {}
        }
        Ok(())
    }

    /// Reads a list whose `[` is next; its items become rows of their shape.
    fn list(&mut self, shape: usize) -> Result<Slot, ReadFault> {
        let shapes = self.shapes;
        let Some(item) = shapes.all.get(shape) else { return Ok(Slot::Null) };
        let start = self.reader.rows.get(shape).map_or(0, Vec::len);
        self.at += 1;
        let mut count = 0;
        loop {
            self.skip_blanks();
            match self.peek() {
                b']' => {
                    self.at += 1;
                    break;
                }
                b',' => {
                    self.at += 1;
                    continue;
                }
                _ => {}
            }
            let base = start + count * item.width;
            if let Some(rows) = self.reader.rows.get_mut(shape) {
                rows.resize(base + item.width, Slot::Missing);
            }
            count += 1;
            match (self.peek(), item.item) {
                (b'{', None) => self.object(&item.members, shape, base)?,
                (_, Some(slot)) => {
                    let value = self.value();
                    if let Some(place) =
                        self.reader.rows.get_mut(shape).and_then(|rows| rows.get_mut(base + slot))
                    {
                        *place = value;
                    }
                }
                _ => {
                    return Err(ReadFault::Kind(
                        "[…]".into(),
                        "a list with an item that is no object",
                    ));
                }
            }
        }
        let first = start.checked_div(item.width).unwrap_or_default();
        Ok(Slot::Rows(small(first), small(count)))
    }

    /// Reads any value.
    #[inline]
    fn value(&mut self) -> Slot {
        let start = self.at;
        match self.peek() {
            b'"' => {
                let escapes = self.text_end();
                let (start, end) = (small(start + 1), small(self.at - 1));
                if escapes { Slot::Escaped(start, end) } else { Slot::Text(start, end) }
            }
            b't' => {
                self.at += 4;
                Slot::Bool(true)
            }
            b'f' => {
                self.at += 5;
                Slot::Bool(false)
            }
            b'n' => {
                self.at += 4;
                Slot::Null
            }
            b'{' | b'[' => {
                self.pass_over();
                Slot::Whole(small(start), small(self.at))
            }
            _ => {
                self.pass_over();
                Slot::Number(small(start), small(self.at))
            }
        }
    }

    /// Passes over any value.
    #[inline]
    fn pass_over(&mut self) {
        match self.peek() {
            b'"' => {
                self.text_end();
            }
            b'{' | b'[' => self.pass_over_nested(),
            _ => {
                while let Some(byte) = self.bytes.get(self.at) {
                    if matches!(byte, b',' | b'}' | b']' | b' ' | b'\n' | b'\r' | b'\t') {
                        break;
                    }
                    self.at += 1;
                }
            }
        }
    }

    fn pass_over_nested(&mut self) {
        let mut depth = 0_usize;
        while let Some(byte) = self.bytes.get(self.at) {
            match byte {
                b'"' => {
                    self.text_end();
                    continue;
                }
                b'{' | b'[' => depth += 1,
                b'}' | b']' => depth -= 1,
                _ => {}
            }
            self.at += 1;
            if depth == 0 {
                break;
            }
        }
    }
}

/// Finds a member whose name stands in the text with escapes, which hardly ever happens.
fn escaped_name(name: &[u8], members: &Members) -> Option<usize> {
    if !name.contains(&b'\\') {
        return None;
    }
    let quoted = [b"\"", name, b"\""].concat();
    let name: String = serde_json::from_slice(&quoted).ok()?;
    members.all.iter().position(|member| member.name == name)
}

#[cfg(test)]
mod tests {
    use super::super::shape::Shape;
    use super::*;

    fn shapes() -> (Shapes, usize) {
        let member = |name: &str, place| Member { name: name.into(), place };
        let list =
            Members { all: vec![member("records", Place::List { slot: 2, shape: 1 })], number: 0 };
        let root = Members {
            all: vec![
                member("Name", Place::Slot(0)),
                member("Kids", Place::Inside { slot: 1, members: list }),
            ],
            number: 0,
        };
        let kid = Members { all: vec![member("Price", Place::Slot(0))], number: 0 };
        let mut shapes = Shapes {
            all: vec![
                Shape { width: 3, members: root, item: None },
                Shape { width: 1, members: kid, item: None },
            ],
        };
        let sets = shapes.number();
        (shapes, sets)
    }

    fn read(text: &str) -> Result<(Slot, Slot, Vec<Slot>), ReadFault> {
        let (shapes, sets) = shapes();
        let mut reader = Reader::new(&shapes, sets);
        for _ in 0..2 {
            reader.read(&shapes, Checked::check(text).expect(text))?;
        }
        Ok((reader.slot(0, 0, 3, 0), reader.slot(0, 0, 3, 2), reader.rows[1].clone()))
    }

    #[test]
    fn reads_what_is_wanted_and_passes_over_the_rest() {
        let text = r#"{"x":[1,{"a":"]"}],"Name":"A","Kids":{"totalSize":2,"records":[{"Price":1.50,"y":null},{"Price":2}]}}"#;
        let (name, rows, prices) = read(text).expect("record");
        assert!(matches!(name, Slot::Text(a, b) if &text[a as usize..b as usize] == "A"));
        assert_eq!(rows, Slot::Rows(0, 2));
        let texts: Vec<_> = prices
            .iter()
            .map(|slot| match slot {
                Slot::Number(a, b) => &text[*a as usize..*b as usize],
                _ => "?",
            })
            .collect();
        assert_eq!(texts, ["1.50", "2"]);
    }

    #[test]
    fn tells_missing_from_null_from_empty() {
        assert_eq!(read("{}").expect("empty").0, Slot::Missing);
        assert_eq!(read(r#"{"Name":null,"Kids":null}"#).expect("null").0, Slot::Null);
        assert!(matches!(read(r#"{"Name":""}"#).expect("empty").0, Slot::Text(a, b) if a == b));
        assert!(matches!(read(r#"{"N\u0061me":"a\"b"}"#).expect("escapes").0, Slot::Escaped(..)));
    }

    #[test]
    fn refuses_a_member_twice_and_a_wrong_kind() {
        let twice = read(r#"{"Name":"a","Name":"b"}"#);
        assert_eq!(twice, Err(ReadFault::Duplicate("Name".into())));
        assert!(matches!(read(r#"{"Kids":[1]}"#), Err(ReadFault::Kind(..))));
        assert_eq!(read("[1]"), Err(ReadFault::NotAnObject));
    }
}
