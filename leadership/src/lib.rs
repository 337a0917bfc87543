//! Who leads in Kubernetes, since when, and how long nobody did.
//!
//! A pure fold: [`Observation`](observation::Observation)s go in, [`Event`](event::Event)s come
//! out, and a [`Snapshot`](snapshot::Snapshot) can be read at any time. Nothing here reads a clock,
//! logs, waits or talks to anybody; every fact brings its time along.
//!
//! ```
//! use leadership::Leadership;
//! use leadership::event::What;
//! use leadership::lock::LockKey;
//! use leadership::observation::{Fact, LockRecord, Object, Observation};
//! use leadership::time::{Delta, Time};
//!
//! let mut fold = Leadership::new();
//! let mut write = |holder: &str, second: i64| {
//!     let at = Time::from_micros(second * 1_000_000);
//!     let mut lock = LockRecord::empty(LockKey::lease("kube-system", "kube-scheduler"));
//!     lock.holder = Some(holder.into());
//!     lock.duration_seconds = Some(15);
//!     (lock.acquire, lock.renew, lock.transitions) = (Some(at), Some(at), Some(0));
//!     fold.observe(Observation { at, fact: Fact::Applied(Object::Lock(lock)) })
//! };
//! write("first", 0);
//! let events = write("second", 18);
//! let window = events.iter().find_map(|event| match &event.what {
//!     What::Failover(failover) => failover.leaderless_seconds,
//!     _ => None,
//! });
//! assert_eq!(window, Some(Delta::from_secs(18)));
//! ```

pub mod advice;
mod cadence;
mod candidates;
pub mod catalogue;
mod cause;
mod classify;
mod clocks;
mod common_mode;
mod election;
pub mod event;
mod failover;
mod hashed;
mod heartbeats;
pub mod identity;
mod inventory;
mod lateness;
mod leaderless;
mod leadership;
mod ledger;
pub mod lock;
mod missing;
pub mod observation;
mod resolve;
pub mod snapshot;
mod stalls;
pub mod tally;
pub mod text;
pub mod time;
mod watches;
mod world;

pub use crate::leadership::Leadership;
pub use crate::ledger::LEDGER_LENGTH;
