use crossterm::event::{KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};

use leadership::event::{Event, What};
use leadership::lock::LockKey;

use super::*;
use crate::lane::SPANS;
use crate::samples;
use crate::theme::{Depth, PALETTES};
use crate::wording;

fn app() -> App {
    let theme = Theme::new(PALETTES[0], Depth::Of16, false);
    let mut app = App::new("test", theme, Keymap::default(), samples::NOW);
    app.show(samples::fleet());
    app
}

fn press(app: &mut App, keys: &str) -> Option<Effect> {
    let mut effect = None;
    for c in keys.chars() {
        let code = match c {
            '\n' => KeyCode::Enter,
            '\t' => KeyCode::Tab,
            '\u{1b}' => KeyCode::Esc,
            '\u{8}' => KeyCode::Backspace,
            '→' => KeyCode::Right,
            '←' => KeyCode::Left,
            c => KeyCode::Char(c),
        };
        effect = app.update(Message::Key(code.into()), samples::NOW);
    }
    effect
}

fn control(app: &mut App, c: char) -> Option<Effect> {
    let event = KeyEvent::new(KeyCode::Char(c), KeyModifiers::CONTROL);
    app.update(Message::Key(event), samples::NOW)
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
    press(&mut app, "jjj");
    let chosen = current(&app).to_owned();
    press(&mut app, "S");
    assert_eq!(current(&app), chosen);
    app.show(samples::many(50));
    assert!(app.cursor < app.rows.len());
}

#[test]
fn an_escape_that_comes_with_the_next_key_is_both() {
    let mut app = app();
    press(&mut app, "/fleet\n");
    let alt = |c| Message::Key(KeyEvent::new(KeyCode::Char(c), KeyModifiers::ALT));
    app.update(alt('L'), samples::NOW);
    assert!(app.filter.is_empty());
    assert_eq!(app.sorting.order, Order::Lease);
    press(&mut app, "/flee");
    assert_eq!(app.update(alt('q'), samples::NOW), Some(Effect::Quit));
}

#[test]
fn an_untouched_cursor_stays_at_the_top() {
    let mut app = app();
    press(&mut app, "L");
    assert_eq!(app.cursor, 0);
}

#[test]
fn the_cursor_never_leaves_the_rows() {
    let mut app = app();
    press(&mut app, "kkkk");
    assert_eq!(app.cursor, 0);
    press(&mut app, "Gjjj");
    assert_eq!(app.cursor, app.rows.len() - 1);
    press(&mut app, "/nothing matches this\n");
    assert_eq!((app.rows.len(), app.cursor), (0, 0));
    assert!(app.current().is_none());
    press(&mut app, "jkgG\n");
    assert!(app.current().is_none());
}

#[test]
fn a_filter_applies_while_it_is_typed_and_enter_keeps_it() {
    let mut app = app();
    let all = app.rows.len();
    press(&mut app, "/gitq");
    assert!(app.prompt.is_some(), "q is text here");
    assert_eq!(names(&app), Vec::<&str>::new());
    press(&mut app, "\u{8}");
    assert_eq!(names(&app), ["gitjob"]);
    press(&mut app, "\n");
    assert!(app.prompt.is_none());
    press(&mut app, "\u{1b}");
    assert_eq!(app.rows.len(), all);
}

#[test]
fn a_filter_that_cannot_be_read_is_not_kept_by_enter() {
    let mut app = app();
    press(&mut app, "/git[\n");
    let typed = app.prompt.as_ref().map(|prompt| prompt.text.as_str());
    assert_eq!(typed, Some("git["), "it can be mended");
    press(&mut app, "\u{8}\n");
    assert_eq!((names(&app), app.prompt.is_none()), (vec!["gitjob"], true));
}

#[test]
fn escape_restores_the_filter_that_was_there_before() {
    let mut app = app();
    press(&mut app, "/git\n/ nothing");
    assert_eq!(app.rows.len(), 0);
    press(&mut app, "\u{1b}");
    assert_eq!((names(&app), app.filter.text()), (vec!["gitjob"], "git"));
    press(&mut app, "/\u{8}\u{8}\u{8}\u{8}");
    assert_eq!(app.filter.text(), "git", "an empty line that is deleted is given up");
}

