//! A journal that is read while it is written, each line once.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::PathBuf;

use anyhow::Result;
use leadership::time::Time;

use crate::candidate::Entry;

/// What has been read of one candidate's journal.
#[derive(Debug)]
pub struct Tail {
    path: PathBuf,
    offset: u64,
    entries: Vec<Entry>,
}

impl Tail {
    /// Nothing has been read of the journal at `path` yet.
    #[must_use]
    pub fn new(path: PathBuf) -> Self {
        Self { path, offset: 0, entries: Vec::new() }
    }

    /// Everything up to now.
    ///
    /// # Errors
    /// When a line is not what a candidate writes.
    pub fn read(&mut self) -> Result<&[Entry]> {
        let Ok(mut file) = File::open(&self.path) else {
            return Ok(&[]);
        };
        file.seek(SeekFrom::Start(self.offset))?;
        let mut text = String::new();
        file.read_to_string(&mut text)?;
        let whole = text.rfind('\n').map_or(0, |end| end + 1);
        for line in text[..whole].lines() {
            self.entries.push(serde_json::from_str(line)?);
        }
        self.offset += u64::try_from(whole)?;
        Ok(&self.entries)
    }

    /// When it sent the write by which it acquired last, if after `since`.
    ///
    /// # Errors
    /// As for [`Self::read`].
    pub fn acquired(&mut self, since: Time) -> Result<Option<Time>> {
        let newest = self.read()?.iter().rev().find(|entry| entry.event == "acquire");
        Ok(newest.and_then(|entry| entry.before).filter(|before| *before > since))
    }

    /// How often it has renewed since it acquired last.
    ///
    /// # Errors
    /// As for [`Self::read`].
    pub fn renewals(&mut self) -> Result<usize> {
        let entries = self.read()?.iter().rev();
        let term = entries.take_while(|entry| entry.event != "acquire");
        Ok(term.filter(|entry| entry.event == "renew").count())
    }

    /// Whether the leader that it saw last is this one.
    ///
    /// # Errors
    /// As for [`Self::read`].
    pub fn follows(&mut self, leader: &str) -> Result<bool> {
        let newest = self.read()?.iter().rev().find_map(|entry| entry.leader.as_deref());
        Ok(newest == Some(leader))
    }
}
