//! Observations to lines.

use std::io::{self, Write};

use leadership::observation::Observation;

use super::line::Written;

/// Writes a recording.
#[derive(Debug)]
pub struct Writer<W: Write>(W);

impl<W: Write> Writer<W> {
    /// Writes to `out`, a line at a time; give it a buffer.
    pub fn new(out: W) -> Self {
        Self(out)
    }

    /// Where it writes to.
    pub fn get_mut(&mut self) -> &mut W {
        &mut self.0
    }

    /// Writes one line.
    ///
    /// # Errors
    /// When `out` does not take it.
    pub fn write(&mut self, observation: &Observation) -> io::Result<()> {
        serde_json::to_writer(&mut self.0, &Written::new(observation))?;
        self.0.write_all(b"\n")
    }
}
