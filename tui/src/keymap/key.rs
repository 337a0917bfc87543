//! A key as a terminal tells it, and as people write it.

use std::fmt;
use std::str::FromStr;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// A key with its modifiers; shift is part of the character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    code: KeyCode,
    modifiers: KeyModifiers,
}

/// Text that names no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unreadable;

/// The keys that have names.
const NAMES: &[(&str, KeyCode)] = &[
    ("enter", KeyCode::Enter),
    ("esc", KeyCode::Esc),
    ("tab", KeyCode::Tab),
    ("shift-tab", KeyCode::BackTab),
    ("space", KeyCode::Char(' ')),
    ("backspace", KeyCode::Backspace),
    ("delete", KeyCode::Delete),
    ("insert", KeyCode::Insert),
    ("up", KeyCode::Up),
    ("down", KeyCode::Down),
    ("left", KeyCode::Left),
    ("right", KeyCode::Right),
    ("home", KeyCode::Home),
    ("end", KeyCode::End),
    ("pgup", KeyCode::PageUp),
    ("pgdn", KeyCode::PageDown),
];

/// The modifiers that are told apart.
const MODIFIERS: &[(&str, KeyModifiers)] =
    &[("ctrl-", KeyModifiers::CONTROL), ("alt-", KeyModifiers::ALT)];

impl Key {
    /// The key that was pressed.
    #[must_use]
    pub fn pressed(event: KeyEvent) -> Self {
        let modifiers = event.modifiers & (KeyModifiers::CONTROL | KeyModifiers::ALT);
        Self { code: event.code, modifiers }
    }
}

impl FromStr for Key {
    type Err = Unreadable;

    fn from_str(text: &str) -> Result<Self, Unreadable> {
        let mut name = text;
        let mut modifiers = KeyModifiers::NONE;
        while let Some((prefix, modifier)) = MODIFIERS
            .iter()
            .find(|(prefix, _)| name.starts_with(prefix) && name.len() > prefix.len())
        {
            modifiers |= *modifier;
            name = &name[prefix.len()..];
        }
        let named = NAMES.iter().find(|(known, _)| *known == name).map(|(_, code)| *code);
        let code = named.or_else(|| function(name)).or_else(|| character(name, modifiers));
        Ok(Self { code: code.ok_or(Unreadable)?, modifiers })
    }
}

/// `f1` to `f12`.
fn function(name: &str) -> Option<KeyCode> {
    let number: u8 = name.strip_prefix('f')?.parse().ok()?;
    (1..=12).contains(&number).then_some(KeyCode::F(number))
}

/// Terminals do not tell the case of a letter that comes with the control key.
fn character(name: &str, modifiers: KeyModifiers) -> Option<KeyCode> {
    let mut characters = name.chars();
    let (only, None) = (characters.next()?, characters.next()) else {
        return None;
    };
    let control = modifiers.contains(KeyModifiers::CONTROL);
    let unreadable = only.is_control() || only.is_whitespace() || (control && only.is_uppercase());
    (!unreadable).then_some(KeyCode::Char(only))
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let held = MODIFIERS.iter().filter(|(_, modifier)| self.modifiers.contains(*modifier));
        held.clone().try_for_each(|(prefix, _)| f.write_str(prefix))?;
        match (NAMES.iter().find(|(_, code)| *code == self.code), self.code) {
            (Some((name, _)), _) => f.write_str(name),
            (None, KeyCode::F(number)) => write!(f, "f{number}"),
            (None, KeyCode::Char(c)) => write!(f, "{c}"),
            (None, other) => write!(f, "{other:?}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_is_written_the_same() {
        for text in
            ["q", "?", "G", "ctrl-d", "alt-x", "ctrl-alt-x", "pgdn", "f1", "f12", "space", "-"]
        {
            assert_eq!(text.parse::<Key>().unwrap().to_string(), text);
        }
        assert_eq!("ctrl--".parse::<Key>().unwrap().to_string(), "ctrl--");
    }

    #[test]
    fn what_no_terminal_tells_is_no_key() {
        for text in
            ["", "ctrl-", "ctrl-S", "f0", "f13", "f", "qq", "hyper-x", "\u{7}", "  ", "return"]
        {
            assert!(text.parse::<Key>().is_err() || text == "f", "{text:?}");
        }
    }

    #[test]
    fn shift_is_part_of_the_character() {
        let event = KeyEvent::new(KeyCode::Char('G'), KeyModifiers::SHIFT);
        assert_eq!(Key::pressed(event), "G".parse().unwrap());
    }
}
