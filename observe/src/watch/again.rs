//! A second look at what came unreadable.
//!
//! What broke an object on its way need not break it again, so each one is asked for once by itself, in JSON, whatever
//! the stream is written in. It is asked for as a list of all objects of its name: who may watch may also list, but not
//! everybody may get. The stream flows meanwhile.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::future::pending;
use std::sync::Arc;

use kube::Client;
use leadership::observation::{Fact, Object};
use serde_json::json;
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::failure::{Failure, Remedy};
use super::{Patience, Target, WatchStats, Watcher, list, request};
use crate::clock;
use crate::read::{Known, Said, Unreadable};

/// Objects that wait for a second look, and objects that the stream must catch up with. Beyond that, they are only
/// counted.
const MOST: usize = 128;

/// What tells an object of a kind from the others; the namespace is empty if it has none.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Name {
    pub(super) namespace: Arc<str>,
    pub(super) name: Arc<str>,
}

/// What a second look tells.
type Told = (Said, Option<String>, fn(Object) -> Fact);

/// One object is asked for at a time.
#[derive(Default)]
pub(super) struct Again {
    waiting: BTreeSet<Name>,
    asked: JoinSet<(Name, Result<String, Failure>)>,
    /// The version in which an object was seen, or seen to be gone. What the stream tells of it until then is older.
    ahead: BTreeMap<Name, u64>,
}

impl Again {
    /// An object that could not be read, if it says which one it is.
    pub(super) fn note(&mut self, known: Known) {
        let namespace = known.namespace.0.unwrap_or_default();
        if let Some(name) = known.name.0
            && self.waiting.len() < MOST
        {
            self.waiting.insert(Name { namespace, name });
        }
    }

    /// Begins to ask for the next one, if there is one and none is being asked for.
    pub(super) fn ask(
        &mut self,
        client: &Client,
        target: &Target,
        patience: &Patience,
        stats: &Arc<WatchStats>,
    ) {
        if !self.asked.is_empty() {
            return;
        }
        let Some(name) = self.waiting.pop_first() else { return };
        let (client, target, patience, stats) =
            (client.clone(), target.clone(), patience.clone(), Arc::clone(stats));
        self.asked.spawn(async move {
            let asked = request::one(&client, &name, &target, &patience, &stats);
            let late = || Failure::late("a list of one object", patience.headers);
            let answer = timeout(patience.headers, asked).await;
            (name, answer.unwrap_or_else(|_| Err(late())))
        });
    }

    /// The answer, when it comes.
    pub(super) async fn answer(&mut self) -> (Name, Result<String, Failure>) {
        match self.asked.join_next().await {
            Some(Ok(answer)) => answer,
            // Nothing is asked, or the runtime ends.
            None | Some(Err(_)) => pending().await,
        }
    }

    /// An object was seen out of turn.
    fn saw(&mut self, name: Name, version: Option<&str>) {
        if let Some(version) = version.and_then(|version| version.parse().ok())
            && self.ahead.len() < MOST
        {
            self.ahead.insert(name, version);
        }
    }

    /// Whether the stream tells of an object what is older than what was seen.
    pub(super) fn is_past(&mut self, object: &Object, version: Option<&str>) -> bool {
        if self.ahead.is_empty() {
            return false;
        }
        let name = name_of(object);
        let Some(seen) = self.ahead.get(&name) else { return false };
        let past = version.and_then(|it| it.parse().ok()).is_some_and(|it: u64| it <= *seen);
        if !past {
            self.ahead.remove(&name);
        }
        past
    }
}

fn name_of(object: &Object) -> Name {
    let namespace = object.namespace().cloned().unwrap_or_default();
    Name { namespace, name: super::union::name(object) }
}

impl Watcher {
    /// Takes the answer of a second look.
    pub(super) async fn look_again(&mut self, name: &Name, answer: Result<String, Failure>) {
        let kind = self.target.row.kind.label();
        let (namespace, object) = (&*name.namespace, &*name.name);
        match answer.and_then(|page| self.seen_in(name, &page)) {
            Ok((said, version, fact)) if self.target.admits(&said) => {
                tracing::info!(watch = kind, namespace, object, "read at the second look");
                self.again.saw(name.clone(), version.as_deref());
                if let Some(fact) = self.locks.change(said, fact) {
                    self.tell(clock::now(), fact).await;
                }
            }
            Ok(_) => {}
            Err(failure) => {
                let error = failure.text;
                tracing::warn!(watch = kind, namespace, object, error, "still unreadable");
            }
        }
    }

    /// The object in the list of its name, or that it is gone; and the version in which that is so.
    fn seen_in(&self, name: &Name, page: &str) -> Result<Told, Failure> {
        let unreadable = |error: Unreadable| Failure::new(error.to_string(), Remedy::Resume);
        let (item, version) = list::first_item(page)?;
        let (json, fact): (Cow<'_, str>, fn(Object) -> Fact) = if let Some(item) = item {
            (item.into(), Fact::Applied)
        } else {
            let metadata = json!({"namespace": *name.namespace, "name": *name.name});
            (json!({"metadata": metadata}).to_string().into(), Fact::Deleted)
        };
        let seen = (self.target.row.read)(&json).map_err(unreadable)?;
        Ok((seen.said, version, fact))
    }
}
