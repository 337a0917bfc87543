//! The API server: a store, its HTTP face, and the faults that can be put in between.

mod admission;
mod change;
mod deletion;
mod discovery;
mod encoded;
mod encoding;
mod fault;
mod http;
mod list;
mod listen;
mod log;
mod protobuf;
mod refusal;
mod resource;
mod review;
mod selector;
mod stamp;
mod status;
mod store;
mod watch;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::sync::{broadcast, watch as signal};

pub(crate) use deletion::Deletion;
pub use fault::{Faults, Outage, StreamedLists};
pub use refusal::Refused;
pub use resource::Resource;
pub use review::Accounts;

use list::Pages;
use resource::ROWS;
use store::Store;

use crate::{Now, Scene};

/// How the server behaves for as long as it runs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Settings {
    pub(crate) bookmarks_every: Duration,
    /// Changes kept of each resource.
    pub(crate) history: usize,
    pub(crate) seed: u64,
}

/// What clients have asked of one resource so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    /// List requests that arrived: each page, and each watch that is to begin with a list.
    pub lists: u64,
    /// Watch requests that arrived.
    pub watches: u64,
    /// Requests for single objects that arrived.
    pub reads: u64,
    /// Watches which have been answered and are open now.
    pub open_watches: u64,
}

/// The server's handle: direct writes, faults, and what clients did. Cheap to clone; all clones are the same server.
#[derive(Clone, Debug)]
pub struct ApiServer(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    store: Mutex<Store>,
    pages: Mutex<Pages>,
    /// The version of each resource's last change.
    changes: Vec<signal::Sender<u64>>,
    traffic: Vec<signal::Sender<Traffic>>,
    faults: signal::Sender<Faults>,
    accounts: Mutex<Accounts>,
    /// Counts how often all watches were broken.
    breaks: signal::Sender<u64>,
    deletions: broadcast::Sender<Deletion>,
    logs: Mutex<log::Logs>,
    /// Counts the lines that containers printed.
    printed: signal::Sender<u64>,
    settings: Settings,
    now: Now,
}

