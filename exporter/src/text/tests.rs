use leadership::time::Delta;
use rstest::rstest;

use super::*;

fn written(value: impl Into<Value>) -> String {
    let mut out = String::new();
    value.into().write(&mut out);
    out
}

#[rstest]
#[case(0, "0")]
#[case(1_500_000, "1.5")]
#[case(-20_000, "-0.02")]
#[case(1_795_359_600_123_456, "1795359600.123456")]
#[case(10_000_000, "10")]
#[case(i64::MIN, "-9223372036854.775808")]
fn times_keep_their_microseconds(#[case] micros: i64, #[case] text: &str) {
    assert_eq!(written(Delta::from_micros(micros)), text);
}

#[test]
fn numbers_are_written_as_both_formats_read_them() {
    assert_eq!(written(u64::MAX), "18446744073709551615");
    assert_eq!(written(-3), "-3");
    assert_eq!(written(true), "1");
    assert_eq!(written(Value::Float(f64::INFINITY)), "+Inf");
    assert_eq!(written(Value::Float(f64::NEG_INFINITY)), "-Inf");
    assert_eq!(written(Value::Float(f64::NAN)), "NaN");
    assert_eq!(written(Value::Float(0.1 + 0.2)), "0.30000000000000004");
}

#[rstest]
#[case("plain", "plain")]
#[case("a\\b\"c\nd", "a\\\\b\\\"c\\nd")]
#[case("\"} 1\nevil{x=\"", "\\\"} 1\\nevil{x=\\\"")]
fn label_values_cannot_leave_their_quotes(#[case] raw: &str, #[case] escaped: &str) {
    let mut out = String::new();
    label(&mut out, "l", raw, &mut true);
    assert_eq!(out, format!("l=\"{escaped}\""));
}

#[test]
fn long_label_values_are_cut_at_a_character() {
    for c in ["x", "é", "\""] {
        let mut out = String::new();
        label_value(&mut out, &c.repeat(MAX_LABEL + 1));
        assert_eq!(out.replace("\\\"", "\"").chars().count(), MAX_LABEL + 1);
        assert!(out.ends_with('…'), "{out}");
    }
    let mut whole = String::new();
    label_value(&mut whole, &"é".repeat(MAX_LABEL));
    assert!(!whole.ends_with('…'));
}

fn page(format: Format) -> String {
    let mut sink = Vec::new();
    let mut page = Page::new(format, &mut sink);
    page.begin("x_seconds_total", Type::Counter, "Help.");
    page.samples("").put(1_u64);
    page.begin("empty", Type::Gauge, "Never seen.");
    page.samples("a=\"b\"").maybe(None::<u64>);
    page.samples("a=\"c\"").maybe(None::<u64>);
    page.begin("h_ratio", Type::Histogram, "Help.");
    let bounds = Bounds::new(&[0.5, 1.0]);
    page.samples("a=\"b\"").histogram(&bounds, &[2, 1], 4, 9.5);
    page.finish().unwrap();
    String::from_utf8(sink).unwrap()
}

#[test]
fn text_has_whole_names_and_no_end() {
    insta::assert_snapshot!(page(Format::Text), @r#"
    # HELP x_seconds_total Help.
    # TYPE x_seconds_total counter
    x_seconds_total 1
    # HELP h_ratio Help.
    # TYPE h_ratio histogram
    h_ratio_bucket{a="b",le="0.5"} 2
    h_ratio_bucket{a="b",le="1.0"} 3
    h_ratio_bucket{a="b",le="+Inf"} 7
    h_ratio_sum{a="b"} 9.5
    h_ratio_count{a="b"} 7
    "#);
}

#[test]
fn open_metrics_has_families_units_and_an_end() {
    insta::assert_snapshot!(page(Format::OpenMetrics), @r#"
    # HELP x_seconds Help.
    # TYPE x_seconds counter
    # UNIT x_seconds seconds
    x_seconds_total 1
    # HELP h_ratio Help.
    # TYPE h_ratio histogram
    # UNIT h_ratio ratio
    h_ratio_bucket{a="b",le="0.5"} 2
    h_ratio_bucket{a="b",le="1.0"} 3
    h_ratio_bucket{a="b",le="+Inf"} 7
    h_ratio_sum{a="b"} 9.5
    h_ratio_count{a="b"} 7
    # EOF
    "#);
}

/// A sink that remembers its pieces, and fails after `room` of them.
struct Pieces {
    room: usize,
    sizes: Vec<usize>,
}

impl io::Write for Pieces {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        if self.sizes.len() == self.room {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        self.sizes.push(piece.len());
        Ok(piece.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn long_page(room: usize) -> (io::Result<()>, Vec<usize>) {
    let mut pieces = Pieces { room, sizes: Vec::new() };
    let mut page = Page::new(Format::Text, &mut pieces);
    for name in ["a", "none", "b"] {
        page.begin(name, Type::Gauge, "Help.");
        for _ in 0..100_000 {
            page.samples("").maybe((name != "none").then_some(1_u64));
        }
    }
    (page.finish(), pieces.sizes)
}

#[test]
fn a_long_page_leaves_in_pieces() {
    let (result, sizes) = long_page(usize::MAX);
    result.unwrap();
    assert!(sizes.iter().all(|size| *size < CHUNK + 100), "{sizes:?}");
    let headers = "# HELP a Help.\n# TYPE a gauge\n".len();
    assert_eq!(sizes.iter().sum::<usize>(), 2 * (headers + 100_000 * "a 1\n".len()));
}

#[test]
fn a_sink_that_fails_fails_the_page() {
    assert!(long_page(2).0.is_err());
}
