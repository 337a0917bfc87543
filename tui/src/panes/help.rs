//! The keys, made from the table of keys.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use crate::format;
use crate::keymap::{Binding, KEYMAP};
use crate::standing::Rank;
use crate::theme::Tone;
use crate::view::Look;

/// Cells for the names of the keys.
const KEYS: usize = 8;

pub(crate) fn draw(look: &Look, area: Rect, frame: &mut Frame) {
    let width = usize::from(area.width);
    let wide = width >= 80;
    let column = if wide { width / 2 } else { width };
    let cells: Vec<Vec<Span>> = KEYMAP.iter().map(|row| key(look, row, column)).collect();
    let rows = if wide { cells.len().div_ceil(2) } else { cells.len() };
    let mut lines: Vec<Line> = Vec::new();
    for place in 0..rows {
        let mut spans = cells[place].clone();
        if let Some(right) = cells.get(place + rows).filter(|_| wide) {
            spans.extend(right.iter().cloned());
        }
        lines.push(Line::from(spans));
    }
    lines.push(Line::default());
    lines.extend(legend(look, width));
    frame.render_widget(Paragraph::new(lines), area);
}

fn key(look: &Look, row: &Binding, width: usize) -> Vec<Span<'static>> {
    let room = width.saturating_sub(KEYS + 2);
    let help = format::cut_off(row.help, room, look.lens.glyphs.ellipsis);
    vec![
        look.span(format!(" {:<KEYS$}", row.shown), Tone::Title),
        look.span(format!("{help:<room$} "), Tone::Plain),
    ]
}

fn legend(look: &Look, width: usize) -> Vec<Line<'static>> {
    let glyphs = &look.lens.glyphs;
    let mut signs: Vec<String> =
        Rank::ALL.iter().map(|rank| format!("{} {}", rank.glyph(glyphs), rank.label())).collect();
    signs.push(format!("{} stale (as of when we last saw it)", glyphs.stale));
    signs.push("held? (the object says so, no renewal was seen yet)".to_owned());
    signs.push("> (since we first saw it, or longer)".to_owned());
    signs.push("STANDBY: ready standbys / losses it survives".to_owned());
    signs.push("The same sort key again turns the order round. fleet-top only reads.".to_owned());
    format::wrap(&signs.join("  "), width.saturating_sub(2))
        .into_iter()
        .map(|line| Line::from(look.span(format!(" {line}"), Tone::Muted)))
        .collect()
}
