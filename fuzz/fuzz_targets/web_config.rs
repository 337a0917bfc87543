//! Any bytes as a web config file: it is taken, or refused with the name of the file.
#![no_main]

use std::path::PathBuf;
use std::sync::LazyLock;

use leadership_exporter::door::Door;
use libfuzzer_sys::fuzz_target;

static FILE: LazyLock<PathBuf> =
    LazyLock::new(|| std::env::temp_dir().join(format!("web-config-{}.yaml", std::process::id())));

fuzz_target!(|bytes: &[u8]| {
    std::fs::write(&*FILE, bytes).unwrap();
    if let Err(error) = Door::new(Some(&FILE)) {
        assert!(error.to_string().contains("web-config"), "{error}");
    }
});
