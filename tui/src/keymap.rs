//! What each key does: one row a command. Help and footer are made from these rows.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::app::Pane;
use crate::order::Order;

/// What the user can want.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// Leave.
    Quit,
    /// Move the cursor by rows; negative is up.
    Move(isize),
    /// Move the cursor by half screens; negative is up.
    HalfScreens(isize),
    /// To the first row.
    Top,
    /// To the last row.
    Bottom,
    /// Show the election under the cursor.
    Open,
    /// Show this instead of the table; again: the table.
    Show(Pane),
    /// Show less time, or more where negative.
    Zoom(isize),
    /// Close what was opened last.
    Back,
    /// Type a filter.
    Filter,
    /// Stop the picture, or let it go on.
    Freeze,
    /// Show the keys.
    Help,
    /// Order by this; again: the other way round.
    Sort(Order),
}

/// A key with its modifiers; `SHIFT` is part of the character.
type Key = (KeyCode, KeyModifiers);

/// One row: what a command's keys are and what they are called.
#[derive(Debug)]
pub struct Binding {
    /// The keys.
    pub keys: &'static [Key],
    /// What they do.
    pub command: Command,
    /// The keys as people say them.
    pub shown: &'static str,
    /// What they do, for the help.
    pub help: &'static str,
    /// What they do, for the footer, if it is worth a place there.
    pub footer: Option<&'static str>,
}

const fn plain(c: char) -> Key {
    (KeyCode::Char(c), KeyModifiers::NONE)
}

const fn ctrl(c: char) -> Key {
    (KeyCode::Char(c), KeyModifiers::CONTROL)
}

const fn key(code: KeyCode) -> Key {
    (code, KeyModifiers::NONE)
}

const fn row(
    keys: &'static [Key],
    command: Command,
    shown: &'static str,
    help: &'static str,
    footer: Option<&'static str>,
) -> Binding {
    Binding { keys, command, shown, help, footer }
}

/// All keys.
pub const KEYMAP: &[Binding] = &[
    row(
        &[plain('?'), key(KeyCode::F(1))],
        Command::Help,
        "?",
        "show or hide this help",
        Some("help"),
    ),
    row(&[key(KeyCode::Enter)], Command::Open, "enter", "show the whole election", Some("open")),
    row(&[key(KeyCode::Esc)], Command::Back, "esc", "close, then clear the filter", Some("back")),
    row(&[plain('t')], Command::Show(Pane::Timeline), "t", "timeline: who led when", Some("time")),
    row(
        &[plain('n')],
        Command::Show(Pane::Nodes),
        "n",
        "nodes: what a drain would move",
        Some("nodes"),
    ),
    row(&[plain('+'), plain('=')], Command::Zoom(1), "+", "timeline: less time", None),
    row(&[plain('-')], Command::Zoom(-1), "-", "timeline: more time", None),
    row(&[plain('/')], Command::Filter, "/", "filter: text !text state:late", Some("filter")),
    row(&[plain('q'), ctrl('c')], Command::Quit, "q", "quit", Some("quit")),
    row(&[plain('f')], Command::Freeze, "f", "freeze the picture, or go on", Some("freeze")),
    row(&[plain('j'), key(KeyCode::Down)], Command::Move(1), "j down", "next election", None),
    row(&[plain('k'), key(KeyCode::Up)], Command::Move(-1), "k up", "previous election", None),
    row(&[ctrl('d')], Command::HalfScreens(1), "ctrl-d", "half a screen down; scrolls", None),
    row(&[ctrl('u')], Command::HalfScreens(-1), "ctrl-u", "half a screen up", None),
    row(
        &[ctrl('f'), key(KeyCode::PageDown)],
        Command::HalfScreens(2),
        "pgdn",
        "a screen down",
        None,
    ),
    row(&[ctrl('b'), key(KeyCode::PageUp)], Command::HalfScreens(-2), "pgup", "a screen up", None),
    row(&[plain('g'), key(KeyCode::Home)], Command::Top, "g home", "to the first", None),
    row(&[plain('G'), key(KeyCode::End)], Command::Bottom, "G end", "to the last", None),
    row(
        &[plain('S')],
        Command::Sort(Order::State),
        "S",
        "sort by state, worst first",
        Some("sort"),
    ),
    row(&[plain('L')], Command::Sort(Order::Lease), "L", "sort by lease", None),
    row(&[plain('H')], Command::Sort(Order::Holder), "H", "sort by holder", None),
    row(&[plain('A')], Command::Sort(Order::Term), "A", "sort by age, newest first", None),
    row(&[plain('T')], Command::Sort(Order::Transitions), "T", "sort by transitions", None),
    row(&[plain('F')], Command::Sort(Order::Failover), "F", "sort by failover, newest first", None),
];

/// What this key does.
#[must_use]
pub fn command(event: KeyEvent) -> Option<Command> {
    let modifiers = event.modifiers & (KeyModifiers::CONTROL | KeyModifiers::ALT);
    let row = KEYMAP.iter().find(|row| row.keys.contains(&(event.code, modifiers)))?;
    Some(row.command)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_has_two_meanings() {
        let mut keys: Vec<_> = KEYMAP.iter().flat_map(|row| row.keys).collect();
        let all = keys.len();
        keys.sort_by_key(|key| format!("{key:?}"));
        keys.dedup();
        assert_eq!(keys.len(), all);
    }

    #[test]
    fn shift_is_part_of_the_character() {
        let event = KeyEvent::new(KeyCode::Char('G'), KeyModifiers::SHIFT);
        assert_eq!(command(event), Some(Command::Bottom));
        let event = KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL);
        assert_eq!(command(event), Some(Command::Quit));
        let event = KeyEvent::new(KeyCode::Char('q'), KeyModifiers::ALT);
        assert_eq!(command(event), None);
    }
}
