//! `logs`: what the leader prints, and then the next leader.

mod led;
mod printer;

use std::io::IsTerminal;
use std::time::Duration;

use observe::drive::Live;
use observe::logs::{self, Log, LogError, Wanted};
use tokio::time::{sleep, timeout};

use super::{Exit, lease};
use crate::args::{LogsArgs, SourceArgs};
use crate::first_list::{self, newest};
use crate::format;
use crate::source::{self, Watched};
use led::{Led, await_successor, led, successor};
use printer::Printer;

/// The pause before the log of the same leader is asked for again.
const AGAIN: Duration = Duration::from_secs(1);

/// How long what a leader printed last may take to come once another leads.
const LAST_WORDS: Duration = Duration::from_millis(100);

/// Prints the log of whoever leads.
pub(super) async fn run(source: &SourceArgs, args: &LogsArgs) -> anyhow::Result<Exit> {
    anyhow::ensure!(
        source.replay.is_none(),
        "a recording holds no logs: leave --replay away to read those of a cluster"
    );
    let watched = source::connect(source).await?;
    watched.cluster("reading logs")?;
    let mut live = watched.watch(None)?;
    first_list::wait(&mut live, &watched.address(), source.request_timeout).await?;
    first_list::settle(&mut live, Some(&args.lease), args.settle).await;
    lease::find(&newest(&live), &args.lease)?;
    let printer = Printer::new(args.timestamps, std::io::stdout().is_terminal());
    let mut pursuit = Pursuit { watched: &watched, live, args, printer };
    if args.follow { pursuit.follow().await } else { pursuit.once().await }
}

struct Pursuit<'a> {
    watched: &'a Watched,
    live: Live,
    args: &'a LogsArgs,
    printer: Printer,
}

impl Pursuit<'_> {
    /// The log as it is now.
    async fn once(&mut self) -> anyhow::Result<Exit> {
        let snapshot = newest(&self.live);
        let election = lease::find(&snapshot, &self.args.lease)?;
        let led = match led(election) {
            Ok(led) => led,
            Err(Some(why)) => {
                tell!("fleet-top: nobody leads {}: {why}", election.key);
                return Ok(Exit::Leaderless);
            }
            Err(None) => anyhow::bail!("the pod that leads {} is not known", election.key),
        };
        let mut log =
            logs::open(self.watched.cluster("reading logs")?, &led.pod, &self.first()).await?;
        self.tell_container(&log);
        while let Some(line) = log.next().await? {
            self.printer.print(&line, log.is_ready())?;
        }
        Ok(Exit::Fine)
    }

    /// The log of each leader in turn, never of two at once.
    async fn follow(&mut self) -> anyhow::Result<Exit> {
        let mut before: Option<Led> = None;
        loop {
            let known = successor(&newest(&self.live), &self.args.lease, before.as_ref());
            if known.is_none() && before.is_none() {
                tell!("fleet-top: no leader of {} is known now; waiting", self.args.lease);
            }
            let led = match known {
                Some(led) => led,
                None => await_successor(&mut self.live, &self.args.lease, before.as_ref()).await?,
            };
            let wanted = if before.is_none() {
                self.first()
            } else {
                self.tell_failover(&led);
                Wanted { since: Some(led.start), ..self.onward() }
            };
            self.read(&led, wanted).await?;
            before = Some(led);
        }
    }

    /// Reads one leader's log until another leads.
    async fn read(&mut self, led: &Led, mut wanted: Wanted) -> anyhow::Result<()> {
        let mut complaint = String::new();
        self.printer.begin();
        loop {
            match logs::open(self.watched.cluster("reading logs")?, &led.pod, &wanted).await {
                Ok(mut log) => {
                    self.tell_container(&log);
                    if self.stream(led, &mut log).await? {
                        return Ok(());
                    }
                }
                Err(error) if error.passes() || matches!(error, LogError::Gone(_)) => {
                    tell_once(&mut complaint, &error);
                }
                Err(error) => return Err(error.into()),
            }
            let next = await_successor(&mut self.live, &self.args.lease, Some(led));
            if let Ok(next) = timeout(AGAIN, next).await {
                return next.map(drop);
            }
            // What was printed already is not asked for again, nor printed twice.
            if let Some(last) = self.printer.last() {
                wanted = Wanted { since: Some(last.into()), ..self.onward() };
            }
        }
    }

    /// Prints lines until the log ends, or until another leads, which is told by `true`.
    async fn stream(&mut self, led: &Led, log: &mut Log) -> anyhow::Result<bool> {
        loop {
            let next = await_successor(&mut self.live, &self.args.lease, Some(led));
            tokio::select! {
                line = log.next() => match line {
                    Ok(Some(line)) => self.printer.print(&line, log.is_ready())?,
                    Ok(None) => return Ok(false),
                    Err(error) => {
                        tell!("fleet-top: {error}");
                        return Ok(false);
                    }
                },
                next = next => {
                    next?;
                    self.drain(log).await?;
                    return Ok(true);
                }
            }
        }
    }

    /// What the old leader has printed already.
    async fn drain(&mut self, log: &mut Log) -> anyhow::Result<()> {
        let end = sleep(LAST_WORDS);
        tokio::pin!(end);
        loop {
            tokio::select! {
                biased;
                () = &mut end => return Ok(()),
                line = log.next() => match line {
                    Ok(Some(line)) => self.printer.print(&line, log.is_ready())?,
                    _ => return Ok(()),
                },
            }
        }
    }

    /// What is asked for at first.
    fn first(&self) -> Wanted {
        let since_seconds = self.args.since.map(|since| since.as_secs().max(1));
        let previous = self.args.previous;
        Wanted { tail: self.args.tail, since_seconds, previous, ..self.onward() }
    }

    /// What is asked for later.
    fn onward(&self) -> Wanted {
        let container = self.args.container.clone();
        Wanted { container, follow: self.args.follow, ..Wanted::default() }
    }

    fn tell_failover(&self, led: &Led) {
        let (lease, since) = (&self.args.lease, format::stamp(led.start));
        tell!("fleet-top: pod {} leads {lease} since {since}; its log follows", led.pod);
    }

    /// As kubectl does, where nobody said which container.
    fn tell_container(&mut self, log: &Log) {
        let chosen = log.container.as_deref().filter(|_| self.args.container.is_none());
        if let Some(container) = chosen.filter(|_| !log.others.is_empty())
            && self.printer.first_of(container)
        {
            let others = log.others.join(", ");
            tell!("fleet-top: container \"{container}\"; -c reads another: {others}");
        }
    }
}

/// The same complaint is not told each second.
fn tell_once(told: &mut String, error: &LogError) {
    let error = error.to_string();
    if *told != error {
        tell!("fleet-top: {error}");
        *told = error;
    }
}
