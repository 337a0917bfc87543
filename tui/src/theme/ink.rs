//! A colour as a theme wants it, and the nearest one that a terminal has.

use ratatui::style::Color;

use super::Depth;

/// A colour as a theme wants it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ink {
    /// Whatever the terminal writes with.
    Own,
    /// One of the terminal's sixteen, which its user may have chosen.
    Ansi(Color),
    /// Red, green and blue.
    Rgb(u8, u8, u8),
}

/// The sixteen colours as terminals come with them.
const SIXTEEN: [(Color, [u8; 3]); 16] = [
    (Color::Black, [0, 0, 0]),
    (Color::Red, [205, 0, 0]),
    (Color::Green, [0, 205, 0]),
    (Color::Yellow, [205, 205, 0]),
    (Color::Blue, [0, 0, 238]),
    (Color::Magenta, [205, 0, 205]),
    (Color::Cyan, [0, 205, 205]),
    (Color::Gray, [229, 229, 229]),
    (Color::DarkGray, [127, 127, 127]),
    (Color::LightRed, [255, 0, 0]),
    (Color::LightGreen, [0, 255, 0]),
    (Color::LightYellow, [255, 255, 0]),
    (Color::LightBlue, [92, 92, 255]),
    (Color::LightMagenta, [255, 0, 255]),
    (Color::LightCyan, [0, 255, 255]),
    (Color::White, [255, 255, 255]),
];

/// The levels of the cube of 216 colours.
const LEVELS: [u8; 6] = [0, 95, 135, 175, 215, 255];

/// The place of the cube, and of the grey ramp behind it, in the 256 colours.
const CUBE: u8 = 16;
const GREYS: u8 = 232;

impl Ink {
    /// The colour to write, on a terminal that has so many; `None` leaves it as it is.
    #[must_use]
    pub fn color(self, depth: Depth) -> Option<Color> {
        match (self, depth) {
            (Self::Own, _) | (_, Depth::None) => None,
            (Self::Ansi(color), _) => Some(color),
            (Self::Rgb(r, g, b), Depth::True) => Some(Color::Rgb(r, g, b)),
            (Self::Rgb(r, g, b), Depth::Of256) => Some(Color::Indexed(of_256([r, g, b]))),
            (Self::Rgb(r, g, b), Depth::Of16) => Some(of_16([r, g, b])),
        }
    }
}

/// How far apart two colours are; green counts most, as to the eye.
fn distance(a: [u8; 3], b: [u8; 3]) -> u32 {
    let weights = [3, 6, 1];
    let parts = a.iter().zip(b).zip(weights);
    parts.map(|((a, b), weight)| weight * u32::from(a.abs_diff(b)).pow(2)).sum()
}

fn of_16(wanted: [u8; 3]) -> Color {
    let nearest = SIXTEEN.iter().min_by_key(|(_, known)| distance(wanted, *known));
    nearest.map_or(Color::Reset, |(color, _)| *color)
}

fn of_256(wanted: [u8; 3]) -> u8 {
    let cube = (0..216_u8).map(|place| {
        let level = |divisor: u8| LEVELS[usize::from(place / divisor % 6)];
        (CUBE + place, [level(36), level(6), level(1)])
    });
    let greys = (0..24_u8).map(|place| (GREYS + place, [8 + 10 * place; 3]));
    let nearest = cube.chain(greys).min_by_key(|(_, known)| distance(wanted, *known));
    nearest.map_or(GREYS, |(index, _)| index)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_colour_is_taken() {
        assert_eq!(Ink::Rgb(255, 255, 255).color(Depth::Of16), Some(Color::White));
        assert_eq!(Ink::Rgb(17, 21, 28).color(Depth::Of16), Some(Color::Black));
        assert_eq!(Ink::Rgb(95, 135, 255).color(Depth::Of256), Some(Color::Indexed(69)));
        assert_eq!(Ink::Rgb(18, 18, 18).color(Depth::Of256), Some(Color::Indexed(233)));
        assert_eq!(Ink::Rgb(1, 2, 3).color(Depth::True), Some(Color::Rgb(1, 2, 3)));
        assert_eq!(Ink::Rgb(1, 2, 3).color(Depth::None), None);
        assert_eq!(Ink::Ansi(Color::Red).color(Depth::True), Some(Color::Red));
    }
}
