//! What is watched, whether we see it, and how many elections stand how.

use leadership::observation::Kind;
use leadership::snapshot::Watch;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::format;
use crate::standing::Rank;
use crate::theme::Tone;
use crate::view::Look;

/// In which order the ranks are told: whoever reads on does so for what is not well.
const TOLD: [Rank; 4] = [Rank::Held, Rank::Late, Rank::Leaderless, Rank::Unknown];

/// Rows of the header.
pub(crate) const HEIGHT: u16 = 2;

pub(crate) fn draw(look: &Look, area: Rect, frame: &mut Frame) {
    let [first, second] = [area.y, area.y + 1].map(|y| Rect { y, height: 1, ..area });
    frame.render_widget(source(look, usize::from(area.width)), first);
    frame.render_widget(census(look, usize::from(area.width)), second);
}

/// The name of what is watched on the left; on the right the watches, where there is room, and the time.
fn source(look: &Look, width: usize) -> Line<'static> {
    let mut right: Vec<Span> = Vec::new();
    for watch in &look.app.snapshot.watches {
        let (word, tone) = health(look, watch);
        right.push(look.span(format!("{} ", watch.kind.label()), Tone::Muted));
        right.push(look.span(format!("{word}  "), tone));
    }
    let clock = look.span(format::clock(look.lens.now), Tone::Plain);
    right.push(clock.clone());
    let name = "fleet-top  ";
    let cells = |spans: &[Span]| spans.iter().map(Span::width).sum::<usize>();
    if name.len() + 12 + cells(&right) > width {
        right = vec![clock];
    }
    let room = width.saturating_sub(name.len() + cells(&right) + 1);
    let source = format::squeeze(&look.app.source, room, look.lens.glyphs.ellipsis);
    let padding = " ".repeat((room + 1).saturating_sub(format::width(&source)));
    let mut spans =
        vec![look.span(name, Tone::Title), look.span(source, Tone::Plain), Span::raw(padding)];
    spans.append(&mut right);
    Line::from(spans)
}

/// Whether a watch is live, in one or two words.
fn health(look: &Look, watch: &Watch) -> (String, Tone) {
    match watch.blind_since {
        _ if !watch.listed && watch.last_error.is_some() => ("failing".to_owned(), Tone::Bad),
        _ if !watch.listed => ("starting".to_owned(), Tone::Doubt),
        Some(since) => {
            let age = format::age(look.lens.now - since);
            (format!("blind {age}"), Tone::Bad)
        }
        None if watch.up => ("live".to_owned(), Tone::Good),
        None => ("down".to_owned(), Tone::Bad),
    }
}

fn census(look: &Look, width: usize) -> Line<'static> {
    let app = look.app;
    let listed = |watch: &Watch| watch.listed;
    if !app.snapshot.watch(Kind::Lease).is_some_and(listed) {
        return Line::from(look.span("no list of leases yet", Tone::Doubt));
    }
    let all = app.snapshot.elections.len();
    let noun = if all == 1 { "election" } else { "elections" };
    let mut spans = vec![look.span(format!("{all} {noun}:"), Tone::Title)];
    let mut left = width.saturating_sub(spans[0].width());
    for (text, tone) in counts(look) {
        let span = look.span(format!(" {text}"), tone);
        // Half a word tells less than none.
        if span.width() > left {
            break;
        }
        left -= span.width();
        spans.push(span);
    }
    Line::from(spans)
}

/// What is counted, the most important first: what does not fit is left out from the end.
fn counts(look: &Look) -> Vec<(String, Tone)> {
    let (app, glyphs) = (look.app, &look.lens.glyphs);
    let muted = |count: usize, tone| if count == 0 { Tone::Muted } else { tone };
    let mut counts: Vec<(String, Tone)> = Vec::new();
    for rank in TOLD {
        if rank == Rank::Unknown {
            let alone = app.census.without_standby;
            counts.push((format!("{alone} w/o standby"), muted(alone, Tone::Warn)));
        }
        let count = app.census.count(rank);
        let text = format!("{} {count} {}", rank.glyph(glyphs), rank.label());
        counts.push((text, muted(count, rank.tone())));
    }
    let missing = app.snapshot.missing.len();
    let rest = [
        (app.census.stale > 0, format!("{} {} stale", glyphs.stale, app.census.stale), Tone::Doubt),
        (!app.filter.is_empty(), format!("{} shown", app.rows.len()), Tone::Title),
        (missing > 0, format!("{missing} missing"), Tone::Warn),
    ];
    counts.extend(rest.into_iter().filter(|(told, ..)| *told).map(|(_, text, tone)| (text, tone)));
    counts
}
