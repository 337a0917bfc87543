//! `fleet-top` in a terminal, seen through a terminal emulator.

use std::io::{Read, Write};
use std::num::NonZero;
use std::path::Path;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use leadership::time::Delta;
use observe::clock;
use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

use crate::process::{eventually, our_program};

const ROWS: u16 = 40;
const COLUMNS: u16 = 160;

/// A running screen. It is ended when this is dropped.
pub struct Terminal {
    child: Box<dyn Child + Send + Sync>,
    keyboard: Box<dyn Write + Send>,
    output: Receiver<Vec<u8>>,
    emulator: vt100::Parser,
    _master: Box<dyn MasterPty + Send>,
}

impl Terminal {
    /// Opens the screen over a cluster.
    ///
    /// # Errors
    /// When there is no pseudo terminal, or the program cannot be started.
    pub fn open(kubeconfig: &Path) -> Result<Self> {
        let size = PtySize { rows: ROWS, cols: COLUMNS, ..PtySize::default() };
        let pair = native_pty_system().openpty(size)?;
        let mut command = CommandBuilder::new(our_program("fleet-top")?.get_program());
        command.args(["--kubeconfig".as_ref(), kubeconfig.as_os_str()]);
        command.env("TERM", "xterm-256color");
        command.env("LC_ALL", "C.UTF-8");
        let child = pair.slave.spawn_command(command)?;
        let mut reader = pair.master.try_clone_reader()?;
        let (sender, output) = channel();
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(count @ 1..) = reader.read(&mut buffer) {
                if sender.send(buffer[..count].to_vec()).is_err() {
                    return;
                }
            }
        });
        let (rows, columns) = NonZero::new(ROWS).zip(NonZero::new(COLUMNS)).context("no screen")?;
        Ok(Self {
            child,
            keyboard: pair.master.take_writer()?,
            output,
            emulator: vt100::Parser::new(rows, columns, 0),
            _master: pair.master,
        })
    }

    /// Presses keys.
    ///
    /// # Errors
    /// When nobody reads them.
    pub fn press(&mut self, keys: &str) -> Result<()> {
        self.keyboard.write_all(keys.as_bytes())?;
        Ok(self.keyboard.flush()?)
    }

    /// What is on the screen.
    #[must_use]
    pub fn text(&self) -> String {
        self.emulator.screen().contents()
    }

    /// Reads until one line of the screen has all of `words`.
    ///
    /// # Errors
    /// When it has not after `patience`; the error shows the screen.
    pub fn until(&mut self, patience: Duration, words: &[&str]) -> Result<()> {
        let patience = i64::try_from(patience.as_secs()).unwrap_or(i64::MAX);
        let deadline = clock::now() + Delta::from_secs(patience);
        while !self.text().lines().any(|line| words.iter().all(|word| line.contains(word))) {
            match self.output.recv_timeout(clock::until(deadline)) {
                Ok(bytes) => self.emulator.process(&bytes),
                Err(error) => {
                    bail!("no line with {words:?}: {error}; the screen is\n{}", self.text())
                }
            }
        }
        Ok(())
    }

    /// Waits for the program's end; its exit code.
    ///
    /// # Errors
    /// When it is still there after `patience`.
    pub fn end(&mut self, patience: Duration) -> Result<u32> {
        let ended = eventually(patience, "the screen ends", || Ok(self.child.try_wait()?))?;
        Ok(ended.exit_code())
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
