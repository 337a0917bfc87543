//! From the command line to an exit code.

use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Mutex;

use anyhow::Context;
use clap::{ArgMatches, CommandFactory, FromArgMatches};
use tracing_subscriber::EnvFilter;

use crate::args::Cli;
use crate::commands::{self, Exit};
use crate::config::{self, ConfigError};

/// Does what the command line says; errors go to standard error, one message each.
#[must_use]
pub fn run(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let args: Vec<OsString> = args.into_iter().collect();
    let file = match configured(&args) {
        Ok(file) => file,
        Err(error) => {
            tell!("{}: {error}", name(args.first()));
            return ExitCode::from(USAGE);
        }
    };
    let mut command = file.apply(command(args.first()));
    let (cli, matches) = match parsed(&mut command, &args) {
        Ok(parsed) => parsed,
        Err(error) => return usage(&error),
    };
    if cli.print_config {
        let settings = config::effective(&command, &matches, &file);
        return end(commands::print(settings.as_bytes()), args.first());
    }
    end(start(&cli, &file), args.first())
}

/// Tells what failed; who read enough of our output, as `head` does, need not hear of it.
fn end(done: anyhow::Result<Exit>, program: Option<&OsString>) -> ExitCode {
    match done {
        Ok(exit) => ExitCode::from(exit as u8),
        Err(error) if reader_is_gone(&error) => ExitCode::SUCCESS,
        Err(error) => {
            tell!("{}: {error:#}", name(program));
            ExitCode::FAILURE
        }
    }
}

/// The exit code of a command line or a config file that is wrong.
const USAGE: u8 = 2;

/// The config file that the command line or its variable names, or the usual one.
fn configured(args: &[OsString]) -> Result<config::File, ConfigError> {
    let lenient = command(args.first()).ignore_errors(true).try_get_matches_from(args);
    // What is wrong beside it is told later.
    let named =
        lenient.ok().and_then(|it| it.try_get_one::<PathBuf>("config").ok().flatten().cloned());
    config::load(&command(args.first()), named)
}

fn parsed(
    command: &mut clap::Command,
    args: &[OsString],
) -> Result<(Cli, ArgMatches), clap::Error> {
    let matches = command.try_get_matches_from_mut(args)?;
    let mut cli = Cli::from_arg_matches(&matches)?;
    config::reconcile(command, &matches, &mut cli.source)?;
    Ok((cli, matches))
}

/// The command line, under the name by which we were called.
#[must_use]
pub(crate) fn command(program: Option<&OsString>) -> clap::Command {
    let command = config::with_environment(Cli::command());
    match name(program) {
        "fleet-top" => command,
        name => command.bin_name(name),
    }
}

/// kubectl runs its plugins under names that begin with `kubectl-`; `-` in a plugin's own name becomes `_`.
fn name(program: Option<&OsString>) -> &'static str {
    let file = program.and_then(|program| Path::new(program).file_name());
    let plugin = file.is_some_and(|name| name.to_string_lossy().starts_with("kubectl-"));
    if plugin { "kubectl fleet-top" } else { "fleet-top" }
}

fn usage(error: &clap::Error) -> ExitCode {
    // Help and version are errors to clap, too; nobody can be told if printing fails.
    let _ = error.print();
    u8::try_from(error.exit_code()).map_or(ExitCode::FAILURE, ExitCode::from)
}

fn start(cli: &Cli, file: &config::File) -> anyhow::Result<Exit> {
    if let Some(path) = &cli.screen.log_file {
        log_to(path)?;
    }
    // One thread draws and one sees: a second one that sees would wake the other for every renewal, and give it
    // memory to free. What waits for a plugin has threads of its own.
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .context("cannot start")?;
    let result = runtime.block_on(commands::obey(cli, &file.keys));
    // A credential plugin may still run; nobody waits for it.
    runtime.shutdown_background();
    result
}

fn log_to(path: &Path) -> anyhow::Result<()> {
    let file = File::create(path)
        .with_context(|| format!("cannot write the log file {}", path.display()))?;
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(false)
        .with_writer(Mutex::new(file))
        .init();
    Ok(())
}

/// Whether whoever read our output has read enough, as `head` does: no reason to complain.
fn reader_is_gone(error: &anyhow::Error) -> bool {
    error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<io::Error>())
        .any(|error| error.kind() == io::ErrorKind::BrokenPipe)
}
