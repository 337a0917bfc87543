//! A recording as a source.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::BufReader;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context;
use leadership::Leadership;
use leadership::catalogue::Catalogue;
use leadership::event::Event;
use leadership::lock::LockKey;
use leadership::observation::{Fact, Object, Observation};
use leadership::snapshot::Snapshot;
use leadership::time::Time;
use observe::recording::{Reader, RecordingError};

use super::Meant;

/// A recording.
#[derive(Debug)]
pub struct Recording {
    path: PathBuf,
    meant: Meant,
    known: Arc<Catalogue>,
}

impl Recording {
    pub(super) fn new(path: PathBuf, meant: Meant, known: Arc<Catalogue>) -> Self {
        Self { path, meant, known }
    }

    /// A name for people.
    #[must_use]
    pub fn name(&self) -> String {
        self.path.display().to_string()
    }

    /// All of it, for who plays it.
    ///
    /// # Errors
    /// When it cannot be opened, or a line of it cannot be read.
    pub fn observations(&self) -> anyhow::Result<Vec<Observation>> {
        let named = || format!("cannot read the recording {}", self.path.display());
        let file = File::open(&self.path).with_context(named)?;
        let all = Reader::new(BufReader::new(file)).filter_map(|read| self.whole(read));
        all.collect::<Result<_, _>>().with_context(named)
    }

    /// What was read; nothing of a last line that is cut, which is told: all before it holds.
    fn whole(
        &self,
        read: Result<Observation, RecordingError>,
    ) -> Option<Result<Observation, RecordingError>> {
        if let Err(cut @ RecordingError::Cut { .. }) = read {
            tell!("{}: {cut}. All before it is shown.", self.path.display());
            return None;
        }
        Some(read)
    }

    /// A fold that has seen nothing yet, and tells only of what is meant.
    #[must_use]
    pub fn fold(&self) -> Fold {
        Fold {
            leadership: Leadership::with_catalogue(Arc::clone(&self.known)),
            meant: self.meant.clone(),
            refused: BTreeSet::new(),
        }
    }

    /// Reads it to its end; gives each event to `on_event` and returns the picture at the end.
    ///
    /// # Errors
    /// When it cannot be opened, or a line of it cannot be read; what was before that has been given out.
    pub fn replay(&self, mut on_event: impl FnMut(&Event)) -> anyhow::Result<Arc<Snapshot>> {
        let named = || format!("cannot read the recording {}", self.path.display());
        let file = File::open(&self.path).with_context(named)?;
        let mut fold = self.fold();
        let all = Reader::new(BufReader::new(file)).filter_map(|read| self.whole(read));
        for observation in all {
            fold.observe(observation.with_context(named)?).iter().for_each(&mut on_event);
        }
        fold.finish().iter().for_each(&mut on_event);
        Ok(fold.snapshot())
    }
}

/// What a recording has told so far, as far as it is meant.
pub struct Fold {
    leadership: Leadership,
    meant: Meant,
    /// Locks that are not meant, by what was last seen of them.
    refused: BTreeSet<LockKey>,
}

impl Fold {
    /// Takes the next observation in; returns what happened.
    pub fn observe(&mut self, observation: Observation) -> Vec<Event> {
        self.judge(&observation.fact);
        let events = self.leadership.observe(observation);
        self.meant(events)
    }

    /// Lets time pass without an observation; returns what happened.
    pub fn advance(&mut self, now: Time) -> Vec<Event> {
        let events = self.leadership.advance(now);
        self.meant(events)
    }

    /// When something falls due, if nothing is observed before.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Time> {
        self.leadership.next_deadline()
    }

    /// At the end: what is provisional becomes final.
    pub fn finish(&mut self) -> Vec<Event> {
        let events = self.leadership.finish();
        self.meant(events)
    }

    /// The picture now.
    pub fn snapshot(&mut self) -> Arc<Snapshot> {
        let snapshot = self.leadership.snapshot();
        if self.meant.is_all() {
            return snapshot;
        }
        let mut snapshot = Arc::unwrap_or_clone(snapshot);
        snapshot.elections.retain(|election| !self.refused.contains(&election.key));
        snapshot.missing.retain(|missing| self.meant.admits(&missing.namespace, None));
        Arc::new(snapshot)
    }

    fn judge(&mut self, fact: &Fact) {
        let objects = match fact {
            Fact::Listed { objects, .. } => objects.as_slice(),
            Fact::Applied(object) => std::slice::from_ref(object),
            _ => &[],
        };
        for object in objects {
            let Object::Lock(lock) = object else { continue };
            if self.meant.admits(&lock.key.namespace, lock.labels.as_deref()) {
                self.refused.remove(&lock.key);
            } else {
                self.refused.insert(lock.key.clone());
            }
        }
    }

    fn meant(&self, mut events: Vec<Event>) -> Vec<Event> {
        events.retain(|event| event.lease.as_ref().is_none_or(|key| !self.refused.contains(key)));
        events
    }
}
