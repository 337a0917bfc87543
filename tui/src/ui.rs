//! The live screen: everything that happens comes through one channel, changes the state, and is drawn.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use crossterm::event::{Event as Input, EventStream, KeyEventKind};
use leadership::snapshot::Snapshot;
use leadership::time::Time;
use observe::clock;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::{self, MissedTickBehavior};
use tokio_stream::StreamExt;

use crate::app::{App, Message};
use crate::args::ScreenArgs;
use crate::source::Source;
use crate::terminal::{self, Screen};
use crate::theme::Theme;
use crate::view::view;

/// The shortest time between two frames.
const FRAME: Duration = Duration::from_millis(100);

/// How often ages move while nothing else does.
const TICK: Duration = Duration::from_millis(500);

/// Messages on their way; beyond that keys wait.
const QUEUE: usize = 64;

/// What the present is: a recording's is its end.
#[derive(Clone, Copy)]
enum Present {
    Live,
    At(Time),
}

impl Present {
    fn now(self) -> Time {
        match self {
            Self::Live => clock::now(),
            Self::At(time) => time,
        }
    }
}

/// Shows `source` until the user leaves.
///
/// # Errors
/// When the terminal fails or the recording cannot be read.
pub async fn run(source: &Source, args: &ScreenArgs) -> anyhow::Result<()> {
    let theme = terminal::theme(args);
    let (sender, messages) = mpsc::channel(QUEUE);
    let mut tasks = JoinSet::new();
    match source {
        Source::Recording(recording) => {
            let snapshot = recording.replay(|_| {})?;
            let present = Present::At(snapshot.at);
            let mut app = App::new(source.name(), snapshot.at);
            let _ = app.update(Message::Snapshot(snapshot), present.now());
            listen(&mut tasks, &sender)?;
            interact(app, theme, present, messages).await
        }
        Source::Cluster(watched) => {
            let live = watched.watch(None)?;
            let app = App::new(source.name(), clock::now());
            tasks.spawn(forward_snapshots(live.snapshots.clone(), sender.clone()));
            tasks.spawn(forward_ticks(sender.clone()));
            listen(&mut tasks, &sender)?;
            interact(app, theme, Present::Live, messages).await
        }
    }
}

/// Takes messages in and draws, at most once a [`FRAME`] and only if something changed.
async fn interact(
    mut app: App,
    theme: Theme,
    present: Present,
    mut messages: mpsc::Receiver<Message>,
) -> anyhow::Result<()> {
    let mut screen = Screen::enter().context("the terminal cannot be used; `list` needs none")?;
    let _ = app.update(Message::Resized(screen.height()?), present.now());
    let mut frames = time::interval(FRAME);
    frames.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut changed = true;
    loop {
        tokio::select! {
            message = messages.recv() => {
                let message = message.unwrap_or(Message::Quit);
                changed |= app.shows(&message);
                if app.update(message, present.now()).is_break() {
                    return Ok(());
                }
            }
            _ = frames.tick(), if changed => {
                let mut reach = 0;
                screen.draw(|frame| reach = view(&app, &theme, present.now(), frame))?;
                let _ = app.update(Message::Drawn(reach), present.now());
                changed = false;
            }
        }
    }
}

/// Starts to listen to the keyboard and to signals.
fn listen(tasks: &mut JoinSet<()>, sender: &mpsc::Sender<Message>) -> anyhow::Result<()> {
    tasks.spawn(forward_input(sender.clone()));
    for kind in [SignalKind::terminate(), SignalKind::hangup(), SignalKind::interrupt()] {
        let mut signals = signal(kind).context("cannot listen to signals")?;
        let sender = sender.clone();
        tasks.spawn(async move {
            signals.recv().await;
            let _ = sender.send(Message::Quit).await;
        });
    }
    Ok(())
}

/// Ends when nobody listens any more, or when the keyboard is gone: then so should we be.
async fn forward_input(sender: mpsc::Sender<Message>) {
    let mut inputs = EventStream::new();
    while let Some(Ok(input)) = inputs.next().await {
        let message = match input {
            Input::Key(key) if key.kind != KeyEventKind::Release => Message::Key(key),
            Input::Resize(_, height) => Message::Resized(height),
            _ => continue,
        };
        if sender.send(message).await.is_err() {
            return;
        }
    }
    let _ = sender.send(Message::Quit).await;
}

async fn forward_snapshots(
    mut snapshots: watch::Receiver<Arc<Snapshot>>,
    sender: mpsc::Sender<Message>,
) {
    while snapshots.changed().await.is_ok() {
        let snapshot = Arc::clone(&snapshots.borrow_and_update());
        if sender.send(Message::Snapshot(snapshot)).await.is_err() {
            return;
        }
    }
}

async fn forward_ticks(sender: mpsc::Sender<Message>) {
    let mut ticks = time::interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        if sender.send(Message::Tick).await.is_err() {
            return;
        }
    }
}
