//! Which leaders live where.

use std::collections::BTreeMap;

use super::App;

/// A node and the elections whose leaders live there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node<'a> {
    /// Its name; none stands for the leaders whose node is not known, which come last.
    pub name: Option<&'a str>,
    /// The places of the elections in the rows.
    pub places: Vec<usize>,
}

impl App {
    /// The nodes that leaders live on, in the order of their names.
    #[must_use]
    pub fn nodes(&self) -> Vec<Node<'_>> {
        let mut nodes: BTreeMap<(bool, Option<&str>), Vec<usize>> = BTreeMap::new();
        for (place, election) in self.elections().enumerate() {
            if let Some(term) = election.term.as_ref().filter(|_| election.leaderless != Some(true))
            {
                let name = term.leader.node.as_deref();
                nodes.entry((name.is_none(), name)).or_default().push(place);
            }
        }
        nodes.into_iter().map(|((_, name), places)| Node { name, places }).collect()
    }

    /// Moves the cursor among the leaders, in the order in which they are shown under their nodes.
    pub(super) fn move_among_nodes(&mut self, rows: isize) {
        let order: Vec<usize> = self.nodes().into_iter().flat_map(|node| node.places).collect();
        let at = order.iter().position(|place| *place == self.cursor);
        let next = at.map_or(0, |at| at.saturating_add_signed(rows));
        if let Some(place) = order.get(next).or(order.last()) {
            self.move_to(*place);
        }
    }
}
