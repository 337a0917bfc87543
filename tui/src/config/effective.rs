//! Every setting with its value, as a config file that can be used.

use std::fmt::Write;

use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, Command};

use super::{File, KEYS, flags};
use crate::keymap::Keymap;

/// The settings as they are in force. What is built in stands in comments.
#[must_use]
pub fn effective(command: &Command, matches: &ArgMatches, file: &File) -> String {
    let place = file
        .path
        .as_ref()
        .or(super::usual_place().as_ref())
        .map_or_else(|| "config.toml".to_owned(), |path| path.display().to_string());
    let mut out = format!(
        "# Settings of fleet-top. Its place is {place}.\n\
         # A flag goes before a variable, a variable before this file.\n"
    );
    let page = Page { matches, file };
    page.section(&mut out, command, None);
    for sub in command.get_subcommands() {
        page.section(&mut out, command, Some(sub.get_name()));
    }
    keys(&mut out, file);
    out
}

struct Page<'a> {
    matches: &'a ArgMatches,
    file: &'a File,
}

impl Page<'_> {
    fn section(&self, out: &mut String, command: &Command, section: Option<&str>) {
        let flags = flags(command, section);
        if let Some(name) = section.filter(|_| !flags.is_empty()) {
            let _ = write!(out, "\n[{name}]\n");
        }
        for arg in flags {
            self.setting(out, arg, section);
        }
    }

    fn setting(&self, out: &mut String, arg: &Arg, section: Option<&str>) {
        let long = arg.get_long().unwrap_or_default();
        let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
        let variable = arg.get_env().map(|name| name.to_string_lossy()).unwrap_or_default();
        let (values, origin) = self.value(arg, section);
        let place = origin.map_or(String::new(), |origin| format!("; from {origin}"));
        let _ = write!(out, "\n# {help} ({variable}{place})\n");
        let mark = if origin.is_some() { "" } else { "# " };
        let _ = writeln!(out, "{mark}{long} = {}", toml(arg, &values));
    }

    /// The values, and whose they are; none if they are built in.
    fn value(&self, arg: &Arg, section: Option<&str>) -> (Vec<String>, Option<&'static str>) {
        let long = arg.get_long().unwrap_or_default();
        let filed = self.file.sets(section, long).then_some("the file");
        let built_in = || {
            let values = arg.get_default_values().iter();
            values.map(|value| value.to_string_lossy().into_owned()).collect::<Vec<_>>()
        };
        if section.is_some() {
            let said = arg.get_env().and_then(std::env::var_os);
            return match said {
                Some(value) => {
                    (vec![value.to_string_lossy().into_owned()], Some("the environment"))
                }
                None => (built_in(), filed),
            };
        }
        let id = arg.get_id().as_str();
        let raw = self.matches.try_get_raw(id).ok().flatten();
        let values = raw.map_or_else(built_in, |values| {
            values.map(|value| value.to_string_lossy().into_owned()).collect()
        });
        let origin = match self.matches.value_source(id) {
            Some(ValueSource::CommandLine) => Some("the command line"),
            Some(ValueSource::EnvVariable) => Some("the environment"),
            _ => filed,
        };
        (values, origin)
    }
}

/// Values as TOML. A switch is a switch, whatever its variable was set to.
fn toml(arg: &Arg, values: &[String]) -> String {
    let one = values.first();
    match arg.get_action() {
        ArgAction::SetTrue => {
            let off = ["", "false", "no", "n", "off", "f", "0"];
            let on = one.is_some_and(|value| !off.contains(&value.to_lowercase().as_str()));
            on.to_string()
        }
        ArgAction::Append => {
            let values: Vec<String> = values.iter().map(|value| quoted(value)).collect();
            format!("[{}]", values.join(", "))
        }
        _ => quoted(one.map_or("", String::as_str)),
    }
}

/// A basic string.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => {
                out.push('\\');
                out.push(c);
            }
            c if c.is_control() => {
                let _ = write!(out, "\\u{:04X}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out + "\""
}

fn keys(out: &mut String, file: &File) {
    let _ = write!(
        out,
        "\n# Keys of the screen. A command that is named has these keys and no others.\n[{KEYS}]\n"
    );
    let Ok(keymap) = Keymap::rebound(&file.keys) else { return };
    for row in keymap.rows() {
        let name = row.binding.name;
        let mark = if file.keys.contains_key(name) { "" } else { "# " };
        let keys: Vec<String> = row.keys.iter().map(|key| quoted(&key.to_string())).collect();
        let _ = writeln!(out, "{mark}{name} = [{}]", keys.join(", "));
    }
}
