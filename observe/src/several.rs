//! Several observations as one, and one narrowed to some of its elections.
//!
//! Where there are several, each cluster's name stands before the namespaces and nodes of its picture, with a `/`
//! between, which neither can contain: so every key still names one lock. [`split`] takes it off again.

use std::collections::BTreeMap;
use std::sync::Arc;

use leadership::event::Event;
use leadership::lock::LockKey;
use leadership::observation::{Kind, Labels};
use leadership::snapshot::{Election, Missing, Snapshot, Watch};
use leadership::time::Delta;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};
use tokio::sync::{broadcast, mpsc, watch};
use tokio::task::JoinSet;

use crate::drive::{EVENTS, Live};

/// One of several observations.
pub struct Part {
    /// The cluster's name; none where there is only one.
    pub name: Option<Arc<str>>,
    /// What is observed.
    pub live: Live,
}

/// Which elections are meant, by their namespaces and labels.
pub type Admits = Arc<dyn Fn(&str, Option<&Labels>) -> bool + Send + Sync>;

/// What of a part changed.
enum News {
    Snapshot(Arc<Snapshot>),
    Event(Arc<Event>),
}

/// Messages on their way; beyond that the parts wait.
const QUEUE: usize = 1024;

/// The cluster's name, if there is one, and the namespace or node in it.
#[must_use]
pub fn split(name: &str) -> (Option<&str>, &str) {
    match name.split_once('/') {
        Some((cluster, rest)) => (Some(cluster), rest),
        None => (None, name),
    }
}

/// Makes one observation of several, of the elections that are meant. Events of a lock are told once its
/// picture says whether it is meant.
///
/// Must be called in a tokio runtime.
#[must_use]
pub fn join(parts: Vec<Part>, admits: &Admits) -> Live {
    let (snapshot_out, snapshots) = watch::channel(Arc::new(Snapshot::default()));
    let (event_out, events) = broadcast::channel(EVENTS);
    let (out, mut news) = mpsc::channel(QUEUE);
    let mut tasks = JoinSet::new();
    let mut views = Vec::new();
    for (place, part) in parts.into_iter().enumerate() {
        views.push(View::new(part.name, Arc::clone(admits)));
        tasks.spawn(forward(place, part.live, out.clone()));
    }
    tasks.spawn(async move {
        while let Some((place, news)) = news.recv().await {
            let Some(view) = views.get_mut(place) else { continue };
            let (told, changed) = match news {
                News::Event(event) => (view.event(event).into_iter().collect(), false),
                News::Snapshot(snapshot) => (view.picture(&snapshot), true),
            };
            for event in told {
                // Nobody may be listening.
                let _ = event_out.send(event);
            }
            // Whoever waits for a picture finds what led to it among the events.
            if changed {
                snapshot_out.send_replace(Arc::new(together(&views)));
            }
        }
    });
    Live::of(snapshots, events, tasks)
}

/// An observation of a cluster to which there is no way.
#[must_use]
pub fn broken(error: &str) -> Live {
    let snapshot = Snapshot { watches: away(Some(error.into())), ..Snapshot::default() };
    let (snapshot_out, snapshots) = watch::channel(Arc::new(snapshot));
    let (event_out, events) = broadcast::channel(1);
    let mut tasks = JoinSet::new();
    tasks.spawn(async move {
        // Both ends stay open: nothing will come, and nothing ended.
        let _open = (snapshot_out, event_out);
        std::future::pending::<()>().await;
    });
    Live::of(snapshots, events, tasks)
}

/// The watches of whom nothing was ever seen.
pub(crate) fn away(error: Option<Arc<str>>) -> Vec<Watch> {
    vec![Watch {
        kind: Kind::Lease,
        up: false,
        listed: false,
        looked_up: false,
        blind_since: None,
        blind: Delta::ZERO,
        last_fact: None,
        objects: 0,
        lists: 0,
        applied: 0,
        deleted: 0,
        losses: u64::from(error.is_some()),
        lag: None,
        last_error: error,
    }]
}

/// Hands on what comes of one part. Its observation ends with this.
async fn forward(place: usize, mut live: Live, out: mpsc::Sender<(usize, News)>) {
    live.snapshots.mark_changed();
    loop {
        let mut news = Vec::new();
        tokio::select! {
            biased;
            event = live.events.recv() => match event {
                Ok(event) => news.push(News::Event(event)),
                Err(RecvError::Lagged(_)) => continue,
                Err(RecvError::Closed) => return,
            },
            changed = live.snapshots.changed() => {
                if changed.is_err() {
                    return;
                }
                let snapshot = Arc::clone(&live.snapshots.borrow_and_update());
                // What led to it may have come after we looked for events.
                let events = std::iter::from_fn(|| earlier(&mut live.events));
                news.extend(events.map(News::Event));
                news.push(News::Snapshot(snapshot));
            },
        }
        for news in news {
            if out.send((place, news)).await.is_err() {
                return;
            }
        }
    }
}

/// The next event that is there already.
fn earlier(events: &mut broadcast::Receiver<Arc<Event>>) -> Option<Arc<Event>> {
    loop {
        match events.try_recv() {
            Ok(event) => return Some(event),
            Err(TryRecvError::Lagged(_)) => {}
            Err(TryRecvError::Empty | TryRecvError::Closed) => return None,
        }
    }
}

/// A lock as it came, and as it is shown; not at all where it is not meant.
type Shown = (Arc<Election>, Option<Arc<Election>>);

