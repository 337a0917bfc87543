//! The state of the terminal UI, and how each message changes it. Knows neither screen nor clock.

mod keys;

use std::ops::ControlFlow;
use std::sync::Arc;

use crossterm::event::KeyEvent;
use leadership::lock::LockKey;
use leadership::snapshot::{Election, Snapshot};
use leadership::time::Time;

use crate::filter::Filter;
use crate::order::Order;
use crate::standing::Census;

/// Everything that can happen to the UI. One channel carries them all, so they have one order.
#[derive(Clone, Debug)]
pub enum Message {
    /// A newer picture.
    Snapshot(Arc<Snapshot>),
    /// A key was pressed.
    Key(KeyEvent),
    /// The screen has this many rows now.
    Resized(u16),
    /// What was drawn may be scrolled by so many rows.
    Drawn(usize),
    /// Time passed.
    Tick,
    /// Somebody outside wants us to end.
    Quit,
}

/// How the rows are ordered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sorting {
    /// What to order by.
    pub order: Order,
    /// Whether the order is turned round.
    pub reversed: bool,
}

/// What fills the screen while no election is opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pane {
    /// The elections, one a row.
    #[default]
    Table,
    /// Who led when.
    Timeline,
    /// Which leaders live where.
    Nodes,
}

/// What is shown and how.
#[derive(Clone, Debug)]
pub struct App {
    /// What is watched, for people.
    pub source: String,
    /// The picture that is shown.
    pub snapshot: Arc<Snapshot>,
    /// What it adds up to.
    pub census: Census,
    /// Places in the picture's elections, filtered and ordered.
    pub rows: Vec<usize>,
    /// The place of the cursor in `rows`.
    pub cursor: usize,
    /// Since when the picture has been frozen.
    pub frozen: Option<Time>,
    /// The filter that applies.
    pub filter: Filter,
    /// Whether the filter is being typed.
    pub typing: bool,
    /// In which order.
    pub sorting: Sorting,
    /// What fills the screen while no election is opened.
    pub pane: Pane,
    /// Which of [`crate::lane::SPANS`] the timeline shows.
    pub zoom: usize,
    /// Whether one election fills the screen.
    pub opened: bool,
    /// Rows of the opened election or of the nodes that were scrolled away.
    pub scroll: usize,
    /// Whether the keys are shown.
    pub help: bool,
    /// Since when we have been looking.
    pub started: Time,
    /// The newest picture, while an older one is frozen.
    newest: Option<Arc<Snapshot>>,
    /// What the cursor stays on while rows move; until it is moved it stays at the top.
    selected: Option<LockKey>,
    /// Rows of the screen.
    height: u16,
    /// How far the opened election may be scrolled.
    reach: usize,
}

impl App {
    /// Nothing has been seen yet.
    #[must_use]
    pub fn new(source: impl Into<String>, started: Time) -> Self {
        Self {
            source: source.into(),
            snapshot: Arc::default(),
            census: Census::default(),
            rows: Vec::new(),
            cursor: 0,
            frozen: None,
            filter: Filter::default(),
            typing: false,
            sorting: Sorting::default(),
            pane: Pane::default(),
            zoom: 2,
            opened: false,
            scroll: 0,
            help: false,
            started,
            newest: None,
            selected: None,
            height: 24,
            reach: 0,
        }
    }

    /// Takes a message in; `now` is when it came. Breaks when the UI shall end.
    pub fn update(&mut self, message: Message, now: Time) -> ControlFlow<()> {
        match message {
            Message::Snapshot(snapshot) if self.frozen.is_some() => self.newest = Some(snapshot),
            Message::Snapshot(snapshot) => self.show(snapshot),
            Message::Key(key) => return self.press(key, now),
            Message::Resized(height) => self.height = height,
            Message::Drawn(reach) => {
                self.reach = reach;
                self.scroll = self.scroll.min(reach);
            }
            Message::Tick => {}
            Message::Quit => return ControlFlow::Break(()),
        }
        ControlFlow::Continue(())
    }

    /// Whether this message can change what is shown: what comes in while the picture is frozen does not.
    #[must_use]
    pub fn shows(&self, message: &Message) -> bool {
        self.frozen.is_none() || !matches!(message, Message::Snapshot(_))
    }

    /// The elections that are shown, in their order.
    #[must_use]
    pub fn elections(&self) -> impl ExactSizeIterator<Item = &Arc<Election>> {
        self.rows.iter().map(|place| &self.snapshot.elections[*place])
    }

    /// The election under the cursor.
    #[must_use]
    pub fn current(&self) -> Option<&Arc<Election>> {
        let place = *self.rows.get(self.cursor)?;
        self.snapshot.elections.get(place)
    }

    fn show(&mut self, snapshot: Arc<Snapshot>) {
        self.census = Census::of(&snapshot);
        self.snapshot = snapshot;
        self.arrange();
    }

    /// Filters and orders anew. The cursor stays on its election as long as that is shown.
    fn arrange(&mut self) {
        let elections = &self.snapshot.elections;
        let mut scratch = String::new();
        self.rows = (0..elections.len())
            .filter(|place| self.filter.admits(&elections[*place], &mut scratch))
            .collect();
        let Sorting { order, reversed } = self.sorting;
        self.rows.sort_by(|a, b| {
            let ordering = order.compare(&elections[*a], &elections[*b]);
            let ordering = ordering.then_with(|| a.cmp(b));
            if reversed { ordering.reverse() } else { ordering }
        });
        self.find_cursor();
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
}

#[cfg(test)]
mod tests;
