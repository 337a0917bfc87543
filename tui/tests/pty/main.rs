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