#[test]
fn escape_closes_what_was_opened_last() {
    let mut app = app();
    press(&mut app, "/git\n\n?");
    assert!(app.help && app.opened.is_some());
    press(&mut app, "\u{1b}");
    assert!(!app.help && app.opened.is_some());
    press(&mut app, "\u{1b}");
    assert!(app.opened.is_none() && !app.filter.is_empty());
}

#[test]
fn a_frozen_picture_does_not_change_until_it_is_let_go() {
    let mut app = app();
    let shown = names(&app).len();
    press(&mut app, "f");
    app.update(Message::Snapshot(samples::many(40)), samples::NOW);
    assert_eq!(names(&app).len(), shown);
    press(&mut app, "f");
    assert_eq!(names(&app).len(), 40);
    assert!(app.frozen.is_none());
}

#[test]
fn the_same_sort_key_again_turns_the_order_round() {
    let mut app = app();
    press(&mut app, "L");
    let up: Vec<String> = names(&app).into_iter().map(str::to_owned).collect();
    press(&mut app, "L");
    let mut down = names(&app);
    down.reverse();
    assert_eq!(down, up);
    press(&mut app, "T");
    assert!(!app.sorting.reversed);
}

#[test]
fn an_order_that_no_heading_is_marked_for_is_told() {
    let mut app = app();
    let orders = vec![(0..5, Order::State), (5..9, Order::Lease)];
    app.update(Message::Drawn(Drawn { orders, ..Drawn::default() }), samples::NOW);
    press(&mut app, "L");
    assert_eq!(app.notice, None, "its heading has an arrow");
    press(&mut app, "T");
    assert_eq!(app.notice.as_deref(), Some("sorted by terms"));
    press(&mut app, "r");
    assert_eq!(app.notice.as_deref(), Some("sorted by terms, the other way round"));
}

#[test]
fn columns_are_sorted_by_their_headings_too() {
    let mut app = app();
    for (typed, order) in [
        ("for", Order::Term),
        ("Last Failover", Order::Failover),
        ("RENEWED", Order::Renewal),
        ("AGE", Order::Term),
    ] {
        press(&mut app, &format!(":sort {typed}\n"));
        assert_eq!((app.sorting.order, app.prompt.is_none()), (order, true), "{typed}");
    }
}

#[test]
fn the_ends_of_an_opened_election_are_its_own() {
    let mut app = app();
    press(&mut app, "j\n");
    let opened = current(&app).to_owned();
    app.update(Message::Drawn(Drawn::scrolling(7)), samples::NOW);
    press(&mut app, "G");
    assert_eq!((app.scroll, current(&app)), (7, &*opened));
    press(&mut app, "g");
    assert_eq!((app.scroll, current(&app)), (0, &*opened));
}

#[test]
fn quit_quits_even_while_typing_with_control_c() {
    let mut app = app();
    assert_eq!(press(&mut app, "q"), Some(Effect::Quit));
    press(&mut app, "/");
    assert_eq!(press(&mut app, "q"), None);
    assert_eq!(control(&mut app, 'c'), Some(Effect::Quit));
    assert_eq!(app.update(Message::Quit, samples::NOW), Some(Effect::Quit));
}

#[test]
fn what_was_opened_stays_though_its_row_moves() {
    let mut app = app();
    let opened = current(&app).to_owned();
    press(&mut app, "\n");
    let mut healed = Snapshot::clone(&samples::fleet());
    let election = Arc::make_mut(&mut healed.elections[1]);
    election.phase = leadership::event::Phase::Held;
    election.leaderless = Some(false);
    app.show(Arc::new(healed));
    assert_eq!(current(&app), opened);
    assert_ne!(app.cursor, 0);
}

#[test]
fn a_picture_waits_for_the_tick_and_a_frozen_one_for_nothing_that_happens() {
    let mut app = app();
    let picture = Message::Snapshot(samples::fleet());
    press(&mut app, "e");
    assert!(!app.shows(&picture) && app.shows(&Message::Tick) && app.shows(&Message::Lost(1)));
    press(&mut app, "f");
    assert!(app.shows(&Message::Tick) && !app.shows(&Message::Lost(1)));
}

