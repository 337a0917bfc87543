//! The two text formats that Prometheus reads, written by one walk: samples are the same bytes in
//! both, only what stands around them differs.
//!
//! The writer is our own, for both formats and for the exporter's own metrics too: the official
//! client writes OpenMetrics only, whose `info` type makes Prometheus refuse a page that is served
//! as plain text, and its families keep state, where ours is a function of a snapshot.

mod value;

use std::fmt::Write as _;
use std::io;

pub use value::Value;

/// The longest label value, in characters. What is longer is cut and ends in `…`.
///
/// Names in Kubernetes have 253 at most; the identities of holders may have any number.
pub const MAX_LABEL: usize = 256;

/// A format of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// `text/plain; version=0.0.4`, which everything reads.
    Text,
    /// `application/openmetrics-text; version=1.0.0`.
    OpenMetrics,
}

impl Format {
    /// The value of the header `Content-Type`.
    #[must_use]
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Text => "text/plain; version=0.0.4; charset=utf-8",
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
        }
    }
}

/// What a metric is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// A number that rises and falls.
    Gauge,
    /// A number that only rises.
    Counter,
    /// Observations, counted in buckets.
    Histogram,
    /// A sum and a count of observations.
    Summary,
}

impl Type {
    /// The word for it, in both formats.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Gauge => "gauge",
            Self::Counter => "counter",
            Self::Histogram => "histogram",
            Self::Summary => "summary",
        }
    }
}

/// The units of our metrics, as names end in them.
const UNITS: [&str; 3] = ["seconds", "bytes", "ratio"];

/// The unit that a name without `_total` ends in.
fn unit(family: &str) -> Option<&'static str> {
    let last = family.rsplit('_').next()?;
    UNITS.into_iter().find(|unit| *unit == last)
}

/// How much of a page is kept before it is passed on.
const CHUNK: usize = 64 * 1024;

/// A page while it is written. It goes to the sink piece by piece: a compressed page of a large
/// cluster needs a fortieth of the memory of the plain one, which then never exists.
pub struct Page<'s> {
    format: Format,
    out: String,
    sink: &'s mut dyn io::Write,
    /// What went wrong with the sink; nothing is written to it after that.
    result: io::Result<()>,
    name: &'static str,
    /// Where the header of a metric without samples yet begins and ends in `out`.
    header: Option<(usize, usize)>,
}

impl<'s> Page<'s> {
    /// An empty page.
    pub fn new(format: Format, sink: &'s mut dyn io::Write) -> Self {
        Self {
            format,
            out: String::with_capacity(2 * CHUNK),
            sink,
            result: Ok(()),
            name: "",
            header: None,
        }
    }

    /// Begins a metric. Nothing is written if it gets no samples.
    pub fn begin(&mut self, name: &'static str, kind: Type, help: &str) {
        self.end();
        self.name = name;
        let before = self.out.len();
        self.write_header(kind, help);
        self.header = Some((before, self.out.len()));
    }

    /// Samples of the metric that was begun, each with these labels as [`label`] writes them.
    pub fn samples<'a>(&'a mut self, labels: &'a str) -> Samples<'a> {
        if self.header.is_some_and(|(_, end)| self.out.len() > end) {
            self.header = None;
        }
        if self.header.is_none() {
            self.spill(CHUNK);
        }
        Samples { out: &mut self.out, name: self.name, labels }
    }

    fn end(&mut self) {
        match self.header.take() {
            Some((begin, end)) if self.out.len() == end => self.out.truncate(begin),
            _ => {}
        }
        self.spill(CHUNK);
    }

    /// OpenMetrics names a counter without its `_total` and tells units.
    fn write_header(&mut self, kind: Type, help: &str) {
        let family = match self.format {
            Format::Text => self.name,
            Format::OpenMetrics => self.name.strip_suffix("_total").unwrap_or(self.name),
        };
        put(&mut self.out, format_args!("# HELP {family} {help}\n"));
        put(&mut self.out, format_args!("# TYPE {family} {}\n", kind.word()));
        if let (Format::OpenMetrics, Some(unit)) = (self.format, unit(family)) {
            put(&mut self.out, format_args!("# UNIT {family} {unit}\n"));
        }
    }

