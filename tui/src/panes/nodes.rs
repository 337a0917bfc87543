//! Which leaders live where, and what a drain of each node would move and cost.

use std::collections::BTreeMap;

use leadership::advice;
use leadership::snapshot::Election;
use ratatui::Frame;
use ratatui::layout::Rect;

use crate::app::Drawn;
use crate::columns::Cell;
use crate::format;
use crate::standing;
use crate::theme::Tone;
use crate::view::Look;

/// From so many cells on there is room for namespaces.
const WIDE: usize = 120;

/// Draws it from the row on that the user scrolled to; tells how far that may be.
pub(crate) fn draw(look: &Look, area: Rect, frame: &mut Frame) -> Drawn {
    let rows = rows(look, usize::from(area.width));
    look.scrolled(rows.into_iter().map(|cell| vec![cell]).collect(), area, frame)
}

fn rows(look: &Look, width: usize) -> Vec<Cell> {
    let mut nodes: BTreeMap<Option<&str>, Vec<&Election>> = BTreeMap::new();
    for election in look.app.elections().filter(|it| it.leaderless != Some(true)) {
        if let Some(term) = &election.term {
            nodes.entry(term.leader.node.as_deref()).or_default().push(election);
        }
    }
    let mut rows = Vec::new();
    // Those whose node is not known come last.
    let unknown = nodes.remove(&None);
    for (node, elections) in nodes {
        let node = node.unwrap_or_default();
        let noun = if elections.len() == 1 { "leader" } else { "leaders" };
        let title = format!("{node}: a drain would move {} {noun}", elections.len());
        rows.push(Cell::new(title, Tone::Title));
        rows.extend(elections.iter().map(|election| moved(election, look, width)));
    }
    if let Some(elections) = unknown {
        rows.push(Cell::new("leaders whose node is not known", Tone::Title));
        let row = |it: &&Election| Cell::new(format!("  {}", it.key), Tone::Muted);
        rows.extend(elections.iter().map(row));
    }
    if rows.is_empty() {
        rows.push(Cell::new("No leaders are known.", Tone::Muted));
    }
    let dots = look.lens.glyphs.ellipsis;
    rows.into_iter()
        .map(|row| Cell::new(format::cut_off(&row.text, width, dots), row.tone))
        .collect()
}

/// Who could take over elsewhere, and how long nobody would lead.
fn moved(election: &Election, look: &Look, width: usize) -> Cell {
    let elsewhere = election.candidates.as_deref().map(|candidates| {
        let beside = candidates.shares_node_with_leader.unwrap_or(0);
        standing::standbys(candidates).saturating_sub(beside)
    });
    let (who, tone) = match elsewhere {
        Some(0) => ("nobody elsewhere is ready to take over".to_owned(), Tone::Bad),
        Some(1) => ("1 standby elsewhere".to_owned(), Tone::Plain),
        Some(count) => (format!("{count} standbys elsewhere"), Tone::Plain),
        None => ("candidates are not known".to_owned(), Tone::Doubt),
    };
    let glyph = standing::rank(election).glyph(&look.lens.glyphs);
    let key = election.key.to_string();
    let name = if width < WIDE { &*election.key.name } else { &*key };
    Cell::new(format!("  {glyph} {name}: {who}{}", cost(election)), tone)
}

/// By the election's timing and by whether its component releases; both where that is not known.
fn cost(election: &Election) -> String {
    let Some(timing) = advice::timing(election) else {
        return String::new();
    };
    let (released, crashed) = (timing.release_mean_seconds, timing.crash_mean_seconds);
    let (released, crashed) = (format::measured(released), format::measured(crashed));
    match election.releases {
        Some(true) => format!(", some {released} leaderless"),
        Some(false) => format!(", some {crashed} leaderless (never releases)"),
        None => format!(", some {released} leaderless if it releases, else {crashed}"),
    }
}
