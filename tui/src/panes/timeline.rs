//! The past of all elections side by side: one lane each.

use leadership::snapshot::Election;
use leadership::time::Delta;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span, Text};

use super::table::first_shown;
use crate::app::Drawn;
use crate::format;
use crate::keymap::Command;
use crate::lane::{SPANS, Stretch, lane};
use crate::standing;
use crate::theme::Tone;
use crate::view::Look;

/// Draws it; tells which election each row shows.
pub(crate) fn draw(look: &Look, area: Rect, frame: &mut Frame) -> Drawn {
    let width = usize::from(area.width);
    let name = (width / 3).min(44);
    let cells = width.saturating_sub(name + 1);
    let stretch = stretch(look);
    let room = usize::from(area.height.saturating_sub(2));
    let first = first_shown(look.app.cursor, look.app.rows.len(), room);
    let mut lines = vec![axis(look, stretch, name, cells)];
    let mut drawn = Drawn::default();
    let shown = look.app.elections().enumerate().skip(first).take(room);
    for ((place, election), y) in shown.zip(area.y + 1..) {
        let mut spans = vec![label(look, election, name, place == look.app.cursor)];
        let lane = lane(election, &look.lens, stretch, cells).into_iter();
        spans.extend(lane.map(|run| look.span(run.text, run.tone)));
        lines.push(Line::from(spans));
        drawn.rows.push((y, place));
    }
    let last = usize::from(area.height.saturating_sub(1));
    lines.resize(last.max(lines.len()), Line::default());
    lines.push(legend(look, width));
    frame.render_widget(Text::from(lines), area);
    drawn
}

/// The time that is shown.
fn stretch(look: &Look) -> Stretch {
    let span = Delta::from_secs(SPANS.get(look.app.zoom).copied().unwrap_or(SPANS[0]));
    Stretch { span, before: span.ratio(i64::from(look.app.past), 4) }
}

fn legend(look: &Look, width: usize) -> Line<'static> {
    let glyphs = &look.lens.glyphs;
    let legend = format!(
        "{}{} one reign after another  {} nobody led  {} nobody saw  {} before we looked",
        glyphs.bands[0], glyphs.bands[1], glyphs.leaderless, glyphs.unknown, glyphs.unseen
    );
    Line::from(look.span(format::cut_off(&legend, width, glyphs.ellipsis), Tone::Muted))
}

/// The times at the beginning, in the middle and at the end.
fn axis(look: &Look, stretch: Stretch, name: usize, cells: usize) -> Line<'static> {
    let Stretch { span, before } = stretch;
    let end = match before {
        Delta::ZERO => "now|".to_owned(),
        before => format!("{} ago|", format::age(before)),
    };
    let marks = [
        format!("|{} ago", format::age(before + span)),
        format!("|{} ago", format::age(before + span.ratio(1, 2))),
        end,
    ];
    let keys = [Command::Zoom(1), Command::Zoom(-1), Command::Aside(-1), Command::Aside(1)];
    let [closer, wider, left, right] = keys.map(|it| look.app.keymap.key(it).unwrap_or_default());
    let title = format!("LEASE, {closer} {wider} zoom, {left} {right}");
    let title = format::cut_off(&title, name, look.lens.glyphs.ellipsis);
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
    let tone = match election.blind_since {
        _ if selected => Tone::Selected,
        Some(_) => Tone::Muted,
        None => rank.tone(),
    };
    look.span(text + &padding, tone)
}
