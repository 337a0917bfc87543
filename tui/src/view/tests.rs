use std::sync::Arc;

use leadership::observation::Kind;
use leadership::snapshot::Snapshot;
use leadership::time::Delta;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::style::Color;

use super::*;
use crate::app::Message;
use crate::keymap::Keymap;
use crate::samples;
use crate::theme::{Depth, PALETTES, Theme};

fn empty() -> App {
    let theme = Theme::new(PALETTES[0], Depth::Of16, false);
    App::new("kind-prod", theme, Keymap::default(), samples::ago(5.0))
}

fn app(snapshot: Arc<Snapshot>) -> App {
    let mut app = empty();
    app.update(Message::Snapshot(snapshot), samples::NOW);
    app
}

fn plain() -> Theme {
    Theme::new(PALETTES[0], Depth::None, true)
}

fn press(app: &mut App, keys: &str) {
    for c in keys.chars() {
        let code = match c {
            '\n' => crossterm::event::KeyCode::Enter,
            c => crossterm::event::KeyCode::Char(c),
        };
        app.update(Message::Key(code.into()), samples::NOW);
    }
}

fn drawn(app: &App, now: Time, (width, height): (u16, u16)) -> Buffer {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal
        .draw(|frame| {
            view(app, now, frame);
        })
        .unwrap();
    terminal.backend().buffer().clone()
}

fn text(buffer: &Buffer) -> String {
    let width = usize::from(buffer.area.width);
    let rows = buffer.content.chunks(width).map(|row| {
        let row: String = row.iter().map(ratatui::buffer::Cell::symbol).collect();
        row.trim_end().to_owned()
    });
    rows.collect::<Vec<_>>().join("\n")
}

fn screen(app: &App, size: (u16, u16)) -> String {
    text(&drawn(app, samples::NOW, size))
}

#[test]
fn screens_of_all_sizes() {
    let app = app(samples::fleet());
    insta::assert_snapshot!("120x40", screen(&app, (120, 40)));
    insta::assert_snapshot!("80x24", screen(&app, (80, 24)));
    insta::assert_snapshot!("60x20", screen(&app, (60, 20)));
    insta::assert_snapshot!("39x9", screen(&app, (39, 9)));
}

#[test]
fn a_screen_for_terminals_that_have_neither_colours_nor_unicode() {
    let mut app = app(samples::fleet());
    app.theme = plain();
    let buffer = drawn(&app, samples::NOW, (80, 24));
    insta::assert_snapshot!("ascii", text(&buffer));
    assert!(text(&buffer).is_ascii());
    for cell in &buffer.content {
        assert_eq!((cell.fg, cell.bg), (Color::Reset, Color::Reset));
    }
}

#[test]
fn every_state_is_told_in_a_word() {
    let app = app(samples::fleet());
    let screen = screen(&app, (80, 24));
    for word in ["● held", "! late", "× expired", "× released", "? held?"] {
        assert!(screen.contains(word), "{word} is missing:\n{screen}");
    }
}

#[test]
fn a_blind_watch_is_told_and_nothing_goes_away() {
    let app = app(samples::blind());
    insta::assert_snapshot!("blind", screen(&app, (80, 24)));
    let later = samples::NOW + Delta::from_secs(600);
    let table = |now| text(&drawn(&app, now, (80, 24)));
    let rows = |screen: String| {
        let rows = screen.lines().filter(|line| line.contains("stale "));
        rows.map(str::to_owned).collect::<Vec<_>>()
    };
    let (then, now) = (rows(table(samples::NOW)), rows(table(later)));
    assert_eq!(then[1..], now[1..], "ages stand still");
}

#[test]
fn forbidden_pods_leave_the_leases() {
    let mut snapshot = Snapshot::clone(&samples::fleet());
    snapshot.watches[1].up = false;
    snapshot.watches[1].listed = false;
    snapshot.watches[1].last_error = Some("pods is forbidden".into());
    let screen = screen(&app(Arc::new(snapshot)), (80, 24));
    assert!(screen.contains("Pods cannot be watched (pods is forbidden"), "{screen}");
    assert!(screen.contains("/gitjob"), "{screen}");
}

#[test]
fn before_the_first_list_it_says_what_it_waits_for() {
    let mut waiting = empty();
    assert!(screen(&waiting, (80, 24)).contains("Waiting for the leases of kind-prod for 5s."));
    let mut failing = samples::watch(Kind::Lease);
    failing.listed = false;
    failing.up = false;
    failing.last_error = Some("connection refused".into());
    let snapshot = Snapshot { watches: vec![failing], ..Snapshot::default() };
    waiting.update(Message::Snapshot(Arc::new(snapshot)), samples::NOW);
    insta::assert_snapshot!("waiting", screen(&waiting, (80, 24)));
}

