//! What is counted, and since when.

use leadership::event::{Cause, End, Phase, TermEnd};
use leadership::snapshot::{Chapter, Election, Reign};
use leadership::tally::Tally;

use crate::play::{at, election, picture, secs};

fn ended(tally: &Tally) -> Vec<(TermEnd, u64)> {
    TermEnd::ALL.into_iter().zip(tally.ended).filter(|(_, count)| *count > 0).collect()
}

fn reigns(election: &Election) -> Vec<&Reign> {
    let reigns = election.ledger.iter().filter_map(|chapter| match chapter {
        Chapter::Reign(reign) => Some(reign),
        Chapter::Missed { .. } => None,
    });
    reigns.collect()
}

#[test]
fn a_crash_is_counted_once_it_is_final() {
    let before = election("final-after-eight", 50.0);
    assert_eq!(ended(&before.tally), [(TermEnd::Expired, 1)]);
    assert_eq!(before.tally.failovers.count(), 0);
    let after = election("final-after-eight", 54.0);
    assert_eq!(after.tally.failovers.count(), 1);
    assert_eq!(after.tally.failovers.sum, 17.5);
    let phases = after.tally.phases.map(|sum| (sum.seconds, sum.count));
    assert_eq!(phases, [(15.0, 1), (0.0, 0), (0.0, 0), (2.5, 1), (0.0, 0)]);
}

#[test]
fn a_window_does_not_wait_for_its_cause() {
    let counted = |seconds| {
        let tally = election("C04-stalled", seconds).tally.clone();
        (tally.failovers.count(), tally.causes.get(&Cause::RenewStalled).copied())
    };
    assert_eq!(counted(133.0), (0, None));
    assert_eq!(counted(134.0), (1, None));
    assert_eq!(counted(207.0), (1, None));
    assert_eq!(counted(208.0), (1, Some(1)));
}

#[test]
fn handovers_that_somebody_asked_for_are_told_by_whether_the_lock_was_released() {
    let sums = |scenario| {
        let tally = election(scenario, 249.0).tally.clone();
        (tally.released.count, tally.unreleased.count)
    };
    assert_eq!(sums("C07-rollout"), (1, 0));
    assert_eq!(sums("C08-rollout-no-release"), (0, 1));
    assert_eq!(sums("C01-oom"), (0, 0));
}

#[test]
fn a_restart_ends_no_term_and_stands_behind_what_came_after() {
    let after = election("C26-restart-and-release", 115.0);
    assert_eq!((after.tally.restarts, after.tally.failovers.count()), (1, 1));
    let newest = after.last_failover.as_ref().unwrap();
    assert_eq!((&*newest.from, &*newest.to), ("a", "b"));
    let reigns = reigns(&after);
    let told = reigns[0].failover.as_ref().unwrap();
    assert_eq!((reigns.len(), told.end), (2, End::Release));
}

#[test]
fn readiness_is_counted_as_a_part() {
    let phases = |name| election(name, 98.0).tally.phases.map(|sum| (sum.seconds, sum.count));
    assert_eq!(phases("ready-later"), [(15.0, 1), (0.0, 0), (0.0, 0), (2.5, 1), (3.5, 1)]);
    assert_eq!(phases("ready-before"), [(15.0, 1), (0.0, 0), (0.0, 0), (2.5, 1), (0.0, 1)]);
}

#[test]
fn each_term_is_counted_by_its_end() {
    for (scenario, expected) in [
        ("S01-healthy", vec![]),
        ("S02-crash", vec![(TermEnd::Expired, 1)]),
        ("S03-release", vec![(TermEnd::Released, 1)]),
        ("S04-release-nobody", vec![(TermEnd::Released, 1)]),
        ("S05-soft-release", vec![(TermEnd::Released, 1)]),
        ("S08-lapse", vec![]),
        ("S12-deleted-other", vec![(TermEnd::Deleted, 1)]),
        ("S13-cleared", vec![(TermEnd::Cleared, 1)]),
        ("S14-ghost", vec![(TermEnd::Expired, 1), (TermEnd::Cleared, 1)]),
        ("S21-relist-three-terms", vec![(TermEnd::ObserverGap, 1)]),
        ("S24-relist-gone", vec![(TermEnd::ObserverGap, 1)]),
        ("S30-usurped", vec![(TermEnd::Preempted, 1)]),
        ("alternating", vec![(TermEnd::Preempted, 4)]),
        ("relist-released-gone", vec![(TermEnd::Released, 1)]),
    ] {
        assert_eq!(ended(&election(scenario, 100.0).tally), expected, "{scenario}");
    }
}

