//! What is watched, whether we see it, and how many elections stand how.

use leadership::observation::Kind;
use leadership::snapshot::Watch;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

use crate::columns::Cell;
use crate::format;
use crate::standing::Rank;
use crate::theme::Tone;
use crate::view::Look;

/// In which order the ranks are told: whoever reads on does so for what is not well.
const TOLD: [Rank; 4] = [Rank::Held, Rank::Late, Rank::Leaderless, Rank::Unknown];

/// Rows of the header.
pub(crate) const HEIGHT: u16 = 2;

pub(crate) fn draw(look: &Look, area: Rect, frame: &mut Frame) {
    let [first, second] = [area.y, area.y + 1].map(|y| Rect { y, height: 1, ..area });
    frame.render_widget(source(look, usize::from(area.width)), first);
    frame.render_widget(census(look, usize::from(area.width)), second);
}

/// The name of what is watched on the left; on the right the watches and the time. Where there is
/// no room for all watches, only those that are not live are told, and where even those have none, nothing.
fn source(look: &Look, width: usize) -> Line<'static> {
    let name = "fleet-top  ";
    let clock = clock(look);
    let cells = |cells: &[Cell]| cells.iter().map(|cell| format::width(&cell.text)).sum::<usize>();
    let forms = [watches(look, true), watches(look, false), Vec::new()];
    let fits = |form: &&Vec<Cell>| {
        name.len() + LEGIBLE + cells(form) + format::width(&clock.text) <= width
    };
    let mut right = forms.iter().find(fits).cloned().unwrap_or_default();
    right.push(clock);
    let room = width.saturating_sub(name.len() + cells(&right) + 1);
    let source = match &look.app.namespace {
        Some(namespace) => format!("{}, only {namespace}", look.app.source),
        None => look.app.source.clone(),
    };
    let source = format::squeeze(&source, room, look.lens.glyphs.ellipsis);
    let padding = " ".repeat((room + 1).saturating_sub(format::width(&source)));
    let left = [(name.to_owned(), Tone::Title), (source + &padding, Tone::Plain)];
    let left = left.into_iter().map(|(text, tone)| Cell::new(text, tone));
    look.line(left.chain(right).collect())
}

/// The time; of a recording also whether it passes, how fast, and when it ends.
fn clock(look: &Look) -> Cell {
    let now = format::clock(look.lens.now);
    let Some(played) = look.app.played else {
        return Cell::new(now, Tone::Plain);
    };
    let end = format::clock(played.span.1);
    if played.playing {
        return Cell::new(format!("playing {}x {now} of {end}", played.speed), Tone::Title);
    }
    let speed = if played.speed == 1 { String::new() } else { format!(" {}x", played.speed) };
    Cell::new(format!("paused{speed} {now} of {end}"), Tone::Title)
}

/// Cells for the name of what is watched that the watches must leave.
const LEGIBLE: usize = 12;

/// How well each kind is seen; or of the live ones only that they are.
fn watches(look: &Look, all: bool) -> Vec<Cell> {
    let mut cells = Vec::new();
    for watch in &look.app.snapshot.watches {
        let (word, tone) = health(look, watch);
        if all || tone != Tone::Good {
            cells.push(Cell::new(format!("{} ", watch.kind.label()), Tone::Muted));
            cells.push(Cell::new(format!("{word}  "), tone));
        }
    }
    if cells.is_empty() && !look.app.snapshot.watches.is_empty() {
        cells.push(Cell::new("live  ", Tone::Good));
    }
    cells
}

/// Whether a watch is live, in one or two words.
pub(super) fn health(look: &Look, watch: &Watch) -> (String, Tone) {
    match watch.blind_since {
        None if watch.looked_up => ("looked up".to_owned(), Tone::Good),
        _ if !watch.listed && watch.last_error.is_some() => ("failing".to_owned(), Tone::Bad),
        _ if !watch.listed => ("starting".to_owned(), Tone::Doubt),
        Some(since) => {
            let age = format::age(look.lens.now - since);
            (format!("blind {age}"), Tone::Bad)
        }
        None if watch.up => ("live".to_owned(), Tone::Good),
        None => ("down".to_owned(), Tone::Bad),
    }
}

/// How many stand how; in fewer cells where they are few, so that nothing of importance is left out.
fn census(look: &Look, width: usize) -> Line<'static> {
    let listed = |watch: &Watch| watch.kind == Kind::Lease && watch.listed;
    if !look.app.snapshot.watches.iter().any(listed) {
        return Line::from(look.span("no list of leases yet", Tone::Doubt));
    }
    let cells = |counts: &[Cell]| counts.iter().map(|it| format::width(&it.text)).sum::<usize>();
    let forms = [counts(look, true), counts(look, false)];
    let vital = |form: &&Vec<Cell>| cells(form.get(..VITAL).unwrap_or(form)) <= width;
    let [_, short] = &forms;
    let mut form = forms.iter().find(vital).unwrap_or(short).clone();
    // Half a word tells less than none.
    while form.len() > 1 && cells(&form) > width {
        form.pop();
    }
    look.line(form)
}

/// Of what is counted, so many come first and are never left out while there is room for them: all
/// there are, and those that are held, late, leaderless and without a standby.
const VITAL: usize = 5;

/// What is counted, the most important first, in long words or in short ones.
fn counts(look: &Look, long: bool) -> Vec<Cell> {
    let (app, glyphs) = (look.app, &look.lens.glyphs);
    let muted = |count: usize, tone| if count == 0 { Tone::Muted } else { tone };
    let stale = app.census.stale;
    // What we no longer see may have changed since.
    let known = |tone| if stale > 0 { Tone::Muted } else { tone };
    let mut counts = vec![all(look, long)];
    let gap = if long { " " } else { "" };
    for rank in TOLD {
        if rank == Rank::Unknown {
            let alone = app.census.without_standby;
            let word = if long { "w/o standby" } else { "alone" };
            counts.push(Cell::new(format!(" {alone} {word}"), muted(alone, known(Tone::Warn))));
        }
        let count = app.census.count(rank);
        let text = format!(" {}{gap}{count} {}", rank.glyph(glyphs), rank.label());
        counts.push(Cell::new(text, muted(count, known(rank.tone()))));
    }
    let missing = app.snapshot.missing.iter().filter(|it| app.covers(&it.namespace)).count();
    let rest = [
        (!app.filter.is_empty(), format!("{} shown", app.rows.len()), Tone::Title),
        (missing > 0, format!("{missing} missing"), Tone::Warn),
    ];
    let told = rest.into_iter().filter(|(told, ..)| *told);
    counts.extend(told.map(|(_, text, tone)| Cell::new(format!(" {text}"), tone)));
    counts
}

/// How many there are, and how many of them we no longer see.
fn all(look: &Look, long: bool) -> Cell {
    let (all, stale) = (look.app.census.all, look.app.census.stale);
    let noun = match (long, all) {
        (false, _) => "",
        (true, 1) => " election",
        (true, _) => " elections",
    };
    if stale == 0 {
        return Cell::new(format!("{all}{noun}:"), Tone::Title);
    }
    let sign = look.lens.glyphs.stale;
    Cell::new(format!("{all}{noun} {sign} {stale} stale:"), Tone::Doubt)
}
