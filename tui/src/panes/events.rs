//! What happened, the newest last. Follows what comes until it is scrolled.

use leadership::event::{Event, What};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line as Row, Text};

use super::detail::ruled;
use super::table::first_shown;
use crate::app::{Drawn, Line, Pane};
use crate::columns::{self, Cell};
use crate::format;
use crate::keymap::Command;
use crate::theme::Tone;
use crate::view::Look;
use crate::wording;

/// From so many cells on there is room for the day.
const WIDE: usize = 120;

/// The most cells for the name of a lease.
const LEASE: usize = 44;

/// The fewest and the most cells for the name of a holder; half of what is told, else.
const NAME: (usize, usize) = (12, 48);

/// Draws it; tells how far its cursor may go and which event each row tells.
pub(crate) fn draw(look: &Look, area: Rect, frame: &mut Frame) -> Drawn {
    let width = usize::from(area.width);
    let room = usize::from(area.height.saturating_sub(1));
    let lines: Vec<&Line> = look.app.events().collect();
    let reach = lines.len().saturating_sub(1);
    let cursor = look.app.scroll.min(reach);
    // From the newest on: the first one is in the last row.
    let first = first_shown(cursor, lines.len(), room);
    let shown = lines.iter().enumerate().skip(first).take(room);
    let shown: Vec<(usize, &&Line)> = shown.collect();
    let mut drawn = Drawn::scrolling(reach);
    let mut rows = vec![heading(look, lines.len(), cursor, width)];
    for ((place, line), y) in shown.into_iter().rev().zip(area.y + 1..) {
        rows.push(row(look, line, width, place == cursor));
        drawn.rows.push((y, place));
    }
    if lines.is_empty() {
        rows.push(Row::from(look.span(empty(look), Tone::Muted)));
    }
    frame.render_widget(Text::from(rows), area);
    drawn
}

/// Draws the newest ones under a heading of their own, beside another pane.
pub(crate) fn draw_newest(look: &Look, area: Rect, frame: &mut Frame) {
    let width = usize::from(area.width);
    let key = look.app.keymap.key(Command::Show(Pane::Events));
    let all = key.map_or(String::new(), |key| format!("{key}: all of it"));
    let shown: Vec<&Line> =
        look.app.events().take(usize::from(area.height.saturating_sub(1))).collect();
    let mut rows = vec![ruled(look, "WHAT HAPPENED LAST", &all, width)];
    rows.extend(shown.into_iter().rev().map(|line| row(look, line, width, false)));
    frame.render_widget(Text::from(rows), area);
}

fn heading(look: &Look, count: usize, below: usize, width: usize) -> Row<'static> {
    let lost = match look.app.log.lost {
        0 => String::new(),
        lost => format!(", {lost} lost: they came too fast"),
    };
    let follows = match below {
        0 => String::new(),
        below => format!(", {below} newer ones below"),
    };
    let noun = if count == 1 { "EVENT" } else { "EVENTS" };
    let text = format!("{count} {noun}, THE NEWEST LAST{lost}{follows}");
    Row::from(look.span(format::cut_off(&text, width, look.lens.glyphs.ellipsis), Tone::Title))
}

fn empty(look: &Look) -> String {
    if look.app.log.lines.is_empty() {
        return "Nothing happened since we look.".to_owned();
    }
    format!("No event matches /{}.", look.app.filter.text())
}

fn row(look: &Look, line: &Line, width: usize, selected: bool) -> Row<'static> {
    let dots = look.lens.glyphs.ellipsis;
    let event = &*line.event;
    let time = if width < WIDE { format::clock(event.at) } else { format::stamp(event.at) };
    let cells = LEASE.min(width / 3);
    let lease = match &event.lease {
        Some(key) => columns::lock(key, cells, dots),
        None => "all elections".to_owned(),
    };
    let padding = " ".repeat(cells.saturating_sub(format::width(&lease)) + 1);
    let (sign, tone) = manner(look, event);
    let head = format!("{time} {sign} {lease}{padding}");
    let room = width.saturating_sub(format::width(&head));
    let names = (room / 2).clamp(NAME.0, NAME.1);
    let text = format::cut_off(&wording::brief(event, names, dots), room, dots);
    if selected {
        let rest = " ".repeat(room.saturating_sub(format::width(&text)));
        return Row::from(look.span(head + &text + &rest, Tone::Selected));
    }
    look.line(vec![Cell::new(head, Tone::Plain), Cell::new(text, tone)])
}

/// How much it matters: a sign and a tone.
fn manner(look: &Look, event: &Event) -> (&'static str, Tone) {
    let glyphs = &look.lens.glyphs;
    match &event.what {
        What::Term { .. } | What::ExpiredRetracted => (glyphs.held, Tone::Good),
        What::Late { .. } | What::Anomaly(_) | What::PreemptRequested { .. } => {
            (glyphs.late, Tone::Warn)
        }
        What::Expired { .. }
        | What::Released { .. }
        | What::LeaseDeleted { .. }
        | What::ControlPlaneSilent { .. } => (glyphs.leaderless, Tone::Bad),
        What::DeletedInGap { .. } | What::MissedTransitions { .. } => (glyphs.unknown, Tone::Doubt),
        What::Failover(_) => (glyphs.change, Tone::Title),
        What::Phase { .. } | What::Resumed { .. } | What::DurationChanged { .. } => {
            (" ", Tone::Muted)
        }
    }
}
