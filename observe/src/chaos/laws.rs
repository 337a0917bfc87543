//! What must hold of every history.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use leadership::Leadership;
use leadership::event::{End, Event, Failover, Flag, Phase, Stage, What};
use leadership::observation::{Fact, Kind, Object, Observation};
use leadership::snapshot::Snapshot;
use leadership::time::{Delta, Time};

use super::truth::{History, Term, histories};
use super::weather::{CALM, Spell};
use super::{Evidence, LATENCY, TICK};

/// What was found.
#[derive(Default)]
pub(super) struct Verdict {
    pub(super) broken: Vec<String>,
    pub(super) report: String,
}

/// A dead watch is noticed within this time while twenty leases live,
const NOTICED: Duration = Duration::from_secs(5);
/// and told of within this.
const TOLD: Duration = Duration::from_secs(15);

/// Requests of one watch in a minute in which nothing comes through.
const REQUESTS: usize = 12;

/// By what the simulation itself is inexact.
fn slack() -> Delta {
    delta(LATENCY + 2 * TICK)
}

fn delta(duration: Duration) -> Delta {
    Delta::from_micros(i64::try_from(duration.as_micros()).unwrap())
}

/// Holds the evidence against all laws.
pub(super) fn judge(evidence: &Evidence) -> Verdict {
    let mut court = Court {
        evidence,
        histories: histories(&evidence.writes),
        events: Vec::new(),
        last: std::sync::Arc::default(),
        blind: Vec::new(),
        unread: Vec::new(),
        seen: BTreeSet::new(),
        verdict: Verdict::default(),
    };
    court.replay();
    court.told_is_replayed();
    court.failovers();
    court.expiries();
    court.blindness();
    court.vigilance();
    court.modesty();
    court.the_end();
    court.report();
    court.verdict
}

struct Court<'a> {
    evidence: &'a Evidence,
    histories: BTreeMap<String, History>,
    events: Vec<Event>,
    last: std::sync::Arc<Snapshot>,
    /// When the leases could not be seen after they had been.
    blind: Vec<(Time, Time)>,
    /// From the last that was seen of any lease until a list: what came and went between, nobody can know.
    unread: Vec<(Time, Time)>,
    /// Holders that were seen.
    seen: BTreeSet<String>,
    verdict: Verdict,
}

