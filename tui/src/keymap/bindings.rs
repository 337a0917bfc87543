//! What each key does: one row a command. Help, footer, documentation and the command line are made
//! from these rows.

use crate::app::Pane;
use crate::order::Order;
use crate::player::Play;

/// What the user can want.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// Leave.
    Quit,
    /// Move the cursor by rows; negative is up.
    Move(isize),
    /// Move the cursor by half screens; negative is up.
    HalfScreens(isize),
    /// To the first row.
    Top,
    /// To the last row.
    Bottom,
    /// Look further to the right, or to the left where negative.
    Aside(isize),
    /// Show the election under the cursor.
    Open,
    /// Show the election under the cursor as YAML.
    Yaml,
    /// Show this instead of the table; again: the table.
    Show(Pane),
    /// Show the next pane, or the one before.
    NextPane(isize),
    /// Rows under headings of their components, or flat.
    Group,
    /// All columns whole, or those that fit.
    Wide,
    /// Show less time, or more where negative.
    Zoom(isize),
    /// Close what was opened last.
    Back,
    /// Type a filter.
    Filter,
    /// Type a command.
    CommandLine,
    /// Stop the picture, or let it go on.
    Freeze,
    /// Show the keys.
    Help,
    /// Order by this; again: the other way round.
    Sort(Order),
    /// Turn the order round.
    Reverse,
    /// Put this into the terminal's clipboard.
    Copy(Copied),
    /// Play a recording so.
    Play(Play),
    /// End its leader and measure what follows, after asking.
    Drill,
    /// Draw everything anew.
    Redraw,
    /// Go to the background, until the shell brings us back.
    Suspend,
}

/// What can be copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Copied {
    /// The name of the leader's pod.
    Pod,
    /// The lease, with its namespace.
    Lease,
}

/// One row: a command, the keys that it has unless its user wants others, and what it is called.
#[derive(Debug)]
pub struct Binding {
    /// What it is called in the configuration and on the command line.
    pub name: &'static str,
    /// What it does.
    pub command: Command,
    /// Its keys, the one that is shown first.
    pub keys: &'static [&'static str],
    /// What it does, for the help.
    pub help: &'static str,
    /// What it does, for the footer, if it is worth a place there.
    pub footer: Option<&'static str>,
}

const fn row(
    name: &'static str,
    command: Command,
    keys: &'static [&'static str],
    help: &'static str,
) -> Binding {
    Binding { name, command, keys, help, footer: None }
}

impl Binding {
    const fn footer(mut self, word: &'static str) -> Self {
        self.footer = Some(word);
        self
    }
}

/// All commands.
pub const BINDINGS: &[Binding] = &[
    row("help", Command::Help, &["?", "f1"], "show or hide this help").footer("help"),
    row("open", Command::Open, &["enter"], "show the whole election").footer("open"),
    row("back", Command::Back, &["esc"], "back; clears the filter").footer("back"),
    row("filter", Command::Filter, &["/"], "type a filter").footer("filter"),
    row("command", Command::CommandLine, &[":"], "type a command").footer("command"),
    row("quit", Command::Quit, &["q", "ctrl-c"], "quit").footer("quit"),
    row("next-pane", Command::NextPane(1), &["tab"], "the next pane").footer("pane"),
    row("previous-pane", Command::NextPane(-1), &["shift-tab"], "the pane before"),
    row("timeline", Command::Show(Pane::Timeline), &["t"], "timeline: who led when").footer("time"),
    row("nodes", Command::Show(Pane::Nodes), &["n"], "nodes: drain preview").footer("nodes"),
    row("events", Command::Show(Pane::Events), &["e"], "events: what happened").footer("events"),
    row("health", Command::Show(Pane::Health), &["h"], "health of our watches").footer("health"),
    row("yaml", Command::Yaml, &["y"], "the election as YAML").footer("yaml"),
    row("freeze", Command::Freeze, &["f"], "freeze, or go on").footer("freeze"),
    row("group", Command::Group, &["b"], "by component, or flat").footer("group"),
    row("wide", Command::Wide, &["w"], "all columns whole").footer("wide"),
    row("copy-pod", Command::Copy(Copied::Pod), &["c"], "copy the leader's pod").footer("copy"),
    row("copy-lease", Command::Copy(Copied::Lease), &["C"], "copy the lease"),
    row("down", Command::Move(1), &["j", "down"], "next election"),
    row("up", Command::Move(-1), &["k", "up"], "previous election"),
    row("half-down", Command::HalfScreens(1), &["ctrl-d"], "half a screen down"),
    row("half-up", Command::HalfScreens(-1), &["ctrl-u"], "half a screen up"),
    row("page-down", Command::HalfScreens(2), &["pgdn", "ctrl-f"], "a screen down"),
    row("page-up", Command::HalfScreens(-2), &["pgup", "ctrl-b"], "a screen up"),
    row("first", Command::Top, &["g", "home"], "to the first"),
    row("last", Command::Bottom, &["G", "end"], "to the last"),
    row("left", Command::Aside(-1), &["left", "<"], "timeline, columns: left"),
    row("right", Command::Aside(1), &["right", ">"], "timeline, columns: right"),
    row("zoom-in", Command::Zoom(1), &["+", "="], "timeline: less time"),
    row("zoom-out", Command::Zoom(-1), &["-"], "timeline: more time"),
    row("sort-state", Command::Sort(Order::State), &["S"], "sort by state, worst"),
    row("sort-lease", Command::Sort(Order::Lease), &["L"], "sort by lease"),
    row("sort-holder", Command::Sort(Order::Holder), &["H"], "sort by holder"),
    row("sort-age", Command::Sort(Order::Term), &["A"], "sort by age, newest"),
    row("sort-terms", Command::Sort(Order::Transitions), &["T"], "sort by terms, most"),
    row("sort-failover", Command::Sort(Order::Failover), &["F"], "sort by failover, newest"),
    row("reverse", Command::Reverse, &["r"], "turn the order round"),
    row("play", Command::Play(Play::Toggle), &["space"], "recording: play or pause"),
    row("next-event", Command::Play(Play::Step(1)), &["."], "recording: next event"),
    row("previous-event", Command::Play(Play::Step(-1)), &[","], "recording: event before"),
    row("forward", Command::Play(Play::Seek(30)), &["]"], "recording: 30 s on"),
    row("rewind", Command::Play(Play::Seek(-30)), &["["], "recording: 30 s back"),
    row("faster", Command::Play(Play::Speed(1)), &["}"], "recording: faster"),
    row("slower", Command::Play(Play::Speed(-1)), &["{"], "recording: slower"),
    row("drill", Command::Drill, &["D"], "drill its failover; asks"),
    row("redraw", Command::Redraw, &["ctrl-l"], "draw the screen anew"),
    row("suspend", Command::Suspend, &["ctrl-z"], "to the background"),
];
