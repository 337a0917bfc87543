//! Child processes that end with their test, and conditions that are waited for.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::thread::{self, ScopedJoinHandle};
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use leadership::time::{Delta, Time};
use observe::clock;

/// A child process. It is killed when this is dropped, and told to end by its standard input when
/// this process dies before it can do that.
pub struct Process {
    child: Child,
    _stdin: Option<ChildStdin>,
    log: PathBuf,
}

impl Process {
    /// Starts `command`; its standard error goes to `log`, its standard output too unless it is piped.
    ///
    /// # Errors
    /// When the program cannot be started.
    pub fn start(command: &mut Command, log: &Path) -> Result<Self> {
        let stderr = File::options().create(true).append(true).open(log)?;
        Self::spawn(command.stdout(Stdio::piped()).stderr(stderr), log)
    }

    /// The same, with its standard output in the file `output`.
    ///
    /// # Errors
    /// When the program cannot be started.
    pub fn start_into(command: &mut Command, log: &Path, output: &Path) -> Result<Self> {
        let stderr = File::options().create(true).append(true).open(log)?;
        Self::spawn(command.stdout(File::create(output)?).stderr(stderr), log)
    }

    fn spawn(command: &mut Command, log: &Path) -> Result<Self> {
        let mut child = command
            .stdin(Stdio::piped())
            .spawn()
            .with_context(|| format!("{} cannot be started", command.get_program().display()))?;
        let stdin = child.stdin.take();
        Ok(Self { child, _stdin: stdin, log: log.to_owned() })
    }

    /// Waits for the line `ready` on its standard output.
    ///
    /// # Errors
    /// When it ends without saying so; the error carries the end of its log.
    pub fn ready(&mut self) -> Result<()> {
        let stdout = self.child.stdout.take().context("standard output was taken before")?;
        let mut lines = BufReader::new(stdout).lines().map_while(Result::ok);
        if lines.any(|line| line.trim() == "ready") {
            return Ok(());
        }
        bail!("it ended before it was ready; its log says:\n{}", self.tail())
    }

    /// Its process id.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends it a signal by name, as `kill -NAME` does.
    ///
    /// # Errors
    /// When there is no such process.
    pub fn signal(&self, name: &str) -> Result<()> {
        signal(self.id(), name)
    }

    /// Waits until it ends, and returns its exit code; none if a signal ended it.
    ///
    /// # Errors
    /// When it is still there after `patience`.
    pub fn wait(&mut self, patience: Duration) -> Result<Option<i32>> {
        eventually(patience, "the process ends", || Ok(self.child.try_wait()?.map(|it| it.code())))
    }

    /// The end of its log.
    #[must_use]
    pub fn tail(&self) -> String {
        let text = std::fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(30)..].join("\n")
    }
}

/// Sends a process a signal by name, as `kill -NAME` does.
///
/// # Errors
/// When there is no such process.
pub fn signal(process: u32, name: &str) -> Result<()> {
    let status = Command::new("kill").arg(format!("-{name}")).arg(process.to_string()).status()?;
    if !status.success() {
        bail!("process {process} cannot be sent SIG{name}");
    }
    Ok(())
}

/// Does the work for each, all at the same time.
///
/// # Errors
/// The first that the work had.
pub fn together<T: Send, R: Send>(
    items: Vec<T>,
    work: impl Fn(T) -> Result<R> + Sync,
) -> Result<Vec<R>> {
    let work = &work;
    thread::scope(|scope| {
        let spawn = |item| scope.spawn(move || work(item));
        let threads: Vec<ScopedJoinHandle<'_, Result<R>>> = items.into_iter().map(spawn).collect();
        let joined = threads.into_iter().map(|it| it.join().map_err(|_| anyhow!("a panic"))?);
        joined.collect()
    })
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Asks again and again until there is an answer.
///
/// # Errors
/// When there is none after `patience`, or when asking fails.
pub fn eventually<T>(
    patience: Duration,
    what: &str,
    mut ask: impl FnMut() -> Result<Option<T>>,
) -> Result<T> {
    let deadline = clock::now() + delta(patience);
    loop {
        if let Some(answer) = ask()? {
            return Ok(answer);
        }
        if clock::now() > deadline {
            bail!("after {patience:?} it is still not so that {what}");
        }
        std::thread::sleep(Duration::from_millis(25));
    }
}

/// Now, in microseconds since the Unix epoch.
#[must_use]
pub fn now() -> Time {
    clock::now()
}

fn delta(duration: Duration) -> Delta {
    Delta::from_micros(i64::try_from(duration.as_micros()).unwrap_or(i64::MAX))
}

/// A port of the loopback interface that nobody listens on.
///
/// # Errors
/// When there is none.
pub fn free_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

/// The folder of this crate.
#[must_use]
pub fn folder() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A program that `e2e/build` made.
///
/// # Errors
/// When it was not made.
pub fn go_program(name: &str) -> Result<Command> {
    let path = folder().join("bin").join(name);
    if !path.exists() {
        bail!("{} is missing: run e2e/build first; it needs Go", path.display());
    }
    Ok(Command::new(path))
}

/// A binary of this workspace, built with the profile of the running test.
///
/// # Errors
/// When it was not built.
pub fn our_program(name: &str) -> Result<Command> {
    let mut path = std::env::current_exe()?;
    path.pop();
    if path.ends_with("deps") {
        path.pop();
    }
    path.push(name);
    if !path.exists() {
        bail!("{} is missing: run `cargo build --bins` first", path.display());
    }
    Ok(Command::new(path))
}
