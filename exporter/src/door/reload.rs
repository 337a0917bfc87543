//! The web config file in use, and the looks at the one on disk.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arc_swap::ArcSwap;
use leadership::time::{Delta, Time};
use observe::clock;
use tokio::sync::Mutex;

use super::config::{Draft, Print, Rules};
use super::counts::Counts;
use super::error::{DoorError, Flaw};

/// No more often is the file looked at. A look costs a tenth of a millisecond, off the threads that serve.
const EVERY: Delta = Delta::from_secs(1);

/// The last good file, with what is known of the one on disk.
#[derive(Debug)]
pub(super) struct Reload {
    path: PathBuf,
    rules: ArcSwap<Rules>,
    seen: Mutex<Seen>,
    counts: Arc<Counts>,
}

/// What was seen on disk.
#[derive(Clone, Copy, Debug)]
struct Seen {
    at: Time,
    /// None if it could not be read.
    print: Option<Print>,
}

impl Reload {
    /// Reads the file for the first time.
    pub(super) fn open(path: &Path, counts: Arc<Counts>) -> Result<Self, DoorError> {
        let draft = Draft::read(path)?;
        let seen = Seen { at: clock::now(), print: Some(draft.print) };
        let sense = |flaw| DoorError::Sense { path: path.to_owned(), flaw };
        let rules = ArcSwap::from_pointee(draft.rules().map_err(sense)?);
        counts.config_is_current(true);
        Ok(Self { path: path.to_owned(), rules, seen: Mutex::new(seen), counts })
    }

    /// The rules in use.
    pub(super) fn rules(&self) -> Arc<Rules> {
        self.rules.load_full()
    }

    /// Fails if names and passwords are asked for.
    pub(super) fn without_users(&self) -> Result<(), DoorError> {
        if self.rules().users.is_empty() {
            return Ok(());
        }
        Err(DoorError::TwoLocks { path: self.path.clone() })
    }

    /// Looks whether the file, or one that it names, has changed, unless somebody has looked a moment ago. Of many
    /// connections at once the first one looks, and the others do with what there is.
    pub(super) async fn look(&self) {
        let Ok(mut seen) = self.seen.try_lock() else { return };
        let now = clock::now();
        if now - seen.at < EVERY {
            return;
        }
        seen.at = now;
        let path = self.path.clone();
        let Ok(read) = tokio::task::spawn_blocking(move || Draft::read(&path)).await else {
            return;
        };
        let print = read.as_ref().ok().map(|draft| draft.print);
        if print == seen.print {
            return;
        }
        seen.print = print;
        match read {
            Ok(draft) => self.judge(draft.rules()),
            Err(error) => self.keep(&error.to_string()),
        }
    }

    fn judge(&self, rules: Result<Rules, Flaw>) {
        let judged = rules.and_then(|rules| stays_locked(&self.rules(), rules));
        match judged {
            Ok(rules) => {
                self.rules.store(Arc::new(rules));
                self.counts.config_is_current(true);
                tracing::info!(file = %self.path.display(), "the web config file was read anew");
            }
            Err(flaw) => self.keep(&DoorError::Sense { path: self.path.clone(), flaw }.to_string()),
        }
    }

    fn keep(&self, error: &str) {
        self.counts.config_is_current(false);
        tracing::error!(
            error,
            "the web config file was changed and cannot be used; the last good one stays in use"
        );
    }
}

/// A file that is being written may be empty for a moment, or lack its end: that must not open the door.
fn stays_locked(before: &Rules, after: Rules) -> Result<Rules, Flaw> {
    let locks = [
        ("TLS", before.tls.is_some(), after.tls.is_some()),
        ("the check of client certificates", before.client_certificates, after.client_certificates),
        ("the check of passwords", !before.users.is_empty(), !after.users.is_empty()),
    ];
    if before.tls.is_none() && after.tls.is_some() {
        return Err(Flaw::whole("TLS is not begun while serving; restart the exporter"));
    }
    match locks.iter().find(|(_, before, after)| *before && !after) {
        None => Ok(after),
        Some((lock, ..)) => Err(Flaw::whole(format!(
            "{lock} would end, which a file that is half written would do, too; restart the exporter to take a lock off"
        ))),
    }
}
