//! Which of our formats a client would rather have.

use axum::http::{HeaderMap, HeaderName, header};

use crate::text::Format;

/// One element of a header like `Accept`: `name; key=value; q=0.5`.
struct Choice {
    name: String,
    version: Option<String>,
    quality: f32,
}

/// The format to answer in. Text, unless OpenMetrics is asked for by its name and text is not
/// preferred: browsers and curl ask for anything at all and are read by people.
pub(super) fn format(headers: &HeaderMap) -> Format {
    let choices = choices(headers, &header::ACCEPT);
    let quality = |wanted: fn(&Choice) -> bool| {
        choices
            .iter()
            .filter(|choice| wanted(choice))
            .map(|choice| choice.quality)
            .fold(0.0, f32::max)
    };
    let open = quality(|choice| {
        choice.name == "application/openmetrics-text"
            && matches!(choice.version.as_deref(), None | Some("1.0.0"))
    });
    let text = quality(|choice| {
        matches!(&*choice.name, "text/plain" | "text/*")
            && matches!(choice.version.as_deref(), None | Some("0.0.4"))
    });
    if open > 0.0 && open >= text { Format::OpenMetrics } else { Format::Text }
}

/// Whether the client reads gzip and said so.
pub(super) fn gzip(headers: &HeaderMap) -> bool {
    let choices = choices(headers, &header::ACCEPT_ENCODING);
    let named = |name: &str| choices.iter().find(|choice| choice.name == name);
    named("gzip").or_else(|| named("*")).is_some_and(|choice| choice.quality > 0.0)
}

fn choices(headers: &HeaderMap, name: &HeaderName) -> Vec<Choice> {
    headers
        .get_all(name)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(choice)
        .collect()
}

fn choice(text: &str) -> Choice {
    let mut parts = text.split(';').map(str::trim);
    let mut choice = Choice {
        name: parts.next().unwrap_or_default().to_ascii_lowercase(),
        version: None,
        quality: 1.0,
    };
    for (key, value) in parts.filter_map(|part| part.split_once('=')) {
        match key.trim().to_ascii_lowercase().as_str() {
            "q" => choice.quality = quality(value.trim()),
            "version" => choice.version = Some(value.trim().trim_matches('"').to_owned()),
            _ => {}
        }
    }
    choice
}

/// From 0 to 1; what cannot be read counts as 0, so that nobody gets what they did not ask for.
fn quality(text: &str) -> f32 {
    let number = text.parse().unwrap_or(0.0_f32);
    if number.is_nan() { 0.0 } else { number.clamp(0.0, 1.0) }
}

#[cfg(test)]
mod tests;
