//! The figures of many windows, in rows.

use std::fmt::Write;

use leadership::time::Delta;

use super::verdict::Case;

/// The figures of some windows that the observer saw.
#[derive(Debug)]
pub struct Figures {
    /// How many windows.
    pub count: usize,
    /// |error| of the final window.
    pub settled: Spread,
    /// The median of the error with its sign, in milliseconds: negative if windows are too short.
    pub bias: f64,
    /// The published error itself.
    pub published: Spread,
    /// |error| of the provisional window.
    pub provisional: Spread,
    /// |error| of `acquireTime − renewTime`.
    pub naive: Spread,
    /// The share of windows that the published error covers, from sending to sending.
    pub covered: Share,
    /// The same, with what the journals leave open: the commit lies between sending and answer.
    pub bracketed: Share,
    /// The share of windows that are at least as long as the lower bound.
    pub lower: Share,
}

/// Some lengths of time, in milliseconds. NaN if there are none.
#[derive(Clone, Copy, Debug)]
pub struct Spread {
    /// The median.
    pub p50: f64,
    /// The 99th percentile, by the nearest rank.
    pub p99: f64,
    /// The greatest.
    pub max: f64,
}

/// How many of how many.
#[derive(Clone, Copy, Debug)]
pub struct Share {
    held: usize,
    of: usize,
}

impl Spread {
    /// Of these lengths, without their signs.
    pub fn of(lengths: impl Iterator<Item = Delta>) -> Self {
        let mut sorted: Vec<Delta> = lengths.map(Delta::abs).collect();
        sorted.sort_unstable();
        let at = |percent: usize| {
            let place = (sorted.len() * percent).div_ceil(100).max(1) - 1;
            sorted.get(place).map_or(f64::NAN, |length| length.as_secs_f64() * 1e3)
        };
        Self { p50: at(50), p99: at(99), max: at(100) }
    }
}

impl Share {
    /// Of these answers, those that are yes.
    pub fn of(answers: impl Iterator<Item = bool>) -> Self {
        let answers: Vec<bool> = answers.collect();
        Self { held: answers.iter().filter(|held| **held).count(), of: answers.len() }
    }

    /// In percent; 100 if there was nothing.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a few hundred")]
    pub fn percent(self) -> f64 {
        if self.of == 0 { 100.0 } else { self.held as f64 * 100.0 / self.of as f64 }
    }
}

impl Figures {
    /// Of these windows.
    #[must_use]
    pub fn of(cases: &[&Case]) -> Self {
        let all = || cases.iter().copied();
        let published = all().filter_map(|case| case.seen()?.0.error_seconds);
        Self {
            count: cases.len(),
            settled: Spread::of(all().filter_map(Case::error)),
            bias: median(all().filter_map(Case::error)),
            published: Spread::of(published),
            provisional: Spread::of(all().filter_map(Case::provisional_error)),
            naive: Spread::of(all().filter_map(Case::naive_error)),
            covered: Share::of(all().filter_map(Case::covered)),
            bracketed: Share::of(all().filter_map(Case::bracketed)),
            lower: Share::of(all().filter_map(Case::lower_holds)),
        }
    }

    fn row(&self, name: &str, skew: &str) -> String {
        let (final_, said) = (self.settled, self.published);
        let cells = [
            format!("{:.1} / {:.1} / {:.1}", final_.p50, final_.p99, final_.max),
            format!("{:.1}", said.p50),
            format!("{:.1} %", self.covered.percent()),
            format!("{:.1} %", self.bracketed.percent()),
            format!("{:.1} %", self.lower.percent()),
            format!("{:.1} / {:.1}", self.provisional.p50, self.provisional.p99),
            format!("{:.1} / {:.1}", self.naive.p50, self.naive.p99),
        ];
        format!("| {name} | {skew} | {} | {} |", self.count, cells.join(" | "))
    }
}

fn median(lengths: impl Iterator<Item = Delta>) -> f64 {
    let mut sorted: Vec<Delta> = lengths.collect();
    sorted.sort_unstable();
    sorted.get(sorted.len() / 2).map_or(f64::NAN, |length| length.as_secs_f64() * 1e3)
}

/// The table: a row for each ending and skew, one for each ending, and one for all.
#[must_use]
pub fn table(cases: &[Case], endings: &[&'static str], skews: &[i64]) -> String {
    let mut text = HEAD.to_owned();
    let mut row = |name: &str, skew: &str, fits: &dyn Fn(&Case) -> bool| {
        let fitting: Vec<&Case> = cases.iter().filter(|case| fits(case)).collect();
        if !fitting.is_empty() {
            let _ = writeln!(text, "{}", Figures::of(&fitting).row(name, skew));
        }
    };
    for ending in endings {
        for skew in skews {
            let name = if *skew == 0 { "0".to_owned() } else { format!("±{skew} ms") };
            row(ending, &name, &|case| case.ending.name == *ending && case.skew == *skew);
        }
        row(&format!("**{ending}**"), "all", &|case| case.ending.name == *ending);
    }
    row("**all**", "all", &|_| true);
    text
}

const HEAD: &str = "\
| ending | clocks | n | final: p50 / p99 / max | published error, p50 | covered | with the bracket | lower bound holds | provisional: p50 / p99 | acquireTime − renewTime: p50 / p99 |
| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_of_the_nearest_rank() {
        let spread = Spread::of((1..=200).map(|it| Delta::from_millis(-it)));
        assert_eq!(format!("{:?}", (spread.p50, spread.p99, spread.max)), "(100.0, 198.0, 200.0)");
        assert!(Spread::of(std::iter::empty()).max.is_nan());
    }

    #[test]
    fn a_share_is_of_what_could_be_answered() {
        let percent = |answers: &[bool]| Share::of(answers.iter().copied()).percent().to_string();
        assert_eq!(percent(&[true, false, true, true]), "75");
        assert_eq!(percent(&[]), "100");
    }
}
