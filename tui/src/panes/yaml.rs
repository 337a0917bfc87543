//! One election as YAML: the object as far as it is known, then what is concluded from it.

use ratatui::Frame;
use ratatui::layout::Rect;

use super::detail::titled;
use crate::app::Drawn;
use crate::columns::Cell;
use crate::format;
use crate::manifest;
use crate::sections::Row;
use crate::theme::Tone;
use crate::view::Look;

/// Draws it from the row on that the user scrolled to; tells how far that may be.
pub(crate) fn draw(look: &Look, area: Rect, frame: &mut Frame) -> Drawn {
    let Some(election) = look.app.current() else {
        return Drawn::default();
    };
    let text = manifest::yaml(election, &look.app.source, look.lens.now);
    let lines = text.lines().flat_map(|line| format::fold(line, usize::from(area.width)));
    titled(look, election, lines.map(row).collect(), area, frame)
}

/// A key is told apart from its value.
fn row(line: String) -> Row {
    if line.starts_with(['#', '-']) {
        return vec![Cell::new(line, Tone::Muted)];
    }
    match line.split_once(": ").or_else(|| line.strip_suffix(':').map(|key| (key, ""))) {
        Some((key, value)) => {
            vec![Cell::new(format!("{key}: "), Tone::Muted), Cell::new(value, Tone::Plain)]
        }
        None => vec![Cell::new(line, Tone::Plain)],
    }
}
