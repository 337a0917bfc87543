//! The signs that the screen is made of.

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
    /// The lead changed hands.
    pub change: &'static str,
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
    change: "»",
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
    change: ">",
    sorted: ["^", "v"],
    bar: &[".", "#"],
    rule: "-",
    bands: ["#", "="],
    unseen: ".",
};
