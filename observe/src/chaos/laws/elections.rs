//! What may be told of elections: failovers that happened, expiries of claims that ran out, and in the end the truth.

use std::collections::BTreeSet;

use leadership::event::{End, Failover, Flag, Phase, Stage, What};
use leadership::time::Time;

use super::super::truth::{History, Term};
use super::{Court, NOTICED, TOLD, delta, slack};

impl Court<'_> {
    /// None that did not happen, none twice, none lost that could be seen; and the numbers are true.
    pub(super) fn failovers(&mut self) {
        let mut told = BTreeSet::new();
        let mut broken = Vec::new();
        for event in &self.events {
            let (What::Failover(failover), Some(key)) = (&event.what, &event.lease) else {
                continue;
            };
            if failover.stage != Stage::Final {
                continue;
            }
            let history = &self.histories[&*key.name];
            if let Err(why) = self.is_true(history, failover) {
                broken.push(format!("{key}: {why}: {failover:#?}"));
            }
            if !told.insert(failover.to.to_string()) {
                broken.push(format!("{key}: told twice: {failover:#?}"));
            }
        }
        for (name, history) in &self.histories {
            let mut before: Option<&str> = None;
            for term in &history.terms {
                if !self.seen.contains(&term.holder) {
                    if !self.may_be_missed(term) {
                        broken.push(format!("{name}: {} was never seen", term.holder));
                    }
                    continue;
                }
                if let Some(before) = before
                    && !told.contains(&term.holder)
                {
                    let holder = &term.holder;
                    broken.push(format!("{name}: lost is the failover {before} -> {holder}"));
                }
                before = Some(&term.holder);
            }
        }
        self.verdict.broken.extend(broken);
    }

    /// Whether all that the holder wrote was written between what was last seen and a list. What a server that stands still
    /// sends was written before that began.
    fn may_be_missed(&self, term: &Term) -> bool {
        let (first, last) = (term.first + slack(), term.last - slack());
        let spells = &self.evidence.spells;
        let still = |at: Time| {
            spells.iter().find(|it| it.trouble.is_still() && it.from <= at && at <= it.to)
        };
        let written = |seen: Time| still(seen).map_or(seen, |spell| spell.from);
        self.unread.iter().any(|(from, to)| written(*from) <= first && last <= *to)
    }

    fn is_true(&self, history: &History, failover: &Failover) -> Result<(), String> {
        let places = history.place(&failover.from).zip(history.place(&failover.to));
        let (from, to) = places.ok_or("one of them never led")?;
        if from >= to {
            return Err("they led in another order".to_owned());
        }
        let gap = failover.has(Flag::ObserverGap) || failover.end == End::DeletedInGap;
        let between = &history.terms[from + 1..to];
        if !gap && !between.is_empty() {
            return Err("others led between them".to_owned());
        }
        if let Some(term) = between.iter().find(|term| self.seen.contains(&term.holder)) {
            return Err(format!("{}, who was seen, led between them", term.holder));
        }
        let window = failover.leaderless_seconds;
        let Some(window) =
            window.filter(|_| !history.terms[from].stepped && !history.terms[to].stepped)
        else {
            return Ok(());
        };
        let truth = history.terms[to].first - history.terms[from].last;
        let error = failover.error_seconds.unwrap_or_default() + slack();
        let lower = failover.lower_bound_seconds.unwrap_or_default();
        if lower > truth + error || window + error < truth || (!gap && window > truth + error) {
            return Err(format!("in truth it took {truth:?}"));
        }
        Ok(())
    }

    /// Who has renewed in time is never said to have let go. A claim that is shorter than it takes to notice a dead
    /// watch may be; it is taken back with the first that is seen again, unless another leads by then. So may one that was
    /// written a shorter while ago.
    pub(super) fn expiries(&mut self) {
        let mut broken = Vec::new();
        for (place, event) in self.events.iter().enumerate() {
            let (What::Expired { since }, Some(key)) = (&event.what, &event.lease) else {
                continue;
            };
            let history = &self.histories[&*key.name];
            // A claim that did run out may be followed by another that we could not see yet.
            let ran_out = since.and_then(|since| history.claim_left(since));
            if since.is_some() && ran_out.is_none_or(|left| left <= slack()) {
                continue;
            }
            // What is written at this moment is still on its way.
            let before = history.claim_left(event.at - slack());
            let left = before.and(history.claim_left(event.at));
            let Some(left) = left.filter(|left| *left > slack()) else { continue };
            let mut later = self.events[place + 1..].iter().filter(|it| it.lease == event.lease);
            let next = later.find(|event| !matches!(event.what, What::Phase { .. }));
            let retracted = next.is_none_or(|it| {
                matches!(it.what, What::ExpiredRetracted) || history.passed_on(event.at, it.at)
            });
            let short = history.duration < delta(TOLD);
            let just_now = history.duration - left <= delta(NOTICED) + slack();
            if !(just_now || retracted && short) {
                broken.push(format!(
                    "{key} expired at {} with {left:?} left, then {next:?}",
                    event.at
                ));
            }
        }
        self.verdict.broken.extend(broken);
    }

    /// After a quiet time the picture is what the server has.
    pub(super) fn the_end(&mut self) {
        let mut broken = Vec::new();
        for shown in [&self.evidence.shown, &self.last] {
            if shown.elections.len() != self.evidence.leases.len() {
                broken.push(format!("{} elections are shown", shown.elections.len()));
            }
            for (election, lease) in shown.elections.iter().zip(&self.evidence.leases) {
                let holder = lease["spec"]["holderIdentity"].as_str();
                let shown = election.term.as_ref().map(|term| &*term.holder);
                if shown != holder || election.phase != Phase::Held {
                    let phase = election.phase;
                    broken
                        .push(format!("{}: {phase:?} of {shown:?}, not {holder:?}", election.key));
                }
            }
        }
        self.verdict.broken.extend(broken);
    }
}