#[test]
fn an_opened_election_is_scrolled_no_further_than_it_reaches() {
    let mut app = app();
    press(&mut app, "\n");
    app.update(Message::Drawn(Drawn::scrolling(7)), samples::NOW);
    let down = |app: &mut App| control(app, 'd');
    let cursor = app.cursor;
    down(&mut app);
    assert_eq!((app.scroll, app.cursor), (7, cursor));
    press(&mut app, "j");
    assert_eq!((app.scroll, app.cursor), (0, cursor + 1), "another election begins at its top");
    down(&mut app);
    app.update(Message::Drawn(Drawn::scrolling(2)), samples::NOW);
    assert_eq!(app.scroll, 2, "a larger screen needs less");
}

#[test]
fn panes_are_opened_and_closed_by_their_keys_and_esc() {
    let mut app = app();
    press(&mut app, "t");
    assert_eq!(app.pane, Pane::Timeline);
    press(&mut app, "n");
    assert_eq!(app.pane, Pane::Nodes);
    press(&mut app, "\n");
    assert!(app.opened.is_some());
    press(&mut app, "\u{1b}\u{1b}");
    assert_eq!((app.opened, app.pane), (None, Pane::Table));
    press(&mut app, "tt");
    assert_eq!(app.pane, Pane::Table);
}

#[test]
fn zooming_ends_at_both_ends() {
    let mut app = app();
    press(&mut app, "t++++++++++++");
    assert_eq!(app.zoom, 0);
    press(&mut app, "------------------");
    assert_eq!(app.zoom, SPANS.len() - 1);
}

#[test]
fn tab_goes_through_all_panes() {
    let mut app = app();
    for pane in Pane::ALL.into_iter().skip(1).chain([Pane::Table]) {
        press(&mut app, "\t");
        assert_eq!(app.pane, pane);
    }
    app.update(Message::Key(KeyCode::BackTab.into()), samples::NOW);
    assert_eq!(app.pane, Pane::Health);
}

#[test]
fn groups_keep_the_order_of_their_first_rows_and_the_cursor_its_election() {
    let mut app = app();
    press(&mut app, "jjj");
    let chosen = current(&app).to_owned();
    press(&mut app, "b");
    assert_eq!(current(&app), chosen);
    let components: Vec<_> = app.groups.iter().map(|group| group.component.as_deref()).collect();
    assert_eq!(components, [None, Some("fleet-gitops")]);
    assert_eq!(app.groups.iter().map(|group| group.count).sum::<usize>(), app.rows.len());
    assert_eq!(names(&app)[app.groups[1].first], "gitjob");
    press(&mut app, "b");
    assert!(app.groups.is_empty());
}

#[test]
fn copying_tells_what_was_copied() {
    let mut app = app();
    press(&mut app, "/gitjob\n");
    let copied = press(&mut app, "c");
    assert_eq!(copied, Some(Effect::Copy("gitjob-8fb8698c-x2x4k".to_owned())));
    assert_eq!(app.notice.as_deref(), Some("copied gitjob-8fb8698c-x2x4k"));
    let copied = press(&mut app, "C");
    assert_eq!(copied, Some(Effect::Copy("cattle-fleet-system/gitjob".to_owned())));
    press(&mut app, "j");
    assert_eq!(app.notice, None, "the next key takes it away");
    press(&mut app, "/nothing\n");
    assert_eq!(press(&mut app, "c"), None);
    assert_eq!(app.notice.as_deref(), Some("there is nothing to copy"));
}

#[test]
fn the_timeline_moves_into_the_past_and_no_further_than_the_present() {
    let mut app = app();
    press(&mut app, "t→");
    assert_eq!(app.past, 0);
    press(&mut app, "←←←→");
    assert_eq!(app.past, 2);
    press(&mut app, "tt");
    assert_eq!(app.past, 0, "it begins at the present again");
}

#[test]
fn commands_are_typed_completed_and_obeyed() {
    let mut app = app();
    press(&mut app, ":th\t da\t");
    assert_eq!(app.prompt.as_ref().map(|it| it.text.as_str()), Some("theme dark"));
    press(&mut app, "\n");
    assert_eq!((app.theme.palette.name, app.prompt.is_none()), ("dark", true));
    press(&mut app, ":sort lease\n");
    assert_eq!(app.sorting.order, Order::Lease);
    press(&mut app, ":ns kube-system\n");
    assert_eq!(
        (names(&app), app.census.all),
        (vec!["kube-controller-manager", "kube-scheduler"], 2)
    );
    press(&mut app, ":ns\n:filter state:late\n");
    assert_eq!(names(&app), ["fleet-agent-lock"]);
    press(&mut app, ":eve\n");
    assert_eq!(app.pane, Pane::Events, "the only command that begins so");
    press(&mut app, ":freeze\n");
    assert_eq!(app.frozen, Some(samples::NOW));
    assert_eq!(press(&mut app, ":q\n"), Some(Effect::Quit));
}

