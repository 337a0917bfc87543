use ratatui::style::Color;
use unicode_width::UnicodeWidthStr;

use super::ink::Ink;
use super::*;

const DEPTHS: [Depth; 4] = [Depth::None, Depth::Of16, Depth::Of256, Depth::True];

#[test]
fn a_theme_without_colours_has_none() {
    for palette in PALETTES {
        let theme = Theme::new(palette, Depth::None, false);
        assert!(Tone::ALL.iter().all(|tone| theme.style(*tone).fg.is_none()));
        assert_eq!((theme.page().fg, theme.page().bg), (None, None));
    }
    let mono = Palette::named("mono").unwrap();
    let theme = Theme::new(mono, Depth::True, false);
    assert!(Tone::ALL.iter().all(|tone| theme.style(*tone).fg.is_none()));
    assert_eq!(Theme::new(PALETTES[0], Depth::Of16, false).style(Tone::Bad).fg, Some(Color::Red));
}

#[test]
fn the_default_theme_leaves_the_terminal_its_own_palette() {
    let theme = Theme::new(PALETTES[0], Depth::True, false);
    assert_eq!(theme.page(), Style::new());
    for tone in Tone::ALL {
        assert!(!matches!(theme.style(tone).fg, Some(Color::Rgb(..) | Color::Indexed(_))));
    }
}

#[test]
fn the_row_under_the_cursor_needs_no_colour() {
    for palette in PALETTES {
        for depth in DEPTHS {
            let style = Theme::new(palette, depth, false).style(Tone::Selected);
            assert!(style.add_modifier.contains(ratatui::style::Modifier::REVERSED));
        }
    }
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

/// The relative luminance of a colour, from 0 to 1.
fn luminance(ink: Ink) -> f64 {
    let Ink::Rgb(red, green, blue) = ink else {
        panic!("{ink:?} is the terminal's");
    };
    let linear = |part: u8| {
        let part = f64::from(part) / 255.0;
        if part <= 0.040_45 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
}

#[test]
fn text_stands_out_from_its_ground() {
    for palette in PALETTES {
        let Some((_, ground)) = palette.page else {
            continue;
        };
        let least = if palette.name == "high-contrast" { 7.0 } else { 4.5 };
        for (ink, _) in palette.looks {
            let (a, b) = (luminance(ink), luminance(ground));
            let contrast = (a.max(b) + 0.05) / (a.min(b) + 0.05);
            assert!(contrast >= least, "{} {ink:?}: {contrast}", palette.name);
        }
    }
}
