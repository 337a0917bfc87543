//! How the cursor moves, and what is scrolled.

use super::{App, Opened, Pane};

/// The timeline never ends further back than so many of its spans, in quarters.
const FURTHEST: u32 = 400;

impl App {
    /// Whether what fills the screen is scrolled, and has no cursor.
    fn scrolls(&self) -> bool {
        match self.opened {
            _ if self.help => true,
            Some(Opened::Yaml) => true,
            Some(Opened::Whole) => false,
            None => matches!(self.pane, Pane::Events | Pane::Health),
        }
    }

    /// Whether it is scrolled from its end on.
    pub(super) fn follows(&self) -> bool {
        !self.help && self.opened.is_none() && self.pane == Pane::Events
    }

    pub(super) fn step(&mut self, rows: isize) {
        if self.scrolls() {
            self.scroll_by(rows);
        } else if self.opened.is_none() && self.pane == Pane::Nodes {
            self.move_among_nodes(rows);
        } else {
            self.move_by(rows);
        }
    }

    /// As the wheel turns: an opened election is scrolled, and another one is not opened.
    pub(super) fn roll(&mut self, rows: isize) {
        if self.opened.is_some() { self.scroll_by(rows) } else { self.step(rows) }
    }

    pub(super) fn leap(&mut self, halves: isize) {
        let half = isize::try_from(self.height.saturating_sub(5) / 2).unwrap_or(1);
        self.roll(halves * half.max(1));
    }

    pub(super) fn end(&mut self, top: bool) {
        if self.opened.is_none() && self.pane == Pane::Nodes {
            self.move_among_nodes(if top { isize::MIN } else { isize::MAX });
        } else if self.opened.is_some() {
            self.scroll = if top { 0 } else { self.drawn.reach };
        } else if !self.scrolls() {
            self.move_to(if top { 0 } else { usize::MAX });
        } else if top == self.follows() {
            self.scroll = self.drawn.reach;
        } else {
            self.scroll = 0;
        }
    }

    fn scroll_by(&mut self, rows: isize) {
        let rows = if self.follows() { -rows } else { rows };
        self.scroll = self.scroll.saturating_add_signed(rows).min(self.drawn.reach);
    }

    fn move_by(&mut self, rows: isize) {
        self.move_to(self.cursor.saturating_add_signed(rows));
    }

    pub(super) fn move_to(&mut self, place: usize) {
        self.cursor = place.min(self.rows.len().saturating_sub(1));
        self.scroll = 0;
        self.selected = self.current().map(|election| election.key.clone());
    }

    pub(super) fn look_aside(&mut self, steps: isize) {
        if self.opened.is_some() {
            return;
        }
        let step = i32::try_from(steps).unwrap_or(0);
        match self.pane {
            Pane::Timeline => {
                self.past = self.past.saturating_add_signed(-step).min(FURTHEST);
            }
            Pane::Table if self.wide => {
                self.aside = self.aside.saturating_add_signed(steps).min(self.drawn.aside);
            }
            _ => {}
        }
    }
}
