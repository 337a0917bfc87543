//! The live screen: everything that happens comes through one channel, changes the state, and is drawn.

mod drill;
mod inputs;

use std::time::Duration;

use anyhow::Context;
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
use crate::player::{Moved, Play, Player};
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

/// How often ages move while no new picture comes: a little longer than from one to the next, or there would be two
/// frames for each.
const TICK: Duration = Duration::from_millis(600);

/// How often the picture of a recording moves while it is played.
const STEP: Duration = Duration::from_millis(200);

/// Where the present is.
enum Present<'a> {
    Live,
    /// In a recording, and when it was last moved on.
    Played(Box<Player<'a>>, Time),
}

impl Present<'_> {
    fn now(&self) -> Time {
        match self {
            Self::Live => clock::now(),
            Self::Played(player, _) => player.position().now,
        }
    }

    /// Lets time pass in a recording; whether that changed anything.
    fn pass(&mut self, app: &mut App) -> bool {
        let Self::Played(player, last) = self else {
            return false;
        };
        let now = clock::now();
        let moved = player.pass(now - *last);
        *last = now;
        let changed = app.played != Some(player.position());
        if changed {
            show(player, moved, app);
        }
        changed
    }

    fn play(&mut self, play: Play, app: &mut App) {
        if let Self::Played(player, _) = self {
            let moved = player.obey(play);
            show(player, moved, app);
        }
    }
}

/// Shows where a player has come to.
fn show(player: &mut Player, moved: Moved, app: &mut App) {
    let position = player.position();
    app.update(Message::Played(position, moved.back), position.now);
    app.update(Message::Snapshot(player.fold().snapshot()), position.now);
    for event in moved.events {
        app.update(Message::Event(event.into()), position.now);
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
            let observations = recording.observations()?;
            let (mut player, moved) = Player::new(observations, args.speed, || recording.fold());
            let begin = player.position().span.0;
            let mut app = App::new(source.name(), theme, keymap, begin);
            show(&mut player, moved, &mut app);
            tasks.spawn(inputs::ticks(STEP, sender.clone()));
            let keyboard = inputs::listen(&mut tasks, &sender)?;
            let present = Present::Played(Box::new(player), clock::now());
            interact(app, present, messages, keyboard).await
        }
        Source::Cluster(watched) => {
            let live = watched.watch(None)?;
            let app = App::new(source.name(), theme, keymap, clock::now());
            tasks.spawn(inputs::snapshots(live.snapshots, TICK, sender.clone()));
            tasks.spawn(inputs::events(live.events, sender.clone()));
            let keyboard = inputs::listen(&mut tasks, &sender)?;
            interact(app, Present::Live, messages, keyboard).await
        }
    }
}

/// Takes messages in and draws, at most once a [`FRAME`] and only if something changed.
async fn interact(
    mut app: App,
    mut present: Present<'_>,
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
                changed |= matches!(message, Message::Tick) && present.pass(&mut app);
                changed |= app.shows(&message);
                match app.update(message, present.now()) {
                    Some(Effect::Quit) => return Ok(()),
                    Some(Effect::Play(play)) => present.play(play, &mut app),
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
        Effect::Quit | Effect::Play(_) => {}
        Effect::Copy(text) => screen.copy(&text)?,
        Effect::Redraw => screen.renew()?,
        Effect::Suspend => suspend(screen).await?,
        Effect::Drill(lease) => drill::run(&lease, screen, keyboard).await?,
    }
    Ok(())
}

/// Gives the terminal back and stops, with all that share it, as the key does in cooked mode. Where
/// no shell could ever let us go on, nothing stops, and so it goes on at once. Not by SIGTSTP, which
/// we catch, and not by SIGSTOP, which stops even where there is no shell.
async fn suspend(screen: &mut Screen) -> anyhow::Result<()> {
    let mut resumed = signal(SignalKind::from_raw(Signal::CONT.as_raw()))?;
    screen.leave();
    kill_current_process_group(Signal::TTOU).context("cannot stop")?;
    let _ = time::timeout(STOP, resumed.recv()).await;
    screen.renew()?;
    Ok(())
}
