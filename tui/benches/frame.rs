//! One frame of the live screen, and what a new picture costs.

use std::sync::Arc;

use divan::Bencher;
use fleet_top::app::{App, Message};
use fleet_top::keymap::Keymap;
use fleet_top::theme::{Depth, PALETTES, Theme};
use fleet_top::view::view;
use leadership::snapshot::Snapshot;
use ratatui::Terminal;
use ratatui::backend::TestBackend;

#[path = "../src/samples/mod.rs"]
mod samples;

fn main() {
    divan::main();
}

fn app(snapshot: Arc<Snapshot>) -> App {
    let theme = Theme::new(PALETTES[1], Depth::True, false);
    let mut app = App::new("bench", theme, Keymap::default(), samples::NOW);
    app.update(Message::Snapshot(snapshot), samples::NOW);
    app
}

#[divan::bench(args = [50, 5_000])]
fn frame_200x50(bencher: Bencher, elections: u32) {
    let app = app(samples::many(elections));
    let mut terminal = Terminal::new(TestBackend::new(200, 50)).expect("it has no way to fail");
    bencher.bench_local(move || {
        terminal
            .draw(|frame| {
                view(&app, samples::NOW, frame);
            })
            .expect("it has no way to fail");
    });
}

#[divan::bench(args = [50, 5_000])]
fn new_picture_filtered_and_sorted(bencher: Bencher, elections: u32) {
    let snapshot = samples::many(elections);
    let mut app = app(Arc::clone(&snapshot));
    for c in "/controller !state:late\n".chars() {
        let code = match c {
            '\n' => crossterm::event::KeyCode::Enter,
            c => crossterm::event::KeyCode::Char(c),
        };
        app.update(Message::Key(code.into()), samples::NOW);
    }
    bencher.bench_local(move || app.update(Message::Snapshot(Arc::clone(&snapshot)), samples::NOW));
}

/// The smallest usual screen with its longest banner.
#[divan::bench]
fn frame_80x24_blind(bencher: Bencher) {
    let app = app(samples::blind());
    let mut terminal = Terminal::new(TestBackend::new(80, 24)).expect("it has no way to fail");
    bencher.bench_local(move || {
        terminal
            .draw(|frame| {
                view(&app, samples::NOW, frame);
            })
            .expect("it has no way to fail");
    });
}
