//! The web config file, in the form that the exporters of the Prometheus project share.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::http::{HeaderName, HeaderValue};
use ring::digest::{Context, SHA256};
use rustls::ServerConfig;
use serde::Deserialize;
use serde_saphyr::Spanned;

use super::error::{DoorError, Flaw};
use super::rate::Limit;
use super::{duration, tls};

/// No file of it may be larger: it is read again and again.
const LARGEST: u64 = 1 << 20;

/// The highest cost of a password's hash: a check takes a few seconds, and each step more doubles that.
const DEAREST: u32 = 16;

/// Headers that may be set, with the values that they may have; any if there are none.
const HEADERS: [(&str, &[&str]); 5] = [
    ("Strict-Transport-Security", &[]),
    ("X-Content-Type-Options", &["nosniff"]),
    ("X-Frame-Options", &["deny", "sameorigin"]),
    ("X-XSS-Protection", &[]),
    ("Content-Security-Policy", &[]),
];

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sheet {
    tls_server_config: Option<Spanned<tls::Section>>,
    http_server_config: Option<Http>,
    basic_auth_users: Option<BTreeMap<String, Spanned<String>>>,
    rate_limit: Option<RateLimit>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Http {
    /// Only HTTP/1.1 is spoken: this allows what is not done.
    #[serde(rename = "http2")]
    _http2: Option<bool>,
    headers: Option<BTreeMap<String, Spanned<String>>>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct RateLimit {
    interval: Option<Spanned<String>>,
    burst: Option<Spanned<u32>>,
}

/// What a file says, checked.
#[derive(Default)]
pub(super) struct Rules {
    pub(super) tls: Option<Arc<ServerConfig>>,
    /// Whether clients must show a certificate.
    pub(super) client_certificates: bool,
    pub(super) headers: Vec<(HeaderName, HeaderValue)>,
    /// Hashes by name.
    pub(super) users: BTreeMap<String, String>,
    pub(super) rate: Option<Limit>,
}

impl std::fmt::Debug for Rules {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Neither keys nor hashes.
        f.debug_struct("Rules").field("tls", &self.tls.is_some()).finish_non_exhaustive()
    }
}

/// Tells contents of all files together apart.
pub(super) type Print = [u8; 32];

/// A file and those that it names, as they are on disk now.
pub(super) struct Draft {
    sheet: Result<Sheet, Flaw>,
    files: Files,
    pub(super) print: Print,
}

/// The contents of the files that a web config file names, by their keys.
pub(super) type Files = BTreeMap<&'static str, io::Result<Vec<u8>>>;

impl Draft {
    /// Reads everything, and judges nothing.
    pub(super) fn read(path: &Path) -> Result<Self, DoorError> {
        let content =
            read(path).map_err(|error| DoorError::Read { path: path.to_owned(), error })?;
        let mut hash = Context::new(&SHA256);
        hash.update(&content);
        let sheet = parse(&String::from_utf8_lossy(&content));
        let mut files = Files::new();
        let section = sheet.as_ref().ok().and_then(|sheet| sheet.tls_server_config.as_ref());
        for (key, name) in section.iter().flat_map(|section| section.value.files()) {
            let file = read(&beside(path, &name.value));
            hash.update(file.as_deref().unwrap_or(b"?"));
            files.insert(key, file);
        }
        let print = Print::try_from(hash.finish().as_ref()).unwrap_or_default();
        Ok(Self { sheet, files, print })
    }

    /// What it says.
    pub(super) fn rules(self) -> Result<Rules, Flaw> {
        let sheet = self.sheet?;
        let users = sheet.basic_auth_users.unwrap_or_default();
        let headers = sheet.http_server_config.and_then(|http| http.headers).unwrap_or_default();
        let mut rules = Rules {
            headers: headers
                .iter()
                .map(|(name, value)| header(name, value))
                .collect::<Result<_, _>>()?,
            users: users.into_iter().map(user).collect::<Result<_, _>>()?,
            rate: sheet.rate_limit.map_or(Ok(None), limit)?,
            ..Rules::default()
        };
        if let Some(section) = sheet.tls_server_config.filter(|section| section.value.enabled()) {
            rules.client_certificates = section.value.asks_for_certificates();
            rules.tls = Some(Arc::new(tls::build(&section, &self.files)?));
        }
        Ok(rules)
    }
}

fn parse(content: &str) -> Result<Sheet, Flaw> {
    if content.lines().all(|line| line.trim().is_empty() || line.trim_start().starts_with('#')) {
        return Ok(Sheet::default());
    }
    serde_saphyr::from_str(content).map_err(|error| Flaw::of_parser(&error, content))
}

/// A relative path is meant from the folder of the file that names it.
fn beside(path: &Path, name: &str) -> PathBuf {
    path.parent().unwrap_or(Path::new(".")).join(name)
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut content = Vec::new();
    File::open(path)?.take(LARGEST + 1).read_to_end(&mut content)?;
    if content.len() as u64 > LARGEST {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, "it is larger than 1 MiB"));
    }
    Ok(content)
}

fn user((name, hash): (String, Spanned<String>)) -> Result<(String, String), Flaw> {
    let key = format!("basic_auth_users: {name}");
    match hash.value.parse::<bcrypt::HashParts>() {
        Ok(parts) if parts.get_cost() <= DEAREST => Ok((name, hash.value)),
        Ok(parts) => {
            let text =
                format!("a cost of {} takes minutes; the highest is {DEAREST}", parts.get_cost());
            Err(Flaw::at(&hash, &key, text))
        }
        Err(_) => {
            let text = "this is no bcrypt hash; make one with `htpasswd -nBC 10 NAME`";
            Err(Flaw::at(&hash, &key, text))
        }
    }
}

fn header(name: &str, value: &Spanned<String>) -> Result<(HeaderName, HeaderValue), Flaw> {
    let key = format!("headers: {name}");
    let Some((_, allowed)) = HEADERS.iter().find(|(known, _)| *known == name) else {
        let known = HEADERS.map(|(known, _)| known).join(", ");
        return Err(Flaw::at(value, &key, format!("this header cannot be set; {known} can")));
    };
    if !allowed.is_empty() && !allowed.contains(&value.value.as_str()) {
        return Err(Flaw::at(value, &key, format!("it can be {} only", allowed.join(" or "))));
    }
    let wrong = || Flaw::at(value, &key, "a header cannot have this value");
    let written = HeaderValue::from_str(&value.value).map_err(|_| wrong())?;
    Ok((HeaderName::from_bytes(name.as_bytes()).map_err(|_| wrong())?, written))
}

fn limit(section: RateLimit) -> Result<Option<Limit>, Flaw> {
    let Some(interval) = section.interval else { return Ok(None) };
    let read = duration::parse(&interval.value);
    let wrong = || Flaw::at(&interval, "rate_limit: interval", "write it like 1s, 250ms or 1m30s");
    let duration = read.ok_or_else(wrong)?;
    if duration.is_zero() {
        return Ok(None);
    }
    match section.burst {
        Some(burst) if burst.value > 0 => {
            Ok(Some(Limit { interval: duration, burst: burst.value }))
        }
        Some(burst) => Err(Flaw::at(
            &burst,
            "rate_limit: burst",
            "nothing would be let through; write 1 or more",
        )),
        None => {
            Err(Flaw::at(&interval, "rate_limit", "burst is missing: how many may come at once"))
        }
    }
}

#[cfg(test)]
mod tests;