#[test]
fn a_namespace_is_that_of_each_cluster_or_of_one() {
    let mut app = app();
    let mut snapshot = Snapshot::clone(&samples::fleet());
    for (election, cluster) in snapshot.elections.iter_mut().zip(["east", "west"].iter().cycle()) {
        let mut there = Election::clone(election);
        there.key.namespace = format!("{cluster}/ns").into();
        *election = Arc::new(there);
    }
    app.show(Arc::new(snapshot));
    press(&mut app, ":ns ns\n");
    assert_eq!((app.prompt.is_none(), names(&app).len(), app.census.all), (true, 6, 6));
    press(&mut app, ":ns west/ns\n");
    assert_eq!((app.prompt.is_none(), names(&app).len(), app.census.all), (true, 3, 3));
    press(&mut app, ":ns ");
    assert_eq!(app.suggestions(), ["ns east/ns", "ns ns", "ns west/ns"]);
}

#[test]
fn a_command_that_cannot_be_obeyed_stays_and_says_why() {
    for (typed, why) in [
        ("explode", "there is no command explode"),
        ("sort weather", "weather is none of state, lease"),
        ("theme", "which? default, dark"),
        ("seek", "only a recording"),
        ("ns nowhere", "no election is seen in the namespace nowhere"),
        ("freeze now", "freeze takes nothing"),
        ("f", "f may mean filter, freeze, first"),
        ("filter (", "unclosed group"),
    ] {
        let mut app = app();
        press(&mut app, &format!(":{typed}\n"));
        let prompt = app.prompt.as_ref().unwrap();
        assert_eq!(prompt.text, typed, "nothing is lost");
        assert!(prompt.error.as_ref().is_some_and(|error| error.contains(why)), "{prompt:?}");
        press(&mut app, "x");
        assert_eq!(app.prompt.as_ref().unwrap().error, None);
    }
}

#[test]
fn completion_goes_round_in_both_directions() {
    let mut app = app();
    let text = |app: &App| app.prompt.as_ref().unwrap().text.clone();
    press(&mut app, ":sort s");
    assert_eq!(app.suggestions(), ["sort state", "sort standby"]);
    press(&mut app, "\t\t");
    assert_eq!(text(&app), "sort standby");
    press(&mut app, "\t");
    assert_eq!(text(&app), "sort state");
    app.update(Message::Key(KeyCode::BackTab.into()), samples::NOW);
    assert_eq!(text(&app), "sort standby");
    press(&mut app, "xyz\t");
    assert_eq!(text(&app), "sort standbyxyz", "nothing goes on so");
}

fn event(name: &str) -> Message {
    let lease = Some(LockKey::lease("cattle-fleet-system", name));
    let what = What::Released { holder: "x".into(), soft: false };
    Message::Event(Arc::new(Event { at: samples::NOW, lease, what }))
}

#[test]
fn the_log_follows_until_it_is_scrolled_and_is_bounded() {
    let mut app = app();
    press(&mut app, "e");
    app.update(event("gitjob"), samples::NOW);
    app.update(Message::Drawn(Drawn::scrolling(10)), samples::NOW);
    assert_eq!(app.scroll, 0);
    press(&mut app, "k");
    app.update(event("gitjob"), samples::NOW);
    assert_eq!(app.scroll, 2, "it stays on its event");
    press(&mut app, "G");
    assert_eq!(app.scroll, 0);
    press(&mut app, "g");
    assert_eq!(app.scroll, 10);
    for _ in 0..3_000 {
        app.update(event("gitjob"), samples::NOW);
    }
    assert_eq!(app.log.lines.len(), 2_000);
}

