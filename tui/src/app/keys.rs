//! What keys do to the state.

use std::ops::ControlFlow;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use leadership::time::Time;

use super::{App, Pane, Sorting};
use crate::filter::Filter;
use crate::keymap::{self, Command};
use crate::lane::SPANS;
use crate::order::Order;

impl App {
    pub(super) fn press(&mut self, key: KeyEvent, now: Time) -> ControlFlow<()> {
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
