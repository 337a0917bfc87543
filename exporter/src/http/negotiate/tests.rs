use axum::http::HeaderValue;
use rstest::rstest;

use super::*;

const PROMETHEUS_3: &str = "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,\
    application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,\
    text/plain;version=0.0.4;q=0.3,*/*;q=0.2";
const PROMETHEUS_2: &str = "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,\
    text/plain;version=0.0.4;q=0.5,*/*;q=0.1";
const FIREFOX: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8";
const PROTOBUF_FIRST: &str = "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.7,\
    application/openmetrics-text;version=1.0.0;q=0.6,text/plain;version=0.0.4;q=0.5,*/*;q=0.2";

fn headers(name: &HeaderName, values: &[&str]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for value in values {
        headers.append(name.clone(), HeaderValue::from_str(value).unwrap());
    }
    headers
}

#[rstest]
#[case::nothing(&[], Format::Text)]
#[case::curl(&["*/*"], Format::Text)]
#[case::a_browser(&[FIREFOX], Format::Text)]
#[case::prometheus_3(&[PROMETHEUS_3], Format::OpenMetrics)]
#[case::prometheus_2(&[PROMETHEUS_2], Format::OpenMetrics)]
#[case::prometheus_with_native_histograms(&[PROTOBUF_FIRST], Format::OpenMetrics)]
#[case::only_open_metrics(&["application/openmetrics-text"], Format::OpenMetrics)]
#[case::other_case(&["Application/OpenMetrics-Text; Version=\"1.0.0\""], Format::OpenMetrics)]
#[case::a_version_that_we_do_not_write(&["application/openmetrics-text;version=2.0.0"], Format::Text)]
#[case::refused(&["application/openmetrics-text;q=0"], Format::Text)]
#[case::text_preferred(&["application/openmetrics-text;q=0.4, text/plain;q=0.5"], Format::Text)]
#[case::equal(&["text/plain, application/openmetrics-text"], Format::OpenMetrics)]
#[case::two_headers(&["text/html", "application/openmetrics-text"], Format::OpenMetrics)]
#[case::nonsense(&[";;q=x,,application/openmetrics-text;q=NaN"], Format::Text)]
#[case::nothing_of_ours(&["image/png"], Format::Text)]
fn formats(#[case] accept: &[&str], #[case] expected: Format) {
    assert_eq!(format(&headers(&header::ACCEPT, accept)), expected);
}

#[rstest]
#[case(&[], false)]
#[case(&["gzip"], true)]
#[case(&["deflate, GZIP;q=0.5, br"], true)]
#[case(&["gzip;q=0"], false)]
#[case(&["*"], true)]
#[case(&["*, gzip;q=0"], false)]
#[case(&["identity"], false)]
#[case(&["x-gzip-like"], false)]
fn compression_is_only_used_where_asked_for(#[case] accept: &[&str], #[case] expected: bool) {
    assert_eq!(gzip(&headers(&header::ACCEPT_ENCODING, accept)), expected);
}
