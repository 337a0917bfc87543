//! Everything that may happen, each on its way into the one channel.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use crossterm::event::{Event as Input, EventStream, KeyEventKind};
use leadership::event::Event;
use leadership::snapshot::Snapshot;
use rustix::process::Signal;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{broadcast, mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::{self, Interval, MissedTickBehavior};
use tokio_stream::StreamExt;

use crate::app::Message;

/// Listens to the keyboard, except while somebody else does.
pub(super) struct Keyboard {
    sender: mpsc::Sender<Message>,
    /// Ends when it is dropped.
    task: JoinSet<()>,
}

impl Keyboard {
    fn new(sender: mpsc::Sender<Message>) -> Self {
        let mut keyboard = Self { sender, task: JoinSet::new() };
        keyboard.start();
        keyboard
    }

    pub(super) async fn stop(&mut self) {
        self.task.shutdown().await;
    }

    pub(super) fn start(&mut self) {
        self.task.spawn(keyboard(self.sender.clone()));
    }
}

/// Starts to listen to the keyboard and to signals.
pub(super) fn listen(
    tasks: &mut JoinSet<()>,
    sender: &mpsc::Sender<Message>,
) -> anyhow::Result<Keyboard> {
    for kind in [SignalKind::terminate(), SignalKind::hangup(), SignalKind::interrupt()] {
        let mut signals = signal(kind).context("cannot listen to signals")?;
        let sender = sender.clone();
        tasks.spawn(async move {
            signals.recv().await;
            let _ = sender.send(Message::Quit).await;
        });
    }
    for (kind, message) in [(Signal::TSTP, Message::Suspend), (Signal::CONT, Message::Continued)] {
        let kind = SignalKind::from_raw(kind.as_raw());
        let mut signals = signal(kind).context("cannot listen to signals")?;
        let sender = sender.clone();
        tasks.spawn(async move {
            while signals.recv().await.is_some() && sender.send(message.clone()).await.is_ok() {}
        });
    }
    Ok(Keyboard::new(sender.clone()))
}

/// Ends when nobody listens any more, or when the keyboard is gone: then so should we be.
async fn keyboard(sender: mpsc::Sender<Message>) {
    let mut inputs = EventStream::new();
    while let Some(Ok(input)) = inputs.next().await {
        let message = match input {
            Input::Key(key) if key.kind != KeyEventKind::Release => Message::Key(key),
            Input::Mouse(event) => Message::Mouse(event),
            Input::Resize(_, height) => Message::Resized(height),
            _ => continue,
        };
        if sender.send(message).await.is_err() {
            return;
        }
    }
    let _ = sender.send(Message::Quit).await;
}

/// Each picture as it comes, and that time passes, with it or once in `each`.
pub(super) async fn snapshots(
    mut snapshots: watch::Receiver<Arc<Snapshot>>,
    each: Duration,
    sender: mpsc::Sender<Message>,
) {
    let mut ticks = ticker(each);
    loop {
        let newest = tokio::select! {
            _ = ticks.tick() => None,
            // Where no more will come the last one stays, and ages go on.
            Ok(()) = snapshots.changed() => Some(Arc::clone(&snapshots.borrow_and_update())),
        };
        if newest.is_some() {
            ticks.reset();
        }
        for message in newest.map(Message::Snapshot).into_iter().chain([Message::Tick]) {
            if sender.send(message).await.is_err() {
                return;
            }
        }
    }
}

pub(super) async fn events(
    mut events: broadcast::Receiver<Arc<Event>>,
    sender: mpsc::Sender<Message>,
) {
    loop {
        let message = match events.recv().await {
            Ok(event) => Message::Event(event),
            Err(RecvError::Lagged(lost)) => Message::Lost(lost),
            Err(RecvError::Closed) => return,
        };
        if sender.send(message).await.is_err() {
            return;
        }
    }
}

pub(super) async fn ticks(each: Duration, sender: mpsc::Sender<Message>) {
    let mut ticks = ticker(each);
    loop {
        ticks.tick().await;
        if sender.send(Message::Tick).await.is_err() {
            return;
        }
    }
}

fn ticker(each: Duration) -> Interval {
    let mut ticks = time::interval(each);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}