/// Poisoned or not: a panic elsewhere leaves the data as whole as it was.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl ApiServer {
    /// A server with the settings of `scene` and nothing in it: nobody plays the scene.
    #[must_use]
    pub fn new(scene: &Scene, now: Now) -> Self {
        let settings = scene.settings();
        Self(Arc::new(Inner {
            store: Mutex::new(Store::new(settings.history, settings.seed)),
            pages: Mutex::default(),
            changes: ROWS.iter().map(|_| signal::Sender::new(0)).collect(),
            traffic: ROWS.iter().map(|_| signal::Sender::default()).collect(),
            faults: signal::Sender::default(),
            accounts: Mutex::default(),
            breaks: signal::Sender::new(0),
            deletions: broadcast::Sender::new(4096),
            logs: Mutex::default(),
            printed: signal::Sender::new(0),
            settings,
            now,
        }))
    }

    pub(crate) fn now(&self) -> Timestamp {
        (self.0.now)()
    }

    fn store(&self) -> MutexGuard<'_, Store> {
        locked(&self.0.store)
    }

    fn notify(&self, resource: Resource, version: u64) {
        self.0.changes[resource as usize].send_replace(version);
    }

    /// Creates or replaces an object; `uid` and `creationTimestamp` are set, or kept, unless the object has its own. The
    /// content is not validated: what is wrong or hostile is stored and served. Returns the new resource version.
    ///
    /// # Errors
    /// [`Refused`] if the kind is unknown or the name is missing, or if the object carries a `resourceVersion` which is not
    /// the stored one.
    pub fn apply(&self, object: Value) -> Result<u64, Refused> {
        self.write(object, false)
    }

    /// Like [`apply`](Self::apply), but a taken name is refused.
    ///
    /// # Errors
    /// [`Refused`], as for `apply`, and [`Refused::AlreadyExists`].
    pub fn create(&self, object: Value) -> Result<u64, Refused> {
        self.write(object, true)
    }

    fn write(&self, object: Value, create: bool) -> Result<u64, Refused> {
        let now = self.now();
        let (resource, version) = self.store().put(object, create, now)?;
        self.notify(resource, version);
        Ok(version)
    }

    /// Reads, changes and writes one object; nobody writes in between.
    ///
    /// # Errors
    /// [`Refused::NotFound`].
    pub fn change(
        &self,
        resource: Resource,
        namespace: &str,
        name: &str,
        edit: impl FnOnce(&mut Value),
    ) -> Result<u64, Refused> {
        let now = self.now();
        let version = {
            let mut store = self.store();
            let mut object = store.get(resource, namespace, name)?;
            edit(&mut object);
            store.put(object, false, now)?.1
        };
        self.notify(resource, version);
        Ok(version)
    }

    /// The object as it is stored. `namespace` is empty for cluster-scoped resources.
    #[must_use]
    pub fn get(&self, resource: Resource, namespace: &str, name: &str) -> Option<Value> {
        self.store().get(resource, namespace, name).ok()
    }

    /// All objects of a resource, by namespace and name.
    #[must_use]
    pub fn list(&self, resource: Resource) -> Vec<Value> {
        let encoded = self.store().list(resource);
        encoded
            .iter()
            .map(|object| serde_json::from_slice(&object.object()).unwrap_or_default())
            .collect()
    }

    /// Removes an object at once, without grace.
    ///
    /// # Errors
    /// [`Refused::NotFound`].
    pub fn delete(&self, resource: Resource, namespace: &str, name: &str) -> Result<(), Refused> {
        let version = {
            let mut store = self.store();
            store.remove(resource, namespace, name)?;
            store.version()
        };
        if resource == Resource::Pods {
            self.forget_logs(namespace, name);
        }
        self.notify(resource, version);
        Ok(())
    }

    /// The newest resource version.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.store().version()
    }

    /// Forgets the history and breaks all watches: whoever goes on from a version it has seen is told 410 Gone, and so is
    /// whoever asks for the next page of an old list.
    pub fn compact(&self) {
        self.store().compact();
        locked(&self.0.pages).clear();
        self.break_watches();
    }

    /// Cuts the connections of all open watches, in the middle of the stream.
    pub fn break_watches(&self) {
        self.0.breaks.send_modify(|count| *count += 1);
    }

    /// Sends `line` (with its line feed, if it should have one) to all watches of `resource` as their next event, and to
    /// those which start from an older version. Watches in protobuf get the same event if it is one, and else a frame of these
    /// bytes. The stored objects do not change. For events no API server should send.
    pub fn inject(&self, resource: Resource, line: impl Into<Bytes>) {
        let version = {
            let mut store = self.store();
            store.inject(resource, line.into());
            store.version()
        };
        self.notify(resource, version);
    }

    /// Sends one `MODIFIED` event in which the stored lease has a duration that is no number. The stored lease stays whole,
    /// so a list or the next write heals it.
    ///
    /// # Errors
    /// [`Refused::NotFound`].
    pub fn poison_lease(&self, namespace: &str, name: &str) -> Result<(), Refused> {
        let mut lease = self.store().get(Resource::Leases, namespace, name)?;
        lease["spec"]["leaseDurationSeconds"] = json!("fifteen");
        let event = json!({"type": "MODIFIED", "object": lease});
        self.inject(Resource::Leases, format!("{event}\n"));
        Ok(())
    }

    /// Sets and clears faults: `server.faults(|f| f.unauthorized = true)`. An outage breaks open watches.
    pub fn faults(&self, edit: impl FnOnce(&mut Faults)) {
        self.0.faults.send_modify(|faults| {
            edit(faults);
            // Before any watch learns of it.
            self.store().stand_still(faults.stale);
        });
        if self.0.faults.borrow().outage.is_some() {
            self.break_watches();
        }
    }

    /// Reads or sets whom the server knows: `server.accounts(|a| a.tokens.insert(token, name))`.
    pub fn accounts<T>(&self, edit: impl FnOnce(&mut Accounts) -> T) -> T {
        edit(&mut locked(&self.0.accounts))
    }

    /// What clients asked of `resource` so far.
    #[must_use]
    pub fn traffic(&self, resource: Resource) -> Traffic {
        *self.0.traffic[resource as usize].borrow()
    }

    /// Waits until the traffic of `resource` is as `wanted`; returns at once if it is already.
    pub async fn until(&self, resource: Resource, mut wanted: impl FnMut(Traffic) -> bool) {
        let mut traffic = self.0.traffic[resource as usize].subscribe();
        // The sender lives as long as we do, so this cannot fail.
        drop(traffic.wait_for(|traffic| wanted(*traffic)).await);
    }

    fn count(&self, resource: Resource, edit: impl FnOnce(&mut Traffic)) {
        self.0.traffic[resource as usize].send_modify(edit);
    }
}
