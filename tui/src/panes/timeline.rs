//! The past of all elections side by side: one lane each.

use leadership::snapshot::Election;
use leadership::time::Delta;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use super::table::first_shown;
use crate::format;
use crate::lane::{SPANS, lane};
use crate::standing;
use crate::theme::Tone;
use crate::view::Look;

pub(crate) fn draw(look: &Look, area: Rect, frame: &mut Frame) {
    let width = usize::from(area.width);
    let name = (width / 3).min(44);
    let cells = width.saturating_sub(name + 1);
    let span = Delta::from_secs(SPANS.get(look.app.zoom).copied().unwrap_or(SPANS[0]));
    let room = usize::from(area.height.saturating_sub(2));
    let first = first_shown(look.app.cursor, look.app.rows.len(), room);
    let mut lines = vec![axis(look, span, name, cells)];
    for (place, election) in look.app.elections().enumerate().skip(first).take(room) {
        let mut spans = vec![label(look, election, name, place == look.app.cursor)];
        let lane = lane(election, &look.lens, span, cells).into_iter();
        spans.extend(lane.map(|run| look.span(run.text, run.tone)));
        lines.push(Line::from(spans));
    }
    let glyphs = &look.lens.glyphs;
    let legend = format!(
        "{}{} one reign after another  {} nobody led  {} nobody saw  {} before we looked",
        glyphs.bands[0], glyphs.bands[1], glyphs.leaderless, glyphs.unknown, glyphs.unseen
    );
    let last = usize::from(area.height.saturating_sub(1));
    lines.resize(last.max(lines.len()), Line::default());
    let legend = format::cut_off(&legend, width, glyphs.ellipsis);
    lines.push(Line::from(look.span(legend, Tone::Muted)));
    frame.render_widget(Paragraph::new(lines), area);
}

/// The times at the beginning, in the middle and at the end.
fn axis(look: &Look, span: Delta, name: usize, cells: usize) -> Line<'static> {
    let marks = [
        format!("|{} ago", format::age(span)),
        format!("|{} ago", format::age(span.ratio(1, 2))),
        "now|".to_owned(),
    ];
    let title = format::cut_off("LEASE, + and - zoom", name, look.lens.glyphs.ellipsis);
    let middle = (cells / 2).saturating_sub(format::width(&marks[0]));
    let end = cells.saturating_sub(cells / 2 + format::width(&marks[1]) + format::width(&marks[2]));
    let [left, half, right] = marks;
    let gap = |cells| " ".repeat(cells);
    let text = format!("{title:<name$} {left}{}{half}{}{right}", gap(middle), gap(end));
    Line::from(look.span(text, Tone::Title))
}

fn label(look: &Look, election: &Election, name: usize, selected: bool) -> Span<'static> {
    let rank = standing::rank(election);
    let room = name.saturating_sub(2);
    let key = election.key.to_string();
    let text = if format::width(&key) > room { election.key.name.to_string() } else { key };
    let text = format::squeeze(&text, room, look.lens.glyphs.ellipsis);
    let text = format!("{} {text}", rank.glyph(&look.lens.glyphs));
    let padding = " ".repeat((name + 1).saturating_sub(format::width(&text)));
    look.span(text + &padding, if selected { Tone::Selected } else { rank.tone() })
}
