//! What works in pipes: one file a command.

mod advise;
pub(crate) mod describe;
mod drill;
mod events;
mod history;
mod leader;
mod lease;
mod lines;
mod list;
mod logs;
mod man;
mod object;
mod page;
mod record;
mod settled;
mod wait;

use std::io::Write;

use crate::args::{Cli, Command, ListArgs};
use crate::config::Keys;
use crate::keymap::Keymap;
use crate::out::out;
use crate::source;
use crate::{run, terminal, ui};

/// The version of what is printed as JSON or YAML. It rises when a field changes its meaning or goes.
pub(crate) const SCHEMA_VERSION: u32 = 1;

/// How a command ended that did not fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// All is well.
    Fine = 0,
    /// A drill took longer than promised, or the service was not available.
    Failed = 1,
    /// Nobody leads at least one of the elections.
    Leaderless = 3,
    /// What was waited for did not happen in time.
    TimedOut = 124,
}

/// Does what the command line says; `keys` are bound as the config file says.
///
/// # Errors
/// When that fails; the text is for the user.
pub async fn obey(cli: &Cli, keys: &Keys) -> anyhow::Result<Exit> {
    match &cli.command {
        Some(Command::List(args)) => list(cli, args).await,
        Some(Command::Describe(args)) => describe::run(cli, args).await,
        Some(Command::Events(args)) => events::run(&cli.source, args).await,
        Some(Command::History(args)) => history::run(&cli.source, args).await,
        Some(Command::Advise(args)) => advise::run(&cli.source, args).await,
        Some(Command::Wait(args)) => wait::run(&cli.source, args).await,
        Some(Command::Leader(args)) => leader::run(&cli.source, args).await,
        Some(Command::Logs(args)) => logs::run(&cli.source, args).await,
        Some(Command::Drill(args)) => drill::run(&cli.source, args).await,
        Some(Command::Record(args)) => record::run(&cli.source, args).await,
        Some(Command::Completions { shell }) => {
            let mut script = Vec::new();
            let mut command = run::command(None);
            clap_complete::generate(*shell, &mut command, "fleet-top", &mut script);
            print(&script)
        }
        Some(Command::Man) => print(&man::page(run::command(None))?),
        None if cli.lines => lines::run(&cli.source).await,
        None if listed(cli) => list(cli, &cli.list).await,
        None => {
            let source = source::open(&cli.source).await?;
            ui::run(&source, &cli.screen, Keymap::rebound(keys)?).await?;
            Ok(Exit::Fine)
        }
    }
}

/// Whether the list is wanted where no command is named, or nothing else can be shown.
fn listed(cli: &Cli) -> bool {
    cli.once || cli.list.watch || cli.list.output.is_some() || !terminal::able()
}

async fn list(cli: &Cli, args: &ListArgs) -> anyhow::Result<Exit> {
    let source = source::open(&cli.source).await?;
    list::run(&source, args, cli).await
}

/// Prints a whole text.
///
/// # Errors
/// When it cannot be written.
pub(crate) fn print(text: &[u8]) -> anyhow::Result<Exit> {
    let mut out = out();
    out.write_all(text)?;
    out.flush()?;
    Ok(Exit::Fine)
}
