//! Defaults of flags, from a file and from the environment: a flag goes before a variable, a variable before
//! the file, the file before what is built in.

mod effective;
mod file;
mod sources;

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::builder::FalseyValueParser;
use clap::{Arg, ArgAction, Command};

pub use effective::effective;
pub use file::{ConfigError, File};
pub use sources::reconcile;

/// The section of the file that binds keys.
pub const KEYS: &str = "keys";

/// Lets every flag have a variable: `FLEET_TOP_THEME` for `--theme`, `FLEET_TOP_DRILL_RUNS` for `drill --runs`.
#[must_use]
pub fn with_environment(command: Command) -> Command {
    let command = command.mut_args(|arg| {
        let global =
            arg.is_global_set() || ["config", "lines", "once"].contains(&arg.get_id().as_str());
        if global { variable(arg, None) } else { arg }
    });
    command.mut_subcommands(|sub| {
        let name = sub.get_name().to_owned();
        sub.mut_args(|arg| variable(arg, Some(&name)))
    })
}

/// The flags of a command or of all of them, as the file may name them.
pub(crate) fn flags<'a>(command: &'a Command, section: Option<&str>) -> Vec<&'a Arg> {
    let command = match section {
        None => Some(command),
        Some(name) => command.get_subcommands().find(|sub| sub.get_name() == name),
    };
    let args = command.into_iter().flat_map(Command::get_arguments);
    let named = |arg: &&Arg| {
        let own = section.is_some() != arg.is_global_set();
        own && arg.get_long().is_some() && !FIXED.contains(&arg.get_id().as_str())
    };
    args.filter(named).collect()
}

/// What only a command line can say.
const FIXED: [&str; 6] = ["help", "version", "config", "print_config", "lines", "once"];

fn variable(arg: Arg, section: Option<&str>) -> Arg {
    let Some(long) = arg.get_long().map(str::to_owned) else { return arg };
    if ["help", "version", "print-config"].contains(&&*long) {
        return arg;
    }
    let name = ["FLEET_TOP"].into_iter().chain(section).chain([&*long]).collect::<Vec<_>>();
    let name = name.join("_").replace('-', "_").to_uppercase();
    // A variable that is set to nothing says nothing.
    if std::env::var_os(&name).is_some_and(|value| value.is_empty()) {
        return arg;
    }
    let arg = arg.env(name).hide_env_values(true);
    // `FLEET_TOP_ASCII=1` and `=0` are what people write.
    if matches!(arg.get_action(), ArgAction::SetTrue) {
        return arg.value_parser(FalseyValueParser::new());
    }
    arg
}

/// Where the file is unless somebody names another.
#[must_use]
pub fn usual_place() -> Option<PathBuf> {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    let base = set("XDG_CONFIG_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    let base = base.or_else(|| Some(std::env::home_dir()?.join(".config")))?;
    Some(base.join("fleet-top").join("config.toml"))
}

/// The file that counts: one that is named must exist, the usual one need not.
///
/// # Errors
/// When it cannot be read, or says what it may not.
pub fn load(command: &Command, named: Option<PathBuf>) -> Result<File, ConfigError> {
    match named {
        Some(path) => File::read(command, path),
        None => match usual_place().filter(|path| path.exists()) {
            Some(path) => File::read(command, path),
            None => Ok(File::default()),
        },
    }
}

/// The keys that the file binds, by the commands' names.
pub type Keys = BTreeMap<String, Vec<String>>;

#[cfg(test)]
mod tests;
