//! What this binary was made of.

/// What a binary was made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Build {
    /// The version of the package.
    pub version: &'static str,
    /// The revision of the source, or `unknown`.
    pub revision: &'static str,
    /// The compiler, as it names itself, or `unknown`.
    pub rustc: &'static str,
}

/// This binary.
pub const BUILD: Build = Build {
    version: env!("CARGO_PKG_VERSION"),
    revision: env!("LEADERSHIP_REVISION"),
    rustc: env!("LEADERSHIP_RUSTC"),
};

/// What `--version` prints after the name of the program.
pub const VERSION: &str = concat!(
    env!("CARGO_PKG_VERSION"),
    " (revision ",
    env!("LEADERSHIP_REVISION"),
    ", ",
    env!("LEADERSHIP_RUSTC"),
    ")"
);