#[test]
fn what_nobody_saw_is_not_in_the_windows() {
    for (scenario, missed) in [
        ("S21-relist-three-terms", 2),
        ("S22-relist-same-holder", 2),
        ("relist-released-again", 2),
        ("relist-released-gone", 0),
        ("relist-released-uncounted", 0),
        ("relist-cleared", 0),
    ] {
        let election = election(scenario, 200.0);
        assert_eq!(election.tally.missed, missed, "{scenario}");
        assert_eq!(election.tally.failovers.count(), 0, "{scenario}");
    }
    assert_eq!(election("relist-released-unmoved", 200.0).tally.failovers.count(), 1);
}

#[test]
fn two_leaders_are_possible_until_the_old_one_stops_by_itself() {
    // From the last renewal at 20.02: an interval of 2 s, and two thirds of 15 s.
    let until = Some(at(32.02));
    assert_eq!(election("S13-cleared", 22.0).overlap_until, until);
    assert_eq!(election("S30-usurped", 29.0).overlap_until, until);
    assert_eq!(election("S02-crash", 38.0).overlap_until, None);
    assert_eq!(election("S11-deleted-same", 23.0).overlap_until, None);
    // The old leader has stopped by now.
    assert_eq!(election("usurped-late", 33.0).overlap_until, None);
    assert_eq!(election("deleted-for-ten-minutes", 621.0).overlap_until, None);
}

#[test]
fn a_state_lasts_since_its_cause_and_not_since_somebody_looked() {
    for (scenario, seconds, phase, since) in [
        ("S01-healthy", 21.0, Phase::Held, 0.02),
        ("S02-crash", 24.0, Phase::Late, 23.02),
        ("S02-crash", 36.0, Phase::Expired, 35.02),
        ("S02-crash", 38.0, Phase::Held, 37.52),
        ("S03-release", 22.0, Phase::Vacant, 21.02),
        ("S12-deleted-other", 21.2, Phase::Absent, 21.0),
        ("S16-start-dead", 14.0, Phase::Unknown, 0.0),
        ("S16-start-dead", 20.0, Phase::Expired, 15.0),
    ] {
        let election = election(scenario, seconds);
        let got = (election.phase, election.phase_since);
        assert_eq!(got, (phase, at(since)), "{scenario} at {seconds}");
    }
}

#[test]
fn a_claim_runs_out_a_duration_after_the_last_write() {
    for (scenario, seconds, expiry) in [
        ("S01-healthy", 21.0, Some(35.02)),
        ("S03-release", 22.0, Some(21.02)),
        // A soft release keeps others out for one more second.
        ("S05-soft-release", 22.0, Some(22.02)),
        ("S13-cleared", 21.5, Some(21.0)),
        ("S12-deleted-other", 21.2, None),
        ("S14-ghost", 22.0, Some(36.0)),
        ("S16-start-dead", 14.0, Some(15.0)),
        ("S16-start-dead", 16.0, None),
        ("S32-no-duration", 20.0, None),
    ] {
        let election = election(scenario, seconds);
        assert_eq!(election.expiry, expiry.map(at), "{scenario} at {seconds}");
    }
}

