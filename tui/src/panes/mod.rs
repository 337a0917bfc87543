//! The parts of the screen.

pub(crate) mod banner;
pub(crate) mod detail;
pub(crate) mod events;
pub(crate) mod footer;
pub(crate) mod header;
pub(crate) mod health;
pub(crate) mod help;
pub(crate) mod nodes;
pub(crate) mod table;
pub(crate) mod timeline;
pub(crate) mod yaml;
