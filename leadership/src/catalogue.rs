//! Who uses which locks, and what for.
//!
//! The entries come from a data file; this crate keeps and matches them, and does not parse the
//! file. A match is a hint: what a lock itself says goes before it.

mod entry;
mod name;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use crate::identity::Reading;
use crate::lock::LockKey;
use crate::observation::Owner;
use crate::text::harmful;

pub use entry::{Class, Entry, Evidence, Timing, Workload};
use name::{Name, Pattern};

/// The text of the data file, in YAML.
pub const BUILT_IN: &str = include_str!("../data/catalogue.yaml");

/// The entries, indexed by what they match. Matching is done once for each lock.
#[derive(Clone, Debug, Default)]
pub struct Catalogue {
    rules: Vec<Rule>,
    /// The places of entries that list a lock's exact name.
    exact: BTreeMap<Arc<str>, Vec<usize>>,
    /// The places of all others, which have to be tried.
    others: Vec<usize>,
}

#[derive(Clone, Debug)]
struct Rule {
    entry: Arc<Entry>,
    name: Option<Pattern>,
    namespaces: Option<Pattern>,
    deployment: Option<Pattern>,
}

/// What the catalogue knows of one lock.
#[derive(Clone, Debug, PartialEq)]
pub struct Known {
    /// The entry.
    pub entry: Arc<Entry>,
    /// Which part of the component, where it is split into several.
    pub shard: Option<Arc<str>>,
}

impl Known {
    /// How its holder is to be read.
    pub(crate) fn reading(&self) -> Reading {
        let workload = self.entry.workload.as_ref();
        let deployment = workload.and_then(|it| it.deployment.as_deref());
        let name = deployment.and_then(|it| name::meant(it, self.shard.as_deref()));
        Reading {
            identity: self.entry.identity,
            deployment: name.map(Into::into),
            container: workload.and_then(|it| it.container.clone()),
            external: self.entry.external,
        }
    }
}

/// A lock that the Deployment of a component must have.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Expected {
    /// The id of the entry.
    pub(crate) component: Arc<str>,
    /// The name of the lock, in the Deployment's namespace.
    pub(crate) lease: Arc<str>,
    /// The container that is to hold it.
    pub(crate) container: Option<Arc<str>>,
}

/// Why entries make no catalogue. Names the entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CatalogueError {
    /// The place of the entry in what was given.
    pub place: usize,
    /// The id of the entry.
    pub id: Arc<str>,
    /// What is wrong with it.
    pub reason: String,
}

impl fmt::Display for CatalogueError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the entry {:?}: {}", self.id, self.reason)
    }
}

impl std::error::Error for CatalogueError {}

impl Catalogue {
    /// A catalogue of these entries: the first one that matches a lock counts.
    ///
    /// # Errors
    /// When an entry has no id, or the id of another one; when a text of it would harm a terminal; when
    /// it matches nothing, or not its own samples; when a regular expression cannot be read; when no
    /// elector would accept its timing.
    pub fn new(entries: Vec<Entry>) -> Result<Self, CatalogueError> {
        let mut catalogue = Self::default();
        let mut ids = BTreeSet::new();
        for (place, entry) in entries.into_iter().enumerate() {
            let id = Arc::clone(&entry.id);
            let twice = !ids.insert(Arc::clone(&id));
            let rule = if twice {
                Err("another entry has the same id".to_owned())
            } else {
                Rule::new(entry)
            };
            let rule = rule.map_err(|reason| CatalogueError { place, id, reason })?;
            catalogue.add(place, rule);
        }
        Ok(catalogue)
    }

    /// This catalogue with more entries over it: one with a known id stands in for the known one,
    /// the others are tried before all.
    ///
    /// # Errors
    /// As for [`Self::new`]; the place is that in `over`.
    pub fn with(&self, over: Vec<Entry>) -> Result<Self, CatalogueError> {
        // Alone first, so that an error tells the place in what was given.
        let over = Self::new(over)?;
        let own: BTreeMap<_, _> = over.entries().map(|it| (Arc::clone(&it.id), it)).collect();
        let known: BTreeSet<_> = self.entries().map(|it| Arc::clone(&it.id)).collect();
        let added = over.entries().filter(|it| !known.contains(&it.id));
        let kept = self.entries().map(|it| own.get(&it.id).copied().unwrap_or(it));
        Self::new(added.chain(kept).map(|it| Entry::clone(it)).collect())
    }

    fn add(&mut self, place: usize, rule: Rule) {
        for name in &rule.entry.leases {
            self.exact.entry(Arc::clone(name)).or_default().push(place);
        }
        if rule.name.is_some() || rule.entry.leases.is_empty() {
            self.others.push(place);
        }
        self.rules.push(rule);
    }

    /// All entries, in the order in which they are tried.
    pub fn entries(&self) -> impl Iterator<Item = &Arc<Entry>> {
        self.rules.iter().map(|rule| &rule.entry)
    }

