//! `config.toml`.

use std::path::PathBuf;

use clap::builder::Resettable;
use clap::{Arg, ArgAction, Command};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{KEYS, Keys, flags};
use crate::keymap::{Error, Keymap};

/// What the file says.
#[derive(Clone, Debug, Default)]
pub struct File {
    /// Which file; none if there is none.
    pub path: Option<PathBuf>,
    /// Its `[keys]`.
    pub keys: Keys,
    entries: Vec<Entry>,
}

/// A flag and its values.
#[derive(Clone, Debug)]
struct Entry {
    section: Option<String>,
    long: String,
    values: Vec<String>,
}

/// What is wrong with the file, and where.
#[derive(Debug, thiserror::Error)]
#[error("{}{}: {what}", path.display(), line.map_or(String::new(), |line| format!(", line {line}")))]
pub struct ConfigError {
    path: PathBuf,
    line: Option<usize>,
    what: String,
}

impl File {
    /// Reads a file and holds it against the flags of `command`.
    ///
    /// # Errors
    /// When it cannot be read, is no TOML, or has a key or value that no flag takes.
    pub fn read(command: &Command, path: PathBuf) -> Result<Self, ConfigError> {
        match std::fs::read_to_string(&path) {
            Ok(text) => Self::parse(command, path, &text),
            Err(error) => {
                let what = format!(
                    "the config file cannot be read: {error}; mend it, or name another with --config"
                );
                Err(ConfigError { path, line: None, what })
            }
        }
    }

    pub(super) fn parse(command: &Command, path: PathBuf, text: &str) -> Result<Self, ConfigError> {
        let line = |at: usize| text.get(..at).map(|before| before.matches('\n').count() + 1);
        let reading = Reading { command };
        let read = DeTable::parse(text)
            .map_err(|error| (error.span().map(|span| span.start), error.message().to_owned()))
            .and_then(|table| {
                reading.table(table.get_ref()).map_err(|(at, what)| (Some(at), what))
            });
        match read {
            Ok(file) => Ok(Self { path: Some(path), ..file }),
            Err((at, what)) => Err(ConfigError { path, line: at.and_then(line), what }),
        }
    }

    /// Makes what the file says the default.
    #[must_use]
    pub fn apply(&self, command: Command) -> Command {
        let of = |section: Option<&str>, arg: &Arg| {
            let long = arg.get_long()?;
            let found = self.entries.iter();
            found.rev().find(|it| it.section.as_deref() == section && it.long == long).cloned()
        };
        let set = |section: Option<&str>, arg: Arg| match of(section, &arg) {
            Some(entry) => arg.default_values(entry.values),
            None => arg,
        };
        let command =
            command.mut_args(|arg| if arg.is_global_set() { set(None, arg) } else { arg });
        command.mut_subcommands(|sub| {
            let name = sub.get_name().to_owned();
            sub.mut_args(|arg| if arg.is_global_set() { arg } else { set(Some(&name), arg) })
        })
    }

    /// Whether it sets this flag.
    pub(super) fn sets(&self, section: Option<&str>, long: &str) -> bool {
        self.entries.iter().any(|it| it.section.as_deref() == section && it.long == long)
    }
}

/// A place in the text, and what is wrong there.
type Mistake = (usize, String);

struct Reading<'a> {
    command: &'a Command,
}

