//! What must hold of every history: everything is folded anew, and what was seen, and not seen, is told.

mod elections;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use leadership::Leadership;
use leadership::event::{Event, Stage, What};
use leadership::observation::{Fact, Kind, Object, Observation};
use leadership::snapshot::Snapshot;
use leadership::time::{Delta, Time};

use super::truth::{History, histories};
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
