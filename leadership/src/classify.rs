//! The write classifier: what one change of a lock's object means.
//!
//! Every implementation of leader election leaves its own trace in the same six fields. The rows
//! below tell them apart; `docs/dialects.md` says who writes what.

use crate::observation::LockRecord;

/// What a write means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Write {
    /// Labels, annotations, a wish: no proof of life.
    Touch,
    /// Somebody took a lock that nobody held.
    Acquire,
    /// The controller of coordinated leader election appointed somebody.
    Assign,
    /// The holder shortened its claim to a second and left its name (fabric8 since 7.5).
    SoftRelease,
    /// The holder made a new claim.
    Reacquire,
    /// The holder renewed.
    Renew,
    /// The holder emptied the lock.
    Release,
    /// Somebody else emptied the lock.
    Clear,
    /// Somebody edited the holder and nothing else that a candidate would write.
    Forced,
    /// Another candidate took the lock.
    Takeover,
}

/// What is compared: the object before and after.
struct Change<'a> {
    before: Option<&'a LockRecord>,
    after: &'a LockRecord,
}

type Holds = fn(&Change<'_>) -> bool;

/// The rows, in order: the first whose condition holds names the write.
const ROWS: [(Holds, Write); 13] = [
    (|c| !c.was_held() && c.after.holder.is_none(), Write::Touch),
    (|c| !c.was_held() && c.assigned(), Write::Assign),
    (|c| !c.was_held(), Write::Acquire),
    (|c| c.same_holder() && c.shortened() && c.claimed_anew() && c.advanced(), Write::SoftRelease),
    (|c| c.same_holder() && (c.counted() || c.acquired_again()), Write::Reacquire),
    (|c| c.same_holder() && c.advanced(), Write::Renew),
    (|c| c.same_holder(), Write::Touch),
    (|c| c.after.holder.is_none() && !c.by_hand() && c.released(), Write::Release),
    (|c| c.after.holder.is_none(), Write::Clear),
    (|c| c.after.renew == c.before.and_then(|p| p.renew), Write::Forced),
    // Somebody who edits the holder may set the stamps as well.
    (|c| c.by_hand(), Write::Forced),
    (|c| c.assigned(), Write::Assign),
    (|_| true, Write::Takeover),
];

/// Says what the change from `before` (none if there was no object) to `after` means.
pub(crate) fn classify(before: Option<&LockRecord>, after: &LockRecord) -> Write {
    let change = Change { before, after };
    ROWS.iter().find(|(holds, _)| holds(&change)).map_or(Write::Touch, |(_, write)| *write)
}

impl Change<'_> {
    fn was_held(&self) -> bool {
        self.before.is_some_and(|before| before.holder.is_some())
    }

    fn same_holder(&self) -> bool {
        self.before.is_some_and(|before| before.holder == self.after.holder)
    }

    /// The renewal stamp changed to another one.
    fn advanced(&self) -> bool {
        self.after.renew.is_some() && self.after.renew != self.before.and_then(|p| p.renew)
    }

    /// Only the controller of coordinated election writes five seconds and no `acquireTime`.
    fn assigned(&self) -> bool {
        self.after.strategy.is_some()
            && self.after.acquire.is_none()
            && self.after.duration_seconds == Some(5)
    }

    fn shortened(&self) -> bool {
        let before = self.before.and_then(|p| p.duration_seconds);
        self.after.duration_seconds == Some(1) && before.is_some_and(|seconds| seconds > 1)
    }

    fn claimed_anew(&self) -> bool {
        self.after.acquire.is_some() && self.after.acquire == self.after.renew
    }

    fn counted(&self) -> bool {
        let count = |record: &LockRecord| record.transitions.unwrap_or(0);
        self.before.is_some_and(|before| count(self.after) > count(before))
    }

    fn acquired_again(&self) -> bool {
        let before = self.before.and_then(|p| p.acquire);
        before.is_some()
            && self.after.acquire.is_some()
            && before != self.after.acquire
            && self.advanced()
    }

    /// client-go, fabric8 before 7.5 and kube-leader-election write a second and fresh stamps;
    /// Java and kubert write nulls. Stamps of whole seconds may stand still from a renewal to a release.
    fn released(&self) -> bool {
        let fresh =
            self.advanced() || self.after.acquire != self.before.and_then(|before| before.acquire);
        let stamped = self.after.duration_seconds == Some(1) && self.claimed_anew() && fresh;
        stamped || (self.after.renew.is_none() && self.after.acquire.is_none())
    }

    /// Whether a person's tool wrote it: no candidate takes or releases a lock with these.
    fn by_hand(&self) -> bool {
        self.after.manager.as_deref().is_some_and(by_hand)
    }
}

/// Whether a field manager is a person's tool: kubectl, k9s, or a browser.
pub(crate) fn by_hand(manager: &str) -> bool {
    ["kubectl", "k9s", "Mozilla"].iter().any(|tool| manager.starts_with(tool))
}

#[cfg(test)]
mod tests;
