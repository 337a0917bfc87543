//! The themes: one row each.

use ratatui::style::{Color, Modifier};

use super::Tone;
use super::ink::Ink;

/// A colour and its attributes.
type Look = (Ink, Modifier);

/// The colours of one theme.
#[derive(Debug, PartialEq, Eq)]
pub struct Palette {
    /// Its name, for `--theme` and `:theme`.
    pub name: &'static str,
    /// For whom it is.
    pub about: &'static str,
    /// Text and ground of the whole screen; the terminal's own where there are none.
    pub page: Option<(Ink, Ink)>,
    /// One for each of [`Tone::ALL`].
    pub looks: [Look; Tone::ALL.len()],
}

impl Palette {
    /// The one of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        PALETTES.iter().copied().find(|palette| palette.name == name)
    }
}

/// All themes; the first one is used unless another is asked for.
pub const PALETTES: &[&Palette] = &[&DEFAULT, &DARK, &LIGHT, &HIGH_CONTRAST, &COLOUR_BLIND, &MONO];

const NONE: Modifier = Modifier::empty();
const BOLD: Modifier = Modifier::BOLD;
const REVERSED: Modifier = Modifier::REVERSED;
const LOUD: Modifier = Modifier::BOLD.union(Modifier::REVERSED);

/// Red, green and blue as web pages write them.
const fn rgb(code: u32) -> Ink {
    let [_, red, green, blue] = code.to_be_bytes();
    Ink::Rgb(red, green, blue)
}

/// Cyan and not green for what is well: red and green are one colour to many people.
static DEFAULT: Palette = Palette {
    name: "default",
    about: "the terminal's own sixteen colours and its own ground",
    page: None,
    looks: [
        (Ink::Own, NONE),
        (Ink::Ansi(Color::Cyan), NONE),
        (Ink::Ansi(Color::Yellow), BOLD),
        (Ink::Ansi(Color::Red), BOLD),
        (Ink::Ansi(Color::Magenta), NONE),
        (Ink::Own, Modifier::DIM),
        (Ink::Own, BOLD),
        (Ink::Own, REVERSED),
        (Ink::Ansi(Color::Red), LOUD),
    ],
};

static DARK: Palette = Palette {
    name: "dark",
    about: "light text on a dark ground",
    page: Some((rgb(0x00d8_dee9), rgb(0x0011_151c))),
    looks: [
        (rgb(0x00d8_dee9), NONE),
        (rgb(0x005f_b3f9), NONE),
        (rgb(0x00f2_c14e), BOLD),
        (rgb(0x00ff_6b6b), BOLD),
        (rgb(0x00c7_9bf2), NONE),
        (rgb(0x008a_94a6), NONE),
        (rgb(0x00ff_ffff), BOLD),
        (rgb(0x007f_c8ff), REVERSED),
        (rgb(0x00ff_6b6b), LOUD),
    ],
};

static LIGHT: Palette = Palette {
    name: "light",
    about: "dark text on a light ground",
    page: Some((rgb(0x001f_2430), rgb(0x00fb_faf7))),
    looks: [
        (rgb(0x001f_2430), NONE),
        (rgb(0x000b_5cad), NONE),
        (rgb(0x0085_5500), BOLD),
        (rgb(0x00b3_161b), BOLD),
        (rgb(0x007a_3e9d), NONE),
        (rgb(0x005d_6675), NONE),
        (rgb(0x0000_0000), BOLD),
        (rgb(0x000b_5cad), REVERSED),
        (rgb(0x00b3_161b), LOUD),
    ],
};

static HIGH_CONTRAST: Palette = Palette {
    name: "high-contrast",
    about: "at least 7:1 between text and ground",
    page: Some((rgb(0x00ff_ffff), rgb(0x0000_0000))),
    looks: [
        (rgb(0x00ff_ffff), NONE),
        (rgb(0x007f_d4ff), NONE),
        (rgb(0x00ff_e100), BOLD),
        (rgb(0x00ff_8a80), BOLD),
        (rgb(0x00f0_a8ff), NONE),
        (rgb(0x00d0_d0d0), NONE),
        (rgb(0x00ff_ffff), BOLD.union(Modifier::UNDERLINED)),
        (rgb(0x00ff_ff00), LOUD),
        (rgb(0x00ff_8a80), LOUD),
    ],
};

/// The colours that Okabe and Ito chose so that nobody confuses them.
static COLOUR_BLIND: Palette = Palette {
    name: "colour-blind",
    about: "colours that stay apart for every kind of colour vision (Okabe and Ito's)",
    page: Some((rgb(0x00f5_f5f5), rgb(0x000a_0a0a))),
    looks: [
        (rgb(0x00f5_f5f5), NONE),
        (rgb(0x0056_b4e9), NONE),
        (rgb(0x00e6_9f00), BOLD),
        (rgb(0x00d5_5e00), BOLD),
        (rgb(0x00cc_79a7), NONE),
        (rgb(0x00a0_a0a0), NONE),
        (rgb(0x00f0_e442), BOLD),
        (rgb(0x00f5_f5f5), REVERSED),
        (rgb(0x00d5_5e00), LOUD),
    ],
};

/// What is left of any theme where there are no colours.
pub(super) static MONO: Palette = Palette {
    name: "mono",
    about: "no colours: bold, dim and reversed alone",
    page: None,
    looks: [
        (Ink::Own, NONE),
        (Ink::Own, NONE),
        (Ink::Own, BOLD),
        (Ink::Own, BOLD),
        (Ink::Own, NONE),
        (Ink::Own, Modifier::DIM),
        (Ink::Own, BOLD),
        (Ink::Own, REVERSED),
        (Ink::Own, LOUD),
    ],
};
