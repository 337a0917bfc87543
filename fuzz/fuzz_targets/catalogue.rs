//! Any text as a user's catalogue.
#![no_main]

#[path = "../laws.rs"]
mod laws;

libfuzzer_sys::fuzz_target!(|text: &str| {
    laws::catalogue(text);
});
