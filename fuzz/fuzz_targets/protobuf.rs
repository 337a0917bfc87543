//! Any bytes as an object in protobuf.
#![no_main]

#[path = "../laws.rs"]
mod laws;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    laws::protobuf(bytes);
});
