use leadership::event::{Cause, Confidence, Failover};
use leadership::snapshot::{Election, Leader, Method, Note};
use leadership::time::Delta;

use super::*;
use crate::samples;
use crate::theme::{ASCII, UNICODE};

const LENS: Lens = Lens { now: samples::NOW, glyphs: UNICODE };

fn text(rows: &[Row]) -> String {
    let line = |row: &Row| row.iter().map(|cell| cell.text.as_str()).collect::<String>();
    rows.iter().map(|row| line(row).trim_end().to_owned()).collect::<Vec<_>>().join("\n")
}

fn gitjob() -> Election {
    Election::clone(&samples::fleet().elections[2])
}

fn with_failover(edit: impl FnOnce(&mut Failover)) -> String {
    let mut failover = Failover::clone(&samples::failover("old", "new", 60.0));
    edit(&mut failover);
    let election = Election { last_failover: Some(failover.into()), ..gitjob() };
    text(&failover::rows(&election, &LENS, 100))
}

#[test]
fn rows_keep_to_their_room() {
    for election in &samples::fleet().elections {
        for room in [40, 60, 80, 120, 200] {
            for row in whole(election, &LENS, room) {
                let cells: usize = row.iter().map(|cell| format::width(&cell.text)).sum();
                // The fixed columns of the ledger and the bars need so many.
                assert!(cells <= room.max(66), "{cells} > {room}: {row:?}");
            }
        }
    }
}

#[test]
fn each_phase_begins_where_the_one_before_it_ends() {
    insta::assert_snapshot!(with_failover(|failover| {
        failover.silent_seconds = Some(Delta::from_secs(5));
        failover.expiry_seconds = Some(Delta::from_secs(10));
        failover.cause = Cause::OomKilled;
        failover.confidence = Confidence::High;
        failover.evidence = vec!["container x ended with OOMKilled".into(), "a second fact".into()];
    }));
}

#[test]
fn what_is_not_known_of_a_failover_is_not_drawn() {
    let told = with_failover(|failover| {
        failover.leaderless_seconds = None;
        failover.wait_seconds = None;
        failover.takeover_seconds = None;
        failover.ready_seconds = None;
        failover.silent_seconds = Some(Delta::from_secs(5));
    });
    for phase in ["wait", "silent", "takeover", "ready"] {
        assert!(!told.contains(phase), "{phase}: {told}");
    }
    assert!(told.contains("? leaderless") && told.contains("nothing speaks for a cause"), "{told}");
}

#[test]
fn bars_of_any_lengths_stay_in_their_cells() {
    for length in [i64::MIN, -1, 0, 1, 2_500_000, i64::MAX] {
        let told = with_failover(|failover| {
            failover.wait_seconds = Some(Delta::from_micros(length));
            failover.takeover_seconds = Some(Delta::from_micros(i64::MAX));
        });
        assert!(told.lines().all(|line| format::width(line) <= 100), "{told}");
    }
}

fn noted(notes: Vec<Note>) -> String {
    let mut election = gitjob();
    if let Some(term) = &mut election.term {
        term.leader = Leader { notes, method: Method::Cached, ..term.leader.clone() };
    }
    text(&whole(&election, &LENS, 200))
}

#[test]
fn an_orphaned_lease_says_from_when_on_another_may_lead() {
    let told = noted(vec![Note::Orphaned, Note::Gone]);
    let sentence = "the process that holds this lease is dead; \
                    nobody can take over until 15:00:13Z, in 13.8s; its pod is gone";
    assert!(told.contains(sentence), "{told}");
}

#[test]
fn without_notes_there_is_no_notice() {
    assert!(!noted(Vec::new()).contains("notice"));
}

#[test]
fn candidates_and_their_losses_are_told() {
    let told = text(&whole(&gitjob(), &LENS, 100));
    for words in [
        "1 ready standby, survives the loss of 1",
        "1 not ready",
        "leads, ready",
        "of 3 wanted",
        "CANDIDATES",
    ] {
        assert!(told.contains(words), "{words}: {told}");
    }
}

#[test]
fn ascii_is_enough() {
    let lens = Lens { glyphs: ASCII, ..LENS };
    for election in &samples::fleet().elections {
        assert!(text(&whole(election, &lens, 120)).is_ascii());
    }
}
