//! A complete list on its way to the fold, whichever way it comes.
//!
//! Of pods there may be more than should be in memory at once: they are told page by page, and the fold knows that they are
//! nothing until the last one. All other lists are told as a whole, for locks are judged against each other.

use std::mem::take;

use leadership::observation::{Fact, Kind, Object, Part, PodRecord};
use leadership::time::{Delta, Time};

use super::Watcher;
use super::again::Again;
use super::encoding::Raw;
use super::failure::{Failure, Remedy};
use super::stats::ListedBy;
use super::stream::Later;
use crate::clock;
use crate::read::Seen;

/// How often client-go's electors renew within a lease's duration, as they come: each 2 s of 15.
const RETRIES: f64 = 7.5;

/// A list that is not complete.
#[derive(Default)]
pub(super) struct Listing {
    /// What came and has not been told.
    objects: Vec<Object>,
    /// Whether a part of it was told.
    begun: bool,
    /// The newest version of its objects, if that can be known.
    newest: Option<u64>,
    /// What a stream told before the end of its list.
    pub(super) later: Later,
}

impl Listing {
    /// What came since the last part, as the next one.
    fn part(&mut self, last: bool) -> Fact {
        let part = match (last, self.begun) {
            (true, _) => Part::Last,
            (false, true) => Part::Next,
            (false, false) => Part::First,
        };
        self.begun = true;
        Fact::Page { part, pods: take(&mut self.objects).into_iter().filter_map(pod).collect() }
    }

    /// What ends it.
    fn end(&mut self, kind: Kind) -> Fact {
        if self.begun {
            return self.part(true);
        }
        Fact::Listed { kind, objects: take(&mut self.objects) }
    }
}

/// How often locks are renewed altogether, in a second, if their electors wait as long for it as client-go's do. Those that seem
/// to have run out long ago are not counted.
fn renewals(objects: &[Object], now: Time) -> f64 {
    let often = |object: &Object| {
        let Object::Lock(record) = object else { return None };
        let duration = Delta::from_secs(record.duration_seconds.filter(|it| *it > 0)?.into());
        let is_held = record.holder.is_some() && now - record.renew? < duration.ratio(2, 1);
        is_held.then(|| RETRIES / duration.as_secs_f64())
    };
    objects.iter().filter_map(often).sum()
}

fn pod(object: Object) -> Option<PodRecord> {
    match object {
        Object::Pod(pod) => Some(pod),
        _ => None,
    }
}

impl Watcher {
    /// A list begins. What is known of single objects is older.
    pub(super) fn begin_list(&mut self) {
        self.again = Again::default();
        self.listing = Some(Listing::default());
    }

    /// Adds an object of a list. One that cannot be read does not cost the others.
    pub(super) fn item(&mut self, raw: Raw<'_>) {
        match raw.read(self.target.row) {
            Ok(Seen { said, version, flaw }) => {
                if let Some(flaw) = flaw {
                    self.poisoned(&flaw);
                }
                let Some(listing) = &mut self.listing else { return };
                listing.newest = listing.newest.max(version.and_then(|it| it.parse().ok()));
                if self.target.admits(&said) {
                    listing.objects.extend(said.object());
                }
            }
            Err(error) => self.unreadable(raw, &error),
        }
    }

    /// Tells what came of a list, if that is enough for a page.
    pub(super) async fn tell_page(&mut self) {
        if let Some(listing) = &mut self.listing
            && listing.objects.len() >= self.patience.page
            && self.out.takes_pages(self.target.row.kind)
        {
            let page = listing.part(false);
            self.tell(clock::now(), page).await;
        }
    }

    /// The list is complete: it is as of `version`, from which a watch can go on.
    pub(super) async fn end_list(
        &mut self,
        version: Option<String>,
        by: ListedBy,
    ) -> Result<String, Failure> {
        let version = version.ok_or_else(|| {
            let text = "the list does not say its resourceVersion".to_owned();
            Failure::new(text, Remedy::Relist)
        })?;
        let (kind, mut listing) = (self.target.row.kind, self.listing.take().unwrap_or_default());
        self.doubt.hear(&version, listing.newest)?;
        self.version = Some(version.clone());
        self.stats.of(kind).listed(by);
        self.listed = Some(clock::now());
        if kind.elects() {
            self.pulse.expect(renewals(&listing.objects, clock::now()));
        }
        self.locks.relist(&listing.objects);
        self.tell(clock::now(), listing.end(kind)).await;
        Ok(version)
    }
}
