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
            '\u{1b}' => crossterm::event::KeyCode::Esc,
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
    let width = usize::from(buffer.area.width.max(1));
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
    insta::assert_snapshot!("200x50", screen(&app, (200, 50)));
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
fn a_cluster_that_is_away_is_named_and_the_others_are_counted() {
    let mut snapshot = Snapshot::clone(&samples::fleet());
    let here = snapshot.watches[0].clone();
    let away = leadership::snapshot::Watch {
        up: false,
        listed: false,
        last_error: Some("east: leases: connection refused".into()),
        ..here
    };
    snapshot.watches.insert(0, away);
    let shown = screen(&app(Arc::new(snapshot.clone())), (80, 24));
    assert!(shown.contains("NOT ALL CLUSTERS SEEN (east: leases: connection refused"), "{shown}");
    assert!(shown.contains("6 elections") && !shown.contains("no list of leases"), "{shown}");
    let mut filtered = app(Arc::new(snapshot.clone()));
    press(&mut filtered, "/nothing\n");
    let shown = screen(&filtered, (80, 24));
    assert!(shown.contains("No election matches /nothing"), "{shown}");
    snapshot.watches[1].blind_since = Some(samples::ago(3.0));
    let shown = screen(&app(Arc::new(snapshot)), (80, 24));
    assert!(shown.contains("LEASES NOT SEEN: the watch broke 3s ago"), "{shown}");
    assert!(shown.contains("NOT ALL CLUSTERS SEEN"), "{shown}");
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
fn pods_that_are_looked_up_are_said_to_be() {
    let mut snapshot = Snapshot::clone(&samples::fleet());
    let pods = &mut snapshot.watches[1];
    (pods.listed, pods.looked_up, pods.lists, pods.applied) = (false, true, 0, 0);
    let mut app = app(Arc::new(snapshot.clone()));
    assert!(!screen(&app, (80, 24)).contains("Pods cannot"));
    press(&mut app, "h");
    let health = screen(&app, (110, 24));
    let row = health.lines().find(|line| line.starts_with("pods")).unwrap_or(&health);
    let cells: Vec<&str> = row.split_whitespace().filter(|cell| *cell != "│").collect();
    assert_eq!(cells[..3], ["pods", "looked", "up"], "{health}");
    assert!(!cells.contains(&"6"), "objects are those of a watch: {health}");

    let pods = &mut snapshot.watches[1];
    (pods.up, pods.blind_since) = (false, Some(samples::NOW));
    pods.last_error = Some("pods is forbidden".into());
    app.update(Message::Snapshot(Arc::new(snapshot)), samples::NOW);
    assert!(screen(&app, (80, 24)).contains("Pods cannot be looked up (pods is forbidden"));
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
    for keys in ["", "\n", "y", "t", "n", "e", "h", "b", "w", "?"] {
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
        for keys in
            ["", "f", "\n", "y", "b", "w", ">", "t", "-<", "n", "e", "h", "?", "/nothing", ":x"]
        {
            press(app, keys);
            for width in (0..220).step_by(37) {
                for height in [0, 1, 9, 10, 12, 24, 36, 50] {
                    screen(app, (width, height));
                }
            }
        }
    }
}

#[test]
fn the_past_of_all_elections() {
    let mut app = app(samples::fleet());
    press(&mut app, "t---");
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

/// The picture of a scenario at its end, with its events.
fn scenario(name: &str) -> App {
    let path = format!("{}/../leadership/scenarios/{name}.jsonl", env!("CARGO_MANIFEST_DIR"));
    let recording = std::fs::read(path).unwrap();
    let mut events = Vec::new();
    let snapshot = observe::drive::replay(&*recording, |event| events.push(event.clone())).unwrap();
    let mut app = empty();
    app.update(Message::Snapshot(Arc::clone(&snapshot)), snapshot.at);
    for event in events {
        app.update(Message::Event(Arc::new(event)), snapshot.at);
    }
    app
}

#[test]
fn screens_of_scenarios() {
    for name in ["C01-oom", "C06-node-silent", "C09-drain", "S33-blind"] {
        for (pane, keys, size) in [("detail", "\n", (120, 40)), ("events", "e", (80, 24))] {
            let mut app = scenario(name);
            let now = app.snapshot.at;
            press(&mut app, keys);
            insta::assert_snapshot!(format!("{name}-{pane}"), text(&drawn(&app, now, size)));
        }
    }
}

#[test]
fn what_a_short_table_leaves_over_tells_what_happened_last() {
    let app = scenario("C01-oom");
    let told = |size| text(&drawn(&app, app.snapshot.at, size));
    insta::assert_snapshot!("news", told((80, 24)));
    assert!(told((80, 10)).contains("17.5s leaderless, oom_killed"), "the newest come first");
    assert!(!screen(&self::app(samples::many(50)), (80, 24)).contains("WHAT HAPPENED"));
    let quiet = self::app(samples::fleet());
    assert!(!screen(&quiet, (80, 24)).contains("WHAT HAPPENED"), "nothing did");
}

#[test]
fn every_pane_at_its_usual_sizes() {
    for (pane, keys) in [("health", "h"), ("yaml", "jjjjy"), ("group", "b"), ("wide", "w")] {
        let mut app = app(samples::fleet());
        press(&mut app, keys);
        for size in [(120, 40), (80, 24), (60, 20)] {
            let name = format!("{pane}-{}x{}", size.0, size.1);
            insta::assert_snapshot!(name, screen(&app, size));
        }
    }
}

#[test]
fn a_wide_table_is_looked_at_from_side_to_side() {
    let mut app = app(samples::fleet());
    press(&mut app, "w");
    let first = drawn_and_told(&mut app, (80, 24));
    assert!(first.contains("LEASE") && first.contains("»»") && !first.contains("IDENTITY"));
    press(&mut app, &">".repeat(20));
    let last = drawn_and_told(&mut app, (80, 24));
    assert!(last.contains("LEASE") && !last.contains("»»"), "{last}");
    assert!(
        last.contains("gitjob-8fb8698c-x2x4k_0c55f6a1-9a2e-4f70-8a3b-1d5b5c1c9c55")
            || last.contains("IDENTITY")
    );
}

/// Draws as the program does: what was drawn is told to the state.
fn drawn_and_told(app: &mut App, (width, height): (u16, u16)) -> String {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    let mut told = crate::app::Drawn::default();
    terminal.draw(|frame| told = view(app, samples::NOW, frame)).unwrap();
    app.update(Message::Drawn(told), samples::NOW);
    text(terminal.backend().buffer())
}

#[test]
fn every_theme_has_its_own_styles() {
    let mut app = app(samples::blind());
    let mut seen = Vec::new();
    for palette in PALETTES {
        app.theme = Theme::new(palette, Depth::True, false);
        let buffer = drawn(&app, samples::NOW, (80, 24));
        insta::assert_debug_snapshot!(format!("theme-{}", palette.name), buffer);
        seen.push(buffer);
    }
    assert!((1..seen.len()).all(|place| !seen[..place].contains(&seen[place])));
}

#[test]
fn without_colours_states_differ_by_sign_and_word() {
    let mut app = app(samples::fleet());
    let mono = PALETTES.iter().find(|palette| palette.name == "mono").unwrap();
    app.theme = Theme::new(mono, Depth::True, false);
    let buffer = drawn(&app, samples::NOW, (80, 24));
    insta::assert_debug_snapshot!("mono-states", buffer);
    let text = text(&buffer);
    let states: Vec<&str> = text.lines().skip(3).take(6).map(|line| &line[..12]).collect();
    let mut apart = states.clone();
    apart.sort_unstable();
    apart.dedup();
    // Two are held.
    assert_eq!(apart.len(), states.len() - 1, "{states:?}");
}

#[test]
fn a_mouse_finds_what_is_drawn() {
    use crossterm::event::{KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
    let click = |app: &mut App, column, row| {
        let kind = MouseEventKind::Down(MouseButton::Left);
        let event = MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE };
        app.update(Message::Mouse(event), samples::NOW);
    };
    let mut app = app(samples::fleet());
    press(&mut app, "b");
    let shown = drawn_and_told(&mut app, (120, 24));
    let row = shown.lines().position(|line| line.contains("gitjob")).unwrap();
    click(&mut app, 20, u16::try_from(row).unwrap());
    assert_eq!(&*app.current().unwrap().key.name, "gitjob");
    let heading = shown.lines().nth(2).unwrap();
    let column = heading[..heading.find("HOLDER").unwrap()].chars().count();
    click(&mut app, u16::try_from(column).unwrap(), 2);
    assert_eq!(app.sorting.order, crate::order::Order::Holder);
}

#[test]
fn what_is_typed_is_seen_with_what_there_is_to_say_of_it() {
    let last = |app: &App, size| screen(app, size).lines().last().unwrap().to_owned();
    let mut app = app(samples::fleet());
    press(&mut app, ":theme ");
    let line = last(&app, (80, 24));
    assert!(line.starts_with(":theme    default  dark  light"), "{line}");
    press(&mut app, "x\n");
    assert!(last(&app, (80, 24)).contains("x is none of default"), "{}", last(&app, (80, 24)));
    press(&mut app, "\u{1b}");
    let mut app = self::app(samples::fleet());
    press(&mut app, "/(");
    assert!(last(&app, (80, 24)).contains("unclosed group"), "{}", last(&app, (80, 24)));
    press(&mut app, &"x".repeat(200));
    assert!(last(&app, (40, 10)).starts_with("/xxxxxxxx"), "the end is seen");
}

#[test]
fn holders_of_any_name_keep_to_their_cells() {
    let long = "x".repeat(300);
    for name in ["", "🦀🦀🦀", "مرحبا", "\u{5e9}\u{5dc}\u{5d5}\u{5dd}", "e\u{301}\u{301}", &long]
    {
        let mut snapshot = Snapshot::clone(&samples::fleet());
        snapshot.elections = vec![Arc::new(samples::held("ns", "lease", name, 60.0, 1.0))];
        let mut app = app(Arc::new(snapshot));
        for keys in ["", "\n", "y", "t", "n", "w"] {
            press(&mut app, keys);
            let screen = screen(&app, (80, 24));
            assert!(screen.lines().all(|line| crate::format::width(line) <= 80 + 12), "{screen}");
            assert!(screen.contains("lease"), "{name}: {screen}");
        }
    }
}
