use super::cells::{gauge, holder, renewed, since};
use super::*;
use crate::format;
use crate::samples;
use crate::theme::{ASCII, UNICODE};
use leadership::time::Delta;

const LENS: Lens = Lens { now: samples::NOW, glyphs: UNICODE };

#[test]
fn the_bar_runs_out_and_never_overflows() {
    let whole = Delta::from_secs(15);
    let shown = |left, signs| gauge(Delta::from_millis(left), whole, 5, signs);
    assert_eq!(shown(15_000, UNICODE.bar), "█████");
    assert_eq!(shown(7_500, UNICODE.bar), "██▌··");
    assert_eq!(shown(1, UNICODE.bar), "▏····");
    assert_eq!(shown(0, UNICODE.bar), "·····");
    assert_eq!(shown(-9_000, ASCII.bar), ".....");
    assert_eq!(shown(99_000, ASCII.bar), "#####");
    assert_eq!(gauge(whole, Delta::ZERO, 3, ASCII.bar), "###");
    assert_eq!(gauge(whole, whole, 0, ASCII.bar), "");
}

#[test]
fn ages_stand_still_while_we_are_blind() {
    let blind = samples::blind();
    let later = Lens { now: samples::NOW + Delta::from_secs(600), ..LENS };
    for election in &blind.elections {
        for column in COLUMNS {
            let (then, now) =
                ((column.cell)(election, &LENS, 20), (column.cell)(election, &later, 20));
            assert_eq!(then, now, "{}", column.title);
        }
    }
}

#[test]
fn cells_keep_to_their_room() {
    for election in &samples::fleet().elections {
        for column in COLUMNS.iter().filter(|column| column.grow > 0) {
            let room = usize::from(column.min);
            let cell = (column.cell)(election, &LENS, room);
            assert!(format::width(&cell.text) <= room, "{}: {cell:?}", column.title);
        }
    }
}

#[test]
fn nobody_leads_what_is_leaderless() {
    let snapshot = samples::fleet();
    let expired = &snapshot.elections[1];
    assert!(holder(expired, &LENS, 60).text.starts_with("was fleet-controller-"));
    assert_eq!(since(expired, &LENS, 10).text, "23s");
    assert_eq!(renewed(expired, &LENS, 10).text, "38s/15s");
}

#[test]
fn what_was_not_seen_to_begin_is_marked() {
    let snapshot = samples::fleet();
    assert_eq!(since(&snapshot.elections[4], &LENS, 10).text, ">12s");
}

#[test]
fn every_order_has_one_heading() {
    for order in Order::all() {
        let headings = COLUMNS.iter().filter(|column| column.order == Some(order));
        assert_eq!(headings.count(), 1, "{order:?}");
    }
}

#[test]
fn standbys_and_causes_are_told_as_far_as_they_are_known() {
    use leadership::event::{Cause, Confidence, Failover};
    use std::sync::Arc;
    let snapshot = samples::fleet();
    let standby = |place: usize| cells::standby(&snapshot.elections[place], &LENS, 7);
    assert_eq!(standby(0), Cell::new("0/0", Tone::Warn));
    assert_eq!(standby(2), Cell::new("1/1", Tone::Plain));
    assert_eq!(standby(1), Cell::nothing());
    let mut gitjob = Election::clone(&snapshot.elections[2]);
    assert_eq!(cells::cause(&gitjob, &LENS, 20).text, "oom_killed");
    let unsure = Failover {
        cause: Cause::NodeLost,
        confidence: Confidence::Low,
        ..Failover::clone(&samples::failover("a", "b", 1.0))
    };
    gitjob.last_failover = Some(Arc::new(unsure));
    assert_eq!(cells::cause(&gitjob, &LENS, 20).text, "node_lost?");
}
