//! Why keys cannot be bound so.

use super::BINDINGS;

/// Why keys cannot be bound so.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// There is no such command.
    #[error("[keys] there is no command {0:?}; the commands are: {known}", known = names())]
    Command(String),
    /// The text names no key.
    #[error(
        "[keys] {command}: {key:?} is no key; write a character, ctrl-x, alt-x, f1 to f12, enter, esc, tab, \
         shift-tab, space, backspace, delete, insert, up, down, left, right, home, end, pgup or pgdn"
    )]
    Key {
        /// The command that should have it.
        command: String,
        /// What was written.
        key: String,
    },
    /// Two commands want one key.
    #[error("[keys] {key} would mean both {one} and {other}; give one of them another key")]
    Conflict {
        /// The key.
        key: String,
        /// A command that has it.
        one: &'static str,
        /// Another one.
        other: &'static str,
    },
    /// The key that always quits.
    #[error("[keys] {0}: ctrl-c always quits; choose another key")]
    WayOut(String),
}

fn names() -> String {
    BINDINGS.iter().map(|row| row.name).collect::<Vec<_>>().join(" ")
}
