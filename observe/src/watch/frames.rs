//! Lines out of a stream of bytes, none longer than a limit.

use super::failure::{Failure, Remedy};

/// Bytes that came and have not been taken.
pub(super) struct Frames {
    bytes: Vec<u8>,
    /// The beginning of the first line.
    start: usize,
    /// Up to here there is no end of a line.
    searched: usize,
    limit: usize,
}

impl Frames {
    pub(super) fn new(limit: usize) -> Self {
        Self { bytes: Vec::new(), start: 0, searched: 0, limit }
    }

    /// Adds bytes, after all whole lines have been taken.
    pub(super) fn push(&mut self, data: &[u8]) -> Result<(), Failure> {
        self.bytes.drain(..self.start);
        self.searched -= self.start;
        self.start = 0;
        self.bytes.extend_from_slice(data);
        if !data.contains(&b'\n') && self.bytes.len() > self.limit {
            let text = format!("an event is longer than {} bytes", self.limit);
            return Err(Failure::new(text, Remedy::Relist));
        }
        Ok(())
    }

    /// The next whole line, without its end.
    pub(super) fn next_line(&mut self) -> Option<&[u8]> {
        let rest = &self.bytes[self.searched..];
        let Some(length) = rest.iter().position(|byte| *byte == b'\n') else {
            self.searched = self.bytes.len();
            return None;
        };
        let (start, end) = (self.start, self.searched + length);
        self.start = end + 1;
        self.searched = self.start;
        Some(&self.bytes[start..end])
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn lines_do_not_depend_on_how_they_are_cut(
            lines in prop::collection::vec("[a-z]{0,9}", 0..9),
            cut in 1_usize..7,
        ) {
            let text: String = lines.iter().flat_map(|line| [line.as_str(), "\n"]).collect();
            let mut frames = Frames::new(64);
            let mut got = Vec::new();
            for chunk in text.as_bytes().chunks(cut) {
                frames.push(chunk).ok().unwrap();
                while let Some(line) = frames.next_line() {
                    got.push(String::from_utf8(line.to_vec()).unwrap());
                }
            }
            prop_assert_eq!(got, lines);
        }
    }

    #[test]
    fn a_line_without_an_end_is_refused() {
        let mut frames = Frames::new(8);
        assert!(frames.push(b"12345678").is_ok());
        assert!(frames.next_line().is_none());
        assert!(frames.push(b"9").is_err());
    }
}
