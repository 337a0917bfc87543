//! How meanings look. Nothing but this file and those below it knows colours.
//!
//! No meaning is told by colour alone: each tone comes with a word or a glyph where it is used,
//! and without colour the attributes alone (bold, dim, reversed) carry the emphasis.

mod depth;
mod glyphs;
mod ink;
mod palette;

use ratatui::style::Style;

pub use depth::{Depth, detect};
pub use glyphs::{ASCII, Glyphs, UNICODE};
pub use ink::Ink;
pub use palette::{PALETTES, Palette};

/// What a piece of text means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    /// Nothing special.
    #[default]
    Plain,
    /// As it should be.
    Good,
    /// Somebody should look.
    Warn,
    /// Somebody is without a leader.
    Bad,
    /// Not known.
    Doubt,
    /// Of less weight, or no longer current.
    Muted,
    /// A heading.
    Title,
    /// The row under the cursor.
    Selected,
    /// A banner.
    Alarm,
}

impl Tone {
    /// All of them, in the order of the looks of a [`Palette`].
    pub const ALL: [Self; 9] = [
        Self::Plain,
        Self::Good,
        Self::Warn,
        Self::Bad,
        Self::Doubt,
        Self::Muted,
        Self::Title,
        Self::Selected,
        Self::Alarm,
    ];
}

/// How meanings look on this terminal.
#[derive(Clone, Copy, Debug)]
pub struct Theme {
    /// The signs.
    pub glyphs: Glyphs,
    /// The colours that were chosen, whether or not the terminal has them.
    pub palette: &'static Palette,
    depth: Depth,
}

impl Theme {
    /// These colours on a terminal that has so many, with or without Unicode.
    #[must_use]
    pub const fn new(palette: &'static Palette, depth: Depth, ascii: bool) -> Self {
        let glyphs = if ascii { ASCII } else { UNICODE };
        Self { glyphs, palette, depth }
    }

    /// How this tone looks.
    #[must_use]
    pub fn style(&self, tone: Tone) -> Style {
        let palette = if self.depth == Depth::None { &palette::MONO } else { self.palette };
        let (ink, modifier) = palette.looks[tone as usize];
        let style = Style::new().add_modifier(modifier);
        match ink.color(self.depth) {
            Some(color) => style.fg(color),
            None => style,
        }
    }

    /// The colours of the empty screen: the terminal's own, where the theme has none.
    #[must_use]
    pub fn page(&self) -> Style {
        let Some((text, ground)) = self.palette.page else {
            return Style::new();
        };
        let mut style = Style::new();
        style.fg = text.color(self.depth);
        style.bg = ground.color(self.depth);
        style
    }
}

#[cfg(test)]
mod tests;
