use crossterm::event::{KeyCode, KeyModifiers};

use super::*;
use crate::lane::SPANS;
use crate::samples;

fn app() -> App {
    let mut app = App::new("test", samples::NOW);
    app.show(samples::fleet());
    app
}

fn press(app: &mut App, keys: &str) -> ControlFlow<()> {
    for c in keys.chars() {
        let code = match c {
            '\n' => KeyCode::Enter,
            '\u{1b}' => KeyCode::Esc,
            '\u{8}' => KeyCode::Backspace,
            c => KeyCode::Char(c),
        };
        let event = KeyEvent::new(code, KeyModifiers::NONE);
        app.update(Message::Key(event), samples::NOW)?;
    }
    ControlFlow::Continue(())
}

fn names(app: &App) -> Vec<&str> {
    app.elections().map(|election| &*election.key.name).collect()
}

fn current(app: &App) -> &str {
    &app.current().unwrap().key.name
}

#[test]
fn the_worst_comes_first_and_the_cursor_is_on_it() {
    let app = app();
    let shown = names(&app);
    assert_eq!(&shown[..3], ["fleet-controller-lock", "cattle-controllers", "fleet-agent-lock"]);
    assert_eq!(current(&app), "fleet-controller-lock");
}

#[test]
fn the_cursor_stays_on_its_election_while_rows_move() {
    let mut app = app();
    let _ = press(&mut app, "jjj");
    let chosen = current(&app).to_owned();
    let _ = press(&mut app, "S");
    assert_eq!(current(&app), chosen);
    app.show(samples::many(50));
    assert!(app.cursor < app.rows.len());
}

#[test]
fn an_untouched_cursor_stays_at_the_top() {
    let mut app = app();
    let _ = press(&mut app, "L");
    assert_eq!(app.cursor, 0);
}

#[test]
fn the_cursor_never_leaves_the_rows() {
    let mut app = app();
    let _ = press(&mut app, "kkkk");
    assert_eq!(app.cursor, 0);
    let _ = press(&mut app, "Gjjj");
    assert_eq!(app.cursor, app.rows.len() - 1);
    let _ = press(&mut app, "/nothing matches this\n");
    assert_eq!((app.rows.len(), app.cursor), (0, 0));
    assert!(app.current().is_none());
    let _ = press(&mut app, "jkgG\n");
    assert!(app.current().is_none());
}

#[test]
fn a_filter_applies_while_it_is_typed_and_escape_clears_it() {
    let mut app = app();
    let all = app.rows.len();
    let _ = press(&mut app, "/gitq");
    assert!(app.typing, "q is text here");
    assert_eq!(names(&app), Vec::<&str>::new());
    let _ = press(&mut app, "\u{8}");
    assert_eq!(names(&app), ["gitjob"]);
    let _ = press(&mut app, "\n");
    assert!(!app.typing);
    let _ = press(&mut app, "\u{1b}");
    assert_eq!(app.rows.len(), all);
}

#[test]
fn escape_closes_what_was_opened_last() {
    let mut app = app();
    let _ = press(&mut app, "/git\n\n?");
    assert!(app.help && app.opened);
    let _ = press(&mut app, "\u{1b}");
    assert!(!app.help && app.opened);
    let _ = press(&mut app, "\u{1b}");
    assert!(!app.opened && !app.filter.is_empty());
}

#[test]
fn a_frozen_picture_does_not_change_until_it_is_let_go() {
    let mut app = app();
    let shown = names(&app).len();
    let _ = press(&mut app, "f");
    let _ = app.update(Message::Snapshot(samples::many(40)), samples::NOW);
    assert_eq!(names(&app).len(), shown);
    let _ = press(&mut app, "f");
    assert_eq!(names(&app).len(), 40);
    assert!(app.frozen.is_none());
}

#[test]
fn the_same_sort_key_again_turns_the_order_round() {
    let mut app = app();
    let _ = press(&mut app, "L");
    let up: Vec<String> = names(&app).into_iter().map(str::to_owned).collect();
    let _ = press(&mut app, "L");
    let mut down = names(&app);
    down.reverse();
    assert_eq!(down, up);
    let _ = press(&mut app, "T");
    assert!(!app.sorting.reversed);
}

#[test]
fn quit_quits_even_while_typing_with_control_c() {
    let mut app = app();
    assert!(press(&mut app, "q").is_break());
    let _ = press(&mut app, "/");
    let event = KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL);
    assert!(app.update(Message::Key(event), samples::NOW).is_break());
    assert!(app.update(Message::Quit, samples::NOW).is_break());
}

#[test]
fn what_was_opened_stays_though_its_row_moves() {
    let mut app = app();
    let opened = current(&app).to_owned();
    let _ = press(&mut app, "\n");
    let mut healed = Snapshot::clone(&samples::fleet());
    let election = Arc::make_mut(&mut healed.elections[1]);
    election.phase = leadership::event::Phase::Held;
    election.leaderless = Some(false);
    app.show(Arc::new(healed));
    assert_eq!(current(&app), opened);
    assert_ne!(app.cursor, 0);
}

#[test]
fn a_picture_that_is_not_shown_needs_no_frame() {
    let mut app = app();
    let picture = Message::Snapshot(samples::fleet());
    assert!(app.shows(&picture));
    let _ = press(&mut app, "f");
    assert!(!app.shows(&picture) && app.shows(&Message::Tick));
}

#[test]
fn an_opened_election_is_scrolled_no_further_than_it_reaches() {
    let mut app = app();
    let _ = press(&mut app, "\n");
    let _ = app.update(Message::Drawn(7), samples::NOW);
    let down = |app: &mut App| {
        let _ = app.update(
            Message::Key(KeyEvent::new(KeyCode::Char('d'), KeyModifiers::CONTROL)),
            samples::NOW,
        );
    };
    let cursor = app.cursor;
    down(&mut app);
    assert_eq!((app.scroll, app.cursor), (7, cursor));
    let _ = press(&mut app, "j");
    assert_eq!((app.scroll, app.cursor), (0, cursor + 1), "another election begins at its top");
    down(&mut app);
    let _ = app.update(Message::Drawn(2), samples::NOW);
    assert_eq!(app.scroll, 2, "a larger screen needs less");
}

#[test]
fn panes_are_opened_and_closed_by_their_keys_and_esc() {
    let mut app = app();
    let _ = press(&mut app, "t");
    assert_eq!(app.pane, Pane::Timeline);
    let _ = press(&mut app, "n");
    assert_eq!(app.pane, Pane::Nodes);
    let _ = press(&mut app, "\n");
    assert!(app.opened);
    let _ = press(&mut app, "\u{1b}\u{1b}");
    assert_eq!((app.opened, app.pane), (false, Pane::Table));
    let _ = press(&mut app, "tt");
    assert_eq!(app.pane, Pane::Table);
}

#[test]
fn zooming_ends_at_both_ends() {
    let mut app = app();
    let _ = press(&mut app, "t++++++++++++");
    assert_eq!(app.zoom, 0);
    let _ = press(&mut app, "------------------");
    assert_eq!(app.zoom, SPANS.len() - 1);
}
