//! A list that comes as the beginning of a watch: an `ADDED` event for each object, then a bookmark that says that it is
//! complete. The server need not gather it, nor hold it in pages.
//!
//! Not every server does that, and not everything on the way lets it through. Where the end does not come, the list is
//! asked for page by page, then and for some time after.

use std::mem::take;

use kube::Client;
use leadership::observation::{Fact, Object};
use leadership::time::Time;

use super::Watcher;
use super::encoding::{Event, Raw};
use super::failure::{Failure, Remedy};
use super::stats::ListedBy;
use crate::clock;
use crate::read::{Said, Seen};

/// Changes that may come before the list's end is marked. A server sends it as soon as it knows that it has sent all.
const MOST: usize = 8192;

/// What happened to a list's objects before its end was marked.
#[derive(Default)]
pub(super) struct Later {
    /// In order.
    changes: Vec<(Said, Change)>,
    /// When the first of them came.
    since: Option<Time>,
}

/// What a change makes of an object.
type Change = fn(Object) -> Fact;

impl Watcher {
    /// Whether lists are asked for as streams at present.
    pub(super) fn streams(&self) -> bool {
        self.unstreamed.is_none_or(|at| clock::since(at) >= self.patience.unserved)
    }

    /// Lists by a stream and follows it to its end. None if that is refused: then pages may be had at once.
    pub(super) async fn stream(&mut self, client: &Client) -> Option<Result<(), Failure>> {
        self.begin_list();
        let ended = self.watch(client, None).await;
        let (Some(_), Err(failure)) = (self.listing.take(), &ended) else { return Some(ended) };
        if !failure.pages_help {
            return Some(ended);
        }
        let (watch, why) = (self.target.row.kind.label(), &failure.text);
        tracing::info!(watch, why, "the list did not come as a stream; pages are asked for");
        self.unstreamed = Some(clock::now());
        let refused = self.accepted.is_none() && !failure.away;
        (!refused).then_some(ended)
    }

    /// Takes an event of the list that a stream begins with.
    pub(super) async fn take_in_list(&mut self, event: Event<'_>) -> Result<(), Failure> {
        let Event { change, object } = event;
        match change {
            "BOOKMARK" => {
                let known = object.known();
                if known.ends_list() {
                    self.end_stream(known.resource_version.0).await?;
                }
                Ok(())
            }
            "ADDED" if self.listing.as_ref().is_some_and(|it| it.later.changes.is_empty()) => {
                self.item(object);
                self.tell_page().await;
                Ok(())
            }
            "DELETED" => self.put_off(object, Fact::Deleted),
            _ => self.put_off(object, Fact::Applied),
        }
    }

    /// Keeps a change until the list is complete that it is younger than.
    fn put_off(&mut self, raw: Raw<'_>, change: Change) -> Result<(), Failure> {
        let said = match raw.read(self.target.row) {
            Ok(Seen { said, .. }) if self.target.admits(&said) => Some(said),
            Ok(_) => None,
            Err(error) => {
                self.unreadable(raw, &error);
                None
            }
        };
        let Some(listing) = &mut self.listing else { return Ok(()) };
        let later = &mut listing.later;
        later.changes.extend(said.map(|said| (said, change)));
        let waited = clock::since(*later.since.get_or_insert_with(clock::now));
        if waited < self.patience.headers && later.changes.len() < MOST {
            return Ok(());
        }
        Err(unmarked())
    }

    async fn end_stream(&mut self, version: Option<String>) -> Result<(), Failure> {
        let listing = self.listing.as_mut();
        let later = listing.map(|listing| take(&mut listing.later)).unwrap_or_default();
        self.end_list(version, ListedBy::Stream).await?;
        for (said, change) in later.changes {
            if let Some(fact) = self.locks.change(said, change) {
                self.tell(clock::now(), fact).await;
            }
        }
        Ok(())
    }
}

/// The stream does not say that the list is complete.
pub(super) fn unmarked() -> Failure {
    Failure::new("the stream does not mark the end of its list".to_owned(), Remedy::Resume)
}