/// One part as it is shown.
struct View {
    name: Option<Arc<str>>,
    admits: Admits,
    /// By the keys of the part itself. What did not change is not made anew.
    elections: BTreeMap<LockKey, Shown>,
    rest: Snapshot,
    /// Events of locks that were in no picture yet.
    waiting: Vec<Arc<Event>>,
}

impl View {
    fn new(name: Option<Arc<str>>, admits: Admits) -> Self {
        let (elections, waiting) = (BTreeMap::new(), Vec::new());
        let mut view = Self { name, admits, elections, rest: Snapshot::default(), waiting };
        view.rest.watches = view.watches(&[]);
        view
    }

    /// Takes a newer picture in; returns the events that can be told by it.
    fn picture(&mut self, snapshot: &Snapshot) -> Vec<Arc<Event>> {
        let mut before = std::mem::take(&mut self.elections);
        for election in &snapshot.elections {
            let old = before.remove(&election.key);
            let same = old.filter(|(came, _)| Arc::ptr_eq(came, election));
            let shown = same.map_or_else(|| self.show(election), |(_, shown)| shown);
            self.elections.insert(election.key.clone(), (Arc::clone(election), shown));
        }
        self.rest = Snapshot {
            elections: Vec::new(),
            missing: snapshot.missing.iter().filter_map(|it| self.missing(it)).collect(),
            watches: self.watches(&snapshot.watches),
            ..*snapshot
        };
        // Events may come ahead of their picture. A lock that came and went between two pictures is in none.
        let ahead = |event: &Arc<Event>| {
            let known = event.lease.as_ref().is_some_and(|key| self.elections.contains_key(key));
            event.at >= snapshot.at && !known
        };
        let (ahead, waiting): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.waiting).into_iter().partition(ahead);
        self.waiting = ahead;
        waiting.iter().filter_map(|event| self.tell(event)).collect()
    }

    /// An event as it is told, if it can be told now.
    fn event(&mut self, event: Arc<Event>) -> Option<Arc<Event>> {
        let known = event.lease.as_ref().is_none_or(|key| self.elections.contains_key(key));
        if known {
            return self.tell(&event);
        }
        self.waiting.push(event);
        None
    }

    fn tell(&self, event: &Arc<Event>) -> Option<Arc<Event>> {
        let Some(key) = &event.lease else { return Some(Arc::clone(event)) };
        let (_, shown) = self.elections.get(key)?;
        let key = shown.as_ref()?.key.clone();
        if self.name.is_none() {
            return Some(Arc::clone(event));
        }
        Some(Arc::new(Event { lease: Some(key), ..Event::clone(event) }))
    }

    fn show(&self, election: &Arc<Election>) -> Option<Arc<Election>> {
        if !(self.admits)(&election.key.namespace, election.labels.as_deref()) {
            return None;
        }
        if self.name.is_none() {
            return Some(Arc::clone(election));
        }
        let mut shown = Election::clone(election);
        shown.key.namespace = self.within(&shown.key.namespace);
        if let Some(node) = shown.term.as_mut().and_then(|term| term.leader.node.as_mut()) {
            *node = self.within(node);
        }
        Some(Arc::new(shown))
    }

    fn missing(&self, missing: &Missing) -> Option<Missing> {
        let namespace = self.within(&missing.namespace);
        let meant = (self.admits)(&missing.namespace, None);
        meant.then(|| Missing { namespace, ..missing.clone() })
    }

    /// One of several that has not spoken of leases yet is among those that are waited for.
    fn watches(&self, watches: &[Watch]) -> Vec<Watch> {
        let spoke = watches.iter().any(|watch| watch.kind == Kind::Lease);
        let silent = if spoke || self.name.is_none() { Vec::new() } else { away(None) };
        let watches = watches.iter().map(|watch| self.watch(watch));
        silent.into_iter().chain(watches).collect()
    }

    fn watch(&self, watch: &Watch) -> Watch {
        let named = |error: &Arc<str>| match &self.name {
            Some(name) => format!("{name}: {error}").into(),
            None => Arc::clone(error),
        };
        Watch { last_error: watch.last_error.as_ref().map(named), ..watch.clone() }
    }

    fn within(&self, name: &Arc<str>) -> Arc<str> {
        match &self.name {
            Some(cluster) => format!("{cluster}/{name}").into(),
            None => Arc::clone(name),
        }
    }
}

/// All parts in one picture. Of each kind the watch that is worst comes first: who asks for one gets that.
fn together(views: &[View]) -> Snapshot {
    let rests = || views.iter().map(|view| &view.rest);
    let shown = views.iter().flat_map(|view| view.elections.values());
    let mut elections: Vec<_> = shown.filter_map(|(_, shown)| shown.clone()).collect();
    elections.sort_by(|a, b| a.key.cmp(&b.key));
    let mut watches: Vec<_> = rests().flat_map(|rest| rest.watches.iter().cloned()).collect();
    if views.len() > 1 {
        watches.sort_by_key(|watch| (watch.listed, watch.up));
    }
    Snapshot {
        at: rests().map(|rest| rest.at).max().unwrap_or_default(),
        elections,
        missing: rests().flat_map(|rest| rest.missing.iter().cloned()).collect(),
        watches,
        pods: rests().map(|rest| rest.pods).sum(),
        heartbeats: rests().map(|rest| rest.heartbeats).sum(),
        control_plane_silent: rests().filter_map(|rest| rest.control_plane_silent).min(),
    }
}

#[cfg(test)]
mod tests;
