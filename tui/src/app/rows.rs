//! Which elections are rows of the table, in which order, and under which headings.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{App, Sorting};
use crate::order::Order;

/// Rows that follow each other and share a component.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// The component; none where it is not known.
    pub component: Option<Arc<str>>,
    /// The place of its first row.
    pub first: usize,
    /// How many rows it has.
    pub count: usize,
}

impl App {
    /// Filters, orders and groups anew. The cursor stays on its election as long as that is shown.
    pub(super) fn arrange(&mut self) {
        let elections = &self.snapshot.elections;
        let mut scratch = String::new();
        self.rows = (0..elections.len())
            .filter(|place| self.covers(&elections[*place].key.namespace))
            .filter(|place| self.filter.admits(&elections[*place], &mut scratch))
            .collect();
        let Sorting { order, reversed } = self.sorting;
        self.rows.sort_by(|a, b| {
            let ordering = order.compare(&elections[*a], &elections[*b]);
            let ordering = ordering.then_with(|| a.cmp(b));
            if reversed { ordering.reverse() } else { ordering }
        });
        self.groups.clear();
        if self.grouped {
            self.group();
        }
        self.find_cursor();
    }

    /// Brings the rows of each component together. The group whose first row came first stays first.
    fn group(&mut self) {
        let elections = &self.snapshot.elections;
        let mut members: BTreeMap<Option<&str>, usize> = BTreeMap::new();
        let mut groups: Vec<(Option<Arc<str>>, Vec<usize>)> = Vec::new();
        for place in &self.rows {
            let component = &elections[*place].component;
            let group = *members.entry(component.as_deref()).or_insert_with(|| {
                groups.push((component.clone(), Vec::new()));
                groups.len() - 1
            });
            if let Some((_, rows)) = groups.get_mut(group) {
                rows.push(*place);
            }
        }
        let mut ordered = Vec::with_capacity(self.rows.len());
        for (component, rows) in groups {
            self.groups.push(Group { component, first: ordered.len(), count: rows.len() });
            ordered.extend(rows);
        }
        self.rows = ordered;
    }

    fn find_cursor(&mut self) {
        let found = self
            .selected
            .as_ref()
            .and_then(|key| self.elections().position(|election| election.key == *key));
        self.cursor = match found {
            Some(place) => place,
            None if self.selected.is_none() => 0,
            None => self.cursor.min(self.rows.len().saturating_sub(1)),
        };
    }

    /// Orders by this; again: the other way round.
    pub(crate) fn sort(&mut self, order: Order) {
        self.sorting =
            Sorting { order, reversed: self.sorting.order == order && !self.sorting.reversed };
        self.arrange();
        self.tell_order();
    }

    pub(super) fn reverse(&mut self) {
        self.sorting.reversed = !self.sorting.reversed;
        self.arrange();
        self.tell_order();
    }

    /// Tells the order where no heading is marked for it.
    fn tell_order(&mut self) {
        let Sorting { order, reversed } = self.sorting;
        if !self.drawn.marks(order) {
            let way = if reversed { ", the other way round" } else { "" };
            self.notice = Some(format!("sorted by {}{way}", order.label()));
        }
    }
}
