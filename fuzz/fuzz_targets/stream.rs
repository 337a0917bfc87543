//! Any bytes as the stream of a watch, in pieces of any size.
#![no_main]

#[path = "../laws.rs"]
mod laws;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Some((size, stream)) = bytes.split_last() {
        laws::stream(stream, usize::from(*size));
    }
});
