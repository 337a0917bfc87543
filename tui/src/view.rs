//! The screen as a function of the state, the theme and the time.

use leadership::time::Time;
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use crate::app::{App, Pane};
use crate::columns::Lens;
use crate::panes::{banner, detail, footer, header, help, nodes, table, timeline};
use crate::theme::{Theme, Tone};

/// Below this many columns and rows nothing sensible can be shown.
pub const LEAST: (u16, u16) = (40, 10);

/// From so many rows on, the election under the cursor is shown below the table.
const TALL: u16 = 36;

/// What every pane needs.
#[derive(Clone, Copy, Debug)]
pub struct Look<'a> {
    /// The state.
    pub app: &'a App,
    /// How things look.
    pub theme: &'a Theme,
    /// The present, also while the picture is frozen.
    pub now: Time,
    /// The time that the picture is told for, and its signs.
    pub lens: Lens,
}

impl Look<'_> {
    /// A piece of text in its tone.
    #[must_use]
    pub fn span(&self, text: impl Into<String>, tone: Tone) -> Span<'static> {
        Span::styled(text.into(), self.theme.style(tone))
    }
}

/// Draws everything; returns how far the pane that fills the screen may be scrolled.
pub fn view(app: &App, theme: &Theme, now: Time, frame: &mut Frame) -> usize {
    let area = frame.area();
    if area.width < LEAST.0 || area.height < LEAST.1 {
        too_small(area, frame);
        return 0;
    }
    let look = Look {
        app,
        theme,
        now,
        lens: Lens { now: app.frozen.unwrap_or(now), glyphs: theme.glyphs },
    };
    let banners = banner::lines(&look, area.width, area.height / 3);
    let [top, alarms, body, bottom] = Layout::vertical([
        Constraint::Length(header::HEIGHT),
        Constraint::Length(u16::try_from(banners.len()).unwrap_or(0)),
        Constraint::Fill(1),
        Constraint::Length(1),
    ])
    .areas(area);
    header::draw(&look, top, frame);
    frame.render_widget(Paragraph::new(banners), alarms);
    footer::draw(&look, bottom, frame);
    draw_body(&look, body, frame)
}

fn draw_body(look: &Look, area: Rect, frame: &mut Frame) -> usize {
    let app = look.app;
    if app.help {
        help::draw(look, area, frame);
    } else if app.opened && app.current().is_some() {
        return detail::draw(look, area, frame);
    } else if app.pane == Pane::Timeline {
        timeline::draw(look, area, frame);
    } else if app.pane == Pane::Nodes {
        return nodes::draw(look, area, frame);
    } else if area.height >= TALL && app.current().is_some() {
        // What a short table leaves over serves the election below it.
        let rows = 1 + app.rows.len() + app.snapshot.missing.len() + 1;
        let rows = u16::try_from(rows).unwrap_or(u16::MAX).min(area.height / 2);
        let [above, below] =
            Layout::vertical([Constraint::Length(rows), Constraint::Fill(1)]).areas(area);
        table::draw(look, above, frame);
        detail::draw(look, below, frame);
    } else {
        table::draw(look, area, frame);
    }
    0
}

fn too_small(area: Rect, frame: &mut Frame) {
    let text =
        format!("fleet-top needs {}x{}, this is {}x{}", LEAST.0, LEAST.1, area.width, area.height);
    let lines = crate::format::wrap(&text, usize::from(area.width));
    let lines: Vec<Line> = lines.into_iter().map(Line::from).collect();
    frame.render_widget(Paragraph::new(lines), area);
}

#[cfg(test)]
mod tests;
