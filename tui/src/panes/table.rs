//! The elections, one a row; only rows that are seen are made.

use std::ops::Range;

use leadership::observation::Kind;
use leadership::snapshot::Election;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span, Text};

use crate::app::{App, Drawn, Group};
use crate::columns::{Cell, are_of_several};
use crate::format;
use crate::layout::{self, GAP, Needs, Slot};
use crate::order::Order;
use crate::remedy;
use crate::standing::{Census, Rank};
use crate::theme::Tone;
use crate::view::Look;
use crate::wording;

/// Draws it; tells which election each row shows, and which order each heading.
pub(crate) fn draw(look: &Look, area: Rect, frame: &mut Frame) -> Drawn {
    let app = look.app;
    let room = usize::from(area.height.saturating_sub(1));
    let rows = app.rows.len() + app.groups.len();
    let first = first_shown(line_of(app, app.cursor), rows, room);
    let shown: Vec<Entry> = entries(app).skip(first).take(room).collect();
    let (slots, aside) = slots(look, &shown, area.width);
    let mut drawn = Drawn { aside, headings: area.y, ..Drawn::default() };
    drawn.orders = orders(&slots, area.x);
    let more = app.aside < aside;
    let mut lines = vec![headings(look, &slots, usize::from(area.width), more)];
    if app.rows.is_empty() {
        lines.push(Line::default());
        lines.extend(emptiness(look, usize::from(area.width)));
    }
    for (entry, y) in shown.iter().zip(area.y + 1..) {
        match entry {
            Entry::Heading(group) => lines.push(heading(look, group, usize::from(area.width))),
            Entry::Row(place, election) => {
                let selected = *place == app.cursor;
                lines.push(row(look, &slots, election, selected, usize::from(area.width)));
                drawn.rows.push((y, *place));
            }
        }
    }
    if app.filter.is_empty() {
        let left = usize::from(area.height).saturating_sub(lines.len());
        lines.extend(missing(look, usize::from(area.width)).take(left));
    }
    frame.render_widget(Text::from(lines), area);
    drawn
}

/// A line of the table.
enum Entry<'a> {
    Heading(&'a Group),
    Row(usize, &'a Election),
}

/// All lines: the rows, each group of them under its heading.
fn entries(app: &App) -> Box<dyn Iterator<Item = Entry<'_>> + '_> {
    let rows = app.elections().enumerate().map(|(place, election)| Entry::Row(place, election));
    if app.groups.is_empty() {
        return Box::new(rows);
    }
    let mut rows = rows;
    Box::new(app.groups.iter().flat_map(move |group| {
        let mut lines = vec![Entry::Heading(group)];
        lines.extend(rows.by_ref().take(group.count));
        lines
    }))
}

/// The line of a row: each heading down to its own comes before it.
fn line_of(app: &App, place: usize) -> usize {
    place + app.groups.iter().take_while(|group| group.first <= place).count()
}

/// The columns and their widths, and how many of them may be scrolled away.
fn slots(look: &Look, shown: &[Entry], width: u16) -> (Vec<Slot>, usize) {
    let elections = shown.iter().filter_map(|entry| match entry {
        Entry::Heading(_) => None,
        Entry::Row(_, election) => Some(*election),
    });
    let elections: Vec<&Election> = elections.collect();
    if look.app.wide {
        return layout::whole(&elections, &look.lens, width, look.app.aside);
    }
    let several = are_of_several(look.app.elections().map(|election| &**election));
    let needs = Needs { stale: look.app.census.stale > 0, several };
    (layout::fit(&elections, &look.lens, width, needs), 0)
}

fn orders(slots: &[Slot], x: u16) -> Vec<(Range<u16>, Order)> {
    let mut start = x;
    let mut orders = Vec::new();
    for (column, width) in slots {
        let end = start.saturating_add(u16::try_from(width + GAP).unwrap_or(u16::MAX));
        orders.extend(column.order.map(|order| (start..end, order)));
        start = end;
    }
    orders
}

/// The name of a component, and how its elections stand.
fn heading(look: &Look, group: &Group, width: usize) -> Line<'static> {
    let glyphs = &look.lens.glyphs;
    let name = group.component.as_deref().unwrap_or("no known component");
    let members = look.app.elections().skip(group.first).take(group.count);
    let census = Census::of(members.map(|election| &**election));
    let mut cells = vec![
        Cell::new(format!("{} ", glyphs.rule.repeat(2)), Tone::Muted),
        Cell::new(format::squeeze(name, width / 2, glyphs.ellipsis), Tone::Title),
        Cell::new(format!(" {}", group.count), Tone::Muted),
    ];
    let told = Rank::ALL.iter().filter(|rank| census.count(**rank) > 0);
    cells.extend(told.map(|rank| {
        let count = census.count(*rank);
        Cell::new(format!(" {} {count} {}", rank.glyph(glyphs), rank.label()), rank.tone())
    }));
    if census.without_standby > 0 {
        cells.push(Cell::new(format!(" {} w/o standby", census.without_standby), Tone::Warn));
    }
    let used: usize = cells.iter().map(|cell| format::width(&cell.text)).sum();
    let rest = glyphs.rule.repeat(width.saturating_sub(used + 1));
    cells.push(Cell::new(format!(" {rest}"), Tone::Muted));
    look.line(cells)
}

