//! The elections, one a row; only rows that are seen are made.

use leadership::observation::Kind;
use leadership::snapshot::Election;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use crate::format;
use crate::layout::{self, GAP, Slot};
use crate::remedy;
use crate::theme::Tone;
use crate::view::Look;
use crate::wording;

pub(crate) fn draw(look: &Look, area: Rect, frame: &mut Frame) {
    let slots = layout::fit(area.width, look.app.census.stale > 0);
    let mut lines = vec![headings(look, &slots)];
    let room = usize::from(area.height.saturating_sub(1));
    if look.app.rows.is_empty() {
        lines.push(Line::default());
        lines.extend(emptiness(look, usize::from(area.width)));
    }
    let first = first_shown(look.app.cursor, look.app.rows.len(), room);
    for (place, election) in look.app.elections().enumerate().skip(first).take(room) {
        let selected = place == look.app.cursor;
        lines.push(row(look, &slots, election, selected));
    }
    if look.app.filter.is_empty() {
        let left = usize::from(area.height).saturating_sub(lines.len());
        lines.extend(missing(look, usize::from(area.width)).take(left));
    }
    frame.render_widget(Paragraph::new(lines), area);
}

/// Locks that should be there and are not, below those that are.
fn missing(look: &Look, width: usize) -> impl Iterator<Item = Line<'static>> {
    let dots = look.lens.glyphs.ellipsis;
    look.app.snapshot.missing.iter().map(move |missing| {
        let text = format!("- missing  {}", wording::missing(missing, look.lens.now));
        Line::from(look.span(format::cut_off(&text, width, dots), Tone::Warn))
    })
}

/// The first row that is shown: the cursor stays in the middle while there is more on both sides.
pub(crate) fn first_shown(cursor: usize, rows: usize, room: usize) -> usize {
    cursor.saturating_sub(room / 2).min(rows.saturating_sub(room))
}

fn headings(look: &Look, slots: &[Slot]) -> Line<'static> {
    let mut text = String::new();
    for (place, (column, width)) in slots.iter().enumerate() {
        let mut title = column.title.to_owned();
        if column.order == Some(look.app.sorting.order) {
            title += look.lens.glyphs.sorted[usize::from(look.app.sorting.reversed)];
        }
        pad(&mut text, &title, *width, place, look);
    }
    Line::from(look.span(text, Tone::Title))
}

fn row(look: &Look, slots: &[Slot], election: &Election, selected: bool) -> Line<'static> {
    let mut spans: Vec<Span> = Vec::with_capacity(slots.len());
    for (place, (column, width)) in slots.iter().enumerate() {
        let cell = (column.cell)(election, &look.lens, *width);
        let mut text = String::with_capacity(width + GAP);
        pad(&mut text, &cell.text, *width, place, look);
        let tone = match election.blind_since {
            Some(_) => Tone::Muted,
            None => cell.tone,
        };
        spans.push(look.span(text, tone));
    }
    let line = Line::from(spans);
    if selected { line.patch_style(look.theme.style(Tone::Selected)) } else { line }
}

/// Appends `text` in exactly `width` cells, after a gap if it is not the first.
fn pad(line: &mut String, text: &str, width: usize, place: usize, look: &Look) {
    let gap = if place == 0 { 0 } else { GAP };
    let text = format::cut_off(text, width, look.lens.glyphs.ellipsis);
    let padding = width.saturating_sub(format::width(&text));
    line.extend(std::iter::repeat_n(' ', gap));
    line.push_str(&text);
    line.extend(std::iter::repeat_n(' ', padding));
}

/// Why there is nothing to see, and what to do.
fn emptiness(look: &Look, width: usize) -> Vec<Line<'static>> {
    let app = look.app;
    let text = match app.snapshot.watch(Kind::Lease) {
        Some(watch) if watch.listed && !app.filter.is_empty() => {
            format!("No election matches /{}. Esc clears the filter.", app.filter.text())
        }
        Some(watch) if watch.listed => {
            "No elections here: no Lease but heartbeats. Other namespaces may have some (-A)."
                .to_owned()
        }
        watch => {
            let age = format::age(look.now - app.started);
            let waiting = format!("Waiting for the leases of {} for {age}.", app.source);
            let error = watch.and_then(|watch| watch.last_error.as_deref());
            error.map_or(waiting.clone(), |error| match remedy::advice(error) {
                "" => format!("{waiting} Last error: {error}"),
                advice => format!("{waiting} Last error: {error}; {advice}"),
            })
        }
    };
    format::wrap(&text, width)
        .into_iter()
        .map(|line| Line::from(look.span(line, Tone::Plain)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cursor_is_always_among_the_rows_shown() {
        for rows in [0, 1, 5, 20, 21, 500] {
            for cursor in 0..rows {
                let first = first_shown(cursor, rows, 20);
                assert!(first <= cursor && cursor < first + 20, "{cursor} of {rows}");
                assert!(rows < 20 || first + 20 <= rows, "no empty rows at the end");
            }
        }
    }
}
