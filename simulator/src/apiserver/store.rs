//! Objects and their history under one resource version. Every object is serialised once a write in each encoding, or once
//! it is asked for; lists and watches share the bytes.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use bytes::Bytes;
use jiff::Timestamp;
use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};
use serde_json::{Map, Value, json};

use super::admission::{asked_version, complete, identify, is_complete};
use super::change::{Change, ChangeKind};
use super::encoded::Encoded;
use super::encoding::Encoding;
use super::refusal::{Gone, Refused};
use super::resource::{ROWS, Resource};
use super::selector::{Facets, Selector};
use super::stamp::Stamp;

#[derive(Clone, Debug)]
struct Stored {
    version: u64,
    encoded: Encoded,
    facets: Arc<Facets>,
}

/// Namespace and name.
pub(super) type Key = (String, String);

type Objects = BTreeMap<Key, Stored>;

/// What a server that stands still knows.
#[derive(Debug)]
struct Past {
    version: u64,
    /// Of each resource.
    objects: Vec<Objects>,
}

/// Objects and recent changes of one resource.
#[derive(Debug, Default)]
struct Collection {
    objects: Objects,
    changes: VecDeque<Change>,
    /// A watch from a version below this one has lost changes.
    oldest: u64,
}

/// Everything the server knows.
#[derive(Debug)]
pub(crate) struct Store {
    version: u64,
    collections: Vec<Collection>,
    /// While nothing new is shown.
    past: Option<Past>,
    history: usize,
    rng: SmallRng,
}

impl Store {
    pub(crate) fn new(history: usize, seed: u64) -> Self {
        Self {
            version: 1,
            collections: ROWS.iter().map(|_| Collection::default()).collect(),
            past: None,
            history,
            rng: SmallRng::seed_from_u64(seed),
        }
    }

    pub(crate) fn version(&self) -> u64 {
        self.version
    }

    /// From now on nothing new is shown to clients, or everything again.
    pub(crate) fn stand_still(&mut self, still: bool) {
        if still != self.past.is_some() {
            let objects = || self.collections.iter().map(|kept| kept.objects.clone()).collect();
            self.past = still.then(|| Past { version: self.version, objects: objects() });
        }
    }

    /// The newest version that clients are shown.
    pub(crate) fn shown_version(&self) -> u64 {
        self.past.as_ref().map_or(self.version, |past| past.version)
    }

    /// All admitted objects that clients are shown, by namespace and name.
    pub(crate) fn shown(&self, resource: Resource, selector: &Selector) -> Vec<Encoded> {
        let now = &self.collections[resource as usize].objects;
        let objects = self.past.as_ref().map_or(now, |past| &past.objects[resource as usize]);
        admitted(objects, selector)
    }

    /// Creates or replaces; with `create` a taken name is refused. A `metadata.resourceVersion` must be the stored one.
    pub(crate) fn put(
        &mut self,
        object: Value,
        create: bool,
        now: Timestamp,
    ) -> Result<(Resource, u64), Refused> {
        let (resource, key, mut fields) = identify(object)?;
        let old = self.collections[resource as usize].objects.get(&key);
        let name = || key.1.clone();
        match (old, asked_version(&fields)) {
            (Some(_), _) if create => {
                let name = name();
                return Err(Refused::AlreadyExists { resource, name });
            }
            (Some(old), Some(asked)) if asked != old.version.to_string() => {
                let name = name();
                return Err(Refused::Conflict { resource, name });
            }
            (None, Some(_)) => {
                return Err(Refused::NotFound { resource, name: name() });
            }
            _ => {}
        }
        let kind = if old.is_some() { ChangeKind::Modified } else { ChangeKind::Added };
        if !is_complete(&fields) {
            let inherited = old.map(|old| old.encoded.parse());
            let uid = uuid::Builder::from_random_bytes(self.rng.random()).into_uuid();
            complete(&mut fields, inherited.as_ref(), now, &uid.to_string());
        }
        Ok((resource, self.record(kind, resource, key, fields)))
    }

    pub(crate) fn remove(
        &mut self,
        resource: Resource,
        namespace: &str,
        name: &str,
    ) -> Result<Value, Refused> {
        let key = key(namespace, name);
        let Value::Object(fields) = self.get(resource, namespace, name)? else {
            return Err(not_found(resource, name));
        };
        self.record(ChangeKind::Deleted, resource, key, fields.clone());
        Ok(Value::Object(fields))
    }

