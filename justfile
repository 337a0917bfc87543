# Every command that a person or CI types. `just` alone lists them.

_list:
    @just --list --unsorted

# Show live leadership of the simulated cluster
demo:
    cargo run --locked --release --bin fleet-top -- --demo

# Everything that needs only Rust
test:
    cargo test --locked --workspace

# Format, lints, documentation
lint: fmt-check
    cargo clippy --locked --workspace --all-targets -- -D warnings
    RUSTDOCFLAGS="-D warnings" cargo doc --locked --workspace --no-deps

fmt:
    cargo fmt --all

fmt-check:
    cargo fmt --all --check

# Licences, sources, and crates that must not be in the tree
deny:
    cargo deny --locked check bans licenses sources

# Against a real control plane, real electors and a real Prometheus; needs Go
e2e:
    e2e/run

# How exact the published windows are: hundreds of failovers; needs Go
truth:
    e2e/truth

# Whether causes are told right: leaders that are ended in every way; needs Go
causes:
    e2e/causes

# Alert rules, their tests and runbooks; needs promtool
alerts:
    dashboards/check

# The Helm chart; fetches helm where there is none
chart:
    chart/check

# What things cost
bench:
    cargo bench --locked -p leadership -p leadership-exporter -p fleet-top
    cargo bench --locked -p observe

# Break the wire, the API server and etcd under a real exporter; needs Go
chaos-e2e:
    e2e/chaos

# What both binaries cost under load, small to stormy
load:
    cargo build --locked --release --bins
    target/release/load

# What the exporter costs beside kube-state-metrics and kube's reflectors, on one real API server; needs Go
peers:
    e2e/build
    e2e/build-peers
    cargo build --locked --release --bins
    target/release/peers

# Hours of simulated time in which everything goes wrong, and nothing may be told wrong; only so is the chance in tokio seeded, too
chaos $CHAOS_SEEDS="10" $CHAOS_MINUTES="60" $RUSTFLAGS="--cfg tokio_unstable":
    cargo test --locked -p observe --lib many_hours -- --ignored --nocapture

# Feed everything that reads with nonsense, each reader for so many seconds, or only those that are named
fuzz seconds="600" *readers:
    fuzz/run {{seconds}} {{readers}}

# Change the core and see whether a test notices; needs cargo-mutants
mutants:
    cargo mutants -p leadership

# Accept the present pages, screens and events as right: read the difference first
bless:
    BLESS=1 cargo test --locked -p leadership --test scenarios
    INSTA_UPDATE=always cargo test --locked -p leadership-exporter -p fleet-top
    UPDATE=1 cargo test --locked -p leadership-exporter --test docs
    UPDATE=1 cargo test --locked -p fleet-top --test docs
    UPDATE=1 cargo test --locked -p fleet-top --lib pictures
    UPDATE=1 cargo test --locked -p observe --test catalogue

# What CI runs
ci:
    .ci/run
