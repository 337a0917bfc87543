//! The page at `/` in a real browser. `SCREENSHOTS=FOLDER` keeps pictures of it.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on is a test that failed")]

#[path = "browser/chromium.rs"]
mod chromium;
#[expect(dead_code, reason = "other tests need more of it")]
mod fixture;

use std::path::Path;
use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use chromium::Chromium;
use leadership::event::{Event, Phase, What};
use leadership::observation::Kind;
use leadership::snapshot::Snapshot;
use leadership::time::Delta;
use leadership_exporter::feed::Feed;
use leadership_exporter::http::router;
use leadership_exporter::source::Source;
use observe::watch::WatchStats;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::sync::watch;

const HOSTILE: &str = "<img src=x onerror=\"window.pwned=1\"><script>window.pwned=1</script>'\"";

/// The browser, the exporter's own server, and what a test changes behind it.
struct Stage {
    browser: Chromium,
    pictures: watch::Sender<Arc<Snapshot>>,
    feed: Arc<Feed>,
    url: String,
    _runtime: Runtime,
}

/// None where there is no browser.
fn stage(snapshot: Snapshot) -> Option<Stage> {
    let Some(program) = chromium::installed() else {
        println!("SKIPPED: the page at / was not looked at: no chromium is installed");
        return None;
    };
    let runtime = Runtime::new().unwrap();
    let (pictures, receiver) = watch::channel(Arc::new(snapshot));
    let stats = Arc::new(WatchStats::default());
    let source = Source::live("a test".to_owned(), vec![Kind::Lease], receiver, stats);
    let feed = Arc::clone(source.feed());
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    runtime.spawn(async move { axum::serve(listener, router(source)).await });
    let browser = Chromium::start(program);
    Some(Stage { browser, pictures, feed, url, _runtime: runtime })
}

/// A usual cluster with somebody who plays tricks.
fn cluster() -> Snapshot {
    let mut snapshot = fixture::snapshot();
    for (number, name) in ["gitjob-operator", "cert-manager-controller"].iter().enumerate() {
        let mut held = fixture::held("cattle-fleet-system", name, "a_1");
        held.component = Some("fleet-controller".into());
        held.ledger = Arc::new([]);
        if number == 1 {
            held.phase = Phase::Late;
        }
        snapshot.elections.push(Arc::new(held));
    }
    snapshot.elections.push(Arc::new(fixture::held("default", HOSTILE, HOSTILE)));
    snapshot.elections.sort_by(|a, b| a.key.cmp(&b.key));
    snapshot
}

fn keep(stage: &mut Stage, name: &str) {
    let Some(folder) = std::env::var_os("SCREENSHOTS") else { return };
    let picture = BASE64_STANDARD.decode(stage.browser.picture()).unwrap();
    std::fs::write(Path::new(&folder).join(name), picture).unwrap();
}

