//! Our own watches: what we see, how well, and what went wrong last. One row a column.

use leadership::snapshot::Watch;
use leadership::time::Delta;
use ratatui::Frame;
use ratatui::layout::Rect;

use super::header;
use crate::app::Drawn;
use crate::columns::Cell;
use crate::format;
use crate::remedy;
use crate::sections::Row;
use crate::theme::Tone;
use crate::view::Look;

/// One column: its heading, its cells, and what it says.
type Column = (&'static str, usize, fn(&Look, &Watch) -> Cell);

/// Where there is no room, the last ones go first.
const COLUMNS: &[Column] = &[
    ("WATCH", 16, |_, watch| Cell::new(watch.kind.label(), Tone::Title)),
    ("STATE", 12, |look, watch| {
        let (word, tone) = header::health(look, watch);
        Cell::new(word, tone)
    }),
    ("SEEN", 8, |look, watch| match watch.last_fact {
        Some(at) => Cell::new(format::age(look.lens.now - at), Tone::Plain),
        None => Cell::new("never", Tone::Muted),
    }),
    ("LAG", 8, |_, watch| {
        watch.lag.map_or_else(Cell::nothing, |lag| Cell::new(format::measured(lag), Tone::Plain))
    }),
    ("OBJECTS", 8, |_, watch| of_watch(watch, watch.objects)),
    ("LOSSES", 7, |_, watch| counted(watch.losses)),
    ("BLIND", 8, |_, watch| match watch.blind {
        Delta::ZERO => Cell::new("0s", Tone::Muted),
        blind => Cell::new(format::measured(blind), Tone::Warn),
    }),
    ("LISTS", 6, |_, watch| of_watch(watch, watch.lists)),
    ("CHANGES", 10, |_, watch| of_watch(watch, watch.applied)),
    ("DELETED", 8, |_, watch| of_watch(watch, watch.deleted)),
];

/// What only a watch can tell.
fn of_watch(watch: &Watch, count: impl ToString + Copy) -> Cell {
    if watch.looked_up {
        return Cell::nothing();
    }
    Cell::new(count.to_string(), Tone::Plain)
}

fn counted(count: u64) -> Cell {
    Cell::new(count.to_string(), if count == 0 { Tone::Muted } else { Tone::Warn })
}

/// Draws it from the row on that the user scrolled to; tells how far that may be.
pub(crate) fn draw(look: &Look, area: Rect, frame: &mut Frame) -> Drawn {
    let width = usize::from(area.width);
    let columns = fit(width);
    let heading = |(title, cells, _): &Column| Cell::new(format!("{title:<cells$} "), Tone::Title);
    let mut rows: Vec<Row> = vec![columns.iter().map(heading).collect()];
    for watch in &look.app.snapshot.watches {
        rows.push(columns.iter().map(|column| cell(look, watch, column)).collect());
        rows.extend(error(watch, width));
    }
    rows.push(Row::new());
    let about = about(look);
    let legend = "SEEN: since its newest fact. LAG: how late renewals reach us. LOSSES: how often \
                  it broke. BLIND: for how long in all we saw nothing.";
    for text in [about.as_str(), legend] {
        rows.extend(
            format::wrap(text, width).into_iter().map(|it| vec![Cell::new(it, Tone::Muted)]),
        );
    }
    look.scrolled(rows, area, frame)
}

fn fit(width: usize) -> &'static [Column] {
    let mut used = 0;
    let fits = COLUMNS.iter().take_while(|(_, cells, _)| {
        used += cells + 1;
        used <= width
    });
    COLUMNS.get(..fits.count()).unwrap_or(COLUMNS)
}

fn cell(look: &Look, watch: &Watch, (_, cells, tell): &Column) -> Cell {
    let told = tell(look, watch);
    let text = format::cut_off(&told.text, *cells, look.lens.glyphs.ellipsis);
    let padding = " ".repeat(cells.saturating_sub(format::width(&text)) + 1);
    Cell::new(text + &padding, told.tone)
}

/// What broke it last, and what to do.
fn error(watch: &Watch, width: usize) -> Vec<Row> {
    let Some(error) = &watch.last_error else {
        return Vec::new();
    };
    let text = match remedy::advice(error) {
        "" => format!("last error: {error}"),
        advice => format!("last error: {error}; {advice}"),
    };
    let tone = if watch.up { Tone::Muted } else { Tone::Bad };
    let lines = format::wrap(&text, width.saturating_sub(2));
    lines.into_iter().map(|line| vec![Cell::new(format!("  {line}"), tone)]).collect()
}

fn about(look: &Look) -> String {
    let app = look.app;
    format!(
        "We look since {} ({}); the picture is of {}. Elections: {}, pods: {}, \
         heartbeats: {}; events kept: {}, lost: {}.",
        format::stamp(app.started),
        format::age(look.lens.now - app.started),
        format::clock(app.snapshot.at),
        app.snapshot.elections.len(),
        app.snapshot.pods,
        app.snapshot.heartbeats,
        app.log.lines.len(),
        app.log.lost
    )
}
