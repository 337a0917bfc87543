//! Numbers and names as people read them, in a given width.

use jiff::Timestamp;
use leadership::time::{Delta, Time};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
const YEAR: i64 = 365 * DAY;

/// How a length of time is cut: below `below` seconds, count `unit`s and, if there is one, `rest`s.
struct Cut {
    below: i64,
    unit: (i64, char),
    rest: Option<(i64, char)>,
}

/// The steps of kubectl's ages.
const CUTS: &[Cut] = &[
    cut(2 * MINUTE, (1, 's'), None),
    cut(10 * MINUTE, (MINUTE, 'm'), Some((1, 's'))),
    cut(3 * HOUR, (MINUTE, 'm'), None),
    cut(8 * HOUR, (HOUR, 'h'), Some((MINUTE, 'm'))),
    cut(2 * DAY, (HOUR, 'h'), None),
    cut(8 * DAY, (DAY, 'd'), Some((HOUR, 'h'))),
    cut(2 * YEAR, (DAY, 'd'), None),
    cut(8 * YEAR, (YEAR, 'y'), Some((DAY, 'd'))),
    cut(i64::MAX, (YEAR, 'y'), None),
];

const fn cut(below: i64, unit: (i64, char), rest: Option<(i64, char)>) -> Cut {
    Cut { below, unit, rest }
}

/// A length of time as kubectl writes ages: `2s`, `3m12s`, `4h`, `5d`. Negative ones are `0s`.
#[must_use]
pub fn age(length: Delta) -> String {
    let seconds = length.at_least_zero().as_micros() / 1_000_000;
    let Some(cut) = CUTS.iter().find(|cut| seconds < cut.below) else {
        return format!("{}y", seconds / YEAR);
    };
    let (size, letter) = cut.unit;
    let whole = format!("{}{letter}", seconds / size);
    match cut.rest {
        Some((rest, letter)) if seconds % size / rest > 0 => {
            format!("{whole}{}{letter}", seconds % size / rest)
        }
        _ => whole,
    }
}

/// A length of time that was measured: `120ms`, `1.3s`, `17.5s`, from two minutes on as [`age`].
/// Nothing finer than 10 ms is ever meant by a leaderless window.
#[must_use]
pub fn measured(length: Delta) -> String {
    let micros = length.as_micros();
    match micros.saturating_abs() {
        0..1_000_000 => format!("{}ms", micros / 1_000),
        1_000_000..120_000_000 => format!("{:.1}s", length.as_secs_f64()),
        _ if micros < 0 => format!("-{}", age(length.abs())),
        _ => age(length),
    }
}

/// The time of day in UTC: `15:04:05Z`.
#[must_use]
pub fn clock(time: Time) -> String {
    Timestamp::from(time).strftime("%H:%M:%SZ").to_string()
}

/// Day and time in UTC: `11-22 15:04:05Z`.
#[must_use]
pub fn stamp(time: Time) -> String {
    Timestamp::from(time).strftime("%m-%d %H:%M:%SZ").to_string()
}

/// Cells that `text` takes on a screen.
#[must_use]
pub fn width(text: &str) -> usize {
    text.width()
}

/// `text` in at most `room` cells: what does not fit is taken out of the middle, because the
/// ends of names tell more than their middles (`gitjob-8fb…-7j6v9`).
#[must_use]
pub fn squeeze(text: &str, room: usize, ellipsis: &str) -> String {
    if text.width() <= room {
        return text.to_owned();
    }
    let Some(left) = room.checked_sub(ellipsis.width()) else {
        return String::new();
    };
    let head = take(text.chars(), left.div_ceil(2));
    let tail: Vec<char> = take(text.chars().rev(), left / 2).chars().rev().collect();
    head + ellipsis + &String::from_iter(tail)
}

/// `text` in at most `room` cells: what does not fit is cut off at the end.
#[must_use]
pub fn cut_off(text: &str, room: usize, ellipsis: &str) -> String {
    if text.width() <= room {
        return text.to_owned();
    }
    match room.checked_sub(ellipsis.width()) {
        Some(left) => take(text.chars(), left) + ellipsis,
        None => String::new(),
    }
}

