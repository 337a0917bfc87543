//! What the advice says of which timing.

use std::sync::Arc;

use leadership::advice::{Finding, Rule, advise, timing};
use leadership::event::{Failover, Flag};
use leadership::snapshot::{Chapter, Election};
use leadership::time::Delta;

use crate::play::{election, secs};

/// An election of this duration, interval and worst gap in seconds, in whose history nothing happened.
fn timed(duration: f64, interval: f64, worst: f64) -> Election {
    Election {
        duration: Some(secs(duration)),
        renew_interval: Some(secs(interval)),
        worst_gap: Some(secs(worst)),
        ..Election::clone(&election("S01-healthy", 21.0))
    }
}

fn findings(election: &Election) -> Vec<(Rule, String)> {
    let told = |finding: Finding| (finding.rule, finding.text);
    advise(election).unwrap().findings.into_iter().map(told).collect()
}

fn rules(election: &Election) -> Vec<Rule> {
    findings(election).into_iter().map(|(rule, _)| rule).collect()
}

/// What a rule says of an election.
fn text(election: &Election, rule: Rule) -> String {
    let found = findings(election).into_iter().find(|(found, _)| *found == rule);
    found.unwrap_or_else(|| panic!("{rule:?} says nothing")).1
}

/// The same election with another last failover.
fn after(election: &Election, change: impl FnOnce(&mut Failover)) -> Election {
    let mut ledger = election.ledger.to_vec();
    let Chapter::Reign(reign) = &mut ledger[0] else { panic!("{ledger:?}") };
    let mut failover = Failover::clone(reign.failover.as_ref().unwrap());
    change(&mut failover);
    reign.failover = Some(Arc::new(failover));
    Election { ledger: ledger.into(), ..election.clone() }
}

#[test]
fn nothing_is_promised_before_the_timing_is_known() {
    let usual = timed(15.0, 2.0, 2.0);
    assert!(timing(&usual).is_some());
    assert_eq!(timing(&Election { duration: None, ..usual.clone() }), None);
    assert_eq!(timing(&Election { renew_interval: None, ..usual.clone() }), None);
    assert_eq!(timing(&Election { duration: Some(Delta::ZERO), ..usual.clone() }), None);
    assert_eq!(timing(&Election { renew_interval: Some(Delta::ZERO), ..usual }), None);
}

#[test]
fn the_headroom_is_what_the_worst_gap_left() {
    assert_eq!(timing(&timed(16.0, 2.0, 4.0)).unwrap().headroom_ratio, Some(0.75));
    assert_eq!(timing(&timed(16.0, 2.0, 40.0)).unwrap().headroom_ratio, Some(0.0));
    let unknown = Election { worst_gap: None, ..timed(16.0, 2.0, 4.0) };
    assert_eq!(timing(&unknown).unwrap().headroom_ratio, None);
}

#[test]
fn an_election_costs_writes_and_reads() {
    let timing = timing(&timed(15.0, 2.0, 2.0)).unwrap();
    assert_eq!((timing.writes_per_second, timing.reads_per_second), (0.5, 0.3125));
}

#[test]
fn a_long_interval_may_make_two_leaders() {
    let said =
        |duration, interval| text(&timed(duration, interval, interval), Rule::TwoLeadersPossible);
    assert_eq!(
        said(15.0, 6.0),
        "A leader that is cut off stops 16.0 s after its last renewal (by a renew deadline of \
         10.0 s, which was assumed): two leaders are possible for 1.0 s. Lower the renew deadline or \
         raise the lease duration."
    );
    assert!(said(15.0, 5.0).contains("two leaders are possible for 0.0 s"));
    assert!(said(15.0, 4.0).contains("only 1.0 s are left before two leaders are possible"));
    assert!(!rules(&timed(15.0, 3.0, 3.0)).contains(&Rule::TwoLeadersPossible));
    // Who sleeps until just before the end has no renew deadline.
    assert!(!rules(&timed(30.0, 29.0, 29.0)).contains(&Rule::TwoLeadersPossible));
}

