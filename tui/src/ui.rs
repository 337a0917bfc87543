//! The live screen: everything that happens comes through one channel, changes the state, and is drawn.

mod drill;
mod inputs;

use std::time::Duration;

use anyhow::Context;
use leadership::event::Event;
use leadership::time::Time;
use observe::clock;
use rustix::process::{Signal, kill_current_process_group};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{self, MissedTickBehavior};

use crate::app::{App, Drawn, Effect, Message};
use crate::args::ScreenArgs;
use crate::keymap::Keymap;
use crate::source::Source;
use crate::terminal::{self, Screen};
use crate::view::view;
use inputs::Keyboard;

/// The shortest time between two frames.
const FRAME: Duration = Duration::from_millis(100);

/// How long a stop that was asked for may take to come, or whoever stopped us to say why not.
const STOP: Duration = Duration::from_millis(200);

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
pub async fn run(source: &Source, args: &ScreenArgs, keymap: Keymap) -> anyhow::Result<()> {
    let theme = terminal::theme(args);
    let (sender, messages) = mpsc::channel(QUEUE);
    let mut tasks = JoinSet::new();
    match source {
        Source::Recording(recording) => {
            let mut events: Vec<Event> = Vec::new();
            let snapshot = recording.replay(|event| events.push(event.clone()))?;
            let present = Present::At(snapshot.at);
            let mut app = App::new(source.name(), theme, keymap, snapshot.at);
            app.update(Message::Snapshot(snapshot), present.now());
            for event in events {
                app.update(Message::Event(event.into()), present.now());
            }
            let keyboard = inputs::listen(&mut tasks, &sender)?;
            interact(app, present, messages, keyboard).await
        }
        Source::Cluster(watched) => {
            let live = watched.watch(None)?;
            let app = App::new(source.name(), theme, keymap, clock::now());
            tasks.spawn(inputs::snapshots(live.snapshots, sender.clone()));
            tasks.spawn(inputs::events(live.events, sender.clone()));
            tasks.spawn(inputs::ticks(sender.clone()));
            let keyboard = inputs::listen(&mut tasks, &sender)?;
            interact(app, Present::Live, messages, keyboard).await
        }
    }
}

/// Takes messages in and draws, at most once a [`FRAME`] and only if something changed.
async fn interact(
    mut app: App,
    present: Present,
    mut messages: mpsc::Receiver<Message>,
    mut keyboard: Keyboard,
) -> anyhow::Result<()> {
    let mut screen = Screen::enter().context("the terminal cannot be used; `list` needs none")?;
    app.update(Message::Resized(screen.height()?), present.now());
    let mut frames = time::interval(FRAME);
    frames.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut changed = true;
    loop {
        tokio::select! {
            message = messages.recv() => {
                let message = message.unwrap_or(Message::Quit);
                changed |= app.shows(&message);
                match app.update(message, present.now()) {
                    Some(Effect::Quit) => return Ok(()),
                    Some(effect) => carry_out(effect, &mut screen, &mut keyboard).await?,
                    None => {}
                }
            }
            _ = frames.tick(), if changed => {
                let mut drawn = Drawn::default();
                screen.draw(|frame| drawn = view(&app, present.now(), frame))?;
                app.update(Message::Drawn(drawn), present.now());
                changed = false;
            }
        }
    }
}

async fn carry_out(
    effect: Effect,
    screen: &mut Screen,
    keyboard: &mut Keyboard,
) -> anyhow::Result<()> {
    match effect {
        Effect::Quit => {}
        Effect::Copy(text) => screen.copy(&text)?,
        Effect::Redraw => screen.renew()?,
        Effect::Suspend => suspend(screen).await?,
        Effect::Drill(lease) => drill::run(&lease, screen, keyboard).await?,
    }
    Ok(())
}

/// Gives the terminal back and stops, with all that share it, as the key does in cooked mode. Where
/// no shell could ever let us go on, nothing stops, and so it goes on at once.
async fn suspend(screen: &mut Screen) -> anyhow::Result<()> {
    let mut resumed = signal(SignalKind::from_raw(Signal::CONT.as_raw()))?;
    screen.leave();
    kill_current_process_group(Signal::TSTP).context("cannot stop")?;
    let _ = time::timeout(STOP, resumed.recv()).await;
    screen.renew()?;
    Ok(())
}
