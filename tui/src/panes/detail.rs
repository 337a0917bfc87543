//! One election whole: what is known of it, then its history, the newest first.

use leadership::event::Failover;
use leadership::snapshot::{Chapter, Election, Reign};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::Paragraph;

use crate::columns::{self, Lens};
use crate::facts::FACTS;
use crate::format;
use crate::theme::Tone;
use crate::view::Look;

/// Rows it takes below the table.
pub(crate) const SPLIT: u16 = 20;

/// Cells for the names of facts.
const LABEL: usize = 12;

pub(crate) fn draw(look: &Look, area: Rect, frame: &mut Frame) {
    let Some(election) = look.app.current() else {
        return;
    };
    let width = usize::from(area.width);
    let mut lines = vec![title(look, election, width)];
    for fact in FACTS {
        let Some(cell) = (fact.tell)(election, &look.lens) else {
            continue;
        };
        let room = width.saturating_sub(LABEL + 2);
        for (place, text) in format::wrap(&cell.text, room).into_iter().enumerate() {
            let label = if place == 0 { fact.label } else { "" };
            lines.push(Line::from(vec![
                look.span(format!(" {label:<LABEL$} "), Tone::Muted),
                look.span(text, cell.tone),
            ]));
        }
    }
    lines.push(heading(look));
    lines.extend(history(look, election, width));
    frame.render_widget(Paragraph::new(lines), area);
}

fn title(look: &Look, election: &Election, width: usize) -> Line<'static> {
    let name = format!(" {} ", election.key);
    let name = format::squeeze(&name, width.saturating_sub(4), look.lens.glyphs.ellipsis);
    let rule = look.lens.glyphs.rule;
    let rest = width.saturating_sub(format::width(&name) + 2);
    Line::from(vec![
        look.span(rule.repeat(2), Tone::Muted),
        look.span(name, Tone::Title),
        look.span(rule.repeat(rest), Tone::Muted),
    ])
}

fn heading(look: &Look) -> Line<'static> {
    let text = format!(" {:<16} {:>7} {:>6}  {:<12} HOLDER", "SINCE", "FOR", "GAP", "ENDED");
    Line::from(look.span(text, Tone::Title))
}

fn history(look: &Look, election: &Election, width: usize) -> Vec<Line<'static>> {
    let none = || Line::from(look.span(" nothing is remembered yet", Tone::Muted));
    let lines: Vec<_> = election
        .ledger
        .iter()
        .rev()
        .map(|chapter| match chapter {
            Chapter::Reign(reign) => self::reign(look, election, reign, width),
            Chapter::Missed { count, from, to } => {
                let text = format!(
                    " {:<16} {:>7} {:>6}  {count} or more terms that nobody saw",
                    format::stamp(*from),
                    format::age(*to - *from),
                    "",
                );
                Line::from(look.span(text, Tone::Doubt))
            }
        })
        .collect();
    if lines.is_empty() { vec![none()] } else { lines }
}

fn reign(look: &Look, election: &Election, reign: &Reign, width: usize) -> Line<'static> {
    let Lens { glyphs, .. } = look.lens;
    let until = reign.to.unwrap_or_else(|| look.lens.present(election));
    let sign = if reign.from_seen { "" } else { ">" };
    let age = format!("{sign}{}", format::age(until - reign.from));
    let (ended, tone) = match reign.ended {
        Some(ended) => (ended.label(), Tone::Plain),
        None if reign.to.is_some() => ("ended", Tone::Bad),
        None => ("reigns", Tone::Good),
    };
    let gap = reign.failover.as_deref().map_or(String::new(), columns::window);
    let flags = reign.failover.as_deref().map_or(String::new(), notes);
    let text = format!(" {:<16} {age:>7} {gap:>6}  {ended:<12} ", format::stamp(reign.from));
    let room = width.saturating_sub(format::width(&text) + format::width(&flags));
    let holder = format::squeeze(&reign.holder, room, glyphs.ellipsis);
    Line::from(vec![
        look.span(text, tone),
        look.span(holder, Tone::Plain),
        look.span(flags, Tone::Doubt),
    ])
}

/// What makes a failover special, in words.
fn notes(failover: &Failover) -> String {
    let words: Vec<_> = failover.flags.iter().map(|flag| crate::wording::flag(*flag)).collect();
    if words.is_empty() {
        return String::new();
    }
    format!("  ({})", words.join(", "))
}
