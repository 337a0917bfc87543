//! A drill from the screen: the same program as a command, in the same terminal, which asks before it
//! does anything. The screen itself changes nothing in any cluster.

use std::ffi::OsString;
use std::io::{self, BufRead, Write, stdin, stdout};

use anyhow::Context;
use tokio::process::Command;
use tokio::task::spawn_blocking;

use super::inputs::Keyboard;
use crate::terminal::Screen;

/// Gives the terminal to the drill until it is over and has been read.
pub(super) async fn run(
    lease: &str,
    screen: &mut Screen,
    keyboard: &mut Keyboard,
) -> anyhow::Result<()> {
    keyboard.stop().await;
    screen.leave();
    if let Err(error) = drill(lease).await {
        tell!("fleet-top: {error:#}");
    }
    spawn_blocking(wait_for_enter).await??;
    screen.renew()?;
    keyboard.start();
    Ok(())
}

/// The flags that say where to look are those that the screen was opened with.
async fn drill(lease: &str) -> anyhow::Result<()> {
    let program = std::env::current_exe().context("cannot find the program itself")?;
    let mut args = vec![OsString::from("drill"), lease.into()];
    args.extend(std::env::args_os().skip(1));
    println!("fleet-top drill {lease}");
    Command::new(program).args(args).status().await.context("cannot start the drill")?;
    Ok(())
}

fn wait_for_enter() -> io::Result<()> {
    print!("\nEnter goes back to the screen. ");
    stdout().flush()?;
    stdin().lock().read_line(&mut String::new())?;
    Ok(())
}
