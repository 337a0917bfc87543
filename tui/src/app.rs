//! The state of the terminal UI, and how each message changes it. Knows neither screen nor clock.

mod drawn;
mod keys;
mod log;
mod message;
mod mouse;
mod moves;
mod nodes;
mod prompt;
mod rows;

use std::sync::Arc;

use leadership::lock::LockKey;
use leadership::snapshot::{Election, Snapshot};
use leadership::time::Time;
use observe::several::split;

pub use drawn::Drawn;
pub use log::{Line, Log};
pub use message::{Effect, Message};
pub use nodes::Node;
pub use prompt::{Prompt, Purpose};
pub use rows::Group;

use crate::filter::Filter;
use crate::keymap::Keymap;
use crate::order::Order;
use crate::player::Position;
use crate::standing::Census;
use crate::theme::Theme;

/// How the rows are ordered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sorting {
    /// What to order by.
    pub order: Order,
    /// Whether the order is turned round.
    pub reversed: bool,
}

/// What fills the screen while no election is opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pane {
    /// The elections, one a row.
    #[default]
    Table,
    /// Who led when.
    Timeline,
    /// Which leaders live where.
    Nodes,
    /// What happened.
    Events,
    /// What we see, and how well.
    Health,
}

impl Pane {
    /// All of them, in the order in which one follows the other.
    pub const ALL: [Self; 5] =
        [Self::Table, Self::Timeline, Self::Nodes, Self::Events, Self::Health];
}

/// How one election fills the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opened {
    /// In words.
    Whole,
    /// As YAML.
    Yaml,
}

/// What is shown and how.
#[derive(Clone, Debug)]
pub struct App {
    /// What is watched, for people.
    pub source: String,
    /// How things look.
    pub theme: Theme,
    /// What the keys mean.
    pub keymap: Keymap,
    /// The picture that is shown.
    pub snapshot: Arc<Snapshot>,
    /// What it adds up to.
    pub census: Census,
    /// What happened.
    pub log: Log,
    /// Places in the picture's elections, filtered and ordered.
    pub rows: Vec<usize>,
    /// The headings among the rows; none while they are flat.
    pub groups: Vec<Group>,
    /// The place of the cursor in `rows`.
    pub cursor: usize,
    /// Since when the picture has been frozen.
    pub frozen: Option<Time>,
    /// The only namespace that is shown, of one cluster or of each.
    pub namespace: Option<Arc<str>>,
    /// The filter that applies.
    pub filter: Filter,
    /// What is being typed.
    pub prompt: Option<Prompt>,
    /// What the last key did, where the screen does not show it; the next key takes it away.
    pub notice: Option<String>,
    /// In which order.
    pub sorting: Sorting,
    /// Whether the rows are grouped by component.
    pub grouped: bool,
    /// Whether all columns are shown, whole.
    pub wide: bool,
    /// Columns that were scrolled away to the left, while the table is wide.
    pub aside: usize,
    /// What fills the screen while no election is opened.
    pub pane: Pane,
    /// Which of [`crate::lane::SPANS`] the timeline shows.
    pub zoom: usize,
    /// By how many quarters of its span the timeline ends before the present.
    pub past: u32,
    /// Whether and how one election fills the screen.
    pub opened: Option<Opened>,
    /// Rows that were scrolled away at the top; of the events, those below the cursor.
    pub scroll: usize,
    /// Whether the keys are shown.
    pub help: bool,
    /// Since when we have been looking.
    pub started: Time,
    /// Where we are in a recording, if it is one.
    pub played: Option<Position>,
    /// The newest picture, while an older one is frozen.
    newest: Option<Arc<Snapshot>>,
    /// What the cursor stays on while rows move; until it is moved it stays at the top.
    selected: Option<LockKey>,
    /// How far the pane was scrolled that an opened election hides.
    left: usize,
    /// Rows of the screen.
    height: u16,
    /// What was drawn last, and where.
    drawn: Drawn,
}

