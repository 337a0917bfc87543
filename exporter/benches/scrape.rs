//! How long a page of 40,000 series takes to write, beside the official client library on the same
//! series. Prints a table; asserts nothing.

#[path = "../tests/fixture/mod.rs"]
mod fixture;
#[path = "../tests/fixture/picture.rs"]
mod picture;

use std::collections::BTreeMap;
use std::hint::black_box;
use std::io::Write as _;
use std::sync::atomic::AtomicU64;

use flate2::Compression;
use flate2::write::GzEncoder;
use leadership::snapshot::Snapshot;
use leadership_exporter::metrics;
use leadership_exporter::text::Format;
use observe::clock;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

/// Each with 97 series.
const ELECTIONS: usize = 413;
const WARM: usize = 50;
const PAGES: usize = 1_000;

type Labels = Vec<(String, String)>;
type Series = Family<Labels, Gauge<f64, AtomicU64>>;

fn main() {
    let snapshot = fixture::many(ELECTIONS);
    let page = page(&snapshot);
    let registry = registry(&page);
    let series = page.lines().filter(|line| !line.starts_with('#')).count();
    println!("{series} series, {} bytes, {PAGES} pages each", page.len());
    println!("| writer | median | p99 | slowest |\n| --- | --- | --- | --- |");
    let mut out = Vec::with_capacity(2 * page.len());
    tell("ours, from a picture", || {
        out.clear();
        let _ = metrics::write(&picture::picture(&snapshot), Format::Text, &mut out);
        black_box(out.len());
    });
    tell("ours, gzip level 1", || {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::new(1));
        let _ = metrics::write(&picture::picture(&snapshot), Format::Text, &mut encoder);
        let _ = encoder.flush();
        black_box(encoder.get_ref().len());
    });
    let mut text = String::with_capacity(2 * page.len());
    tell("`prometheus-client`'s `Family`", || {
        text.clear();
        let _ = encode(&mut text, &registry);
        black_box(text.len());
    });
}

fn page(snapshot: &Snapshot) -> String {
    let mut page = Vec::new();
    let _ = metrics::write(&picture::picture(snapshot), Format::Text, &mut page);
    String::from_utf8(page).unwrap_or_default()
}

/// The same samples, kept as that library keeps them: one family for each name.
fn registry(page: &str) -> Registry {
    let mut families: BTreeMap<String, Series> = BTreeMap::new();
    for line in page.lines().filter(|line| !line.starts_with('#')) {
        let (series, value) = line.rsplit_once(' ').unwrap_or_default();
        let (name, labels) = series.split_once('{').unwrap_or((series, ""));
        let family = families.entry(name.to_owned()).or_default();
        family.get_or_create(&parse(labels)).set(value.parse().unwrap_or_default());
    }
    let mut registry = Registry::default();
    for (name, family) in families {
        registry.register(name, "The same samples", family);
    }
    registry
}

/// The labels of a line: nothing in these has quotes or commas inside.
fn parse(labels: &str) -> Labels {
    let pairs = labels.trim_end_matches('}').split("\",").filter_map(|pair| pair.split_once("=\""));
    pairs.map(|(name, value)| (name.to_owned(), value.trim_end_matches('"').to_owned())).collect()
}

fn tell(name: &str, mut write: impl FnMut()) {
    let mut took: Vec<f64> = (0..WARM + PAGES)
        .map(|_| {
            let start = clock::now();
            write();
            (clock::now() - start).as_secs_f64() * 1e3
        })
        .skip(WARM)
        .collect();
    took.sort_by(f64::total_cmp);
    let at = |part: usize| took.get(took.len() * part / 1_000).or(took.last()).copied();
    let [median, p99, slowest] = [at(500), at(990), at(1_000)].map(Option::unwrap_or_default);
    println!("| {name} | {median:.2} ms | {p99:.2} ms | {slowest:.2} ms |");
}
