//! A screen as a picture. Blocks and lines are drawn, not written: fonts differ in them.

use std::fmt::Write;

use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier, Style};

use crate::format;

/// The size of a cell, in hundredths of a pixel.
const CELL: (u32, u32) = (840, 1800);

/// The margin around the screen.
const MARGIN: u32 = 1200;

/// The baseline of text below the top of its cell.
const BASELINE: u32 = 1340;

const FONT: &str = "ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace";

/// Signs that fill a part of their cell: from the left, from the top, width and height in percent,
/// and how much of the colour covers what is below it.
const BLOCKS: &[(&str, [u32; 4], &str)] = &[
    ("█", [0, 8, 100, 84], "1"),
    ("▉", [0, 8, 88, 84], "1"),
    ("▊", [0, 8, 75, 84], "1"),
    ("▋", [0, 8, 63, 84], "1"),
    ("▌", [0, 8, 50, 84], "1"),
    ("▍", [0, 8, 38, 84], "1"),
    ("▎", [0, 8, 25, 84], "1"),
    ("▏", [0, 8, 13, 84], "1"),
    ("▒", [0, 8, 100, 84], ".45"),
    ("─", [0, 47, 100, 6], ".6"),
];

/// What a cell looks like: text colour, ground, bold.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Look(Color, Color, bool);

pub(super) fn svg(buffer: &Buffer, page: Style) -> String {
    let (width, height) = (u32::from(buffer.area.width), u32::from(buffer.area.height));
    let (wide, high) = (width * CELL.0 + 2 * MARGIN, height * CELL.1 + 2 * MARGIN);
    let (w, h) = (pixels(wide), pixels(high));
    let ground = color(page.bg.unwrap());
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {w} {h}\" width=\"{w}\" height=\"{h}\" \
         font-family=\"{FONT}\" font-size=\"14\">\n\
         <rect width=\"{w}\" height=\"{h}\" rx=\"8\" fill=\"{ground}\"/>\n"
    );
    let columns = usize::from(buffer.area.width);
    for (row, y) in buffer.content.chunks(columns).zip(0..) {
        line(&mut out, row, y, page);
    }
    out + "</svg>\n"
}

/// Runs of cells that look the same: their ground, then their blocks or their text.
fn line(out: &mut String, row: &[Cell], y: u32, page: Style) {
    let mut start = 0;
    while let Some(first) = row.get(start) {
        let (look, block) = (look(first, page), block(first));
        let same = |cell: &&Cell| self::look(cell, page) == look && self::block(cell) == block;
        let count = row[start..].iter().take_while(same).count().max(1);
        let at = (u32::try_from(start).unwrap(), y);
        run(out, &row[start..start + count], look, block, at, page);
        start += count;
    }
}

fn run(
    out: &mut String,
    cells: &[Cell],
    Look(text, ground, bold): Look,
    block: Option<&(&str, [u32; 4], &str)>,
    (column, row): (u32, u32),
    page: Style,
) {
    let count = u32::try_from(cells.len()).unwrap();
    let (x, y) = (MARGIN + column * CELL.0, MARGIN + row * CELL.1);
    if Some(ground) != page.bg {
        rect(out, [x, y, count * CELL.0, CELL.1], ground, "1");
    }
    if let Some((_, [left, top, width, height], share)) = block {
        // Whole blocks that follow each other are one.
        let (each, times) =
            if *width == 100 { (count * CELL.0, 1) } else { (CELL.0 * width / 100, count) };
        for place in 0..times {
            let x = x + place * CELL.0 + CELL.0 * left / 100;
            rect(out, [x, y + CELL.1 * top / 100, each, CELL.1 * height / 100], text, share);
        }
        return;
    }
    let mut place = 0;
    let written: String = cells.iter().map(Cell::symbol).collect();
    // Whoever shows the picture may make one space of two.
    for piece in written.split("  ") {
        let words = piece.trim_start();
        let before = piece.len() - words.len();
        let x = x + u32::try_from(place + before).unwrap() * CELL.0;
        write_text(out, (x, y + BASELINE), words, text, bold);
        place += format::width(piece) + 2;
    }
}

fn write_text(out: &mut String, (x, y): (u32, u32), text: &str, fill: Color, bold: bool) {
    let text = text.trim_end();
    if text.is_empty() {
        return;
    }
    let weight = if bold { " font-weight=\"bold\"" } else { "" };
    let (x, y, fill) = (pixels(x), pixels(y), color(fill));
    let length = pixels(u32::try_from(format::width(text)).unwrap() * CELL.0);
    let text = escaped(text);
    let _ = writeln!(
        out,
        "<text x=\"{x}\" y=\"{y}\" textLength=\"{length}\" fill=\"{fill}\"{weight}>{text}</text>"
    );
}

fn rect(out: &mut String, [x, y, width, height]: [u32; 4], fill: Color, share: &str) {
    let (x, y, width, height) = (pixels(x), pixels(y), pixels(width), pixels(height));
    let opacity = if share == "1" { String::new() } else { format!(" opacity=\"{share}\"") };
    let fill = color(fill);
    let _ = writeln!(
        out,
        "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" fill=\"{fill}\"{opacity}/>"
    );
}

fn look(cell: &Cell, page: Style) -> Look {
    let text = if cell.fg == Color::Reset { page.fg.unwrap() } else { cell.fg };
    let ground = if cell.bg == Color::Reset { page.bg.unwrap() } else { cell.bg };
    let bold = cell.modifier.contains(Modifier::BOLD);
    let reversed = cell.modifier.contains(Modifier::REVERSED);
    if reversed { Look(ground, text, bold) } else { Look(text, ground, bold) }
}

fn block(cell: &Cell) -> Option<&'static (&'static str, [u32; 4], &'static str)> {
    BLOCKS.iter().find(|(sign, ..)| *sign == cell.symbol())
}

fn color(color: Color) -> String {
    match color {
        Color::Rgb(red, green, blue) => format!("#{red:02x}{green:02x}{blue:02x}"),
        other => panic!("{other:?} looks different on every terminal"),
    }
}

/// Hundredths of a pixel as a number.
fn pixels(hundredths: u32) -> String {
    let (whole, rest) = (hundredths / 100, hundredths % 100);
    if rest == 0 { whole.to_string() } else { format!("{whole}.{rest:02}") }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