    /// What is known of the lock: the first entry that matches its kind, names and owner.
    #[must_use]
    pub fn find(&self, key: &LockKey, owner: Option<&Owner>) -> Option<Known> {
        let exact = self.exact.get(&key.name).map_or(&[][..], Vec::as_slice);
        let listed = exact.iter().find_map(|place| {
            let rule = self.rules.get(*place).filter(|rule| rule.admits(key, owner))?;
            Some((*place, Known { entry: Arc::clone(&rule.entry), shard: None }))
        });
        let before = listed.as_ref().map_or(usize::MAX, |(place, _)| *place);
        let mut earlier = self.others.iter().take_while(|place| **place < before);
        let tried = earlier.find_map(|place| self.rules.get(*place)?.matches(key, owner));
        tried.or(listed.map(|(_, known)| known))
    }

    /// The locks that a Deployment of this name must have in its namespace.
    pub(crate) fn expected(&self, deployment: &str) -> impl Iterator<Item = Expected> {
        self.rules.iter().filter_map(move |rule| rule.expected(deployment))
    }
}

impl Rule {
    fn new(mut entry: Entry) -> Result<Self, String> {
        if entry.id.is_empty() {
            return Err("it has no id".to_owned());
        }
        legible(&entry)?;
        let blank = entry.title.is_empty();
        entry.title = if blank { Arc::clone(&entry.id) } else { entry.title };
        if entry.leases.is_empty() && entry.pattern.is_none() && entry.owner.is_none() {
            return Err("it matches nothing: give it leases, a pattern or an owner".to_owned());
        }
        let deployment = entry.workload.as_ref().and_then(|it| it.deployment.as_ref());
        let expects = entry.workload.as_ref().is_some_and(|it| it.expects.is_some());
        if expects && deployment.is_none() {
            return Err("workload.expects: it needs workload.deployment beside it".to_owned());
        }
        entry.timing.map_or(Ok(()), Timing::check)?;
        let rule = Self {
            name: pattern("pattern", entry.pattern.as_ref())?,
            namespaces: pattern("namespaces", entry.namespaces.as_ref())?,
            deployment: pattern("workload.deployment", deployment)?,
            entry: Arc::new(entry),
        };
        let strange = rule.entry.samples.iter().find(|sample| !rule.covers(sample));
        match strange {
            Some(sample) => Err(format!("samples: {sample:?} is none of its own locks")),
            None => Ok(rule),
        }
    }

    /// Whether a lock of this name, as `namespace/name`, may be its own.
    fn covers(&self, sample: &str) -> bool {
        let Some((namespace, name)) = sample.split_once('/') else { return false };
        let listed = self.entry.leases.iter().any(|lease| **lease == *name);
        let fits = self.name.as_ref().map(|pattern| pattern.find(name).is_some());
        let near = self.namespaces.as_ref().is_none_or(|it| it.find(namespace).is_some());
        let free = self.entry.leases.is_empty() && self.name.is_none();
        near && (listed || fits.unwrap_or(free))
    }

    /// Whether everything but the name fits.
    fn admits(&self, key: &LockKey, owner: Option<&Owner>) -> bool {
        let entry = &self.entry;
        (entry.kinds.is_empty() || entry.kinds.contains(&key.kind))
            && self.namespaces.as_ref().is_none_or(|it| it.find(&key.namespace).is_some())
            && entry.owner.as_ref().is_none_or(|kind| {
                owner.is_some_and(|owner| owner.kind == *kind && owner.name == key.name)
            })
    }

    fn matches(&self, key: &LockKey, owner: Option<&Owner>) -> Option<Known> {
        let name = match &self.name {
            Some(pattern) => pattern.find(&key.name)?,
            None => Name::default(),
        };
        let entry = Arc::clone(&self.entry);
        self.admits(key, owner).then_some(Known { entry, shard: name.shard })
    }

    fn expected(&self, deployment: &str) -> Option<Expected> {
        let workload = self.entry.workload.as_ref()?;
        let (template, pattern) = (workload.expects.as_ref()?, self.deployment.as_ref()?);
        let found = pattern.find(deployment)?;
        Some(Expected {
            component: Arc::clone(&self.entry.id),
            lease: name::fill(template, found.shard.as_deref()).into(),
            container: workload.container.clone(),
        })
    }
}

fn pattern(field: &str, text: Option<&Arc<str>>) -> Result<Option<Pattern>, String> {
    text.map(|text| Pattern::new(text)).transpose().map_err(|why| format!("{field}: {why}"))
}

/// Lists, metrics and terminals show these texts as they are. Only a hint may have several lines.
fn legible(entry: &Entry) -> Result<(), String> {
    let hint = entry.hint.as_deref().unwrap_or_default().split('\n').map(|line| ("hint", line));
    let library = entry.library.as_deref().unwrap_or_default();
    let texts = [("id", &*entry.id), ("title", &*entry.title), ("library", library)];
    let bad = texts.into_iter().chain(hint).find_map(|(field, text)| {
        text.chars().find(|c| harmful(*c)).map(|c| (field, u32::from(c)))
    });
    match bad {
        Some((field, code)) => Err(format!(
            "{field}: the character U+{code:04X} does harm where it is shown: leave it out"
        )),
        None => Ok(()),
    }
}