#[test]
fn the_page_follows_what_happens() {
    let Some(mut stage) = stage(cluster()) else { return };
    stage.browser.look(1280, false);
    stage.browser.open(&stage.url.clone());
    stage.browser.until("document.getElementById('live').textContent", |it| it == "live");
    let count = "document.getElementById('count').textContent";
    assert_eq!(stage.browser.value(count), "8 elections, 2 without a leader");

    // A leader dies.
    let mut snapshot = cluster();
    let place =
        snapshot.elections.iter().position(|it| &*it.key.name == "gitjob-operator").unwrap();
    let mut lost = (*snapshot.elections[place]).clone();
    lost.phase = Phase::Expired;
    lost.leaderless = Some(true);
    lost.leaderless_since = Some(snapshot.at);
    let key = lost.key.clone();
    snapshot.elections[place] = Arc::new(lost);
    stage.pictures.send_replace(Arc::new(snapshot));
    let what = What::Expired { since: None };
    stage.feed.push(&Event { at: fixture::NOW, lease: Some(key), what });

    stage.browser.until(count, |it| it == "8 elections, 3 without a leader");
    let row = "[...document.querySelectorAll('tr')].find((r) => r.textContent.includes('gitjob-operator')).textContent";
    let text = stage.browser.value(row);
    assert!(text.as_str().unwrap().contains("✗ expired"), "{text}");
    assert!(text.as_str().unwrap().contains("nobody"), "{text}");
    let first = "document.querySelector('#events li').textContent";
    let said = stage.browser.value(first);
    assert!(said.as_str().unwrap().ends_with("gitjob-operator: expired: nobody leads"), "{said}");

    // It goes for good, and another one comes with a name that plays tricks.
    let mut snapshot = cluster();
    snapshot.elections.retain(|it| &*it.key.name != "gitjob-operator");
    let new = fixture::held("default", &format!("{HOSTILE}2"), HOSTILE);
    let (gone, came) = (cluster().elections[place].key.clone(), new.key.clone());
    snapshot.elections.push(Arc::new(new));
    snapshot.elections.sort_by(|a, b| a.key.cmp(&b.key));
    stage.pictures.send_replace(Arc::new(snapshot));
    for (lease, what) in [
        (gone, What::LeaseDeleted { holder: None }),
        (came, What::Released { holder: HOSTILE.into(), soft: false }),
    ] {
        stage.feed.push(&Event { at: fixture::NOW, lease: Some(lease), what });
    }
    stage.browser.until("document.querySelectorAll('tbody tr').length", |it| it == 8);
    stage.browser.until(count, |it| it == "8 elections, 2 without a leader");
    stage.browser.until("document.querySelectorAll('#events li').length", |it| it == 3);
    let tricks =
        "[window.pwned, document.querySelectorAll('img, tbody script, #events script').length]";
    assert_eq!(stage.browser.value(tricks), json!([null, 0]));
    assert_eq!(stage.browser.complaints, [""; 0]);
}

#[test]
fn the_page_is_readable_on_a_phone_and_in_the_dark() {
    let Some(mut stage) = stage(cluster()) else { return };
    let url = stage.url.clone();
    let mut colours = Vec::new();
    for (width, dark) in [(320, false), (320, true), (1280, false), (1280, true)] {
        stage.browser.look(width, dark);
        stage.browser.open(&url);
        stage.browser.until("document.getElementById('live').textContent", |it| it == "live");
        let wide = stage.browser.value("document.documentElement.scrollWidth").as_u64().unwrap();
        assert!(wide <= u64::from(width), "{wide} of {width}");
        let colour = "getComputedStyle(document.body).backgroundColor";
        colours.push(stage.browser.value(colour));
        let scheme = if dark { "dark" } else { "light" };
        keep(&mut stage, &format!("landing-{width}-{scheme}.png"));
    }
    assert!(colours[0] == colours[2] && colours[1] == colours[3] && colours[0] != colours[1]);
    assert_eq!(stage.browser.complaints, [""; 0]);
}

#[test]
fn the_page_is_whole_without_scripts() {
    let Some(mut stage) = stage(cluster()) else { return };
    stage.browser.look(1280, false);
    stage.browser.scripts(false);
    stage.browser.open(&stage.url.clone());
    let text = stage.browser.value("document.body.innerText");
    let text = text.as_str().unwrap();
    for part in ["8 elections, 2 without a leader", "✓ held", "nobody", HOSTILE, "reload the page"]
    {
        assert!(text.contains(part), "no {part} in {text}");
    }
    assert!(!text.contains("What happened"), "{text}");
}

#[test]
fn a_lost_connection_is_said_and_found_again_and_blindness_is_told() {
    let mut blind = cluster();
    blind.watches[0].up = false;
    blind.control_plane_silent = Some(blind.at - Delta::from_secs(9));
    let Some(mut stage) = stage(blind) else { return };
    stage.browser.open(&stage.url.clone());
    let banner = stage.browser.value("document.getElementById('banner').textContent");
    let banner = banner.as_str().unwrap();
    assert!(banner.contains("does not see") && banner.contains("stand still"), "{banner}");
    stage.feed.close();
    let live = "document.getElementById('live').textContent";
    stage.browser.until(live, |it| it == "connection lost, trying again");
}