/// Locks that should be there and are not, below those that are.
fn missing(look: &Look, width: usize) -> impl Iterator<Item = Line<'static>> {
    let dots = look.lens.glyphs.ellipsis;
    let missing = look.app.snapshot.missing.iter();
    let covered = missing.filter(|missing| look.app.covers(&missing.namespace));
    covered.map(move |missing| {
        let text = format!("- missing  {}", wording::missing(missing, look.lens.now));
        Line::from(look.span(format::cut_off(&text, width, dots), Tone::Warn))
    })
}

/// The first row that is shown: the cursor stays in the middle while there is more on both sides.
pub(crate) fn first_shown(cursor: usize, rows: usize, room: usize) -> usize {
    cursor.saturating_sub(room / 2).min(rows.saturating_sub(room))
}

/// The titles of the columns, and a sign at the end where there are more of them.
fn headings(look: &Look, slots: &[Slot], width: usize, more: bool) -> Line<'static> {
    let glyphs = &look.lens.glyphs;
    let mut text = String::new();
    for (place, (column, width)) in slots.iter().enumerate() {
        let mut title = column.title.to_owned();
        if column.order == Some(look.app.sorting.order) {
            title += glyphs.sorted[usize::from(look.app.sorting.reversed)];
        }
        pad(&mut text, &title, *width, place, look);
    }
    if more {
        text = format::cut_off(&text, width.saturating_sub(3), "")
            + " "
            + glyphs.change
            + glyphs.change;
    }
    Line::from(look.span(text, Tone::Title))
}

/// One election; the cursor is seen from one end of the screen to the other.
fn row(
    look: &Look,
    slots: &[Slot],
    election: &Election,
    selected: bool,
    room: usize,
) -> Line<'static> {
    let mut spans: Vec<Span> = Vec::with_capacity(slots.len());
    for (place, (column, width)) in slots.iter().enumerate() {
        let cell = (column.cell)(election, &look.lens, *width);
        let mut text = String::with_capacity(width + GAP);
        pad(&mut text, &cell.text, *width, place, look);
        let tone = match election.blind_since {
            _ if selected => Tone::Selected,
            Some(_) => Tone::Muted,
            None => cell.tone,
        };
        spans.push(look.span(text, tone));
    }
    let used: usize = spans.iter().map(Span::width).sum();
    if selected {
        spans.push(look.span(" ".repeat(room.saturating_sub(used)), Tone::Selected));
    }
    Line::from(spans)
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
    let some = app.snapshot.watches.iter().any(|it| it.kind == Kind::Lease && it.listed);
    let text = match app.snapshot.watch(Kind::Lease) {
        Some(_) if some && !app.filter.is_empty() => {
            format!("No election matches /{}. Esc clears the filter.", app.filter.text())
        }
        Some(_) if some => {
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
