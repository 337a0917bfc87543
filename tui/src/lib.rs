//! `fleet-top`: who leads in a Kubernetes cluster, on a live screen and in pipes.
//!
//! One channel of messages changes one state ([`app`]), which [`view`] draws for a given time. Keys
//! ([`keymap`]), columns ([`columns`]), facts ([`facts`]) and commands ([`commands`]) are tables.

#[macro_use]
mod tell;

mod out;

pub mod app;
pub mod args;
pub mod columns;
pub mod command_line;
pub mod commands;
pub mod config;
pub mod facts;
pub mod filter;
pub mod first_list;
pub mod format;
pub mod keymap;
pub mod lane;
pub mod layout;
pub mod manifest;
pub mod order;
mod panes;
pub mod player;
pub mod remedy;
mod run;
#[cfg(test)]
mod samples;
pub mod sections;
pub mod selector;
pub mod source;
pub mod standing;
pub mod terminal;
pub mod theme;
pub mod ui;
pub mod view;
pub mod wording;

pub use run::run;
