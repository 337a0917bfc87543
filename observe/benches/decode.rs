//! Instructions that it takes to read one event, counted by callgrind: `cargo bench -p observe`, which needs valgrind.
//!
//! Counts repeat to a thousandth whatever else the machine does, so they are a gate: the run fails if a reader costs more than
//! its limit. Each is counted with two numbers of events, and only the difference is told: starting up costs nothing. The
//! events are what a kube-apiserver 1.36 sent. `decode READER EVENTS` reads, and is what callgrind runs.

use std::env;
use std::hint::black_box;
use std::path::Path;
use std::process::{Command, ExitCode};

use k8s_openapi::api::coordination::v1::Lease;
use k8s_openapi::api::core::v1::Pod;
use kube::core::WatchEvent;
use leadership::observation::Kind;
use mimalloc::MiMalloc;
use observe::kinds::Row;
use observe::watch::{Encoding, objects};
use serde::de::DeserializeOwned;

/// That of the binaries.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

const LIMIT: usize = 8 << 20;
const FEW: u64 = 100;
const MANY: u64 = 1100;

/// A way to read an event.
struct Reader {
    name: &'static str,
    kind: Kind,
    json: &'static [u8],
    protobuf: &'static [u8],
    way: Way,
    /// Instructions that it may cost; none for what is not ours.
    most: Option<u64>,
}

enum Way {
    Ours(Encoding),
    /// As kube's watcher does: a line, and the full type.
    Kube(fn(&str) -> bool),
}

const LEASE: Reader = Reader {
    name: "lease-protobuf",
    kind: Kind::Lease,
    json: include_bytes!("events/lease.json"),
    protobuf: include_bytes!("events/lease.pb"),
    way: Way::Ours(Encoding::Protobuf),
    most: None,
};

const NODE_LEASE: Reader = Reader {
    name: "node-lease-protobuf",
    kind: Kind::NodeLease,
    json: include_bytes!("events/node-lease.json"),
    protobuf: include_bytes!("events/node-lease.pb"),
    ..LEASE
};

const POD: Reader = Reader {
    name: "pod-protobuf",
    kind: Kind::Pod,
    json: include_bytes!("events/pod.json"),
    protobuf: include_bytes!("events/pod.pb"),
    ..LEASE
};

const JSON: Way = Way::Ours(Encoding::Json);

const READERS: [Reader; 8] = [
    Reader { most: Some(7_530), ..LEASE },
    Reader { name: "lease-json", way: JSON, most: Some(30_800), ..LEASE },
    Reader { name: "lease-kube", way: Way::Kube(typed::<Lease>), most: None, ..LEASE },
    Reader { most: Some(12_220), ..NODE_LEASE },
    Reader { name: "node-lease-json", way: JSON, most: Some(36_000), ..NODE_LEASE },
    Reader { most: Some(34_300), ..POD },
    Reader { name: "pod-json", way: JSON, most: Some(406_400), ..POD },
    Reader { name: "pod-kube", way: Way::Kube(typed::<Pod>), most: None, ..POD },
];

fn typed<K: DeserializeOwned>(line: &str) -> bool {
    serde_json::from_str::<WatchEvent<K>>(line).is_ok()
}

impl Reader {
    fn event(&self) -> Vec<u8> {
        match self.way {
            Way::Ours(Encoding::Protobuf) => in_protobuf(self.protobuf),
            _ => {
                [b"{\"type\":\"MODIFIED\",\"object\":", self.json.trim_ascii_end(), b"}\n"].concat()
            }
        }
    }

    /// Reads a stream of so many such events; whether that went well each time.
    fn read(&self, events: u64) -> bool {
        let event = self.event();
        match self.way {
            Way::Ours(encoding) => {
                let mut well = 0;
                let stream = (0..events).map(|_| black_box(&*event));
                let count = |read: Result<_, _>| well += u64::from(black_box(read).is_ok());
                let ended = objects(Row::of(self.kind), encoding, LIMIT, stream, count);
                ended.is_ok() && well == events
            }
            Way::Kube(read) => (0..events).all(|_| {
                // Its reader of lines makes a string of each.
                let line = String::from_utf8(black_box(&event).clone());
                line.is_ok_and(|line| read(&line))
            }),
        }
    }
}

/// A `WatchEvent` with its length before it.
fn in_protobuf(object: &[u8]) -> Vec<u8> {
    let extension = field(1, object);
    let event = [field(1, b"MODIFIED"), field(2, &extension)].concat();
    let length = u32::try_from(event.len()).unwrap_or(u32::MAX);
    [&length.to_be_bytes()[..], &event].concat()
}

fn field(number: u8, bytes: &[u8]) -> Vec<u8> {
    let mut out = vec![number << 3 | 2];
    prost::encoding::encode_varint(bytes.len() as u64, &mut out);
    [&out, bytes].concat()
}

/// The instructions of a whole run.
fn counted(program: &Path, reader: &str, events: u64) -> Option<u64> {
    let callgrind = ["--tool=callgrind", "--callgrind-out-file=/dev/null"];
    let mut run = Command::new("valgrind");
    let run = run.args(callgrind).arg(program).args([reader, &events.to_string()]);
    let out = run.output().ok()?;
    let told = String::from_utf8_lossy(&out.stderr).into_owned();
    let line = told.lines().find(|line| line.contains("Collected :"))?;
    out.status.success().then(|| line.rsplit(' ').next()?.parse().ok()).flatten()
}

/// Counts them all; whether none costs more than it may.
fn count() -> bool {
    let Ok(program) = env::current_exe() else { return false };
    println!("{:22} {:>8} {:>14} {:>8}", "reader", "bytes", "instructions", "at most");
    READERS.iter().fold(true, |well, reader| {
        let of = |events| counted(&program, reader.name, events);
        let Some((few, many)) = of(FEW).zip(of(MANY)) else {
            println!("{:22} cannot be counted: is valgrind installed?", reader.name);
            return false;
        };
        let each = many.saturating_sub(few) / (MANY - FEW);
        let most = reader.most.map_or_else(|| "-".to_owned(), |most| most.to_string());
        println!("{:22} {:>8} {each:>14} {most:>8}", reader.name, reader.event().len());
        well && reader.most.is_none_or(|most| each <= most)
    })
}

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let named = arguments.first().and_then(|name| READERS.iter().find(|it| it.name == *name));
    let well = match (named, arguments.get(1).and_then(|it| it.parse().ok())) {
        (Some(reader), Some(events)) => reader.read(events),
        _ => count(),
    };
    if well { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
