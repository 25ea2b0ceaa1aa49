//! Shapes: which members of a record a program reads, and the slots that they go to.

/// All shapes of a program. The first is that of the record; every list has one for its items.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Shapes {
    /// The shapes.
    pub all: Vec<Shape>,
}

/// What is read of one object, or of each item of one list.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Shape {
    /// How many slots one instance takes.
    pub width: usize,
    /// The members that are read; objects inside are part of the same instance.
    pub members: Members,
    /// The slot of the item itself, where items are no objects.
    pub item: Option<usize>,
}

/// The members of one object that are read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Members {
    /// Them.
    pub all: Vec<Member>,
    /// The number of this set in the program, for what a reader learns about it.
    pub number: usize,
}

/// A member that is read.
#[derive(Clone, Debug, PartialEq)]
pub struct Member {
    /// Its name as it stands in the text, without quotes.
    pub name: String,
    /// Where it goes.
    pub place: Place,
}

/// Where a member goes.
#[derive(Clone, Debug, PartialEq)]
pub enum Place {
    /// Its value goes to a slot.
    Slot(usize),
    /// It is an object whose members are read; the slot says whether it is there.
    Inside {
        /// The slot that says whether it is there.
        slot: usize,
        /// Its members.
        members: Members,
    },
    /// It is a list; the slot says which rows of the shape are its items.
    List {
        /// The slot.
        slot: usize,
        /// The shape of the items.
        shape: usize,
    },
}

impl Shapes {
    /// The shapes of a program that reads nothing yet.
    pub fn new() -> Self {
        Self { all: vec![Shape::default()] }
    }

    /// The path of what goes to a slot, from the record or the row that it is of.
    pub fn name_of(&self, shape: usize, slot: usize) -> Option<String> {
        fn within(members: &Members, wanted: usize) -> Option<String> {
            members.all.iter().find_map(|member| match &member.place {
                Place::Slot(slot) => (*slot == wanted).then(|| member.name.clone()),
                Place::Inside { members, .. } => {
                    within(members, wanted).map(|below| format!("{}.{below}", member.name))
                }
                Place::List { .. } => None,
            })
        }
        within(&self.all.get(shape)?.members, slot)
    }

    /// Numbers the sets of members, so that a reader can learn about each. Done once at the end.
    ///
    /// Gives how many there are.
    pub fn number(&mut self) -> usize {
        fn visit(members: &mut Members, next: &mut usize) {
            members.number = *next;
            *next += 1;
            for member in &mut members.all {
                if let Place::Inside { members, .. } = &mut member.place {
                    visit(members, next);
                }
            }
        }
        let mut next = 0;
        self.all.iter_mut().for_each(|shape| visit(&mut shape.members, &mut next));
        next
    }
}