#[test]
fn the_log_is_filtered_as_the_rows_are_and_freezes_with_them() {
    let mut app = app();
    app.update(event("gitjob"), samples::NOW);
    app.update(event("gone-lock"), samples::NOW);
    press(&mut app, "/gitjob\n");
    assert_eq!(app.events().count(), 1);
    press(&mut app, "/\u{1b}\u{1b}/gone\n");
    press(&mut app, "\u{1b}f");
    let late = Event {
        at: samples::NOW + leadership::time::Delta::from_secs(1),
        lease: None,
        what: What::ExpiredRetracted,
    };
    app.update(Message::Event(Arc::new(late)), samples::NOW);
    assert_eq!(app.events().count(), 2);
    press(&mut app, "f");
    assert_eq!(app.events().count(), 3);
}

fn mouse(app: &mut App, kind: MouseEventKind, column: u16, row: u16) {
    let event = MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE };
    app.update(Message::Mouse(event), samples::NOW);
}

#[test]
fn the_mouse_moves_the_cursor_opens_and_sorts() {
    let mut app = app();
    let drawn = Drawn {
        rows: (0..6).map(|place| (3 + u16::try_from(place).unwrap(), place)).collect(),
        headings: 2,
        orders: vec![(0..10, Order::State), (11..30, Order::Lease)],
        ..Drawn::default()
    };
    app.update(Message::Drawn(drawn), samples::NOW);
    mouse(&mut app, MouseEventKind::Down(MouseButton::Left), 5, 5);
    assert_eq!((app.cursor, app.opened), (2, None));
    mouse(&mut app, MouseEventKind::Down(MouseButton::Left), 50, 5);
    assert_eq!(app.opened, Some(Opened::Whole));
    press(&mut app, "\u{1b}");
    mouse(&mut app, MouseEventKind::ScrollDown, 0, 0);
    assert_eq!(app.cursor, 5);
    mouse(&mut app, MouseEventKind::Down(MouseButton::Left), 12, 2);
    assert_eq!(app.sorting.order, Order::Lease);
    mouse(&mut app, MouseEventKind::Down(MouseButton::Left), 12, 2);
    assert!(app.sorting.reversed);
    mouse(&mut app, MouseEventKind::Down(MouseButton::Left), 12, 20);
    assert_eq!(app.opened, None, "there is nothing");
}

#[test]
fn yaml_scrolls_and_keeps_its_election() {
    let mut app = app();
    press(&mut app, "y");
    app.update(Message::Drawn(Drawn::scrolling(7)), samples::NOW);
    press(&mut app, "jj");
    assert_eq!((app.opened, app.scroll, app.cursor), (Some(Opened::Yaml), 2, 0));
    press(&mut app, "\n");
    assert_eq!(app.opened, Some(Opened::Whole));
    press(&mut app, "yy");
    assert_eq!(app.opened, None);
}

#[test]
fn the_order_is_turned_round_by_its_own_key() {
    let mut app = app();
    press(&mut app, "Lr");
    assert_eq!(app.sorting, Sorting { order: Order::Lease, reversed: true });
    assert_eq!(control(&mut app, 'l'), Some(Effect::Redraw));
    assert_eq!(control(&mut app, 'z'), Some(Effect::Suspend));
    let lease = app.current().unwrap().key.to_string();
    assert_eq!(press(&mut app, "D"), Some(Effect::Drill(lease)));
}

#[test]
fn the_log_tells_nothing_twice() {
    use leadership::event::{Failover, Phase, Reason, Stage};
    let mut app = app();
    let tell = |app: &mut App, what| {
        let lease = Some(LockKey::lease("cattle-fleet-system", "gitjob"));
        app.update(Message::Event(Arc::new(Event { at: samples::NOW, lease, what })), samples::NOW);
    };
    let phase = |from, to| What::Phase { from, to, reason: None };
    tell(&mut app, phase(Phase::Held, Phase::Late));
    tell(&mut app, phase(Phase::Expired, Phase::Held));
    assert_eq!(app.log.lines.len(), 0, "events of their own tell these");
    let seen =
        |reason| What::Phase { from: Phase::Absent, to: Phase::Unknown, reason: Some(reason) };
    tell(&mut app, seen(Reason::PresumedHeld));
    tell(&mut app, phase(Phase::Unknown, Phase::Held));
    assert_eq!(app.log.lines.len(), 0, "what was there and is well is no news");
    tell(&mut app, seen(Reason::PresumedExpired));
    tell(&mut app, phase(Phase::Unknown, Phase::Held));
    app.log.lines.pop_front();
    let settled = Failover::clone(&samples::failover("old", "new", 3.0));
    let early = Failover { stage: Stage::Provisional, ..settled.clone() };
    tell(&mut app, What::Failover(early.into()));
    let told = |app: &App| {
        let lines = app.log.lines.iter();
        lines.map(|line| wording::brief(&line.event, 32, "…")).collect::<Vec<_>>()
    };
    assert!(told(&app)[1].contains("provisional"));
    tell(&mut app, What::Failover(settled.into()));
    assert_eq!(told(&app), ["proven: it renewed", "17.5s leaderless, unknown_no_pod: old to new"]);
}

