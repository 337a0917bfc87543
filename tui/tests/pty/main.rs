//! The real program in a real terminal: a pseudo terminal, read by a terminal emulator.

#![cfg(unix)]

#[cfg(test)]
mod session;

use portable_pty::CommandBuilder;
use simulator::{Outage, Resource, Scene};

use session::Session;

#[test]
fn rows_come_a_filter_narrows_them_and_q_gives_the_terminal_back() {
    let mut session = Session::demo();
    session.wait_for_rows();
    assert!(session.screen.screen().alternate_screen());
    session.press("/gitops");
    session.wait_for("the filter", |screen| screen.contents().contains("/gitops"));
    session.press("\r");
    session.wait_for("the footer", |screen| screen.contents().contains("quit"));
    session.press("q");
    assert_eq!(session.wait_for_end(), 0);
    session.assert_restored();
}

#[test]
fn signals_give_the_terminal_back() {
    for name in ["-TERM", "-HUP", "-INT"] {
        let mut session = Session::demo();
        session.wait_for_rows();
        session.signal(name);
        assert_eq!(session.wait_for_end(), 0, "{name}");
        session.assert_restored();
    }
}

#[test]
fn every_pane_is_reached_by_its_key_and_commands_are_typed() {
    let mut session = Session::demo();
    session.wait_for_rows();
    for (key, shown) in [
        ("t", "before we looked"),
        ("n", "a drain would move"),
        ("e", "THE NEWEST LAST"),
        ("h", "LOSSES"),
        ("y", "apiVersion: coordination.k8s.io/v1"),
        ("?", "KEYS"),
        ("\u{1b}", "apiVersion"),
        ("\u{1b}", "LOSSES"),
        ("\t", "STATE"),
        ("b", "fleet-gitops 1"),
        ("f", "FROZEN"),
        (":explode\r", "there is no command explode"),
    ] {
        session.press(key);
        session.wait_for_text(shown);
    }
    session.press("\u{1b}");
    session.wait_for("the prompt is gone", |screen| !screen.contents().contains("explode"));
    session.press(":theme dark\r");
    session.wait_for("the dark ground", |screen| {
        let cell = screen.cell(12, 60);
        cell.is_some_and(|cell| cell.bgcolor() != vt100::Color::Default)
    });
    session.press(":q\r");
    assert_eq!(session.wait_for_end(), 0);
    session.assert_restored();
}

#[test]
fn storms_of_resizes_are_survived_down_to_nothing() {
    let mut session = Session::demo();
    session.wait_for_rows();
    for step in 0..60_u16 {
        session.resize(20 + step * 3 % 160, 5 + step * 7 % 50);
    }
    session.resize(39, 9);
    session.wait_for_text("needs 40x10");
    session.resize(0, 0);
    session.resize(120, 40);
    session.wait_for("the whole screen", |screen| {
        let text = screen.contents();
        text.contains("● held") && text.contains("found by") && text.contains("? help")
    });
    session.press("q");
    assert_eq!(session.wait_for_end(), 0);
    session.assert_restored();
}

#[test]
fn the_mouse_opens_and_the_terminal_is_asked_to_copy() {
    let mut session = Session::demo();
    session.wait_for_rows();
    assert_ne!(session.screen.screen().mouse_protocol_mode(), vt100::MouseProtocolMode::None);
    // The first row has the cursor already; rows and columns are counted from one.
    session.press("\u{1b}[<0;20;4M");
    session.wait_for_text("found by");
    session.press("C");
    session.wait_for_text("copied cattle-fleet-");
    let sent = String::from_utf8_lossy(&session.raw).contains("\u{1b}]52;c;");
    assert!(sent, "OSC 52");
    session.press("q");
    assert_eq!(session.wait_for_end(), 0);
    session.assert_restored();
}

/// Stops the demo under a shell with job control, and lets it go on.
fn stopped_by(stop: impl Fn(&mut Session)) {
    let mut command = CommandBuilder::new("/bin/sh");
    command
        .args(["-c", "set -m; \"$0\" --demo; echo STOPPED; read line; fg >/dev/null; echo BACK"]);
    command.arg(env!("CARGO_BIN_EXE_fleet-top"));
    let mut session = Session::start(command);
    session.wait_for_rows();
    stop(&mut session);
    session.wait_for("the shell", |screen| {
        !screen.alternate_screen() && screen.contents().contains("STOPPED")
    });
    session.assert_restored();
    session.press("\n");
    session.wait_for("the screen again", |screen| {
        screen.alternate_screen() && screen.contents().contains("● held")
    });
    session.press("q");
    session.wait_for("the shell again", |screen| screen.contents().contains("BACK"));
    session.wait_for_end();
    session.assert_restored();
}

#[test]
fn the_shell_gets_its_terminal_while_we_are_stopped() {
    stopped_by(|session| session.press("\u{1a}"));
}

#[test]
fn a_stop_from_outside_gives_the_terminal_back_too() {
    stopped_by(|session| session.signal_child("-TSTP"));
}

#[test]
fn a_drill_has_the_terminal_to_itself_and_gives_it_back() {
    let mut session = Session::demo();
    session.wait_for_rows();
    session.press("/kube-scheduler\rD");
    session.wait_for("the question", |screen| {
        !screen.alternate_screen() && screen.contents().contains("[y/N]")
    });
    session.press("n\r");
    session.wait_for_text("nothing was done");
    session.wait_for_text("Enter goes back");
    session.press("\r");
    session.wait_for("the screen again", |screen| {
        screen.alternate_screen() && screen.contents().contains("/kube-scheduler")
    });
    session.press("q");
    assert_eq!(session.wait_for_end(), 0);
    session.assert_restored();
}