impl App {
    /// Nothing has been seen yet.
    #[must_use]
    pub fn new(source: impl Into<String>, theme: Theme, keymap: Keymap, started: Time) -> Self {
        Self {
            source: source.into(),
            theme,
            keymap,
            snapshot: Arc::default(),
            census: Census::default(),
            log: Log::default(),
            rows: Vec::new(),
            groups: Vec::new(),
            cursor: 0,
            frozen: None,
            namespace: None,
            filter: Filter::default(),
            prompt: None,
            notice: None,
            sorting: Sorting::default(),
            grouped: false,
            wide: false,
            aside: 0,
            pane: Pane::default(),
            zoom: 1,
            past: 0,
            opened: None,
            scroll: 0,
            help: false,
            started,
            played: None,
            newest: None,
            selected: None,
            left: 0,
            height: 24,
            drawn: Drawn::default(),
        }
    }

    /// Takes a message in; `now` is when it came. Tells what it wants from the world outside.
    pub fn update(&mut self, message: Message, now: Time) -> Option<Effect> {
        match message {
            Message::Snapshot(snapshot) if self.frozen.is_some() => self.newest = Some(snapshot),
            Message::Snapshot(snapshot) => self.show(snapshot),
            Message::Event(event) => self.note(event),
            Message::Played(position, back) => self.play(position, back),
            Message::Lost(count) => self.log.lost += count,
            Message::Key(key) => return self.press(key, now),
            Message::Mouse(event) => self.mouse(event),
            Message::Resized(height) => self.height = height,
            Message::Drawn(drawn) => {
                self.scroll = self.scroll.min(drawn.reach);
                self.aside = self.aside.min(drawn.aside);
                self.drawn = drawn;
            }
            Message::Tick => {}
            Message::Suspend => return Some(Effect::Suspend),
            Message::Continued => return Some(Effect::Redraw),
            Message::Quit => return Some(Effect::Quit),
        }
        None
    }

    /// Whether this message is reason enough for a frame: what comes in while the picture is frozen is
    /// not, and a new picture waits for the tick that comes with it.
    #[must_use]
    pub fn shows(&self, message: &Message) -> bool {
        match message {
            Message::Snapshot(_) => false,
            Message::Event(_) | Message::Lost(_) => {
                self.frozen.is_none() && self.pane == Pane::Events
            }
            Message::Tick => self.played.is_none_or(|position| position.playing),
            _ => true,
        }
    }

    /// The elections that are shown, in their order.
    #[must_use]
    pub fn elections(&self) -> impl ExactSizeIterator<Item = &Arc<Election>> {
        self.rows.iter().map(|place| &self.snapshot.elections[*place])
    }

    /// The election under the cursor.
    #[must_use]
    pub fn current(&self) -> Option<&Arc<Election>> {
        let place = *self.rows.get(self.cursor)?;
        self.snapshot.elections.get(place)
    }

    /// Whether this namespace is shown.
    #[must_use]
    pub fn covers(&self, namespace: &str) -> bool {
        let within = |only: &str| only == namespace || only == split(namespace).1;
        self.namespace.as_deref().is_none_or(within)
    }

    /// Shows only this namespace, or all.
    pub(crate) fn confine(&mut self, namespace: Option<Arc<str>>) {
        self.namespace = namespace;
        self.count();
        self.arrange();
    }

    /// Shows what this filter admits.
    pub(crate) fn filter_by(&mut self, text: &str) {
        self.filter = Filter::parse(text);
        self.arrange();
    }

    fn play(&mut self, position: Position, back: bool) {
        self.played = Some(position);
        if back {
            self.log = Log::default();
        }
    }

    fn show(&mut self, snapshot: Arc<Snapshot>) {
        self.snapshot = snapshot;
        self.count();
        self.arrange();
    }

    fn count(&mut self) {
        let elections = self.snapshot.elections.iter().map(|election| &**election);
        self.census = Census::of(elections.filter(|it| self.covers(&it.key.namespace)));
    }
}

#[cfg(test)]
mod tests;
