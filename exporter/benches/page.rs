//! What a scrape costs.

#[path = "../tests/fixture/mod.rs"]
mod fixture;
#[path = "../tests/fixture/picture.rs"]
mod picture;

use std::io::{Write as _, sink};

use divan::Bencher;
use divan::counter::{BytesCount, ItemsCount};
use flate2::Compression;
use flate2::write::GzEncoder;
use leadership_exporter::metrics::{self, Picture};
use leadership_exporter::text::Format;

fn main() {
    divan::main();
}

fn write(picture: &Picture<'_>, format: Format) -> Vec<u8> {
    let mut page = Vec::new();
    metrics::write(picture, format, &mut page).unwrap_or_default();
    page
}

fn plain(bencher: Bencher<'_, '_>, elections: usize, format: Format) {
    let snapshot = fixture::many(elections);
    let picture = picture::picture(&snapshot);
    let page = write(&picture, format);
    let series = page.split(|byte| *byte == b'\n').filter(|line| !line.starts_with(b"#"));
    bencher
        .counter(BytesCount::new(page.len()))
        .counter(ItemsCount::new(series.count()))
        .bench_local(|| metrics::write(&picture, format, &mut sink()));
}

#[divan::bench(args = [50, 500, 5_000])]
fn text(bencher: Bencher<'_, '_>, elections: usize) {
    plain(bencher, elections, Format::Text);
}

#[divan::bench(args = [5_000])]
fn open_metrics(bencher: Bencher<'_, '_>, elections: usize) {
    plain(bencher, elections, Format::OpenMetrics);
}

#[divan::bench(args = [50, 500, 5_000])]
fn text_gzip(bencher: Bencher<'_, '_>, elections: usize) {
    let snapshot = fixture::many(elections);
    let picture = picture::picture(&snapshot);
    bencher.bench_local(|| {
        let mut encoder = GzEncoder::new(sink(), Compression::new(1));
        let written = metrics::write(&picture, Format::Text, &mut encoder);
        (written, encoder.flush())
    });
}
