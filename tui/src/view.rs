//! The screen as a function of the state and the time.

use leadership::time::Time;
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span, Text};

use crate::app::{App, Drawn, Opened, Pane};
use crate::columns::{Cell, Lens};
use crate::panes::{
    banner, detail, events, footer, header, health, help, nodes, table, timeline, yaml,
};
use crate::theme::Tone;

/// Below this many columns and rows nothing sensible can be shown.
pub const LEAST: (u16, u16) = (40, 10);

/// From so many rows on, the election under the cursor is shown below the table.
const TALL: u16 = 36;

/// So many rows that the table leaves over tell what happened last.
const NEWS: u16 = 4;

/// What every pane needs.
#[derive(Clone, Copy, Debug)]
pub struct Look<'a> {
    /// The state.
    pub app: &'a App,
    /// The present, also while the picture is frozen.
    pub now: Time,
    /// The time that the picture is told for, and its signs.
    pub lens: Lens,
}

impl Look<'_> {
    /// A piece of text in its tone.
    #[must_use]
    pub fn span(&self, text: impl Into<String>, tone: Tone) -> Span<'static> {
        Span::styled(text.into(), self.app.theme.style(tone))
    }

    /// Pieces of text, one after the other.
    #[must_use]
    pub fn line(&self, cells: Vec<Cell>) -> Line<'static> {
        let spans = cells.into_iter().map(|cell| self.span(cell.text, cell.tone));
        Line::from(spans.collect::<Vec<Span>>())
    }

    /// Draws rows from the one on that the user scrolled to; tells how far that may be.
    pub(crate) fn scrolled(&self, rows: Vec<Vec<Cell>>, area: Rect, frame: &mut Frame) -> Drawn {
        let room = usize::from(area.height);
        let reach = rows.len().saturating_sub(room);
        let skipped = self.app.scroll.min(reach);
        let shown = rows.into_iter().skip(skipped).take(room);
        let lines: Vec<Line> = shown.map(|row| self.line(row)).collect();
        frame.render_widget(Text::from(lines), area);
        if skipped < reach {
            let more = self.span(format!(" {} more below ", reach - skipped), Tone::Selected);
            let width = u16::try_from(more.width()).unwrap_or(area.width).min(area.width);
            let (x, y) = (area.right() - width, area.bottom().saturating_sub(1));
            frame.render_widget(more, Rect { x, y, width, height: 1 });
        }
        Drawn::scrolling(reach)
    }
}

/// Draws everything; tells where things are and how far they may be scrolled.
pub fn view(app: &App, now: Time, frame: &mut Frame) -> Drawn {
    let area = frame.area();
    frame.buffer_mut().set_style(area, app.theme.page());
    if area.width < LEAST.0 || area.height < LEAST.1 {
        too_small(area, frame);
        return Drawn::default();
    }
    let lens = Lens { now: app.frozen.unwrap_or(now), glyphs: app.theme.glyphs };
    let look = Look { app, now, lens };
    let banners = banner::lines(&look, area.width, area.height / 3);
    let [top, alarms, body, bottom] = Layout::vertical([
        Constraint::Length(header::HEIGHT),
        Constraint::Length(u16::try_from(banners.len()).unwrap_or(0)),
        Constraint::Fill(1),
        Constraint::Length(1),
    ])
    .areas(area);
    header::draw(&look, top, frame);
    frame.render_widget(Text::from(banners), alarms);
    footer::draw(&look, bottom, frame);
    draw_body(&look, body, frame)
}

fn draw_body(look: &Look, area: Rect, frame: &mut Frame) -> Drawn {
    let app = look.app;
    let opened = app.opened.filter(|_| app.current().is_some());
    match (opened, app.pane) {
        _ if app.help => help::draw(look, area, frame),
        (Some(Opened::Whole), _) => detail::draw(look, area, frame),
        (Some(Opened::Yaml), _) => yaml::draw(look, area, frame),
        (None, Pane::Timeline) => timeline::draw(look, area, frame),
        (None, Pane::Nodes) => nodes::draw(look, area, frame),
        (None, Pane::Events) => events::draw(look, area, frame),
        (None, Pane::Health) => health::draw(look, area, frame),
        (None, Pane::Table) => draw_table(look, area, frame),
    }
}

/// What a short table leaves over on a tall screen serves the election under the cursor, and on a lower
/// one what happened last.
fn draw_table(look: &Look, area: Rect, frame: &mut Frame) -> Drawn {
    let app = look.app;
    let rows = 1 + app.rows.len() + app.groups.len() + app.snapshot.missing.len() + 1;
    let rows = u16::try_from(rows).unwrap_or(u16::MAX);
    let parts =
        |rows| Layout::vertical([Constraint::Length(rows), Constraint::Fill(1)]).areas(area);
    if area.height >= TALL && app.current().is_some() {
        let [above, below] = parts(rows.min(area.height / 2));
        detail::draw(look, below, frame);
        return table::draw(look, above, frame);
    }
    if area.height >= rows.saturating_add(NEWS) && app.events().next().is_some() {
        let [above, below] = parts(rows);
        events::draw_newest(look, below, frame);
        return table::draw(look, above, frame);
    }
    table::draw(look, area, frame)
}

fn too_small(area: Rect, frame: &mut Frame) {
    let text =
        format!("fleet-top needs {}x{}, this is {}x{}", LEAST.0, LEAST.1, area.width, area.height);
    let lines = crate::format::wrap(&text, usize::from(area.width));
    let lines: Vec<Line> = lines.into_iter().map(Line::from).collect();
    frame.render_widget(Text::from(lines), area);
}

#[cfg(test)]
mod pictures;
#[cfg(test)]
mod tests;
