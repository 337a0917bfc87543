//! Any text as an object of each kind.
#![no_main]

#[path = "../laws.rs"]
mod laws;

libfuzzer_sys::fuzz_target!(|text: &str| {
    laws::json(text);
});
