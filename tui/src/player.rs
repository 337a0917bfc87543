//! A recording as it is played: at any speed, from event to event, to any time of it.

use leadership::event::Event;
use leadership::observation::Observation;
use leadership::time::{Delta, Time};

use crate::source::Fold;

/// How many times faster than it was a recording may be played.
pub const SPEEDS: [i64; 7] = [1, 2, 5, 10, 30, 60, 300];

/// What a player is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Play {
    /// To go on, or to stand still.
    Toggle,
    /// To go to the next event, or to the one before where it is negative.
    Step(isize),
    /// To go on by so many seconds, or back where it is negative.
    Seek(i64),
    /// To go to this time.
    At(Time),
    /// To play faster, or slower where it is negative.
    Speed(isize),
}

/// Where a player is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// Whether time passes.
    pub playing: bool,
    /// How many times faster than it was.
    pub speed: i64,
    /// The time that is shown.
    pub now: Time,
    /// When the recording begins and ends.
    pub span: (Time, Time),
}

/// What a move did.
#[derive(Debug, Default)]
pub struct Moved {
    /// Whether it went back, so that nothing that was told before holds.
    pub back: bool,
    /// What happened, from the beginning on if it went back.
    pub events: Vec<Event>,
}

/// A recording as it is played.
pub struct Player<'a> {
    observations: Vec<Observation>,
    /// Makes a fold that has seen nothing.
    fresh: Box<dyn Fn() -> Fold + 'a>,
    fold: Fold,
    next: usize,
    /// When the events were that have been told; each time once.
    told: Vec<Time>,
    position: Position,
    speed: usize,
}

impl<'a> Player<'a> {
    /// At the end of the recording, which stands still; it will be played at this of the [`SPEEDS`].
    #[must_use]
    pub fn new(
        observations: Vec<Observation>,
        speed: i64,
        fresh: impl Fn() -> Fold + 'a,
    ) -> (Self, Moved) {
        let at =
            |observation: Option<&Observation>| observation.map_or(Time::default(), |it| it.at);
        let span = (at(observations.first()), at(observations.last()));
        let (fold, fresh) = (fresh(), Box::new(fresh));
        let row = SPEEDS.iter().position(|it| *it == speed).unwrap_or(0);
        let position = Position { playing: false, speed: SPEEDS[row], now: span.0, span };
        let mut player =
            Self { observations, fresh, fold, next: 0, told: Vec::new(), position, speed: row };
        let moved = player.go(span.1);
        (player, moved)
    }

    /// Where it is.
    #[must_use]
    pub fn position(&self) -> Position {
        self.position
    }

    /// The fold, for its picture.
    pub fn fold(&mut self) -> &mut Fold {
        &mut self.fold
    }

    /// Lets so much time pass, at its speed, if it is playing. At the end it stands still.
    pub fn pass(&mut self, time: Delta) -> Moved {
        if !self.position.playing {
            return Moved::default();
        }
        let moved = self.go(self.position.now + time.ratio(self.position.speed, 1));
        self.position.playing = self.position.now < self.position.span.1;
        moved
    }

    /// Does what it is told.
    pub fn obey(&mut self, play: Play) -> Moved {
        match play {
            Play::Toggle if !self.position.playing && self.position.now >= self.position.span.1 => {
                self.position.playing = true;
                self.go(self.position.span.0)
            }
            Play::Toggle => {
                self.position.playing = !self.position.playing;
                Moved::default()
            }
            Play::Step(steps) => {
                self.position.playing = false;
                if steps < 0 { self.before() } else { self.after() }
            }
            Play::Seek(seconds) => self.go(self.position.now + Delta::from_secs(seconds)),
            Play::At(time) => self.go(time),
            Play::Speed(steps) => {
                self.speed = self.speed.saturating_add_signed(steps).min(SPEEDS.len() - 1);
                self.position.speed = SPEEDS.get(self.speed).copied().unwrap_or(1);
                Moved::default()
            }
        }
    }

    /// Goes to this time of the recording.
    fn go(&mut self, to: Time) -> Moved {
        let to = to.clamp(self.position.span.0, self.position.span.1);
        let mut moved = Moved { back: to < self.position.now, events: Vec::new() };
        if moved.back {
            self.rewind();
        }
        while let Some(observation) = self.observations.get(self.next).filter(|it| it.at <= to) {
            let observation = observation.clone();
            self.next += 1;
            let events = self.fold.observe(observation);
            self.tell(events, &mut moved);
        }
        let events = self.fold.advance(to);
        self.tell(events, &mut moved);
        if to == self.position.span.1 {
            let events = self.fold.finish();
            self.tell(events, &mut moved);
        }
        self.position.now = to;
        moved
    }

