//! What is typed in the last line: a filter, or a command.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use leadership::time::Time;

use super::{App, Effect};
use crate::{command_line, filter};

/// What a line is typed for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// It narrows the rows.
    Filter,
    /// It is obeyed.
    Command,
}

/// A line while it is typed.
#[derive(Clone, Debug)]
pub struct Prompt {
    /// What for.
    pub purpose: Purpose,
    /// What has been typed.
    pub text: String,
    /// Why it cannot be obeyed.
    pub error: Option<String>,
    /// The filter before.
    before: String,
    /// What was typed before completion began, and which suggestion is shown.
    completing: Option<(String, usize)>,
}

impl Prompt {
    /// What the suggestions go on from.
    #[must_use]
    pub fn stem(&self) -> &str {
        self.completing.as_ref().map_or(&self.text, |(stem, _)| stem)
    }

    fn edit(&mut self, key: KeyEvent) -> bool {
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        match key.code {
            KeyCode::Char('u') if control => self.text.clear(),
            KeyCode::Char('w') if control => {
                let kept = self.text.trim_end().rfind(' ').map_or(0, |space| space + 1);
                self.text.truncate(kept);
            }
            KeyCode::Char(c) if !control => self.text.push(c),
            KeyCode::Backspace => drop(self.text.pop()),
            _ => return false,
        }
        true
    }
}

impl App {
    /// Lets a line be typed; a filter goes on from the one that applies.
    pub(super) fn ask(&mut self, purpose: Purpose) {
        let before = self.filter.text().to_owned();
        let text = if purpose == Purpose::Filter { before.clone() } else { String::new() };
        self.prompt = Some(Prompt { purpose, text, error: None, before, completing: None });
    }

    /// How what is typed may go on.
    #[must_use]
    pub fn suggestions(&self) -> Vec<String> {
        match &self.prompt {
            Some(prompt) if prompt.purpose == Purpose::Filter => {
                filter::suggestions(prompt.stem(), &self.snapshot)
            }
            Some(prompt) => command_line::suggestions(self, prompt.stem()),
            None => Vec::new(),
        }
    }

    /// Edits the line; a filter applies while it is typed.
    pub(super) fn type_key(&mut self, key: KeyEvent, now: Time) -> Option<Effect> {
        match key.code {
            KeyCode::Enter => return self.finish(now),
            KeyCode::Esc => self.abandon(),
            KeyCode::Tab => self.complete(1),
            KeyCode::BackTab => self.complete(-1),
            KeyCode::Backspace if self.prompt.as_ref().is_some_and(|it| it.text.is_empty()) => {
                self.abandon();
            }
            _ => {
                if let Some(prompt) = &mut self.prompt
                    && prompt.edit(key)
                {
                    prompt.error = None;
                    prompt.completing = None;
                    self.apply();
                }
            }
        }
        None
    }

    /// Lets what is typed apply, if it is a filter.
    fn apply(&mut self) {
        let filter = self.prompt.as_ref().filter(|prompt| prompt.purpose == Purpose::Filter);
        if let Some(text) = filter.map(|prompt| prompt.text.clone()) {
            self.filter_by(&text);
        }
    }

    /// Takes the next suggestion.
    fn complete(&mut self, step: isize) {
        let suggestions = self.suggestions();
        let Some(prompt) = &mut self.prompt else {
            return;
        };
        let count = suggestions.len();
        let place = match &prompt.completing {
            Some((_, place)) if step < 0 => place.checked_sub(1).unwrap_or(count.saturating_sub(1)),
            Some((_, place)) => place + 1,
            None if step < 0 => count.saturating_sub(1),
            None => 0,
        };
        let place = if place < count { place } else { 0 };
        if let Some(suggestion) = suggestions.get(place) {
            // A single one is taken: the next goes on from it.
            let typed = prompt.stem().to_owned();
            prompt.completing = (count > 1).then_some((typed, place));
            prompt.text.clone_from(suggestion);
            prompt.error = None;
            self.apply();
        }
    }

    /// Leaves everything as it was.
    fn abandon(&mut self) {
        if let Some(prompt) = self.prompt.take()
            && prompt.purpose == Purpose::Filter
        {
            self.filter_by(&prompt.before);
        }
    }

    /// Keeps the filter, or obeys the command. One that cannot be read or obeyed stays, with the
    /// reason.
    fn finish(&mut self, now: Time) -> Option<Effect> {
        let prompt = self.prompt.take()?;
        if prompt.purpose == Purpose::Filter {
            self.prompt = self.filter.error().is_some().then_some(prompt);
            return None;
        }
        match command_line::obey(self, prompt.text.trim(), now) {
            Ok(effect) => effect,
            Err(error) => {
                self.prompt = Some(Prompt { error: Some(error), completing: None, ..prompt });
                None
            }
        }
    }
}
