//! Which leaders live where, and what a drain of each node would move and cost.

use leadership::advice;
use leadership::snapshot::Election;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Text};

use super::table::first_shown;
use crate::app::Drawn;
use crate::columns::Cell;
use crate::format;
use crate::standing;
use crate::theme::Tone;
use crate::view::Look;

/// From so many cells on there is room for namespaces.
const WIDE: usize = 120;

/// A row, and the place of the election that it is about.
type Row = (Cell, Option<usize>);

/// Draws it; tells which election each row shows.
pub(crate) fn draw(look: &Look, area: Rect, frame: &mut Frame) -> Drawn {
    let width = usize::from(area.width);
    let rows = rows(look, width);
    let room = usize::from(area.height);
    let at = rows.iter().position(|(_, place)| *place == Some(look.app.cursor));
    let first = first_shown(at.unwrap_or(0), rows.len(), room);
    let mut drawn = Drawn::default();
    let mut lines = Vec::new();
    for ((cell, place), y) in rows.into_iter().skip(first).take(room).zip(area.y..) {
        drawn.rows.extend(place.map(|place| (y, place)));
        let text = format::cut_off(&cell.text, width, look.lens.glyphs.ellipsis);
        lines.push(match place {
            Some(place) if place == look.app.cursor => {
                let rest = width.saturating_sub(format::width(&text));
                Line::from(look.span(text + &" ".repeat(rest), Tone::Selected))
            }
            _ => Line::from(look.span(text, cell.tone)),
        });
    }
    frame.render_widget(Text::from(lines), area);
    drawn
}

fn rows(look: &Look, width: usize) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    for node in look.app.nodes() {
        let count = node.places.len();
        let noun = if count == 1 { "leader" } else { "leaders" };
        let title = match node.name {
            Some(name) => format!("{name}: a drain would move {count} {noun}"),
            None => "leaders whose node is not known".to_owned(),
        };
        rows.push((Cell::new(title, Tone::Title), None));
        for place in node.places {
            if let Some(election) = look.app.elections().nth(place) {
                let cell = match node.name {
                    Some(_) => moved(election, look, width),
                    None => Cell::new(format!("  {}", election.key), Tone::Muted),
                };
                rows.push((cell, Some(place)));
            }
        }
    }
    if rows.is_empty() {
        rows.push((Cell::new("No leaders are known.", Tone::Muted), None));
    }
    rows
}

/// Who could take over elsewhere, and how long nobody would lead.
fn moved(election: &Election, look: &Look, width: usize) -> Cell {
    let elsewhere = standing::standbys(election).zip(election.candidates.as_deref());
    let elsewhere = elsewhere.map(|(standbys, candidates)| {
        standbys.saturating_sub(candidates.shares_node_with_leader.unwrap_or(0))
    });
    let (who, tone) = match elsewhere {
        Some(0) => ("nobody elsewhere is ready to take over".to_owned(), Tone::Bad),
        Some(1) => ("1 standby elsewhere".to_owned(), Tone::Plain),
        Some(count) => (format!("{count} standbys elsewhere"), Tone::Plain),
        None => ("candidates are not known".to_owned(), Tone::Doubt),
    };
    let glyph = standing::rank(election).glyph(&look.lens.glyphs);
    let key = election.key.to_string();
    let name = if width < WIDE { &*election.key.name } else { &*key };
    Cell::new(format!("  {glyph} {name}: {who}{}", cost(election)), tone)
}

/// By the election's timing and by whether its component releases; both where that is not known.
fn cost(election: &Election) -> String {
    let Some(timing) = advice::timing(election) else {
        return String::new();
    };
    let (released, crashed) = (timing.release_mean_seconds, timing.crash_mean_seconds);
    let (released, crashed) = (format::measured(released), format::measured(crashed));
    match election.releases {
        Some(true) => format!(", some {released} leaderless"),
        Some(false) => format!(", some {crashed} leaderless (never releases)"),
        None => format!(", some {released} leaderless if it releases, else {crashed}"),
    }
}
