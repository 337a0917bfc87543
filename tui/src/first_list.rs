//! Waiting for the first complete picture of a cluster.

use std::sync::Arc;
use std::time::Duration;

use leadership::event::Phase;
use leadership::observation::Kind;
use leadership::snapshot::{Election, Snapshot, Watch};
use leadership::text;
use observe::drive::Live;
use tokio::time;

use crate::remedy;

/// How long pods may take once the leases are there: without them only pods and nodes are missing.
const PODS: Duration = Duration::from_secs(3);

/// Who waits longer for the leases shall know for what.
const UNEASY: Duration = Duration::from_secs(3);

/// How long the leases of the other clusters may take once those of one are there.
const OTHERS: Duration = Duration::from_secs(10);

/// Waits until the leases are listed, and a little for the pods; `patience` zero waits for ever.
///
/// # Errors
/// When it takes longer than `patience`, or the server refuses for good.
pub async fn wait(live: &mut Live, name: &str, patience: Duration) -> anyhow::Result<()> {
    let in_time = leases(live, name, patience).await;
    if in_time {
        // Of several clusters, those that are away are not waited for.
        let all = until(live, |snapshot| leases_of(snapshot).all(spoke));
        let _ = time::timeout(OTHERS, all).await;
    }
    let picture = newest(live);
    if !leases_of(&picture).any(|watch| watch.listed) {
        let watch = picture.watch(Kind::Lease);
        anyhow::bail!("{}", missing(name, patience, in_time, watch));
    }
    // Of several clusters one that is away does not hide the others.
    for watch in leases_of(&picture).filter(|watch| !watch.listed) {
        let error = watch.last_error.as_deref().unwrap_or("one cluster did not answer in time");
        tell!("fleet-top: no list of leases from {}", advised(error));
    }
    let pods = until(live, |snapshot| {
        let came = |it: &&Watch| it.listed || it.looked_up || it.last_error.is_some();
        let (pods, leases) = (pods_of(snapshot), leases_of(snapshot));
        pods.filter(came).count() >= leases.filter(|it| it.listed).count().max(1)
    });
    // Without pods the list still tells who leads.
    let _ = time::timeout(PODS, pods).await;
    for note in notes(&newest(live)) {
        tell!("fleet-top: {note}");
    }
    Ok(())
}

/// Waits for the leases of one cluster, and tells who waits for long what for; whether they came in time.
async fn leases(live: &mut Live, name: &str, patience: Duration) -> bool {
    let some =
        |snapshot: &Snapshot| leases_of(snapshot).any(|it| it.listed) || refused_all(snapshot);
    let at_first = if patience.is_zero() { UNEASY } else { UNEASY.min(patience) };
    if let Ok(came) = time::timeout(at_first, until(live, some)).await {
        return came;
    }
    let left = patience.saturating_sub(at_first);
    if left.is_zero() && !patience.is_zero() {
        return false;
    }
    let picture = newest(live);
    tell!("fleet-top: {}", not_yet(name, patience, picture.watch(Kind::Lease)));
    if patience.is_zero() {
        return until(live, some).await;
    }
    time::timeout(left, until(live, some)).await.unwrap_or(false)
}

/// The watches of leases: one for each cluster.
fn leases_of(snapshot: &Snapshot) -> impl Iterator<Item = &Watch> {
    snapshot.watches.iter().filter(|watch| watch.kind == Kind::Lease)
}

/// The watches of pods of the clusters whose leases are listed.
fn pods_of(snapshot: &Snapshot) -> impl Iterator<Item = &Watch> {
    // Of several clusters, the name stands before each error.
    let cluster = |error: &str| error.split_once(": ").map(|(name, _)| name.to_owned());
    let named = move |watch: &Watch| watch.last_error.as_deref().and_then(cluster);
    let away: Vec<_> = leases_of(snapshot).filter(|it| !it.listed).filter_map(named).collect();
    let pods = snapshot.watches.iter().filter(|watch| watch.kind == Kind::Pod);
    pods.filter(move |watch| named(watch).is_none_or(|name| !away.contains(&name)))
}