impl Reading<'_> {
    fn table(&self, table: &DeTable<'_>) -> Result<File, Mistake> {
        let mut file = File::default();
        for (key, value) in table {
            let name = key.get_ref().as_ref();
            match value.get_ref() {
                DeValue::Table(keys) if name == KEYS => file.keys = bound(key, keys)?,
                DeValue::Table(section) => self.section(key, section, &mut file)?,
                _ => file.entries.push(self.entry(None, key, value)?),
            }
        }
        Ok(file)
    }

    fn section(
        &self,
        key: &Spanned<std::borrow::Cow<'_, str>>,
        section: &DeTable<'_>,
        file: &mut File,
    ) -> Result<(), Mistake> {
        let name = key.get_ref().as_ref();
        if !self.command.get_subcommands().any(|sub| sub.get_name() == name) {
            let what =
                format!("there is no command \"{name}\"; sections are commands, or [{KEYS}]");
            return Err((key.span().start, what));
        }
        for (key, value) in section {
            file.entries.push(self.entry(Some(name), key, value)?);
        }
        Ok(())
    }

    fn entry(
        &self,
        section: Option<&str>,
        key: &Spanned<std::borrow::Cow<'_, str>>,
        value: &Spanned<DeValue<'_>>,
    ) -> Result<Entry, Mistake> {
        let long = key.get_ref().as_ref();
        let known = flags(self.command, section);
        let Some(arg) = known.iter().find(|arg| arg.get_long() == Some(long)) else {
            let what = format!("unknown key \"{long}\"; --print-config shows those there are");
            return Err((key.span().start, what));
        };
        let at = value.span().start;
        let values = texts(value.get_ref()).ok_or_else(|| {
            (at, format!("{long} takes a text, a number, true or false, or a list of these"))
        })?;
        Self::check(arg, &values).map_err(|what| (at, format!("{long}: {what}")))?;
        Ok(Entry { section: section.map(str::to_owned), long: long.to_owned(), values })
    }

    /// Whether the flag takes these values, by trying it.
    fn check(arg: &Arg, values: &[String]) -> Result<(), String> {
        if !arg.get_action().takes_values() {
            let switch = matches!(arg.get_action(), ArgAction::SetTrue);
            let said = matches!(values, [one] if ["true", "false"].contains(&one.as_str()));
            return if switch && said { Ok(()) } else { Err("it is true or false".to_owned()) };
        }
        if values.len() > 1 && !matches!(arg.get_action(), ArgAction::Append) {
            return Err("it takes only one value".to_owned());
        }
        let long = arg.get_long().unwrap_or_default();
        // Alone, so that nothing else can be missing.
        let alone =
            Command::new("fleet-top").no_binary_name(true).arg(arg.clone().env(Resettable::Reset));
        let line = values.iter().map(|value| format!("--{long}={value}"));
        let tried = alone.try_get_matches_from(line);
        tried.map(drop).map_err(|error| {
            let text = error.to_string();
            let first = text.lines().next().unwrap_or_default();
            first.trim_start_matches("error: ").to_owned()
        })
    }
}

/// A value in the words of a command line.
fn texts(value: &DeValue<'_>) -> Option<Vec<String>> {
    match value {
        DeValue::Array(all) => {
            let each = all.iter().map(|it| texts(it.get_ref()).filter(|texts| texts.len() == 1));
            Some(each.collect::<Option<Vec<_>>>()?.concat())
        }
        one => text(one).map(|text| vec![text]),
    }
}

fn text(value: &DeValue<'_>) -> Option<String> {
    match value {
        DeValue::String(text) => Some(text.clone().into_owned()),
        DeValue::Integer(number) => Some(number.as_str().to_owned()),
        DeValue::Float(number) => Some(number.as_str().to_owned()),
        DeValue::Boolean(is) => Some(is.to_string()),
        _ => None,
    }
}

/// Keys by the names of what they do; conflicts are refused here.
fn bound(at: &Spanned<std::borrow::Cow<'_, str>>, table: &DeTable<'_>) -> Result<Keys, Mistake> {
    let mut all = Keys::new();
    for (name, value) in table {
        let keys = texts(value.get_ref()).ok_or_else(|| {
            (value.span().start, format!("{} takes a key, or a list of keys", name.get_ref()))
        })?;
        let one = Keys::from([(name.get_ref().clone().into_owned(), keys.clone())]);
        all.insert(name.get_ref().clone().into_owned(), keys);
        // What is wrong with this one alone is told at its line; a conflict may be mended by another line.
        match Keymap::rebound(&one) {
            Ok(_) | Err(Error::Conflict { .. }) => {}
            Err(error) => return Err((name.span().start, error.to_string())),
        }
    }
    match Keymap::rebound(&all) {
        Ok(_) => Ok(all),
        Err(error) => Err((at.span().start, error.to_string())),
    }
}