impl Court<'_> {
    fn broken(&mut self, text: impl Into<String>) {
        self.verdict.broken.push(text.into());
    }

    /// Folds everything anew, and looks after each step.
    fn replay(&mut self) {
        let mut fold = Leadership::with_catalogue(crate::catalogue::built_in());
        // Before the first list nothing has been seen.
        let (mut lost, mut heard) = (None, Some(Time::from_micros(0)));
        let observations = &self.evidence.observations;
        for observation in observations {
            let passed = fold.advance(observation.at);
            if lost.is_some() && passed.iter().any(judges) {
                self.broken(format!("judged while blind: {passed:#?}"));
            }
            self.events.extend(passed);
            self.events.extend(fold.observe(observation.clone()));
            match &observation.fact {
                Fact::Lost { kind: Kind::Lease, .. } => {
                    lost = lost.or(Some(observation.at));
                }
                fact if fact.kind() == Some(Kind::Lease) => {
                    self.blind.extend(lost.take().map(|from| (from, observation.at)));
                    let before = heard.replace(observation.at);
                    let listed = matches!(fact, Fact::Listed { .. });
                    self.unread.extend(before.filter(|_| listed).map(|at| (at, observation.at)));
                }
                _ => {}
            }
            self.note(observation);
            let now = fold.snapshot();
            self.step(&now, lost.is_some());
            self.last = now;
        }
    }

    fn note(&mut self, observation: &Observation) {
        let objects = match &observation.fact {
            Fact::Listed { objects, .. } => objects.as_slice(),
            Fact::Applied(object) => std::slice::from_ref(object),
            _ => return,
        };
        let locks = objects.iter().filter_map(|object| match object {
            Object::Lock(lock) => lock.holder.as_deref(),
            _ => None,
        });
        self.seen.extend(locks.map(str::to_owned));
    }

    fn step(&mut self, now: &Snapshot, blind: bool) {
        let mut broken = Vec::new();
        for new in &now.elections {
            if blind && new.leaderless.is_some() {
                broken.push(format!("{} is said to be leaderless or led while blind", new.key));
            }
            let Some(old) = self.last.election(&new.key) else { continue };
            let fell = new.leaderless_total < old.leaderless_total
                || new.tally.transitions() < old.tally.transitions()
                || new.tally.failovers.count() < old.tally.failovers.count()
                || new.tally.missed < old.tally.missed;
            if fell {
                broken.push(format!("a counter of {} fell", new.key));
            }
        }
        if !now.elections.is_sorted_by(|one, other| one.key < other.key) {
            broken.push("an election is shown twice".to_owned());
        }
        for old in &self.last.watches {
            if now.watch(old.kind).is_none_or(|new| new.blind < old.blind) {
                broken.push(format!("blind time of {:?} fell", old.kind));
            }
        }
        self.verdict.broken.extend(broken);
    }

    /// A replay says what the loop said.
    fn told_is_replayed(&mut self) {
        let told = &self.evidence.told;
        let differs = told.iter().zip(&self.events).find(|(told, event)| told.what != event.what);
        if let Some((told, event)) = differs {
            self.broken(format!("told was {told:#?}, replayed {event:#?}"));
        }
        if told.len() + 20 < self.events.len() || told.len() > self.events.len() {
            let text = format!("{} events told, {} replayed", told.len(), self.events.len());
            self.broken(text);
        }
    }

    /// None that did not happen, none twice, none lost that could be seen; and the numbers are true.
    fn failovers(&mut self) {
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

    /// Whether all that the holder wrote was written between what was last seen and a list.
    fn may_be_missed(&self, term: &Term) -> bool {
        let (first, last) = (term.first + slack(), term.last - slack());
        self.unread.iter().any(|(from, to)| *from <= first && last <= *to)
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
    /// watch may be; it is taken back with the first that is seen again. So may one that was written a shorter while ago.
    fn expiries(&mut self) {
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
            let retracted = next.is_some_and(|it| matches!(it.what, What::ExpiredRetracted));
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

    /// Blind time is counted, and shown.
    fn blindness(&mut self) {
        let counted: Delta = self.blind.iter().fold(Delta::ZERO, |sum, (a, b)| sum + (*b - *a));
        let shown = self.evidence.shown.watch(Kind::Lease).map(|watch| watch.blind);
        if shown != Some(counted) {
            self.broken(format!("blind for {counted:?}, shown as {shown:?}"));
        }
        let mut broken = Vec::new();
        for spell in self.evidence.spells.iter().filter(|spell| spell.trouble.is_total()) {
            let overlap = |(from, to): &(Time, Time)| {
                ((*to).min(spell.to) - (*from).max(spell.from)).at_least_zero()
            };
            let blind = self.blind.iter().map(overlap).fold(Delta::ZERO, |sum, it| sum + it);
            if blind + delta(TOLD) < spell.to - spell.from {
                broken.push(format!("only {blind:?} of {spell:?} are counted as blind"));
            }
        }
        self.verdict.broken.extend(broken);
    }

    /// A dead watch is noticed soon.
    fn vigilance(&mut self) {
        let mut broken = Vec::new();
        for (place, spell) in self.evidence.spells.iter().enumerate() {
            let before = place.checked_sub(1).map(|place| self.evidence.spells[place]);
            let calm = before.is_none_or(|before| spell.from - before.to >= delta(CALM));
            let blind =
                self.blind.iter().any(|(from, to)| *from <= spell.from && spell.from <= *to);
            if !calm || blind || !spell.trouble.is_total() || spell.to - spell.from < delta(TOLD) {
                continue;
            }
            let lost = self.blind.iter().map(|(from, _)| *from).find(|from| *from >= spell.from);
            let noticed = self.first_asked(spell.from).into_iter().chain(lost).min();
            let took = noticed.map(|at| at - spell.from);
            if took.is_none_or(|took| took > delta(NOTICED) + slack()) {
                broken.push(format!("{spell:?} was noticed after {took:?}"));
            }
        }
        self.verdict.broken.extend(broken);
    }

    fn first_asked(&self, from: Time) -> Option<Time> {
        let asked = self.evidence.asked.iter();
        asked
            .filter(|(_, path)| path.ends_with("/leases"))
            .map(|(at, _)| *at)
            .find(|at| *at >= from)
    }

    /// A server that is not well is not asked often.
    fn modesty(&mut self) {
        let most = |spell: &&Spell| self.most_in_a_minute(spell);
        let worst = self.evidence.spells.iter().filter(|it| it.trouble.is_total()).max_by_key(most);
        if let Some(spell) = worst.filter(|spell| most(spell) > REQUESTS) {
            let text = format!("{} requests in a minute of {spell:?}", most(&spell));
            self.broken(text);
        }
    }

    fn most_in_a_minute(&self, spell: &Spell) -> usize {
        let mut by_path: BTreeMap<&str, Vec<Time>> = BTreeMap::new();
        for (at, path) in &self.evidence.asked {
            if spell.from <= *at && *at <= spell.to {
                by_path.entry(path).or_default().push(*at);
            }
        }
        let minute = Delta::from_secs(60);
        let from = |times: &[Time], at: Time| {
            times.iter().filter(|it| at <= **it && **it < at + minute).count()
        };
        let most = |times: &Vec<Time>| times.iter().map(|at| from(times, *at)).max().unwrap_or(0);
        by_path.values().map(most).max().unwrap_or(0)
    }

    /// After a quiet time the picture is what the server has.
    fn the_end(&mut self) {
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

    fn report(&mut self) {
        let told =
            |wanted: fn(&What) -> bool| self.events.iter().filter(|it| wanted(&it.what)).count();
        let terms: usize = self.histories.values().map(|history| history.terms.len()).sum();
        let failovers = told(|what| matches!(what, What::Failover(it) if it.stage == Stage::Final));
        let retracted = told(|what| matches!(what, What::ExpiredRetracted));
        let writes = self.evidence.writes.len();
        let spells = self.evidence.spells.len();
        let blind: f64 = self.blind.iter().map(|(from, to)| (*to - *from).as_secs_f64()).sum();
        let most = self.evidence.spells.iter().map(|spell| self.most_in_a_minute(spell)).max();
        self.verdict.report = format!(
            "{writes} writes, {terms} terms, {failovers} failovers, {retracted} expiries retracted, \
             {spells} troubles, blind {blind:.0} s, {} losses, most requests in a minute {most:?}",
            self.blind.len()
        );
    }
}

/// Whether the silence of a holder was judged.
fn judges(event: &Event) -> bool {
    matches!(event.what, What::Late { .. } | What::Expired { .. } | What::ControlPlaneSilent { .. })
}
