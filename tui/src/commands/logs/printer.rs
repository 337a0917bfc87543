//! Lines of logs on standard output.

use std::io::{self, BufWriter, Write};

use jiff::Timestamp;
use observe::logs::Line;

use crate::out::{Out, out};

/// Prints lines, each once.
pub(super) struct Printer {
    out: BufWriter<Out>,
    stamped: bool,
    /// Whether a person looks, whose terminal a log must not take over.
    terminal: bool,
    last: Option<Timestamp>,
    container: String,
}

impl Printer {
    pub(super) fn new(stamped: bool, terminal: bool) -> Self {
        let out = BufWriter::new(out());
        Self { out, stamped, terminal, last: None, container: String::new() }
    }

    /// Another leader's log begins: its clock is another.
    pub(super) fn begin(&mut self) {
        self.last = None;
    }

    /// The stamp of the last line.
    pub(super) fn last(&self) -> Option<Timestamp> {
        self.last
    }

    /// Whether this container is another than before.
    pub(super) fn first_of(&mut self, container: &str) -> bool {
        let other = self.container != container;
        container.clone_into(&mut self.container);
        other
    }

    /// Prints a line unless it was printed before a break; `more` says that another is there already.
    pub(super) fn print(&mut self, line: &Line, more: bool) -> io::Result<()> {
        let again = line.at.is_some_and(|at| self.last.is_some_and(|last| at <= last));
        if !again {
            self.last = line.at.or(self.last);
            write(&mut self.out, line, self.stamped, self.terminal)?;
        }
        if more { Ok(()) } else { self.out.flush() }
    }
}

fn write(out: &mut impl Write, line: &Line, stamped: bool, terminal: bool) -> io::Result<()> {
    if stamped && line.at.is_some() {
        write!(out, "{} ", line.stamp)?;
    }
    if terminal {
        out.write_all(harmless(&String::from_utf8_lossy(&line.text)).as_bytes())?;
    } else {
        out.write_all(&line.text)?;
    }
    out.write_all(b"\n")
}

/// Colours stay; what else a terminal obeys is shown as `�`.
fn harmless(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let length = if c == '\u{1b}' { color(rest) } else { 0 };
        if length > 0 {
            safe.push_str(&rest[..length]);
        } else if c.is_control() && c != '\t' {
            safe.push(char::REPLACEMENT_CHARACTER);
        } else {
            safe.push(c);
        }
        rest = &rest[length.max(c.len_utf8())..];
    }
    safe
}

/// The length of the colour that this text begins with: `ESC [`, numbers, `m`.
fn color(text: &str) -> usize {
    let Some(codes) = text.strip_prefix("\u{1b}[") else { return 0 };
    let end = codes.find(|c: char| !c.is_ascii_digit() && c != ';');
    end.filter(|end| codes[*end..].starts_with('m')).map_or(0, |end| end + 3)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(at: &str, text: &[u8]) -> Line {
        Line { at: at.parse().ok(), stamp: at.to_owned(), text: text.to_vec() }
    }

    fn written(line: &Line, stamped: bool, terminal: bool) -> Vec<u8> {
        let mut out = Vec::new();
        write(&mut out, line, stamped, terminal).unwrap();
        out
    }

    #[test]
    fn in_a_pipe_every_byte_stays() {
        let line = line("2026-11-22T15:00:00Z", b"\x1b[2Jx\xff");
        assert_eq!(written(&line, false, false), b"\x1b[2Jx\xff\n");
        assert_eq!(written(&line, true, false), b"2026-11-22T15:00:00Z \x1b[2Jx\xff\n");
    }

    #[test]
    fn on_a_terminal_only_colours_are_obeyed() {
        assert_eq!(harmless("a\t\u{1b}[1;31mred\u{1b}[0m"), "a\t\u{1b}[1;31mred\u{1b}[0m");
        assert_eq!(harmless("\u{1b}[2Jx\u{1b}]0;title\u{7}é\u{9b}"), "�[2Jx�]0;title�é�");
        assert_eq!(harmless("\u{1b}"), "�");
        assert_eq!(harmless("\u{1b}[31"), "�[31");
    }

    #[test]
    fn a_line_that_comes_again_after_a_break_is_not_printed_again() {
        let mut printer = Printer::new(false, false);
        printer.print(&line("2026-11-22T15:00:01Z", b""), true).unwrap();
        printer.print(&line("2026-11-22T15:00:00Z", b""), true).unwrap();
        assert_eq!(printer.last(), "2026-11-22T15:00:01Z".parse().ok());
        printer.begin();
        assert_eq!(printer.last(), None);
    }
}
