//! How an election stands, in one word and one sign.

use leadership::event::{Phase, Reason};
use leadership::snapshot::{Candidate, Condition, Election};

use crate::theme::{Glyphs, Tone};

/// How bad it is, the worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rank {
    /// Nobody leads.
    Leaderless,
    /// A renewal is overdue.
    Late,
    /// It cannot be known.
    Unknown,
    /// Somebody leads.
    Held,
}

impl Rank {
    /// All of them, the worst first.
    pub const ALL: [Self; 4] = [Self::Leaderless, Self::Late, Self::Unknown, Self::Held];

    /// The word for it.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Leaderless => "leaderless",
            Self::Late => "late",
            Self::Unknown => "unknown",
            Self::Held => "held",
        }
    }

    /// What it means.
    #[must_use]
    pub const fn tone(self) -> Tone {
        match self {
            Self::Leaderless => Tone::Bad,
            Self::Late => Tone::Warn,
            Self::Unknown => Tone::Doubt,
            Self::Held => Tone::Good,
        }
    }

    /// The sign for it.
    #[must_use]
    pub const fn glyph(self, glyphs: &Glyphs) -> &'static str {
        match self {
            Self::Leaderless => glyphs.leaderless,
            Self::Late => glyphs.late,
            Self::Unknown => glyphs.unknown,
            Self::Held => glyphs.held,
        }
    }
}

/// Whether somebody claims to hold it, rightly or not.
#[must_use]
pub const fn claimed(election: &Election) -> bool {
    matches!(election.phase, Phase::Held | Phase::Late | Phase::Expired | Phase::Unknown)
}

/// The rank of this election, as it was when we last saw it.
#[must_use]
pub fn rank(election: &Election) -> Rank {
    match (election.leaderless, election.phase) {
        (Some(true), _) => Rank::Leaderless,
        (_, Phase::Late) => Rank::Late,
        // Empty, and nobody misses anybody: at rest.
        (_, Phase::Held) | (Some(false), Phase::Vacant | Phase::Absent) => Rank::Held,
        _ => Rank::Unknown,
    }
}

/// What [`word`] calls a state beside the words of the phases.
pub const WORDS: [&str; 6] = ["held?", "expired?", "released", "cleared", "deleted", "at rest"];

/// The word for its state. A question mark means: so says the object, nobody has proved it yet.
#[must_use]
pub fn word(election: &Election) -> &'static str {
    if election.phase == Phase::Vacant && election.leaderless == Some(false) {
        return "at rest";
    }
    match (election.phase, election.reason) {
        (Phase::Unknown, Some(Reason::PresumedHeld)) => "held?",
        (Phase::Unknown, Some(Reason::PresumedExpired)) => "expired?",
        (Phase::Vacant, Some(Reason::Released)) => "released",
        (Phase::Vacant, Some(Reason::Cleared)) => "cleared",
        (Phase::Absent, _) => "deleted",
        (phase, _) => phase.label(),
    }
}

/// Sign and word; a stale one says so first.
#[must_use]
pub fn state(election: &Election, glyphs: &Glyphs) -> String {
    let word = word(election);
    match election.blind_since {
        Some(_) => format!("{} stale {word}", glyphs.stale),
        None => format!("{} {word}", rank(election).glyph(glyphs)),
    }
}

/// How many could take over at once: those that are ready and do not lead, nor are still named by a lock
/// that they let run out: whoever could would have renewed it. `None` where nobody knows.
#[must_use]
pub fn standbys(election: &Election) -> Option<u32> {
    let candidates = election.candidates.as_deref()?;
    let silent = election.term.as_ref().filter(|_| election.phase == Phase::Expired);
    let silent = silent.map(|term| (&term.leader.pod_namespace, &term.leader.pod));
    let leads = |it: &Candidate| {
        let named = silent == Some((&Some(it.namespace.clone()), &Some(it.pod.clone())));
        (it.leads || named) && it.condition == Condition::Ready
    };
    // Where several may be meant, one of them leads all the same.
    let several = election.term.as_ref().is_some_and(|term| !term.leader.also.is_empty());
    let led = election.leaderless != Some(true) && several;
    let leader = led || candidates.list.iter().any(leads);
    Some(candidates.ready.saturating_sub(u32::from(leader)))
}

/// How many elections stand how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Census {
    /// All of them.
    pub all: usize,
    /// Elections of each rank, in the order of [`Rank::ALL`].
    pub ranks: [usize; Rank::ALL.len()],
    /// Those of them that we no longer see.
    pub stale: usize,
    /// Those that nobody could take over at once, of those whose candidates are known.
    pub without_standby: usize,
}

impl Census {
    /// Counts them.
    #[must_use]
    pub fn of<'a>(elections: impl Iterator<Item = &'a Election>) -> Self {
        let mut census = Self::default();
        for election in elections {
            census.all += 1;
            census.ranks[rank(election) as usize] += 1;
            census.stale += usize::from(election.blind_since.is_some());
            let alone = standbys(election) == Some(0);
            census.without_standby += usize::from(alone);
        }
        census
    }

    /// How many stand so.
    #[must_use]
    pub const fn count(&self, rank: Rank) -> usize {
        self.ranks[rank as usize]
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::samples;

    #[test]
    fn whoever_lets_the_lock_run_out_stands_by_for_nobody() {
        let mut gitjob = Election::clone(&samples::fleet().elections[2]);
        assert_eq!(standbys(&gitjob), Some(1));
        let mut candidates = gitjob.candidates.as_deref().unwrap().clone();
        candidates.list[0].leads = false;
        gitjob.candidates = Some(Arc::new(candidates));
        gitjob.leaderless = Some(true);
        gitjob.phase = Phase::Expired;
        assert_eq!(standbys(&gitjob), Some(1), "ready, and silent all the same");
        gitjob.phase = Phase::Vacant;
        assert_eq!(standbys(&gitjob), Some(2), "it released, and may take it again");
    }
}
