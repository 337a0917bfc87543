//! How meanings look. Nothing but this file knows colours.
//!
//! No meaning is told by colour alone: each tone comes with a word or a glyph where it is used,
//! and without colour the attributes alone (bold, dim, reversed) carry the emphasis.

use ratatui::style::{Color, Modifier, Style};

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

/// The signs that the screen is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Glyphs {
    /// Stands for what was cut.
    pub ellipsis: &'static str,
    /// A lock that is held.
    pub held: &'static str,
    /// A renewal is overdue.
    pub late: &'static str,
    /// Nobody leads.
    pub leaderless: &'static str,
    /// It cannot be known.
    pub unknown: &'static str,
    /// It was so when we last saw it.
    pub stale: &'static str,
    /// From one holder to the next.
    pub arrow: &'static str,
    /// Sorted upwards and downwards.
    pub sorted: [&'static str; 2],
    /// A bar's cell filled by 0 to n parts of n.
    pub bar: &'static [&'static str],
    /// A line across the screen.
    pub rule: &'static str,
    /// Two reigns that follow each other.
    pub bands: [&'static str; 2],
    /// A time that was not seen.
    pub unseen: &'static str,
}

/// Signs that need Unicode. All of them are one cell wide in every terminal font.
pub const UNICODE: Glyphs = Glyphs {
    ellipsis: "…",
    held: "●",
    late: "!",
    leaderless: "×",
    unknown: "?",
    stale: "~",
    arrow: "→",
    sorted: ["↑", "↓"],
    bar: &["·", "▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"],
    rule: "─",
    bands: ["█", "▒"],
    unseen: "·",
};

/// Signs for terminals that have nothing else.
pub const ASCII: Glyphs = Glyphs {
    ellipsis: "..",
    held: "*",
    late: "!",
    leaderless: "x",
    unknown: "?",
    stale: "~",
    arrow: "->",
    sorted: ["^", "v"],
    bar: &[".", "#"],
    rule: "-",
    bands: ["#", "="],
    unseen: ".",
};

/// How meanings look on this terminal.
#[derive(Clone, Copy, Debug)]
pub struct Theme {
    /// The signs.
    pub glyphs: Glyphs,
    colors: bool,
}

/// A tone, its colour of the terminal's own sixteen, and its attributes.
type Look = (Tone, Option<Color>, Modifier);

/// Blue and not green for what is well: red and green are one colour to many people.
const LOOKS: &[Look] = &[
    (Tone::Plain, None, Modifier::empty()),
    (Tone::Good, Some(Color::Blue), Modifier::empty()),
    (Tone::Warn, Some(Color::Yellow), Modifier::BOLD),
    (Tone::Bad, Some(Color::Red), Modifier::BOLD),
    (Tone::Doubt, Some(Color::Magenta), Modifier::empty()),
    (Tone::Muted, None, Modifier::DIM),
    (Tone::Title, None, Modifier::BOLD),
    (Tone::Selected, None, Modifier::REVERSED),
    (Tone::Alarm, Some(Color::Red), Modifier::BOLD.union(Modifier::REVERSED)),
];

impl Theme {
    /// A theme with or without colours, with or without Unicode.
    #[must_use]
    pub fn new(colors: bool, ascii: bool) -> Self {
        let glyphs = if ascii { ASCII } else { UNICODE };
        Self { glyphs, colors }
    }

    /// How this tone looks.
    #[must_use]
    pub fn style(&self, tone: Tone) -> Style {
        let look = LOOKS.iter().find(|(known, ..)| *known == tone);
        let Some((_, color, modifier)) = look else {
            return Style::new();
        };
        let style = Style::new().add_modifier(*modifier);
        match color {
            Some(color) if self.colors => style.fg(*color),
            _ => style,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use unicode_width::UnicodeWidthStr;

    #[test]
    fn a_theme_without_colours_has_none() {
        let theme = Theme::new(false, false);
        assert!(LOOKS.iter().all(|(tone, ..)| theme.style(*tone).fg.is_none()));
        assert_eq!(Theme::new(true, false).style(Tone::Bad).fg, Some(Color::Red));
    }

    #[test]
    fn states_differ_by_glyph() {
        for glyphs in [UNICODE, ASCII] {
            let mut states =
                [glyphs.held, glyphs.late, glyphs.leaderless, glyphs.unknown, glyphs.stale];
            states.sort_unstable();
            assert!(states.windows(2).all(|pair| pair[0] != pair[1]));
            assert!(states.iter().all(|glyph| glyph.width() == 1));
        }
    }
}
