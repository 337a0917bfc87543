//! What the view tells back: where things are that a mouse may point at, and how far one may scroll.

use std::ops::Range;

use crate::order::Order;

/// What was drawn, and where.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Drawn {
    /// How many rows may be scrolled away.
    pub reach: usize,
    /// How many columns may be scrolled away.
    pub aside: usize,
    /// Rows of the screen, and the place of the election, or of the event from the newest on, that
    /// each of them shows.
    pub rows: Vec<(u16, usize)>,
    /// The row of the headings.
    pub headings: u16,
    /// What each heading sorts by, and its cells.
    pub orders: Vec<(Range<u16>, Order)>,
}

impl Drawn {
    /// What has no cursor and reaches so far beyond its area.
    #[must_use]
    pub fn scrolling(reach: usize) -> Self {
        Self { reach, ..Self::default() }
    }

    /// The place of what is shown here.
    #[must_use]
    pub fn row(&self, y: u16) -> Option<usize> {
        self.rows.iter().find(|(row, _)| *row == y).map(|(_, place)| *place)
    }

    /// Whether a heading is shown that sorts by this.
    #[must_use]
    pub fn marks(&self, order: Order) -> bool {
        self.orders.iter().any(|(_, it)| *it == order)
    }

    /// What the heading here sorts by.
    #[must_use]
    pub fn order(&self, x: u16, y: u16) -> Option<Order> {
        let heading = self.orders.iter().find(|(cells, _)| cells.contains(&x))?;
        (y == self.headings).then_some(heading.1)
    }
}
