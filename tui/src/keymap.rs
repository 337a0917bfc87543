//! What keys mean, as the user has bound them: the rows of [`BINDINGS`], or others.

mod bindings;
mod error;
mod key;

use std::collections::BTreeMap;

use crossterm::event::KeyEvent;

pub use bindings::{BINDINGS, Binding, Command, Copied};
pub use error::Error;
pub use key::{Key, Unreadable};

/// This key ends the program whatever is bound, so that nobody is locked in.
const WAY_OUT: &str = "ctrl-c";

/// Which keys mean what, for one run of the program.
#[derive(Clone, Debug)]
pub struct Keymap {
    rows: Vec<Bound>,
}

/// A command and the keys that it has.
#[derive(Clone, Debug)]
pub struct Bound {
    /// The command.
    pub binding: &'static Binding,
    /// Its keys, the one that is shown first. It may have none.
    pub keys: Vec<Key>,
}

impl Default for Keymap {
    fn default() -> Self {
        let keys = |row: &Binding| row.keys.iter().filter_map(|text| text.parse().ok()).collect();
        let rows = BINDINGS.iter().map(|binding| Bound { binding, keys: keys(binding) });
        Self { rows: rows.collect() }
    }
}

impl Keymap {
    /// The usual keys, but those of the commands named here: they have these keys and no others.
    ///
    /// # Errors
    /// When a command or a key is unknown, and when a key would mean two things.
    pub fn rebound(wanted: &BTreeMap<String, Vec<String>>) -> Result<Self, Error> {
        let mut keymap = Self::default();
        for (name, keys) in wanted {
            let row = keymap.rows.iter_mut().find(|row| row.binding.name == name);
            let row = row.ok_or_else(|| Error::Command(name.clone()))?;
            row.keys = keys.iter().map(|key| read(name, key)).collect::<Result<_, _>>()?;
        }
        keymap.conflict().map_or(Ok(keymap), Err)
    }

    fn conflict(&self) -> Option<Error> {
        let all = self.rows.iter().flat_map(|row| row.keys.iter().map(move |key| (row, key)));
        let mut seen: Vec<(&Bound, &Key)> = Vec::new();
        for (row, key) in all {
            if let Some((other, _)) = seen.iter().find(|(_, known)| *known == key) {
                let (one, other) = (other.binding.name, row.binding.name);
                return Some(Error::Conflict { key: key.to_string(), one, other });
            }
            seen.push((row, key));
        }
        None
    }

    /// What this key does.
    #[must_use]
    pub fn command(&self, event: KeyEvent) -> Option<Command> {
        let key = Key::pressed(event);
        if Ok(key) == WAY_OUT.parse() {
            return Some(Command::Quit);
        }
        let row = self.rows.iter().find(|row| row.keys.contains(&key))?;
        Some(row.binding.command)
    }

    /// The commands with their keys, in the order in which they are told.
    #[must_use]
    pub fn rows(&self) -> &[Bound] {
        &self.rows
    }

    /// The key that is shown for a command.
    #[must_use]
    pub fn key(&self, command: Command) -> Option<String> {
        self.rows.iter().find(|row| row.binding.command == command)?.shown()
    }
}

fn read(command: &str, key: &str) -> Result<Key, Error> {
    if key == WAY_OUT && command != "quit" {
        return Err(Error::WayOut(command.to_owned()));
    }
    key.parse()
        .map_err(|Unreadable| Error::Key { command: command.to_owned(), key: key.to_owned() })
}

impl Bound {
    /// Its first key as people say it.
    #[must_use]
    pub fn shown(&self) -> Option<String> {
        self.keys.first().map(Key::to_string)
    }

    /// All its keys as people say them.
    #[must_use]
    pub fn all(&self) -> String {
        self.keys.iter().map(Key::to_string).collect::<Vec<_>>().join(" ")
    }
}

#[cfg(test)]
mod tests;
