//! The filter while it is typed, otherwise the keys that matter most.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::format;
use crate::keymap::KEYMAP;
use crate::theme::Tone;
use crate::view::Look;

pub(crate) fn draw(look: &Look, area: Rect, frame: &mut Frame) {
    let app = look.app;
    let line = if app.typing { typed(look) } else { keys(look, usize::from(area.width)) };
    frame.render_widget(line, area);
    if app.typing {
        let column = format::width(app.filter.text()) + 1;
        let column = u16::try_from(column).unwrap_or(u16::MAX);
        let last = area.width.saturating_sub(1);
        frame.set_cursor_position((area.x + column.min(last), area.y));
    }
}

fn typed(look: &Look) -> Line<'static> {
    Line::from(vec![look.span("/", Tone::Title), look.span(look.app.filter.text(), Tone::Plain)])
}

/// As many keys as fit beside the filter and the place of the cursor.
fn keys(look: &Look, width: usize) -> Line<'static> {
    let app = look.app;
    let place = (app.cursor + 1).min(app.rows.len());
    let mut right = format!("{place}/{}", app.rows.len());
    if !app.filter.is_empty() {
        right = format!("/{}  {right}", app.filter.text());
    }
    right = format::squeeze(&right, width / 2, look.lens.glyphs.ellipsis);
    let mut left = width.saturating_sub(format::width(&right) + 1);
    let mut spans: Vec<Span> = Vec::new();
    for (row, word) in KEYMAP.iter().filter_map(|row| Some((row, row.footer?))) {
        let cells = row.shown.len() + word.len() + 3;
        if cells > left {
            break;
        }
        left -= cells;
        spans.push(look.span(row.shown, Tone::Title));
        spans.push(look.span(format!(" {word}  "), Tone::Muted));
    }
    spans.push(Span::raw(" ".repeat(left + 1)));
    spans.push(look.span(right, Tone::Title));
    Line::from(spans)
}