/// As many characters as fit into `room` cells.
fn take(chars: impl Iterator<Item = char>, room: usize) -> String {
    let mut used = 0;
    chars
        .take_while(|c| {
            used += c.width().unwrap_or(0);
            used <= room
        })
        .collect()
}

/// `text` in pieces of at most `room` cells, broken wherever that is.
#[must_use]
pub fn fold(text: &str, room: usize) -> Vec<String> {
    let mut rest = text;
    let mut pieces = Vec::new();
    while rest.width() > room.max(2) {
        let piece = take(rest.chars(), room.max(2));
        rest = rest.get(piece.len()..).unwrap_or_default();
        pieces.push(piece);
    }
    pieces.push(rest.to_owned());
    pieces
}

/// `text` in lines of at most `room` cells, broken between words where that is possible.
#[must_use]
pub fn wrap(text: &str, room: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let mut word = word.to_owned();
        let fits = |line: &str, word: &str| line.width() + 1 + word.width() <= room;
        match lines.last_mut() {
            Some(line) if !line.is_empty() && fits(line, &word) => {
                line.push(' ');
                line.push_str(&word);
                continue;
            }
            Some(line) if !line.is_empty() => lines.push(String::new()),
            _ => {}
        }
        while word.width() > room && room > 1 {
            let head = take(word.chars(), room);
            word = word.split_off(head.len());
            if let Some(line) = lines.last_mut() {
                *line = head;
            }
            lines.push(String::new());
        }
        if let Some(line) = lines.last_mut() {
            *line = word;
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_cut_as_kubectl_cuts_them() {
        let said = |seconds| age(Delta::from_secs(seconds));
        assert_eq!(said(-3), "0s");
        assert_eq!(said(119), "119s");
        assert_eq!(said(192), "3m12s");
        assert_eq!(said(240), "4m");
        assert_eq!(said(3 * HOUR - 1), "179m");
        assert_eq!(said(4 * HOUR), "4h");
        assert_eq!(said(5 * HOUR + 61), "5h1m");
        assert_eq!(said(30 * HOUR), "30h");
        assert_eq!(said(5 * DAY), "5d");
        assert_eq!(said(3 * YEAR), "3y");
        assert_eq!(said(i64::MAX / 1_000_000), "292471y");
    }

    #[test]
    fn measured_lengths_keep_a_tenth_of_a_second() {
        assert_eq!(measured(Delta::from_millis(120)), "120ms");
        assert_eq!(measured(Delta::from_millis(17_540)), "17.5s");
        assert_eq!(measured(Delta::from_millis(-5_200)), "-5.2s");
        assert_eq!(measured(Delta::from_secs(192)), "3m12s");
        assert_eq!(measured(Delta::from_secs(-7_200 * 3)), "-6h");
    }

    #[test]
    fn squeezing_keeps_both_ends_and_counts_wide_characters() {
        assert_eq!(squeeze("gitjob-8fb8698c-7j6v9", 12, "…"), "gitjob…7j6v9");
        assert_eq!(squeeze("short", 5, "…"), "short");
        assert!(width(&squeeze("日本語日本語日本語", 7, "…")) <= 7);
        assert_eq!(squeeze("anything", 0, "…"), "");
        assert_eq!(cut_off("anything", 4, ".."), "an..");
    }

    #[test]
    fn folding_keeps_every_character() {
        for room in 0..12 {
            for text in ["", "  key: value", "日本語の名前", "a\u{301}b"] {
                let pieces = fold(text, room);
                assert_eq!(pieces.concat(), text);
                assert!(pieces.iter().all(|piece| width(piece) <= room.max(2)), "{pieces:?}");
            }
        }
    }

    #[test]
    fn wrapping_never_exceeds_the_room_and_loses_nothing() {
        let text = "connection to 10.0.0.1:6443 refused: averyveryverylongwordwithoutanyspace end";
        for room in 2..40 {
            let lines = wrap(text, room);
            assert!(lines.iter().all(|line| width(line) <= room), "{room}: {lines:?}");
            let glued: String = lines.concat().split_whitespace().collect();
            assert_eq!(glued, text.split_whitespace().collect::<String>(), "{room}");
        }
    }
}