    /// Numbers a change, serialises it, stores it and remembers it.
    fn record(
        &mut self,
        kind: ChangeKind,
        resource: Resource,
        key: Key,
        fields: Map<String, Value>,
    ) -> u64 {
        self.version += 1;
        let mut object = Value::Object(fields);
        object["metadata"]["resourceVersion"] = json!(self.version.to_string());
        let facets = Arc::new(Facets::of(resource, &object));
        let fields = object.as_object_mut().map(std::mem::take).unwrap_or_default();
        let stored =
            Stored { version: self.version, encoded: Encoded::new(kind, resource, fields), facets };
        let kept = &mut self.collections[resource as usize];
        let old = if kind == ChangeKind::Deleted {
            kept.objects.remove(&key)
        } else {
            kept.objects.insert(key, stored.clone())
        };
        let before = old.map(|old| old.facets);
        self.remember(resource, kind, stored, before);
        self.version
    }

    /// Sets texts of an object which no selector asks for.
    pub(super) fn stamp(
        &mut self,
        resource: Resource,
        namespace: &str,
        name: &str,
        stamps: &[Stamp],
    ) -> Result<u64, Refused> {
        let version = self.version + 1;
        let objects = &mut self.collections[resource as usize].objects;
        let stored =
            objects.get_mut(&key(namespace, name)).ok_or_else(|| not_found(resource, name))?;
        let stamps = [stamps, &[("/metadata/resourceVersion", version.to_string())]].concat();
        stored.version = version;
        stored.encoded = stored.encoded.stamped(resource, &stamps);
        let stored = stored.clone();
        self.version = version;
        let before = Some(Arc::clone(&stored.facets));
        self.remember(resource, ChangeKind::Modified, stored, before);
        Ok(version)
    }

    fn remember(
        &mut self,
        resource: Resource,
        kind: ChangeKind,
        stored: Stored,
        before: Option<Arc<Facets>>,
    ) {
        let kept = &mut self.collections[resource as usize];
        kept.changes.push_back(Change {
            version: stored.version,
            kind,
            encoded: stored.encoded,
            facets: stored.facets,
            before,
        });
        while kept.changes.len() > self.history {
            kept.oldest = kept.changes.pop_front().map_or(kept.oldest, |c| c.version);
        }
    }

    /// Sends `line` to every watch of `resource`, as if it were the next event.
    pub(crate) fn inject(&mut self, resource: Resource, line: Bytes) {
        self.version += 1;
        let encoded = Encoded::raw(resource, line);
        let stored = Stored { version: self.version, encoded, facets: Arc::default() };
        self.remember(resource, ChangeKind::Raw, stored, None);
    }

    /// Forgets all changes: every version handed out so far is too old to watch from.
    pub(crate) fn compact(&mut self) {
        self.version += 1;
        for kept in &mut self.collections {
            kept.changes.clear();
            kept.oldest = self.version;
        }
    }

    pub(crate) fn get(
        &self,
        resource: Resource,
        namespace: &str,
        name: &str,
    ) -> Result<Value, Refused> {
        self.encoded(resource, namespace, name).map(Encoded::parse)
    }

    pub(crate) fn encoded(
        &self,
        resource: Resource,
        namespace: &str,
        name: &str,
    ) -> Result<&Encoded, Refused> {
        let objects = &self.collections[resource as usize].objects;
        let stored = objects.get(&key(namespace, name));
        stored.map(|stored| &stored.encoded).ok_or_else(|| not_found(resource, name))
    }

    /// All objects there are, by namespace and name.
    pub(crate) fn list(&self, resource: Resource) -> Vec<Encoded> {
        admitted(&self.collections[resource as usize].objects, &Selector::default())
    }

    /// The admitted events after `version` that clients are shown.
    pub(crate) fn since(
        &self,
        resource: Resource,
        version: u64,
        selector: &Selector,
        encoding: Encoding,
    ) -> Result<Vec<Bytes>, Gone> {
        let kept = &self.collections[resource as usize];
        if version < kept.oldest {
            let oldest = kept.oldest;
            return Err(Gone { asked: version, oldest });
        }
        let from = kept.changes.partition_point(|change| change.version <= version);
        let shown = self.shown_version();
        let to = kept.changes.partition_point(|change| change.version <= shown).max(from);
        let changes = kept.changes.range(from..to);
        Ok(changes.filter_map(|change| change.seen_through(selector, encoding)).collect())
    }
}

fn admitted(objects: &Objects, selector: &Selector) -> Vec<Encoded> {
    let admitted = objects.values().filter(|stored| selector.admits(&stored.facets));
    admitted.map(|stored| stored.encoded.clone()).collect()
}

fn key(namespace: &str, name: &str) -> Key {
    (namespace.to_owned(), name.to_owned())
}

fn not_found(resource: Resource, name: &str) -> Refused {
    let name = name.to_owned();
    Refused::NotFound { resource, name }
}