/// Whether a cluster has answered, well or badly.
fn spoke(watch: &Watch) -> bool {
    watch.listed || watch.last_error.is_some()
}

/// Whether there is nobody to wait for.
fn refused_all(snapshot: &Snapshot) -> bool {
    let mut watches = leases_of(snapshot).peekable();
    watches.peek().is_some() && watches.all(refused)
}

/// What is missing beside the leases, of each cluster that has told its leases.
fn notes(snapshot: &Snapshot) -> Vec<String> {
    let missing = pods_of(snapshot).filter(|watch| !watch.listed && !watch.up);
    let errors = missing.filter_map(|watch| watch.last_error.as_deref());
    let note = |error| {
        let error = text::clean(error);
        format!("{error}\n  leases are complete; pods and nodes of leaders are missing")
    };
    errors.map(note).collect()
}

/// The error, and below it what to do.
fn advised(error: &str) -> String {
    let (error, advice) = (text::clean(error), remedy::advice(error));
    let dash = if advice.is_empty() { "" } else { "\n  " };
    format!("{error}{dash}{advice}")
}

/// Goes on watching for `patience`, or until nothing of what is asked for is merely presumed.
pub async fn settle(live: &mut Live, lease: Option<&str>, patience: Duration) {
    let proven = until(live, |snapshot| {
        asked(snapshot, lease).all(|election| election.phase != Phase::Unknown)
    });
    let _ = time::timeout(patience, proven).await;
}

/// Goes on watching for `patience`, or until the cadence of what is asked for is known.
pub async fn learn(live: &mut Live, lease: Option<&str>, patience: Duration) {
    let learned = until(live, |snapshot| {
        asked(snapshot, lease).all(|election| election.renew_interval.is_some())
    });
    let _ = time::timeout(patience, learned).await;
}

/// The elections that this name on the command line may mean.
fn asked<'a>(snapshot: &'a Snapshot, lease: Option<&'a str>) -> impl Iterator<Item = &'a Election> {
    let elections = snapshot.elections.iter().map(|election| &**election);
    elections.filter(move |it| lease.is_none_or(|lease| lease.ends_with(&*it.key.name)))
}

/// Goes on watching until a picture is `enough`, at most for `patience`; zero waits for ever.
pub async fn patiently(live: &mut Live, patience: Duration, enough: impl Fn(&Snapshot) -> bool) {
    let awaited = until(live, enough);
    if patience.is_zero() {
        awaited.await;
    } else {
        let _ = time::timeout(patience, awaited).await;
    }
}

/// The newest picture.
#[must_use]
pub fn newest(live: &Live) -> Arc<Snapshot> {
    Arc::clone(&live.snapshots.borrow())
}

/// Waits for a picture that is `enough`; false if there will be no more.
async fn until(live: &mut Live, enough: impl Fn(&Snapshot) -> bool) -> bool {
    live.snapshots.wait_for(|snapshot| enough(snapshot)).await.is_ok()
}

/// Whether waiting cannot help.
fn refused(watch: &Watch) -> bool {
    let remedy = watch.last_error.as_deref().and_then(remedy::of);
    remedy.is_some_and(|remedy| remedy.lasting)
}

fn not_yet(name: &str, patience: Duration, watch: Option<&Watch>) -> String {
    let error = watch.and_then(|watch| watch.last_error.as_deref());
    let why = error.map_or("no answer".into(), text::clean);
    let until =
        if patience.is_zero() { String::new() } else { format!(", for {patience:?} in all") };
    format!("no list of leases from {name} yet: {why}; waiting on{until} (--request-timeout)")
}

fn missing(name: &str, patience: Duration, in_time: bool, watch: Option<&Watch>) -> String {
    let mut message = format!("no list of leases from {name}");
    if !in_time {
        message = format!("{message} within {patience:?}");
    }
    match watch.and_then(|watch| watch.last_error.as_deref()) {
        Some(error) => {
            format!("{message}: {}", advised(error))
        }
        None => format!("{message}: the server did not answer; --request-timeout waits longer"),
    }
}
