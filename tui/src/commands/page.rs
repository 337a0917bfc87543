//! Rows of cells as files and documents take them.

use std::io::{self, Write};

use serde::Serialize;

use crate::args::LineFormat;

/// What prints one thing after the other.
pub(super) struct Pages<W> {
    out: W,
    format: LineFormat,
}

impl<W: Write> Pages<W> {
    /// Prints the headings, where the format has any.
    pub(super) fn new(out: W, format: LineFormat, headings: &[&str]) -> io::Result<Self> {
        let mut pages = Self { out, format };
        let row: Vec<String> = headings.iter().map(|&heading| heading.to_owned()).collect();
        match format {
            LineFormat::Csv => writeln!(pages.out, "{}", csv(&row))?,
            LineFormat::Markdown => {
                writeln!(pages.out, "{}", markdown(&row))?;
                writeln!(pages.out, "|{}", " --- |".repeat(row.len()))?;
            }
            LineFormat::Text | LineFormat::Json | LineFormat::Yaml => {}
        }
        Ok(pages)
    }

    /// Prints one: its object for programs, its cells for tables, for people what `text` writes.
    pub(super) fn print(
        &mut self,
        object: &impl Serialize,
        cells: impl FnOnce() -> Vec<String>,
        text: impl FnOnce(&mut W) -> io::Result<()>,
    ) -> io::Result<()> {
        match self.format {
            LineFormat::Text => text(&mut self.out),
            LineFormat::Json => {
                serde_json::to_writer(&mut self.out, object)?;
                writeln!(self.out)
            }
            LineFormat::Yaml => {
                let yaml = serde_saphyr::to_string(object).map_err(io::Error::other)?;
                write!(self.out, "---\n{yaml}")
            }
            LineFormat::Csv => writeln!(self.out, "{}", csv(&cells())),
            LineFormat::Markdown => writeln!(self.out, "{}", markdown(&cells())),
        }
    }

    /// Prints what only people need.
    pub(super) fn say(&mut self, text: impl FnOnce(&mut W) -> io::Result<()>) -> io::Result<()> {
        if self.format == LineFormat::Text { text(&mut self.out) } else { Ok(()) }
    }

    pub(super) fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// A row of a table in a document.
pub(super) fn markdown(row: &[String]) -> String {
    let cells: Vec<String> = row.iter().map(|text| text.replace('|', "\\|")).collect();
    format!("| {} |", cells.join(" | "))
}

/// A line as RFC 4180 wants it. What a spreadsheet would take for a formula gets an apostrophe in
/// front: anybody who may write a Lease chooses these names.
pub(super) fn csv(row: &[String]) -> String {
    let quote = |text: &String| {
        let formula = text.len() > 1 && text.starts_with(['=', '+', '-', '@']);
        let text = if formula { format!("'{text}") } else { text.clone() };
        if text.contains([',', '"', '\n', '\r']) {
            format!("\"{}\"", text.replace('"', "\"\""))
        } else {
            text
        }
    };
    row.iter().map(quote).collect::<Vec<_>>().join(",")
}