#[test]
fn one_election_whole() {
    let mut app = app(samples::fleet());
    press(&mut app, "/gitjob\n\n");
    insta::assert_snapshot!("detail", screen(&app, (80, 24)));
}

#[test]
fn help_tells_every_key() {
    let mut app = app(samples::fleet());
    press(&mut app, "?");
    let help = screen(&app, (80, 50));
    insta::assert_snapshot!("help", help);
    for row in crate::keymap::BINDINGS {
        assert!(help.contains(row.keys[0]) && help.contains(row.help), "{}", row.name);
    }
}

#[test]
fn a_frozen_picture_says_so_and_stands_still() {
    let mut app = app(samples::fleet());
    press(&mut app, "f");
    let later = samples::NOW + Delta::from_secs(12);
    let frozen = text(&drawn(&app, later, (160, 24)));
    assert!(frozen.contains("FROZEN 12s ago at 15:00:00Z"), "{frozen}");
    assert!(frozen.contains("1s/15s"), "{frozen}");
}

#[test]
fn ages_move_with_the_time_alone() {
    let app = app(samples::fleet());
    let later = text(&drawn(&app, samples::NOW + Delta::from_secs(2), (160, 24)));
    assert!(later.contains("3s/15s"), "{later}");
    assert!(later.contains("25s"), "the expired one is 23 s old: {later}");
}

/// Control characters, and those that turn the direction of writing or cannot be seen.
fn harmful(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{202a}'..='\u{202e}' | '\u{200b}'..='\u{200f}' | '\u{e0000}'..='\u{e007f}')
}

fn assert_clean(app: &mut App) {
    for keys in ["", "\n", "t", "n", "?"] {
        press(app, keys);
        for size in [(40, 10), (80, 24), (200, 50)] {
            let buffer = drawn(app, samples::NOW, size);
            let mut cells = buffer.content.iter();
            let bad = cells.find(|cell| cell.symbol().chars().any(harmful));
            assert!(bad.is_none(), "{bad:?}");
        }
    }
}

#[test]
fn hostile_names_never_reach_a_cell() {
    let evil = "a\u{1b}[2J\u{202e}b\u{9b}31m\r\n\u{7}c\u{200d}\u{e0041}";
    let lease = serde_json::json!({
        "apiVersion": "coordination.k8s.io/v1", "kind": "Lease",
        "metadata": {"namespace": evil, "name": evil, "uid": evil},
        "spec": {
            "holderIdentity": evil, "leaseDurationSeconds": 15, "strategy": evil, "preferredHolder": evil,
            "renewTime": "2026-11-22T15:00:00.000000Z", "acquireTime": "2026-11-22T15:00:00.000000Z"
        }
    });
    let at = "2026-11-22T15:00:00.000000Z";
    let lines = [
        serde_json::json!({"at": at, "fact": "listed", "kind": "Lease", "objects": [lease]}),
        serde_json::json!({"at": at, "fact": "lost", "kind": "Lease", "error": evil}),
    ];
    let recording = lines.map(|line| line.to_string()).join("\n");
    let snapshot = observe::drive::replay(recording.as_bytes(), |_| {}).unwrap();
    assert_eq!(snapshot.elections.len(), 1);
    assert_clean(&mut app(snapshot));
}

#[test]
fn control_characters_never_reach_a_cell_even_if_they_come_in() {
    let evil = "a\u{1b}[2Jb\u{9b}31m\r\n\u{7}c";
    let mut snapshot = Snapshot::clone(&samples::fleet());
    let election = samples::held(evil, evil, evil, 60.0, 1.0);
    snapshot.elections = vec![Arc::new(election)];
    let mut app = app(Arc::new(snapshot));
    app.source = evil.to_owned();
    assert_clean(&mut app);
}

#[test]
fn no_size_panics() {
    let mut apps = [app(samples::fleet()), app(samples::blind()), app(samples::many(300))];
    for app in &mut apps {
        for keys in ["", "f", "\n", "t", "-", "n", "?", "/nothing"] {
            press(app, keys);
            for width in (1..220).step_by(19) {
                for height in [1, 9, 10, 12, 24, 36, 50] {
                    screen(app, (width, height));
                }
            }
        }
    }
}

#[test]
fn the_past_of_all_elections() {
    let mut app = app(samples::fleet());
    press(&mut app, "t--");
    insta::assert_snapshot!("timeline", screen(&app, (100, 16)));
    app.theme = plain();
    let buffer = drawn(&app, samples::NOW, (100, 16));
    assert!(text(&buffer).is_ascii());
}

#[test]
fn what_a_drain_would_move() {
    let mut app = app(samples::fleet());
    press(&mut app, "n");
    insta::assert_snapshot!("nodes", screen(&app, (120, 16)));
}