    fn rewind(&mut self) {
        self.fold = (self.fresh)();
        self.next = 0;
        self.told.clear();
    }

    fn tell(&mut self, events: Vec<Event>, moved: &mut Moved) {
        for event in &events {
            if self.told.last() < Some(&event.at) {
                self.told.push(event.at);
            }
        }
        moved.events.extend(events);
    }

    /// On until something happens.
    fn after(&mut self) -> Moved {
        let mut moved = Moved::default();
        while moved.events.is_empty() && self.position.now < self.position.span.1 {
            let next = self.observations.get(self.next).map_or(self.position.span.1, |it| it.at);
            // What falls due between two observations happens at its own time.
            let due = self.fold.next_deadline().filter(|due| *due > self.position.now);
            moved = self.go(due.map_or(next, |due| due.min(next)));
        }
        moved
    }

    /// Back to when something happened last before now.
    fn before(&mut self) -> Moved {
        let now = self.position.now;
        let before = self.told.iter().rev().find(|at| **at < now).copied();
        self.go(before.unwrap_or(self.position.span.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::SourceArgs;
    use crate::source::{self, Source};

    fn player() -> Player<'static> {
        at_speed(1)
    }

    fn at_speed(speed: i64) -> Player<'static> {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../leadership/scenarios/C01-oom.jsonl");
        let args = SourceArgs { replay: Some(path.into()), ..SourceArgs::default() };
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let Source::Recording(recording) = runtime.block_on(source::open(&args)).unwrap() else {
            panic!("{path} is a recording");
        };
        let observations = recording.observations().unwrap();
        Player::new(observations, speed, move || recording.fold()).0
    }

    #[test]
    fn it_begins_at_the_end_and_plays_from_the_beginning() {
        let mut player = player();
        let Position { playing, now, span, .. } = player.position();
        assert_eq!((playing, now), (false, span.1));
        assert!(player.pass(Delta::from_secs(9)).events.is_empty(), "it stands still");
        assert!(player.obey(Play::Toggle).back);
        assert_eq!((player.position().playing, player.position().now), (true, span.0));
        player.obey(Play::Speed(2));
        player.pass(Delta::from_secs(3));
        assert_eq!(player.position().now, span.0 + Delta::from_secs(15), "five times faster");
        player.pass(Delta::from_secs(10_000));
        assert_eq!((player.position().playing, player.position().now), (false, span.1));
    }

    #[test]
    fn it_is_played_at_the_speed_that_it_began_with_until_that_is_changed() {
        let mut player = at_speed(5);
        player.obey(Play::Toggle);
        player.pass(Delta::from_secs(2));
        let begin = player.position().span.0;
        assert_eq!(player.position().now, begin + Delta::from_secs(10));
        player.obey(Play::Speed(1));
        assert_eq!(player.position().speed, 10, "the next row");
    }

    #[test]
    fn steps_lead_from_event_to_event_in_both_directions() {
        let mut player = player();
        player.obey(Play::At(Time::default()));
        let mut forward = Vec::new();
        loop {
            let moved = player.obey(Play::Step(1));
            forward.extend(moved.events.first().map(|event| event.at));
            if player.position().now >= player.position().span.1 {
                break;
            }
        }
        forward.dedup();
        assert!(forward.len() > 4 && forward.is_sorted(), "{forward:?}");
        let end = player.position().now;
        player.obey(Play::Step(-1));
        assert!(player.position().now < end && forward.contains(&player.position().now));
        assert!(!player.position().playing);
    }

    #[test]
    fn the_picture_of_a_time_is_the_same_from_both_sides() {
        let mut player = player();
        let (start, end) = player.position().span;
        let middle = start + (end - start).ratio(1, 2);
        player.obey(Play::At(middle));
        let from_behind = player.fold().snapshot();
        player.obey(Play::At(start));
        player.obey(Play::At(middle));
        assert_eq!(player.fold().snapshot().elections, from_behind.elections);
        player.obey(Play::Seek(-1_000_000));
        assert_eq!(player.position().now, start);
        player.obey(Play::Seek(1_000_000));
        assert_eq!(player.position().now, end);
    }
}
