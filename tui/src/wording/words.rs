//! Words for what is one of a few: one row each.

use leadership::event::{End, Flag, How, Reason};
use leadership::snapshot::{Condition, Method, Note};

/// By which kind of write a term began, in words.
#[must_use]
pub const fn how(how: How) -> &'static str {
    match how {
        How::First => "at first sight",
        How::Acquire => "took the free lock",
        How::Takeover => "took over",
        How::Reacquire => "claimed it anew",
        How::Assign => "was assigned",
        How::Forced => "was written in by somebody else",
    }
}

/// Why a lock is unknown or vacant, in words.
#[must_use]
pub const fn reason(reason: Reason) -> &'static str {
    match reason {
        Reason::PresumedHeld => "by its own stamps held; not proven yet",
        Reason::PresumedExpired => "by its own stamps expired; not proven yet",
        Reason::PresumedFuture => "its last renewal is stamped in the future",
        Reason::NeverHeld => "nobody has held it yet",
        Reason::Released => "its holder gave it up",
        Reason::Cleared => "somebody else emptied it: the old leader may still work",
    }
}

/// How a term ended, as far as the lock tells, in words.
#[must_use]
pub const fn end(end: End) -> &'static str {
    match end {
        End::Silent => "silence: it was not released",
        End::Release => "a release",
        End::SoftRelease => "a release that left its name",
        End::Cleared => "somebody else, who edited the lock",
        End::Deleted => "the deletion of the lock",
        End::DeletedInGap => "the deletion of the lock while we were blind",
        End::ProcessRestart => "another process under the same name",
    }
}

/// What makes a failover special, in words.
#[must_use]
pub const fn flag(flag: Flag) -> &'static str {
    match flag {
        Flag::UnknownStart => "its start was not seen",
        Flag::ObserverGap => "at most: we were blind",
        Flag::SameHolder => "same holder",
        Flag::SameHost => "same host",
        Flag::ForcedEdit => "the holder was edited",
        Flag::ViaUnproven => "from a holder that never renewed",
        Flag::AssignedByCle => "assigned",
        Flag::BeforeExpiry => "before expiry",
        Flag::OverlapPossible => "two leaders possible",
    }
}

/// How a holder was resolved, in words.
#[must_use]
pub const fn method(method: Method) -> &'static str {
    match method {
        Method::PodName => "the identity begins with the pod's name",
        Method::Hostname => "the identity begins with the host name that the pod's containers see",
        Method::Sanitized => "the identity is the host name as CSI sidecars write it",
        Method::Node => "the identity is the node's name",
        Method::Ip => "the address in the identity is the pod's",
        Method::Uid => "the identity is the pod's uid",
        Method::Cached => "the identity meant this pod while it lived",
        Method::External => "the identity is of a machine or pod outside this cluster",
        Method::None => "nothing in this cluster is known by this identity",
    }
}

/// What else is to be said of a leader, in words.
#[must_use]
pub const fn note(note: Note) -> &'static str {
    match note {
        Note::Ambiguous => "several may be meant",
        Note::ReusedIdentity => {
            "the pod is younger than the claim: its name was another one's before"
        }
        Note::Orphaned => "the process that holds this lease is dead",
        Note::Restarted => {
            "the container was restarted and leads on: a gap that the lease never showed"
        }
        Note::Terminating => "its pod is being deleted",
        Note::NodeLost => "its node is lost or says that it cannot work",
        Note::Gone => "its pod is gone",
        Note::PodsUnseen => "pods are not seen: which one it is cannot be told",
        Note::External => {
            "outside this cluster: that no pod is known does not mean that it is dead"
        }
    }
}

/// Whether a candidate could lead, in words.
#[must_use]
pub const fn condition(condition: Condition) -> &'static str {
    match condition {
        Condition::Ready => "ready",
        Condition::NotReady => "not ready",
        Condition::Terminating => "terminating",
    }
}