#[test]
fn what_was_typed_before_a_drill_asked_is_no_answer() {
    let mut session = Session::demo();
    session.wait_for_rows();
    session.press("/kube-scheduler\rD");
    session.wait_for_text("learning how often");
    session.press("yes\r");
    session.wait_for_text("[y/N]");
    session.press("n\r");
    session.wait_for_text("nothing was done");
    session.wait_for_text("Enter goes back");
    session.press("\rq");
    assert_eq!(session.wait_for_end(), 0);
    session.assert_restored();
}

#[test]
fn a_recording_is_played_to_any_time_of_it() {
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_fleet-top"));
    let recording = concat!(env!("CARGO_MANIFEST_DIR"), "/src/view/pictures/fleet.jsonl");
    command.args(["--replay", recording]);
    let mut session = Session::start(command);
    session.wait_for_text("paused 00:47:45Z of 00:47:45Z");
    session.wait_for_text("× expired");
    session.press("[");
    session.wait_for_text("paused 00:47:15Z");
    session.wait_for_text("0 leaderless");
    session.press(":seek 00:47:41\r");
    session.wait_for_text("paused 00:47:41Z");
    // A failover before this one settles first.
    session.press("..");
    session.wait_for_text("1 leaderless");
    session.press("e");
    session.wait_for_text("nobody leads since 00:47:42Z");
    session.press(":seek 00:47:44\r ");
    session.wait_for_text("playing 1x");
    session.wait_for_text("paused 00:47:45Z of 00:47:45Z");
    session.press("q");
    assert_eq!(session.wait_for_end(), 0);
    session.assert_restored();
}

#[test]
fn colours_are_as_many_as_the_terminal_has_and_its_user_wants() {
    let seen = |change: fn(&mut CommandBuilder)| {
        let mut session = Session::demo_with(change);
        session.wait_for_rows();
        session.press("q");
        session.wait_for_end();
        String::from_utf8_lossy(&session.raw).into_owned()
    };
    let (rgb, indexed) = ("[38;2;", "[38;5;");
    let deep = seen(|it| {
        it.args(["--theme", "dark"]);
        it.env("COLORTERM", "truecolor");
    });
    assert!(deep.contains(rgb));
    let some = seen(|it| it.env("FLEET_TOP_THEME", "dark"));
    assert!(some.contains(indexed) && !some.contains(rgb));
    let none = seen(|it| {
        it.args(["--theme", "dark"]);
        it.env("NO_COLOR", "1");
    });
    assert!(!none.contains(rgb) && !none.contains(indexed), "{none:?}");
}

#[test]
fn a_dumb_terminal_gets_the_list_once() {
    let mut session = Session::demo_with(|it| it.env("TERM", "dumb"));
    session.wait_for_end();
    assert!(session.text().contains("LEASE") && !session.text().contains('\u{1b}'));
    assert!(!session.raw.windows(8).any(|bytes| bytes == b"\x1b[?1049h"));
}

#[test]
fn frames_come_in_one_piece() {
    let mut session = Session::demo();
    session.wait_for_rows();
    session.press("q");
    session.wait_for_end();
    let count =
        |sequence: &[u8]| session.raw.windows(sequence.len()).filter(|w| *w == sequence).count();
    let (begun, ended) = (count(b"\x1b[?2026h"), count(b"\x1b[?2026l"));
    assert!(begun > 0 && ended >= begun, "{begun} begun, {ended} ended");
}

#[test]
fn a_panic_gives_the_terminal_back_and_its_message_can_be_read() {
    let mut command = CommandBuilder::new(std::env::current_exe().unwrap());
    command.args(["--exact", "panics_on_the_screen", "--ignored", "--nocapture"]);
    let mut session = Session::start(command);
    assert_eq!(session.wait_for_end(), 101);
    session.assert_restored();
    assert!(session.text().contains("on purpose"), "{}", session.text());
}

/// Runs in the terminal of the test above.
#[test]
#[ignore = "ends its process; another test runs it in a terminal of its own"]
fn panics_on_the_screen() {
    let mut screen = fleet_top::terminal::Screen::enter().unwrap();
    screen.draw(|frame| frame.render_widget("drawn", frame.area())).unwrap();
    std::thread::spawn(|| panic!("on purpose")).join().unwrap();
}

#[test]
fn while_the_server_is_away_nothing_goes_away_and_then_it_goes_on() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let now = || observe::clock::now().into();
    let simulation = runtime.block_on(simulator::start(Scene::fleet(), now)).unwrap();
    let server = simulation.server();
    server.faults(|faults| faults.forbidden.extend([Resource::Pods]));
    let mut session = Session::of_server(&simulation.url());
    session.wait_for_rows();
    session.wait_for_text("Pods cannot be watched");
    server.faults(|faults| faults.outage = Some(Outage::Disconnected));
    session.wait_for_text("LEASES NOT SEEN");
    session.wait_for_text("~ stale held");
    server.faults(|faults| faults.outage = None);
    session.wait_for("the rows come back", |screen| {
        let text = screen.contents();
        text.contains("● held") && !text.contains("LEASES NOT SEEN")
    });
    session.press("q");
    assert_eq!(session.wait_for_end(), 0);
    session.assert_restored();
}
