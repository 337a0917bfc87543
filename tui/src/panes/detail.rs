//! One election whole: what is known of it, its last failover, who else could lead, who led before.

use leadership::snapshot::Election;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Text};

use crate::app::Drawn;
use crate::format;
use crate::sections::{self, Row};
use crate::theme::Tone;
use crate::view::Look;

/// Draws it from the row on that the user scrolled to; tells how far that may be.
pub(crate) fn draw(look: &Look, area: Rect, frame: &mut Frame) -> Drawn {
    let Some(election) = look.app.current() else {
        return Drawn::default();
    };
    let rows = sections::whole(election, &look.lens, usize::from(area.width));
    titled(look, election, rows, area, frame)
}

/// Rows under the name of their election.
pub(super) fn titled(
    look: &Look,
    election: &Election,
    rows: Vec<Row>,
    area: Rect,
    frame: &mut Frame,
) -> Drawn {
    let room = usize::from(area.height.saturating_sub(1));
    let most = rows.len().saturating_sub(room);
    // Below the table it is not opened, and the scroll is none of its own.
    let skipped = if look.app.opened.is_some() { look.app.scroll.min(most) } else { 0 };
    let mut lines = vec![title(look, election, usize::from(area.width), most - skipped)];
    lines.extend(rows.into_iter().skip(skipped).take(room).map(|row| look.line(row)));
    frame.render_widget(Text::from(lines), area);
    Drawn::scrolling(most)
}

/// Its name, and how many rows there are below the last one that is shown.
fn title(look: &Look, election: &Election, width: usize, below: usize) -> Line<'static> {
    let more = if below > 0 { format!("{below} more below") } else { String::new() };
    ruled(look, &election.key.to_string(), &more, width)
}

/// A heading in a rule, and what else there is to say at its end.
pub(super) fn ruled(look: &Look, name: &str, end: &str, width: usize) -> Line<'static> {
    let end = if end.is_empty() { String::new() } else { format!(" {end} ") };
    let room = width.saturating_sub(6 + format::width(&end));
    let name = format!(" {} ", format::squeeze(name, room, look.lens.glyphs.ellipsis));
    let rule = look.lens.glyphs.rule;
    let rest = width.saturating_sub(format::width(&name) + format::width(&end) + 4);
    Line::from(vec![
        look.span(rule.repeat(2), Tone::Muted),
        look.span(name, Tone::Title),
        look.span(rule.repeat(rest), Tone::Muted),
        look.span(end, Tone::Title),
        look.span(rule.repeat(2), Tone::Muted),
    ])
}
