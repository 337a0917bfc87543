//! Keys, commands and filters, made from their tables, and what the signs mean.

use ratatui::Frame;
use ratatui::layout::Rect;

use crate::app::Drawn;
use crate::columns::Cell;
use crate::command_line::PHRASES;
use crate::filter::WORDS;
use crate::format;
use crate::sections::Row;
use crate::standing::Rank;
use crate::theme::Tone;
use crate::view::Look;

const MOUSE: &str = "A click moves the cursor, opens what has it, or sorts by a heading; with shift, \
                     most terminals select text instead.";

/// What is explained, and what of.
type Entry = (String, String);

/// Draws it from the row on that the user scrolled to; tells how far that may be.
pub(crate) fn draw(look: &Look, area: Rect, frame: &mut Frame) -> Drawn {
    let width = usize::from(area.width);
    let rows = look.app.keymap.rows().iter();
    let keys = rows.map(|row| (row.all(), row.binding.help.to_owned())).collect();
    let mut rows = listed(look, "KEYS", keys, width);
    rows.extend(listed(look, "COMMANDS", commands(), width));
    rows.extend(listed(look, "FILTERS", filters(), width));
    rows.push(vec![Cell::new("SIGNS", Tone::Title)]);
    rows.extend(legend(look, width));
    look.scrolled(rows, area, frame)
}

fn commands() -> Vec<Entry> {
    let phrases = PHRASES.iter();
    let named = phrases.map(|it| (format!(":{} {}", it.name, it.takes), it.help.to_owned()));
    let any = (":freeze :yaml ...".to_owned(), "whatever has a key; tab completes".to_owned());
    named.chain([any]).collect()
}

fn filters() -> Vec<Entry> {
    let forms = [
        ("text", "any name has it, in either case"),
        ("^kube.*r$", "a regular expression, by its signs"),
        ("!word", "what is not so"),
        ("one two", "both"),
        ("-l app=x", "a label selector"),
    ];
    let owned = |(name, help): (&str, &str)| (name.to_owned(), help.to_owned());
    let words = WORDS.iter().map(|word| (format!("{}:", word.name), word.help.to_owned()));
    forms.map(owned).into_iter().chain(words).collect()
}

/// Entries under a heading, in two columns where none of them has to be cut for that.
fn listed(look: &Look, title: &str, entries: Vec<Entry>, width: usize) -> Vec<Row> {
    let longest = |part: fn(&Entry) -> &str| entries.iter().map(|it| format::width(part(it))).max();
    let (name, help) = (longest(|it| &it.0).unwrap_or(0), longest(|it| &it.1).unwrap_or(0));
    let columns = if 2 * (name + help + GAPS) <= width { 2 } else { 1 };
    let cells: Vec<Row> =
        entries.into_iter().map(|entry| explained(look, entry, name, width / columns)).collect();
    let count = cells.len().div_ceil(columns);
    let mut rows = vec![vec![Cell::new(title, Tone::Title)]];
    for place in 0..count {
        let parts = (0..columns).filter_map(|column| cells.get(place + column * count));
        rows.push(parts.flatten().cloned().collect());
    }
    rows.push(Row::new());
    rows
}

/// Cells before a name, between it and its text, and behind that.
const GAPS: usize = 4;

fn explained(look: &Look, (name, help): Entry, cells: usize, width: usize) -> Row {
    let room = width.saturating_sub(cells + GAPS);
    let help = format::cut_off(&help, room, look.lens.glyphs.ellipsis);
    vec![
        Cell::new(format!(" {name:<cells$}  "), Tone::Good),
        Cell::new(format!("{help:<room$} "), Tone::Plain),
    ]
}

fn legend(look: &Look, width: usize) -> Vec<Row> {
    let glyphs = &look.lens.glyphs;
    let mut signs: Vec<String> =
        Rank::ALL.iter().map(|rank| format!("{} {}", rank.glyph(glyphs), rank.label())).collect();
    signs.push(format!("{} stale (as of when we last saw it)", glyphs.stale));
    signs.push("held? (the object says so, no renewal was seen yet)".to_owned());
    signs.push("> (since we first saw it, or longer)".to_owned());
    signs.push("STANDBY: ready standbys / losses it survives".to_owned());
    signs.push(MOUSE.to_owned());
    signs.push(
        "The same sort key again turns the order round. Nothing but a drill changes a cluster."
            .to_owned(),
    );
    let lines = format::wrap(&signs.join("  "), width.saturating_sub(2));
    lines.into_iter().map(|line| vec![Cell::new(format!(" {line}"), Tone::Muted)]).collect()
}
