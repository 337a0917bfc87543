//! The state of the terminal UI, and how each message changes it. Knows neither screen nor clock.

use std::ops::ControlFlow;
use std::sync::Arc;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use leadership::lock::LockKey;
use leadership::snapshot::{Election, Snapshot};
use leadership::time::Time;

use crate::filter::Filter;
use crate::keymap::{self, Command};
use crate::lane::SPANS;
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
    /// Which of [`SPANS`] the timeline shows.
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

    fn press(&mut self, key: KeyEvent, now: Time) -> ControlFlow<()> {
        let command = keymap::command(key);
        if self.typing && key != KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL) {
            self.type_filter(key);
            return ControlFlow::Continue(());
        }
        match command {
            Some(Command::Quit) => return ControlFlow::Break(()),
            Some(command) => self.obey(command, now),
            None => {}
        }
        ControlFlow::Continue(())
    }

    fn obey(&mut self, command: Command, now: Time) {
        match command {
            Command::Quit => {}
            Command::Move(rows) if self.pane == Pane::Nodes && !self.opened => self.scroll_by(rows),
            Command::Move(rows) => self.move_by(rows),
            Command::HalfScreens(halves) => {
                let half = isize::try_from(self.height.saturating_sub(5) / 2).unwrap_or(1);
                let rows = halves * half.max(1);
                let scrolls = self.opened || self.pane == Pane::Nodes;
                if scrolls { self.scroll_by(rows) } else { self.move_by(rows) }
            }
            Command::Top => self.move_to(0),
            Command::Bottom => self.move_to(usize::MAX),
            Command::Open => {
                // What is opened stays, wherever its row goes.
                self.move_to(self.cursor);
                self.opened = !self.opened;
                self.scroll = 0;
            }
            Command::Show(pane) => self.toggle(pane),
            Command::Zoom(steps) => {
                self.zoom = self.zoom.saturating_add_signed(-steps).min(SPANS.len() - 1);
            }
            Command::Back => self.back(),
            Command::Filter => self.typing = true,
            Command::Freeze => self.freeze(now),
            Command::Help => self.help = !self.help,
            Command::Sort(order) => self.sort(order),
        }
    }

    fn scroll_by(&mut self, rows: isize) {
        self.scroll = self.scroll.saturating_add_signed(rows).min(self.reach);
    }

    fn move_by(&mut self, rows: isize) {
        self.move_to(self.cursor.saturating_add_signed(rows));
    }

    fn move_to(&mut self, place: usize) {
        self.cursor = place.min(self.rows.len().saturating_sub(1));
        self.scroll = 0;
        self.selected = self.current().map(|election| election.key.clone());
    }

    fn back(&mut self) {
        if self.help {
            self.help = false;
        } else if self.opened {
            self.opened = false;
            self.scroll = 0;
        } else if self.pane != Pane::Table {
            self.toggle(self.pane);
        } else if !self.filter.is_empty() {
            self.filter_by("");
        }
    }

    fn toggle(&mut self, pane: Pane) {
        self.pane = if self.pane == pane && !self.opened { Pane::Table } else { pane };
        self.opened = false;
        self.scroll = 0;
    }

    fn freeze(&mut self, now: Time) {
        if self.frozen.take().is_none() {
            self.frozen = Some(now);
        } else if let Some(newest) = self.newest.take() {
            self.show(newest);
        }
    }

    fn sort(&mut self, order: Order) {
        self.sorting =
            Sorting { order, reversed: self.sorting.order == order && !self.sorting.reversed };
        self.arrange();
    }

    /// Edits the filter; it applies while it is typed.
    fn type_filter(&mut self, key: KeyEvent) {
        let mut text = self.filter.text().to_owned();
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        match key.code {
            KeyCode::Enter => return self.typing = false,
            KeyCode::Esc => {
                self.typing = false;
                text.clear();
            }
            KeyCode::Char('u') if control => text.clear(),
            KeyCode::Char('w') if control => {
                let kept = text.trim_end().rfind(' ').map_or(0, |space| space + 1);
                text.truncate(kept);
            }
            KeyCode::Char(c) if !control => text.push(c),
            KeyCode::Backspace if text.is_empty() => return self.typing = false,
            KeyCode::Backspace => drop(text.pop()),
            _ => return,
        }
        self.filter_by(&text);
    }

    fn filter_by(&mut self, text: &str) {
        self.filter = Filter::parse(text);
        self.arrange();
    }
}

#[cfg(test)]
mod tests;
