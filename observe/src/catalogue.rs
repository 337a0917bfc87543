//! Reads catalogues: the built-in one, and the files of users.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use leadership::catalogue::{BUILT_IN, Catalogue, CatalogueError, Entry, Evidence};
use serde::Deserialize;
use serde_saphyr::{Location, Spanned};

#[cfg(test)]
mod tests;

/// Why a file makes no catalogue. The text names the file and the place in it.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The file cannot be read.
    #[error("cannot read {}: {error}", path.display())]
    Read {
        /// Which file.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// What is in it makes no sense.
    #[error("{}: {error}", path.display())]
    Sense {
        /// Which file.
        path: PathBuf,
        /// What, and where.
        error: TextError,
    },
}

/// Why a text makes no catalogue.
#[derive(Debug, thiserror::Error)]
pub enum TextError {
    /// It is not YAML, or not of this form.
    #[error("{}{}", place(error.location()), reason(error))]
    Form {
        /// What the parser says.
        error: Box<serde_saphyr::Error>,
    },
    /// An entry is wrong.
    #[error("{}{error}", place(Some(*at)))]
    Entry {
        /// Where the entry begins.
        at: Location,
        /// What is wrong.
        error: CatalogueError,
    },
}

fn place(location: Option<Location>) -> String {
    location
        .filter(|location| location.line() > 0)
        .map(|it| format!("line {}, column {}: ", it.line(), it.column()))
        .unwrap_or_default()
}

/// The parser's words in one line, without its picture of the place.
fn reason(error: &serde_saphyr::Error) -> String {
    let text = error.without_snippet().to_string();
    let told = text.split(" at line ").next().unwrap_or(&text);
    told.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A component that elects nobody with a lock of Kubernetes.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Elsewhere {
    /// Its name in the catalogue.
    pub id: String,
    /// What it is, for people.
    pub title: String,
    /// Why no lock of it is found.
    pub why: String,
    /// How this is known.
    pub evidence: Evidence,
    /// Where this was read.
    #[serde(default)]
    pub sources: Vec<String>,
}

/// A catalogue as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sheet {
    locks: Vec<Spanned<Entry>>,
    #[serde(default)]
    elsewhere: Vec<Elsewhere>,
}

fn sheet(text: &str) -> Result<Sheet, TextError> {
    serde_saphyr::from_str(text).map_err(|error| TextError::Form { error: Box::new(error) })
}

/// The catalogue that comes with the program.
#[must_use]
pub fn built_in() -> Arc<Catalogue> {
    static BUILT: LazyLock<Arc<Catalogue>> = LazyLock::new(|| {
        let built = extend(&Catalogue::default(), BUILT_IN);
        Arc::new(built.unwrap_or_else(|error| {
            // A test reads it, so this does not happen.
            tracing::error!(%error, "the built-in catalogue cannot be read; no component is known");
            Catalogue::default()
        }))
    });
    Arc::clone(&BUILT)
}

/// The components of the built-in catalogue that elect nobody with a lock.
#[must_use]
pub fn elsewhere() -> Vec<Elsewhere> {
    sheet(BUILT_IN).map(|sheet| sheet.elsewhere).unwrap_or_default()
}

/// The built-in catalogue with the entries of a file over it.
///
/// # Errors
/// When the file cannot be read, or not understood.
pub fn load(path: &Path) -> Result<Arc<Catalogue>, FileError> {
    let path = path.to_owned();
    match std::fs::read_to_string(&path) {
        Ok(text) => extend(&built_in(), &text)
            .map(Arc::new)
            .map_err(|error| FileError::Sense { path, error }),
        Err(error) => Err(FileError::Read { path, error }),
    }
}

/// A catalogue with the entries of a text over it: those with a known id stand in for the known
/// ones, the others are tried before all.
///
/// # Errors
/// When the text cannot be understood.
pub fn extend(base: &Catalogue, text: &str) -> Result<Catalogue, TextError> {
    let (places, entries): (Vec<_>, Vec<_>) =
        sheet(text)?.locks.into_iter().map(|it| (it.referenced, it.value)).unzip();
    base.with(entries).map_err(|error| TextError::Entry {
        at: places.get(error.place).copied().unwrap_or(Location::UNKNOWN),
        error,
    })
}
