//! Text that strangers wrote, made safe to print.

use std::sync::Arc;

/// The longest name that is kept, in bytes. Longer ones are cut and end in `…`.
pub const MAX_NAME: usize = 512;

/// A name as it may be shown: control characters, line and paragraph separators and those
/// that turn the direction of writing become `�`, and what exceeds [`MAX_NAME`] is cut.
///
/// Anybody who may write a Lease chooses this text. It is cleaned once, where it comes in, so
/// that no reader has to remember to do it.
#[must_use]
pub fn clean(raw: &str) -> Arc<str> {
    // Without leaving at the first bad byte: so many bytes are looked at at once.
    let plain = raw.bytes().fold(true, |plain, byte| plain & (0x20..0x7f).contains(&byte));
    if plain && raw.len() <= MAX_NAME {
        return raw.into();
    }
    let mut text = String::with_capacity(raw.len().min(MAX_NAME + 3));
    for c in raw.chars() {
        if text.len() + c.len_utf8() > MAX_NAME {
            text.push('…');
            break;
        }
        text.push(if harmful(c) { char::REPLACEMENT_CHARACTER } else { c });
    }
    text.into()
}

/// Whether a character can move a cursor, break a line or turn the direction of writing.
pub(crate) fn harmful(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_names_stay() {
        assert_eq!(&*clean("gitjob-8fb8698c-7j6v9_b0dfb562"), "gitjob-8fb8698c-7j6v9_b0dfb562");
        assert_eq!(&*clean("número-1"), "número-1");
    }

    #[test]
    fn escapes_newlines_and_direction_marks_are_taken_out() {
        assert_eq!(&*clean("a\u{1b}[2Jb\nc\u{202e}d\u{7f}\u{9b}"), "a�[2Jb�c�d��");
    }

    #[test]
    fn one_bad_character_is_found_among_any_number_of_good_ones() {
        for good in ["", "a", "ab", "abc"] {
            assert_eq!(*clean(&format!("{good}\n")), *format!("{good}�"));
            assert_eq!(*clean(&format!("\n{good}")), *format!("�{good}"));
        }
    }

    #[test]
    fn long_names_are_cut_at_a_character() {
        let cut = clean(&"é".repeat(10_000));
        assert!(cut.len() <= MAX_NAME + '…'.len_utf8());
        assert!(cut.ends_with('…'));
    }

    #[test]
    fn plain_names_are_cut_too() {
        let longest = "a".repeat(MAX_NAME);
        assert_eq!(*clean(&longest), *longest);
        assert_eq!(*clean(&format!("{longest}a")), *format!("{longest}…"));
    }
}
