use super::*;

const SECOND: i64 = 1_000;

/// Renewals by `(written, delay)`, in milliseconds of our clock; a cadence of two seconds is known.
fn writers(renewals: impl IntoIterator<Item = (i64, i64)>) -> Writers {
    let mut writers = Writers::default();
    for (written, delay) in renewals {
        let written = Time::from_micros(written * SECOND);
        let arrived = written + Delta::from_millis(delay);
        let interval = Some(Delta::from_secs(2));
        writers.take(Renewal { arrived, written, interval }, false);
    }
    writers
}

/// Twelve renewals, one a second, with these delays in turn.
fn each_second(delays: &[i64]) -> Option<Delta> {
    let arrivals = (1..=12).map(|second| second * SECOND);
    let delays = delays.iter().cycle();
    writers(arrivals.zip(delays).map(|(at, delay)| (at - delay, *delay))).apart()
}

#[test]
fn two_clocks_that_take_turns_twice_as_often_are_two_writers() {
    assert_eq!(each_second(&[20, -280]), Some(Delta::from_millis(300)));
    assert_eq!(each_second(&[20, -280, 24, -283]), Some(Delta::from_millis(300)));
    assert_eq!(each_second(&[-280, 20]), Some(Delta::from_millis(300)));
}

#[test]
fn clusters_are_five_times_as_far_apart_as_they_are_wide() {
    assert_eq!(each_second(&[20, 300, 60, 340, 100, 380]), None);
    assert_eq!(each_second(&[20, 301, 60, 341, 100, 381]), Some(Delta::from_millis(201)));
    // One that lies apart does not make a cluster wide.
    let mut delays = [60, 160].repeat(6);
    delays[0] = 20;
    assert_eq!(each_second(&delays), Some(Delta::from_millis(100)));
}

#[test]
fn a_late_delivery_hides_them_only_for_a_while() {
    let mut delays = [20, -280].repeat(12);
    delays[2] = 40;
    delays[4] = 700;
    let at = |count| {
        let arrivals = (1..=count).map(|second| second * SECOND);
        writers(arrivals.zip(&delays).map(|(at, delay)| (at - delay, *delay))).apart()
    };
    assert_eq!((at(14), at(17)), (None, Some(Delta::from_millis(300))));
}

#[test]
fn one_clock_that_renews_twice_as_often_is_one_writer() {
    assert_eq!(each_second(&[20]), None);
    assert_eq!(each_second(&[20, 28]), None);
    // Evenly spread: as far apart as they are wide.
    assert_eq!(each_second(&[20, 80, 40, 120, 60, 100]), None);
    // Just not enough: five times as far apart as they are wide.
    assert_eq!(each_second(&[20, 30]), None);
    assert_eq!(each_second(&[20, 31]), Some(Delta::from_millis(11)));
}

#[test]
fn a_restart_on_another_host_with_another_cadence_is_one_writer() {
    assert_eq!(each_second(&[20, 20, 20, 20, 20, 20, -280, -280, -280, -280, -280, -280]), None);
    assert_eq!(each_second(&[20, 20, 20, -280, -280, -280]), None);
}

#[test]
fn two_ways_taken_by_chance_are_one_writer() {
    assert_eq!(each_second(&[20, -280, -280, 20, -280, 20, 20]), None);
    // All by turns, but for one.
    assert_eq!(each_second(&[20, -280, 20, -280, 20, -280, 20, -280, 20, -280, 20, 20]), None);
}

#[test]
fn each_writer_renews_about_as_often_as_before() {
    // Both after 1,500 ms by turns: a renewal in 750 ms.
    let turns = |half: i64| {
        let delay = |n: i64| if n % 2 == 0 { 20 } else { -280 };
        writers((1..=12).map(|n| (n * half - delay(n), delay(n)))).apart()
    };
    assert_eq!(turns(750), Some(Delta::from_millis(300)));
    assert_eq!(turns(749), None);
}

#[test]
fn a_few_that_differ_are_no_writer() {
    assert_eq!(each_second(&[20, 20, 20, -280]), None);
}

#[test]
fn two_ways_to_us_do_not_renew_more_often() {
    let turns = |interval: i64| {
        writers((1..=12).map(|n| (n * interval, if n % 2 == 0 { 20 } else { 320 }))).apart()
    };
    assert_eq!(turns(2_000), None);
    assert_eq!(turns(1_300), None);
    assert!(turns(1_150).is_some());
}

#[test]
fn less_than_twelve_say_nothing() {
    let delays = |n: i64| if n % 2 == 0 { 20 } else { -280 };
    let some = |count| writers((1..=count).map(|n| (n * SECOND - delays(n), delays(n)))).apart();
    assert_eq!(some(11), None);
    assert!(some(12).is_some());
    assert!(some(40).is_some());
}

#[test]
fn nothing_is_said_before_a_cadence_is_known() {
    let mut unknown = writers((1..=12).map(|n| (n * SECOND, if n % 2 == 0 { 20 } else { 320 })));
    assert!(unknown.apart().is_some());
    unknown.recent[0].interval = None;
    assert_eq!(unknown.apart(), None);
}
