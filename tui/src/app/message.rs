//! What can happen to the UI, and what it wants from the world outside.

use std::sync::Arc;

use crossterm::event::{KeyEvent, MouseEvent};
use leadership::event::Event;
use leadership::snapshot::Snapshot;

use super::Drawn;
use crate::player::{Play, Position};

/// Everything that can happen to the UI. One channel carries them all, so they have one order.
#[derive(Clone, Debug)]
pub enum Message {
    /// A newer picture.
    Snapshot(Arc<Snapshot>),
    /// Something happened.
    Event(Arc<Event>),
    /// The recording was played to here; whether it went back, so that events before hold no longer.
    Played(Position, bool),
    /// So many events came faster than we could take them.
    Lost(u64),
    /// A key was pressed.
    Key(KeyEvent),
    /// The mouse was clicked or its wheel was turned.
    Mouse(MouseEvent),
    /// The screen has this many rows now.
    Resized(u16),
    /// What was drawn, and where.
    Drawn(Drawn),
    /// Time passed.
    Tick,
    /// Somebody outside wants us to stop for a while.
    Suspend,
    /// We were stopped, and go on; the terminal may have been anybody's.
    Continued,
    /// Somebody outside wants us to end.
    Quit,
}

/// What a message wants from the world outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// The end.
    Quit,
    /// This text in the terminal's clipboard.
    Copy(String),
    /// A screen that is drawn anew.
    Redraw,
    /// To be stopped until the shell lets us go on.
    Suspend,
    /// That the recording is played so.
    Play(Play),
    /// A drill of this lease, in our terminal.
    Drill(String),
}
