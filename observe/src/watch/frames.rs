//! Frames out of a stream of bytes, none longer than a limit: lines of JSON, or messages with their length before them.

use super::Encoding;
use super::failure::{Failure, Remedy};

/// Bytes of the length before a message; the highest comes first.
const HEAD: usize = size_of::<u32>();

/// Bytes that came and have not been taken.
pub(super) struct Frames {
    encoding: Encoding,
    bytes: Vec<u8>,
    /// The beginning of the first frame.
    start: usize,
    /// Up to here there is no end of a line.
    searched: usize,
    limit: usize,
}

impl Frames {
    pub(super) fn new(encoding: Encoding, limit: usize) -> Self {
        Self { encoding, bytes: Vec::new(), start: 0, searched: 0, limit }
    }

    /// Adds bytes, after all whole frames have been taken.
    pub(super) fn push(&mut self, data: &[u8]) {
        self.bytes.drain(..self.start);
        self.searched = self.searched.saturating_sub(self.start);
        self.start = 0;
        self.bytes.extend_from_slice(data);
    }

    /// The next whole frame, without what separates it from the others.
    pub(super) fn next_frame(&mut self) -> Result<Option<&[u8]>, Failure> {
        match self.encoding {
            Encoding::Json => self.next_line(),
            Encoding::Protobuf => self.next_message(),
        }
    }

    fn next_line(&mut self) -> Result<Option<&[u8]>, Failure> {
        let rest = &self.bytes[self.searched..];
        let Some(length) = rest.iter().position(|byte| *byte == b'\n') else {
            self.searched = self.bytes.len();
            return self.fits(self.bytes.len() - self.start).map(|()| None);
        };
        let (start, end) = (self.start, self.searched + length);
        self.start = end + 1;
        self.searched = self.start;
        Ok(Some(&self.bytes[start..end]))
    }

    fn next_message(&mut self) -> Result<Option<&[u8]>, Failure> {
        let Some((head, rest)) = self.bytes[self.start..].split_first_chunk::<HEAD>() else {
            return Ok(None);
        };
        let length = u32::from_be_bytes(*head) as usize;
        self.fits(length)?;
        let message = rest.get(..length);
        self.start += message.map_or(0, |message| HEAD + message.len());
        Ok(message)
    }

    fn fits(&self, length: usize) -> Result<(), Failure> {
        if length <= self.limit {
            return Ok(());
        }
        let text = format!("an event is longer than {} bytes", self.limit);
        Err(Failure::new(text, Remedy::Relist))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn written(encoding: Encoding, frames: &[String]) -> Vec<u8> {
        let write = |frame: &String| match encoding {
            Encoding::Json => [frame.as_bytes(), b"\n"].concat(),
            Encoding::Protobuf => {
                [&u32::try_from(frame.len()).unwrap().to_be_bytes(), frame.as_bytes()].concat()
            }
        };
        frames.iter().flat_map(write).collect()
    }

    proptest! {
        #[test]
        fn frames_do_not_depend_on_how_they_are_cut(
            texts in prop::collection::vec("[a-z]{0,9}", 0..9),
            cut in 1_usize..7,
        ) {
            for encoding in [Encoding::Json, Encoding::Protobuf] {
                let mut frames = Frames::new(encoding, 64);
                let mut got = Vec::new();
                for chunk in written(encoding, &texts).chunks(cut) {
                    frames.push(chunk);
                    while let Some(frame) = frames.next_frame().ok().unwrap() {
                        got.push(String::from_utf8(frame.to_vec()).unwrap());
                    }
                }
                prop_assert_eq!(&got, &texts);
            }
        }
    }

    #[test]
    fn a_line_without_an_end_is_refused() {
        let mut frames = Frames::new(Encoding::Json, 8);
        frames.push(b"12345678");
        assert!(frames.next_frame().is_ok_and(|frame| frame.is_none()));
        frames.push(b"9");
        assert!(frames.next_frame().is_err());
    }

    #[test]
    fn a_message_that_says_it_is_long_is_refused_before_it_comes() {
        let mut frames = Frames::new(Encoding::Protobuf, 8);
        frames.push(&[0, 0, 0, 9]);
        assert!(frames.next_frame().is_err());
    }
}
