//! The pictures of the documentation, drawn by the program itself from a recording of the simulated
//! cluster: `UPDATE=1 cargo test -p fleet-top pictures` renews them.

mod svg;

use std::path::Path;
use std::sync::Arc;

use ratatui::Terminal;
use ratatui::backend::TestBackend;

use super::view;
use crate::app::{App, Message};
use crate::keymap::Keymap;
use crate::theme::{Depth, Palette, Theme};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/pictures");

/// A picture: its name, the keys that lead to it, and its size.
type Picture = (&'static str, &'static str, (u16, u16));

const PICTURES: &[Picture] = &[
    ("overview", "", (116, 40)),
    ("failover", "/gitops\n\n", (116, 37)),
    ("timeline", "t", (116, 13)),
    ("events", "e", (116, 24)),
];

/// One for dark pages, one for light ones.
const THEMES: [&str; 2] = ["dark", "light"];

fn app(palette: &'static Palette) -> App {
    let mut events = Vec::new();
    let recording = include_bytes!("pictures/fleet.jsonl");
    let snapshot = observe::drive::replay(&recording[..], |event| events.push(event.clone()));
    let snapshot = snapshot.unwrap();
    let theme = Theme::new(palette, Depth::True, false);
    let mut app = App::new("demo (a simulated cluster)", theme, Keymap::default(), snapshot.at);
    for event in events {
        app.update(Message::Event(Arc::new(event)), snapshot.at);
    }
    let now = snapshot.at;
    app.update(Message::Snapshot(snapshot), now);
    app
}

fn drawn((_, keys, (width, height)): &Picture, palette: &'static Palette) -> String {
    let mut app = app(palette);
    let now = app.snapshot.at;
    for c in keys.chars() {
        let code = match c {
            '\n' => crossterm::event::KeyCode::Enter,
            c => crossterm::event::KeyCode::Char(c),
        };
        app.update(Message::Key(code.into()), now);
    }
    let mut terminal = Terminal::new(TestBackend::new(*width, *height)).unwrap();
    terminal.draw(|frame| drop(view(&app, now, frame))).unwrap();
    svg::svg(terminal.backend().buffer(), app.theme.page())
}

#[test]
fn pictures_show_the_screen_as_it_is() {
    for picture in PICTURES {
        for name in THEMES {
            let wanted = drawn(picture, Palette::named(name).unwrap());
            let path = Path::new(FOLDER).join(format!("{}-{name}.svg", picture.0));
            if std::env::var_os("UPDATE").is_some() {
                std::fs::create_dir_all(FOLDER).unwrap();
                std::fs::write(&path, &wanted).unwrap();
            }
            let found = std::fs::read_to_string(&path).unwrap_or_default();
            let path = path.display();
            assert!(found == wanted, "{path} is old: UPDATE=1 cargo test -p fleet-top pictures");
        }
    }
}
