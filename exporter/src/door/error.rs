//! Why a web config file is refused.

use std::fmt;
use std::path::PathBuf;

use serde_saphyr::{Location, Spanned};

/// Why the door cannot be made. The text names file, line and key, and says what to do.
#[derive(Debug, thiserror::Error)]
pub enum DoorError {
    /// The file cannot be read.
    #[error("cannot read the web config file {}: {error} (--web.config.file)", path.display())]
    Read {
        /// Which file.
        path: PathBuf,
        /// What the system says.
        error: std::io::Error,
    },
    /// What is in it cannot be used.
    #[error("{}:{flaw}", path.display())]
    Sense {
        /// Which file.
        path: PathBuf,
        /// What, and where.
        flaw: Flaw,
    },
    /// Both want the same header.
    #[error(
        "{}: basic_auth_users and --auth=kubernetes both use the Authorization header; use one of them", path.display()
    )]
    TwoLocks {
        /// The web config file.
        path: PathBuf,
    },
    /// There is nobody to ask.
    #[error(
        "--auth=kubernetes asks the API server about each client, and a recording has none; leave out --auth or --replay"
    )]
    Recording,
}

/// What is wrong at one place of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flaw {
    line: u64,
    key: String,
    text: String,
}

impl Flaw {
    /// Something at the place of a value.
    pub(super) fn at<T>(value: &Spanned<T>, key: &str, text: impl Into<String>) -> Self {
        Self { line: value.referenced.line(), key: key.to_owned(), text: text.into() }
    }

    /// Something about the file as a whole.
    pub(super) fn whole(text: impl Into<String>) -> Self {
        Self { line: 0, key: String::new(), text: text.into() }
    }

    /// What the parser says, with the key that stands on the line. Its own words may hold a value, and a value may
    /// be a secret: of those that do, only the place is told.
    pub(super) fn of_parser(error: &serde_saphyr::Error, content: &str) -> Self {
        let line = error.location().map_or(0, |location: Location| location.line());
        let told = error.without_snippet().to_string();
        let told = told.split(" at line ").next().unwrap_or(&told);
        let told = told.split_whitespace().collect::<Vec<_>>().join(" ");
        let told = if told.contains("invalid value") || told.contains("invalid type") {
            "this value is not of the form that the key takes".to_owned()
        } else {
            told
        };
        Self { line, key: key_on(content, line), text: told }
    }
}

/// The key that stands on a line, if it looks like one.
fn key_on(content: &str, line: u64) -> String {
    let line = usize::try_from(line).ok().and_then(|line| line.checked_sub(1));
    let text = line.and_then(|line| content.lines().nth(line)).unwrap_or_default();
    let key = text.split_once(':').map(|(key, _)| key.trim().trim_matches(['"', '\'']));
    let plain =
        |key: &&str| key.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
    key.filter(plain).unwrap_or_default().to_owned()
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line > 0 {
            write!(f, "{}: ", self.line)?;
        } else {
            f.write_str(" ")?;
        }
        if !self.key.is_empty() {
            write!(f, "{}: ", self.key)?;
        }
        f.write_str(&self.text)
    }
}