#[test]
fn who_renews_at_the_very_end_hears_of_it() {
    assert_eq!(
        findings(&timed(30.0, 29.0, 29.0)),
        [(
            Rule::ThinGrace,
            "It renews 1.0 s before its claim ends: one late packet loses the lock. Renew at least \
             10.0 s before the end."
                .to_owned()
        )]
    );
    assert_eq!(rules(&timed(30.0, 28.0, 28.0)), []);
    // Three quarters of the duration are not the end.
    assert_eq!(rules(&timed(4.0, 3.0, 3.0)), [Rule::TwoLeadersPossible, Rule::NearMiss]);
}

#[test]
fn a_gap_of_half_the_duration_is_a_near_miss() {
    assert_eq!(
        text(&timed(15.0, 2.0, 8.0), Rule::NearMiss),
        "A renewal took 8.0 s of the 15.0 s that the claim lasts: one more hiccup of this size loses \
         the lock. Look for throttling of the leader or a slow API server."
    );
    assert!(!rules(&timed(16.0, 2.0, 8.0)).contains(&Rule::NearMiss));
    let unknown = Election { worst_gap: None, ..timed(15.0, 2.0, 2.0) };
    assert_eq!(rules(&unknown), [Rule::WriteLoad]);
}

#[test]
fn a_takeover_that_polling_does_not_explain_is_told() {
    let crash = election("S02-crash", 38.0);
    let took = |seconds| after(&crash, |failover| failover.takeover_seconds = Some(secs(seconds)));
    assert_eq!(
        text(&took(20.0), Rule::SlowTakeover),
        "A takeover took 20.0 s where polling explains 8.8 s: the standbys were starved, or there \
         were none."
    );
    assert!(rules(&took(8.9)).contains(&Rule::SlowTakeover));
    assert!(!rules(&took(8.8)).contains(&Rule::SlowTakeover));
    let blind = after(&took(20.0), |failover| failover.flags.push(Flag::ObserverGap));
    assert!(!rules(&blind).contains(&Rule::SlowTakeover));
}

#[test]
fn who_ends_silently_might_release() {
    let crash = election("S02-crash", 38.0);
    assert_eq!(
        text(&crash, Rule::ReleaseOnCancel),
        "A term ended without a release. If that stop was planned, ReleaseOnCancel would have made \
         it cost 1.7 s in the mean instead of 18.4 s."
    );
    let kubert = Election { renew_interval: Some(secs(14.0)), ..Election::clone(&crash) };
    assert!(!rules(&kubert).contains(&Rule::ReleaseOnCancel));
    assert!(!rules(&election("S03-release", 23.0)).contains(&Rule::ReleaseOnCancel));
    let unseen = after(&crash, |failover| failover.flags.push(Flag::UnknownStart));
    assert!(!rules(&unseen).contains(&Rule::ReleaseOnCancel));
}

#[test]
fn who_renews_often_may_renew_less_often() {
    assert_eq!(
        findings(&timed(15.0, 2.0, 2.0)),
        [(
            Rule::WriteLoad,
            "0.50 writes a second: twice the interval would halve that, and add at most 8.8 s to the \
             worst failover."
                .to_owned()
        )]
    );
    assert_eq!(rules(&timed(12.0, 2.0, 2.0)), [Rule::WriteLoad]);
    assert_eq!(rules(&timed(11.0, 2.0, 2.0)), [Rule::TwoLeadersPossible]);
}

#[test]
fn clocks_matter_to_those_who_compare_them() {
    // The nodes of its two candidates send heartbeats.
    let seen = election("C01-oom", 60.0);
    assert_eq!(seen.clock_spread, Some(Delta::ZERO));
    let apart = |library: &str, spread: f64| Election {
        library: Some(library.into()),
        clock_spread: Some(secs(spread)),
        ..timed(30.0, 29.0, 29.0)
    };
    assert_eq!(
        text(&apart("kubert", 1.1), Rule::ClocksApart),
        "Clocks of the candidates' nodes differ by 1.1 s, and kubert compares the time of the last \
         renewal with its own clock: from 1.0 s on a standby may take the lock from a healthy leader. \
         Synchronise the clocks."
    );
    assert!(!rules(&apart("kubert", 1.0)).contains(&Rule::ClocksApart));
    assert!(!rules(&apart("controller-runtime", 60.0)).contains(&Rule::ClocksApart));
    let coordinated = Election { strategy: Some("Oldest".into()), ..apart("client-go", 1.1) };
    assert!(rules(&coordinated).contains(&Rule::ClocksApart));
}
