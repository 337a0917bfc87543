//! What the mouse does to the state.

use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};

use super::{App, Opened};

/// Rows by which one notch of the wheel moves.
const NOTCH: isize = 3;

impl App {
    pub(super) fn mouse(&mut self, event: MouseEvent) {
        match event.kind {
            MouseEventKind::ScrollDown => self.roll(NOTCH),
            MouseEventKind::ScrollUp => self.roll(-NOTCH),
            MouseEventKind::Down(MouseButton::Left) => self.click(event.column, event.row),
            _ => {}
        }
    }

    /// A row gets the cursor, and is opened if it has it already; a heading sorts.
    fn click(&mut self, x: u16, y: u16) {
        self.notice = None;
        if let Some(order) = self.drawn.order(x, y) {
            self.sort(order);
        } else if let Some(place) = self.drawn.row(y) {
            let cursor = if self.follows() { self.scroll } else { self.cursor };
            if self.follows() {
                self.scroll = place;
            } else {
                self.move_to(place);
            }
            if cursor == place {
                self.open(Opened::Whole);
            }
        }
    }
}