#[test]
fn gaps_are_counted_as_shares_of_the_duration() {
    let healthy = election("S01-healthy", 21.0);
    // The confirmation right after acquiring is no renewal gap.
    assert_eq!((healthy.gaps.counts, healthy.gaps.over), ([10, 0, 0, 0, 0], 0));
    assert!((healthy.gaps.sum - 19.99 / 15.0).abs() < 1e-9);
    assert_eq!(healthy.renew_interval, Some(secs(2.0)));
    assert_eq!(healthy.worst_gap, Some(secs(2.0)));
    assert_eq!(healthy.term.as_ref().unwrap().renewals, 11);

    // After a second it is one.
    assert_eq!(election("each-second", 10.0).gaps.count(), 9);

    let late = election("S09-late", 29.0);
    assert_eq!((late.gaps.counts, late.gaps.over), ([10, 0, 1, 0, 0], 0));
    assert_eq!(late.worst_gap, Some(secs(8.0)));
    // A gap in which the claim ran out is counted, but it is not how often its holder renews.
    let lapse = election("S08-lapse", 41.0);
    assert_eq!((lapse.gaps.counts, lapse.gaps.over), ([10, 0, 0, 0, 0], 1));
    assert_eq!(lapse.worst_gap, Some(secs(2.0)));
}

#[test]
fn a_gap_that_was_not_seen_from_end_to_end_is_none() {
    // We were blind between; the holder's first own write follows an appointment; one was read in a list.
    for (scenario, seconds, gaps) in [
        ("resume-without-relist", 60.0, 14),
        ("S28-coordinated", 39.0, 9),
        ("S19-relist-renewed", 54.0, 11),
        ("S15-start-healthy", 10.0, 4),
    ] {
        let gaps_seen = election(scenario, seconds).gaps.count();
        assert_eq!(gaps_seen, gaps, "{scenario}");
    }
}

#[test]
fn history_tells_each_term() {
    let crash = election("S02-crash", 38.0);
    let (old, new) = (reigns(&crash)[0].clone(), reigns(&crash)[1].clone());
    assert_eq!((&*old.holder, old.from, old.to), ("a_1", at(0.02), Some(at(20.02))));
    assert_eq!((old.ended, old.from_seen), (Some(TermEnd::Expired), true));
    assert_eq!(old.failover.unwrap().leaderless_seconds, Some(secs(17.5)));
    assert_eq!((&*new.holder, new.from, new.to), ("b", at(37.52), None));
    assert_eq!((new.ended, new.failover), (None, None));
}

#[test]
fn history_tells_what_nobody_saw() {
    let relist = election("S21-relist-three-terms", 91.0);
    let missed = Chapter::Missed { count: 2, from: at(21.0), to: at(90.0) };
    assert!(relist.ledger.contains(&missed), "{:?}", relist.ledger);
}

#[test]
fn nobody_leads_since_the_claim_ran_out_or_was_given_up() {
    assert_eq!(election("S02-crash", 34.0).leaderless_since, None);
    assert_eq!(election("S02-crash", 36.0).leaderless_since, Some(at(35.02)));
    assert_eq!(election("S02-crash", 38.0).leaderless_since, None);
    assert_eq!(election("S03-release", 22.0).leaderless_since, Some(at(21.02)));
}

#[test]
fn a_deleted_lock_is_kept_for_ten_minutes() {
    assert_eq!(picture("deleted-and-forgotten", 620.0).elections.len(), 1);
    assert_eq!(picture("deleted-and-forgotten", 621.0).elections.len(), 0);
    let again = election("deleted-and-forgotten", 622.0);
    assert_eq!(again.tally.transitions(), 0);
}

#[test]
fn leaderless_time_is_what_the_states_say() {
    for (scenario, seconds, total) in [
        ("S01-healthy", 21.0, 0.0),
        ("S02-crash", 36.0, 0.98),
        ("S02-crash", 60.0, 2.5 + 60.0 - 52.52),
        ("S03-release", 30.0, 1.3),
        ("S08-lapse", 41.0, 5.0),
        // Blind from 22 on: what happened then is not counted.
        ("relist-released-again", 80.0, 0.98),
        ("relist-released-again", 91.0, 1.98),
    ] {
        let election = election(scenario, seconds);
        assert_eq!(election.leaderless_total, secs(total), "{scenario} at {seconds}");
    }
}
