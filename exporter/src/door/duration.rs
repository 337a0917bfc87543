//! Durations as web config files write them: `1s`, `1m30s`, `0.5s`.

use std::time::Duration;

/// Units, the longer words first.
const UNITS: [(&str, f64); 7] = [
    ("ms", 1e-3),
    ("us", 1e-6),
    ("µs", 1e-6),
    ("ns", 1e-9),
    ("h", 3600.0),
    ("m", 60.0),
    ("s", 1.0),
];

/// Reads one; none if it is not of that form, or is longer than a day.
pub(super) fn parse(text: &str) -> Option<Duration> {
    let mut rest = text;
    let mut seconds = 0.0;
    if rest == "0" {
        return Some(Duration::ZERO);
    }
    while !rest.is_empty() || seconds == 0.0 {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, after) = rest.split_at(digits);
        let (word, unit) = UNITS.iter().find(|(word, _)| after.starts_with(word))?;
        seconds += number.parse::<f64>().ok()? * unit;
        rest = after.strip_prefix(word)?;
        if rest.is_empty() {
            break;
        }
    }
    (seconds <= 86_400.0).then(|| Duration::try_from_secs_f64(seconds).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("1s", Some(1_000))]
    #[case("1m30s", Some(90_000))]
    #[case("0.5s", Some(500))]
    #[case("250ms", Some(250))]
    #[case("0", Some(0))]
    #[case("0s", Some(0))]
    #[case("", None)]
    #[case("s", None)]
    #[case("1", None)]
    #[case("1d", None)]
    #[case("-1s", None)]
    #[case("1.2.3s", None)]
    #[case("1s ", None)]
    #[case("99999h", None)]
    fn durations(#[case] text: &str, #[case] millis: Option<u64>) {
        assert_eq!(parse(text), millis.map(Duration::from_millis));
    }
}