    /// Passes on what there is, if it is at least so much.
    fn spill(&mut self, least: usize) {
        if self.out.len() < least {
            return;
        }
        if self.result.is_ok() {
            self.result = self.sink.write_all(self.out.as_bytes());
        }
        self.out.clear();
    }

    /// Ends the page.
    ///
    /// # Errors
    /// When the sink failed.
    pub fn finish(mut self) -> io::Result<()> {
        self.end();
        if self.format == Format::OpenMetrics {
            self.out.push_str("# EOF\n");
        }
        self.spill(0);
        self.result
    }
}

/// Where the samples of one metric go.
#[derive(Debug)]
pub struct Samples<'a> {
    out: &'a mut String,
    name: &'static str,
    labels: &'a str,
}

impl Samples<'_> {
    /// One sample.
    pub fn put(&mut self, value: impl Into<Value>) {
        self.line("", &[], value.into());
    }

    /// One sample, or none: what is not known is not 0.
    pub fn maybe(&mut self, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.put(value);
        }
    }

    /// One sample with more labels.
    pub fn with(&mut self, labels: &[(&str, &str)], value: impl Into<Value>) {
        self.line("", labels, value.into());
    }

    /// A sum and a count.
    pub fn summary(&mut self, labels: &[(&str, &str)], sum: f64, count: u64) {
        self.line("_sum", labels, Value::Float(sum));
        self.line("_count", labels, Value::Whole(count));
    }

    /// A histogram: `counts` are not cumulative yet, one for each of `bounds`; `over` lies above them all.
    pub fn histogram(&mut self, bounds: &Bounds, counts: &[u64], over: u64, sum: f64) {
        let mut total = 0;
        for (bound, count) in bounds.0.iter().zip(counts) {
            total += count;
            self.line("_bucket", &[("le", bound)], Value::Whole(total));
        }
        total += over;
        self.line("_bucket", &[("le", "+Inf")], Value::Whole(total));
        self.summary(&[], sum, total);
    }

    fn line(&mut self, suffix: &str, more: &[(&str, &str)], value: Value) {
        let out = &mut *self.out;
        out.push_str(self.name);
        out.push_str(suffix);
        if !(self.labels.is_empty() && more.is_empty()) {
            out.push('{');
            out.push_str(self.labels);
            let mut first = self.labels.is_empty();
            for (name, value) in more {
                label(out, name, value, &mut first);
            }
            out.push('}');
        }
        out.push(' ');
        value.write(out);
        out.push('\n');
    }
}

/// The upper bounds of a histogram, as they are written.
#[derive(Debug)]
pub struct Bounds(Vec<String>);

impl Bounds {
    /// Renders bounds once for all histograms. `{:?}` writes 1 as 1.0, which OpenMetrics demands:
    /// a series must not change its name when a scraper changes the format.
    #[must_use]
    pub fn new(bounds: &[f64]) -> Self {
        Self(bounds.iter().map(|bound| format!("{bound:?}")).collect())
    }
}

/// Writes `name="value"`, escaped and cut, and a comma before it unless it is the `first`.
pub fn label(out: &mut String, name: &str, value: &str, first: &mut bool) {
    if !std::mem::take(first) {
        out.push(',');
    }
    out.push_str(name);
    out.push_str("=\"");
    label_value(out, value);
    out.push('"');
}

fn label_value(out: &mut String, value: &str) {
    let special = |byte: u8| matches!(byte, b'\\' | b'"' | b'\n');
    let plain = value.len() <= MAX_LABEL && !value.bytes().any(special);
    if plain {
        out.push_str(value);
        return;
    }
    for (place, c) in value.chars().enumerate() {
        match c {
            _ if place == MAX_LABEL => return out.push('…'),
            '\\' => out.push_str("\\\\"),
            '"' => out.push_str("\\\""),
            '\n' => out.push_str("\\n"),
            _ => out.push(c),
        }
    }
}

/// Writing to a string cannot fail.
fn put(out: &mut String, what: std::fmt::Arguments<'_>) {
    let _ = out.write_fmt(what);
}

#[cfg(test)]
mod tests;
