//! Lines to observations.

use std::collections::VecDeque;
use std::io::{self, BufRead, Read};

use leadership::observation::{Fact, Observation};
use leadership::time::Time;

use super::line::{self, BadLine};
use crate::read;

/// Bytes of the longest line that is read: a list of half a million pods.
pub const LINE_LIMIT: u64 = 256 << 20;

/// Why a recording cannot be read on. What came before holds.
#[derive(Debug, thiserror::Error)]
pub enum RecordingError {
    /// The file gave an error.
    #[error("line {line} of the recording cannot be read: {error}")]
    Io {
        /// Counted from 1.
        line: u64,
        /// What the system says.
        error: io::Error,
    },
    /// The line is longer than [`LINE_LIMIT`].
    #[error(
        "line {line} of the recording is longer than {limit} bytes; it is no recording, or it is damaged"
    )]
    TooLong {
        /// Counted from 1.
        line: u64,
        /// In bytes.
        limit: u64,
    },
    /// The last line is no whole one.
    #[error(
        "line {line} of the recording, the last one, is not complete: whoever wrote it was ended, or still writes"
    )]
    Cut {
        /// Counted from 1.
        line: u64,
    },
    /// The line is no observation.
    #[error(
        "line {line} of the recording: {problem}; expected is {{\"at\":\"2026-11-22T15:00:00.000000Z\",\"fact\":…}} with what the fact needs"
    )]
    Bad {
        /// Counted from 1.
        line: u64,
        /// What is wrong with it.
        problem: BadLine,
    },
}

/// Reads a recording, an observation at a time. After an error there is nothing more.
#[derive(Debug)]
pub struct Reader<R> {
    from: R,
    limit: u64,
    line: u64,
    text: Vec<u8>,
    pending: VecDeque<(Time, Fact)>,
    ended: bool,
}

impl<R: BufRead> Reader<R> {
    /// Reads from the beginning of `from`. Blank lines are passed over.
    pub fn new(from: R) -> Self {
        Self::with_limit(from, LINE_LIMIT)
    }

    pub(super) fn with_limit(from: R, limit: u64) -> Self {
        Self { from, limit, line: 0, text: Vec::new(), pending: VecDeque::new(), ended: false }
    }

    /// Reads lines until one says something. False at the end.
    fn fill(&mut self) -> Result<bool, RecordingError> {
        loop {
            self.line += 1;
            let line = self.line;
            self.text.clear();
            let mut some = (&mut self.from).take(self.limit + 1);
            let count = some.read_until(b'\n', &mut self.text);
            let count = count.map_err(|error| RecordingError::Io { line, error })?;
            if count as u64 > self.limit {
                let limit = self.limit;
                return Err(RecordingError::TooLong { line, limit });
            }
            if count == 0 {
                return Ok(false);
            }
            let text = read::text(&self.text);
            // Editors of another system put a mark before the first line.
            let text = text.strip_prefix('\u{feff}').filter(|_| line == 1).unwrap_or(&text);
            if !text.trim().is_empty() {
                let is_whole = self.text.ends_with(b"\n");
                let (at, facts) = line::parse(text).map_err(|problem| {
                    if is_whole {
                        RecordingError::Bad { line, problem }
                    } else {
                        RecordingError::Cut { line }
                    }
                })?;
                self.pending.extend(facts.into_iter().map(|fact| (at, fact)));
                return Ok(true);
            }
        }
    }
}

impl<R: BufRead> Iterator for Reader<R> {
    type Item = Result<Observation, RecordingError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.pending.is_empty() && !self.ended {
            match self.fill() {
                Ok(more) => self.ended = !more,
                Err(error) => {
                    self.ended = true;
                    return Some(Err(error));
                }
            }
        }
        let (at, fact) = self.pending.pop_front()?;
        Some(Ok(Observation { at, fact }))
    }
}
