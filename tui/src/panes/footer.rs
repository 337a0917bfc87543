//! What is being typed, or what the last key did, or the keys that matter most.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::app::{Prompt, Purpose};
use crate::columns::Cell;
use crate::format;
use crate::theme::Tone;
use crate::view::Look;

pub(crate) fn draw(look: &Look, area: Rect, frame: &mut Frame) {
    let width = usize::from(area.width);
    match &look.app.prompt {
        Some(prompt) => {
            let (line, cursor) = typed(look, prompt, width);
            frame.render_widget(line, area);
            let last = area.width.saturating_sub(1);
            let column = u16::try_from(cursor).unwrap_or(last);
            frame.set_cursor_position((area.x + column.min(last), area.y));
        }
        None => frame.render_widget(keys(look, width), area),
    }
}

/// What is typed, of which the end is always seen, and what there is to say of it; and where the
/// cursor is.
fn typed(look: &Look, prompt: &Prompt, width: usize) -> (Line<'static>, usize) {
    let sign = match prompt.purpose {
        Purpose::Filter => "/",
        Purpose::Command => ":",
    };
    let mut text = prompt.text.as_str();
    while format::width(text) + 2 > width {
        let next = text.chars().next().map_or(0, char::len_utf8);
        text = text.get(next..).unwrap_or_default();
    }
    let cursor = 1 + format::width(text);
    let remark = remark(look, prompt);
    let room = width.saturating_sub(cursor + 3);
    let remark_text = format::cut_off(&remark.text, room, look.lens.glyphs.ellipsis);
    let line = look.line(vec![
        Cell::new(sign, Tone::Title),
        Cell::new(text, Tone::Plain),
        Cell::new(format!("   {remark_text}"), remark.tone),
    ]);
    (line, cursor)
}

/// What is wrong with it, or else how it may go on.
fn remark(look: &Look, prompt: &Prompt) -> Cell {
    let filter = look.app.filter.error().filter(|_| prompt.purpose == Purpose::Filter);
    if let Some(error) = prompt.error.as_deref().or(filter) {
        return Cell::new(error, Tone::Bad);
    }
    let start = prompt.stem().rfind(' ').map_or(0, |space| space + 1);
    let words = look.app.suggestions();
    let words: Vec<&str> = words.iter().filter_map(|line| line.get(start..)).collect();
    Cell::new(words.join("  "), Tone::Muted)
}

/// As many keys as fit beside the filter and the place of the cursor.
fn keys(look: &Look, width: usize) -> Line<'static> {
    let app = look.app;
    let place = (app.cursor + 1).min(app.rows.len());
    let mut right = format!("{place}/{}", app.rows.len());
    if !app.filter.text().is_empty() {
        right = format!("/{}  {right}", app.filter.text());
    }
    right = format::squeeze(&right, width / 2, look.lens.glyphs.ellipsis);
    let mut left = width.saturating_sub(format::width(&right) + 1);
    let mut spans: Vec<Span> = Vec::new();
    if let Some(notice) = &app.notice {
        let notice = format::squeeze(notice, left, look.lens.glyphs.ellipsis);
        left -= format::width(&notice);
        spans.push(look.span(notice, Tone::Title));
    } else {
        left = hints(look, left, &mut spans);
    }
    spans.push(Span::raw(" ".repeat(left + 1)));
    spans.push(look.span(right, Tone::Title));
    Line::from(spans)
}

/// As many keys as fit; gives back the room that is left.
fn hints(look: &Look, mut left: usize, spans: &mut Vec<Span<'static>>) -> usize {
    for row in look.app.keymap.rows() {
        let (Some(word), Some(key)) = (row.binding.footer, row.shown()) else {
            continue;
        };
        let cells = format::width(&key) + word.len() + 3;
        if cells > left {
            break;
        }
        left -= cells;
        spans.push(look.span(key, Tone::Title));
        spans.push(look.span(format!(" {word}  "), Tone::Muted));
    }
    left
}