#[test]
fn an_event_opens_its_election_and_is_found_again_behind_it() {
    let mut app = app();
    for name in ["gone-lock", "fleet-agent-lock", "gitjob"] {
        app.update(event(name), samples::NOW);
    }
    press(&mut app, "e");
    app.update(Message::Drawn(Drawn::scrolling(2)), samples::NOW);
    press(&mut app, "k\n");
    assert_eq!((current(&app), app.opened), ("fleet-agent-lock", Some(Opened::Whole)));
    app.update(event("gitjob"), samples::NOW);
    press(&mut app, "\u{1b}");
    assert_eq!((app.pane, app.scroll), (Pane::Events, 2), "a newer event came in between");
    app.update(Message::Drawn(Drawn::scrolling(3)), samples::NOW);
    press(&mut app, "g\n");
    assert_eq!(app.opened, None);
    assert!(app.notice.as_ref().is_some_and(|notice| notice.contains("no election")));
}

#[test]
fn the_cursor_goes_from_leader_to_leader_under_their_nodes() {
    let mut app = app();
    press(&mut app, "n");
    let nodes = app.nodes();
    let names: Vec<_> = nodes.iter().map(|node| node.name).collect();
    assert_eq!(names, [Some("node-a"), Some("node-b"), None]);
    let order: Vec<usize> = nodes.into_iter().flat_map(|node| node.places).collect();
    for place in &order {
        press(&mut app, "j");
        assert_eq!(app.cursor, *place);
    }
    press(&mut app, "j");
    assert_eq!(app.cursor, *order.last().unwrap());
    press(&mut app, "g");
    assert_eq!(app.cursor, order[0]);
    press(&mut app, "\n");
    assert_eq!(app.opened, Some(Opened::Whole));
}

#[test]
fn a_recording_is_played_by_keys_and_commands_and_nothing_else_is() {
    use crate::player::{Play, Position};
    use leadership::time::Delta;
    let mut app = app();
    assert_eq!(press(&mut app, " "), None);
    assert!(app.notice.as_ref().is_some_and(|notice| notice.contains("--replay")));
    let span = (samples::NOW - Delta::from_secs(3_600), samples::NOW);
    let position = Position { playing: false, speed: 1, now: samples::NOW, span };
    app.update(event("gitjob"), samples::NOW);
    app.update(Message::Played(position, false), samples::NOW);
    assert!(!app.shows(&Message::Tick), "it stands still");
    assert_eq!(app.log.lines.len(), 1);
    for (typed, play) in [
        (" ", Play::Toggle),
        (".", Play::Step(1)),
        ("[", Play::Seek(-30)),
        ("}", Play::Speed(1)),
        (":seek start\n", Play::At(span.0)),
        (":seek -90\n", Play::Seek(-90)),
        (":seek 14:30:00\n", Play::At(samples::NOW - Delta::from_secs(1_800))),
        (":seek 13:00:00Z\n", Play::At(samples::NOW + Delta::from_secs(22 * 3_600))),
    ] {
        assert_eq!(press(&mut app, typed), Some(Effect::Play(play)), "{typed}");
    }
    press(&mut app, ":seek noon\n");
    assert!(
        app.prompt
            .as_ref()
            .unwrap()
            .error
            .as_ref()
            .is_some_and(|it| it.contains("noon is no time"))
    );
    app.update(Message::Played(Position { playing: true, ..position }, true), samples::NOW);
    assert!(
        app.log.lines.is_empty() && app.shows(&Message::Tick),
        "what was told later holds no longer"
    );
}
