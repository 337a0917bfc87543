//! What keys do to the state.

use std::sync::Arc;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use leadership::time::Time;

use super::{App, Effect, Opened, Pane, Purpose};
use crate::columns;
use crate::keymap::{Command, Copied};
use crate::lane::SPANS;

impl App {
    pub(super) fn press(&mut self, key: KeyEvent, now: Time) -> Option<Effect> {
        if key.modifiers.contains(KeyModifiers::ALT) && self.keymap.command(key).is_none() {
            return self.press_after_escape(key, now);
        }
        self.notice = None;
        let way_out = KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL);
        if self.prompt.is_some() && key != way_out {
            return self.type_key(key, now);
        }
        let command = self.keymap.command(key)?;
        self.obey(command, now)
    }

    /// Over a slow line an escape may come together with the next key, and the terminal cannot tell the two from one
    /// key with alt.
    fn press_after_escape(&mut self, mut key: KeyEvent, now: Time) -> Option<Effect> {
        key.modifiers.remove(KeyModifiers::ALT);
        let effect = self.press(KeyEvent::from(KeyCode::Esc), now);
        if effect.is_some() { effect } else { self.press(key, now) }
    }

    /// Does what a command says.
    pub(crate) fn obey(&mut self, command: Command, now: Time) -> Option<Effect> {
        match command {
            Command::Quit => return Some(Effect::Quit),
            Command::Redraw => return Some(Effect::Redraw),
            Command::Suspend => return Some(Effect::Suspend),
            Command::Copy(what) => return self.copy(what),
            Command::Play(play) if self.played.is_some() => return Some(Effect::Play(play)),
            Command::Play(_) => {
                self.notice = Some("only a recording can be played (--replay FILE)".to_owned());
            }
            Command::Drill => {
                return self.current().map(|election| Effect::Drill(election.key.to_string()));
            }
            Command::Move(rows) => self.step(rows),
            Command::HalfScreens(halves) => self.leap(halves),
            Command::Top => self.end(true),
            Command::Bottom => self.end(false),
            Command::Aside(steps) => self.look_aside(steps),
            Command::Open => self.open(Opened::Whole),
            Command::Yaml => self.open(Opened::Yaml),
            Command::Show(pane) => self.toggle(pane),
            Command::NextPane(steps) => self.next_pane(steps),
            Command::Group => {
                self.grouped = !self.grouped;
                self.show_table();
            }
            Command::Wide => {
                self.wide = !self.wide;
                self.aside = 0;
                self.show_table();
            }
            Command::Zoom(steps) => {
                self.zoom = self.zoom.saturating_add_signed(-steps).min(SPANS.len() - 1);
            }
            Command::Back => self.back(),
            Command::Filter => self.ask(Purpose::Filter),
            Command::CommandLine => self.ask(Purpose::Command),
            Command::Freeze => self.freeze(now),
            Command::Help => {
                self.help = !self.help;
                self.scroll = 0;
            }
            Command::Sort(order) => self.sort(order),
            Command::Reverse => self.reverse(),
        }
        None
    }

    /// Opens what is under the cursor, or closes it. What is opened stays, wherever its row goes.
    pub(super) fn open(&mut self, how: Opened) {
        self.help = false;
        if self.opened.is_none() && self.pane == Pane::Events && !self.point_at_event() {
            return;
        }
        if self.opened.is_none() {
            self.left = self.scroll;
        }
        self.move_to(self.cursor);
        self.opened = if self.opened == Some(how) { None } else { Some(how) };
    }

    /// Moves the cursor to the election of the event that is pointed at; whether there is one.
    fn point_at_event(&mut self) -> bool {
        let line = self.events().nth(self.scroll);
        let key = line.and_then(|line| line.event.lease.clone());
        let place = self.elections().position(|it| Some(&it.key) == key.as_ref());
        if let Some(place) = place {
            self.cursor = place;
        } else {
            self.notice = Some("no election that is shown belongs to this event".to_owned());
        }
        place.is_some()
    }

    fn back(&mut self) {
        if self.help {
            self.help = false;
            self.scroll = 0;
        } else if self.opened.take().is_some() {
            self.scroll = self.left;
        } else if self.pane != Pane::Table {
            self.toggle(self.pane);
        } else if !self.filter.is_empty() {
            self.filter_by("");
        } else if self.namespace.is_some() {
            self.confine(None);
        }
    }

    fn toggle(&mut self, pane: Pane) {
        let open = self.pane == pane && self.opened.is_none() && !self.help;
        self.go_to(if open { Pane::Table } else { pane });
    }

    fn next_pane(&mut self, steps: isize) {
        let place = Pane::ALL.iter().position(|pane| *pane == self.pane).unwrap_or(0);
        let count = isize::try_from(Pane::ALL.len()).unwrap_or(1);
        let place = isize::try_from(place).unwrap_or(0);
        let next = usize::try_from((place + steps).rem_euclid(count)).unwrap_or(0);
        self.go_to(Pane::ALL.get(next).copied().unwrap_or_default());
    }

    fn show_table(&mut self) {
        self.go_to(Pane::Table);
        self.arrange();
    }

    /// Each pane begins at its top, and the timeline at the present.
    fn go_to(&mut self, pane: Pane) {
        self.pane = pane;
        self.opened = None;
        self.help = false;
        self.scroll = 0;
        self.past = 0;
    }

    fn freeze(&mut self, now: Time) {
        if self.frozen.take().is_none() {
            self.frozen = Some(now);
        } else if let Some(newest) = self.newest.take() {
            self.show(newest);
        }
    }

    fn copy(&mut self, what: Copied) -> Option<Effect> {
        let Some(election) = self.current().map(Arc::clone) else {
            self.notice = Some("there is nothing to copy".to_owned());
            return None;
        };
        let text = match (what, &election.term) {
            (Copied::Lease, _) => election.key.to_string(),
            (Copied::Pod, Some(term)) => columns::name(term).to_owned(),
            (Copied::Pod, None) => {
                self.notice = Some(format!("nobody ever led {}", election.key));
                return None;
            }
        };
        self.notice = Some(format!("copied {text}"));
        Some(Effect::Copy(text))
    }
}
