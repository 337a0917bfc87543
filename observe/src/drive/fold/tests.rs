use leadership::event::What;
use leadership::lock::LockKey;
use leadership::observation::{LockRecord, Object};

use super::*;

const MINUTE: Delta = Delta::from_secs(60);

struct Bench {
    fold: Fold,
    stops: watch::Sender<Stop>,
    events: broadcast::Receiver<Arc<Event>>,
    _rest: (mpsc::UnboundedReceiver<PodName>, watch::Receiver<Arc<Snapshot>>),
}

impl Bench {
    /// A fold that was told of stops by nobody but us.
    fn new() -> Self {
        let (wish_out, wishes) = mpsc::unbounded_channel();
        let (event_out, events) = broadcast::channel(64);
        let (snapshot_out, snapshots) = watch::channel(Arc::default());
        let (error_out, _) = watch::channel(None);
        let (stops, stop) = watch::channel(Stop::default());
        let leadership = Leadership::new();
        let fold = Fold::new(leadership, None, wish_out, event_out, snapshot_out, error_out);
        Self { fold: Fold { stops: stop, ..fold }, stops, events, _rest: (wishes, snapshots) }
    }

    /// The last renewal came a second before a stop that ends now.
    fn stopped(since: Time) -> Self {
        let mut bench = Self::new();
        bench.fold.awake = since - Delta::from_millis(5);
        let begin = since - Delta::from_secs(3);
        let objects = vec![Object::Lock(lease(begin))];
        let fact = Fact::Listed { kind: Kind::Lease, objects };
        bench.fold.observe(Observation { at: begin, fact });
        bench.renewed(since - Delta::from_secs(1));
        bench
    }

    fn renewed(&mut self, at: Time) {
        let fact = Fact::Applied(Object::Lock(lease(at)));
        self.fold.observe(Observation { at, fact });
    }

    fn sees(&mut self) -> bool {
        self.fold.leadership.snapshot().watch(Kind::Lease).is_some_and(|watch| watch.up)
    }

    fn expired(&mut self) -> bool {
        let mut told = std::iter::from_fn(|| self.events.try_recv().ok());
        told.any(|event| matches!(event.what, What::Expired { .. }))
    }
}

fn lease(renewed: Time) -> LockRecord {
    let held = LockRecord::empty(LockKey::lease("ns", "x"));
    LockRecord {
        holder: Some("a".into()),
        duration_seconds: Some(15),
        acquire: Some(Time::from_micros(0)),
        renew: Some(renewed),
        transitions: Some(1),
        ..held
    }
}

#[test]
fn what_was_in_hand_before_a_stop_is_no_sight_after_it() {
    let since = clock::now() - MINUTE;
    let mut bench = Bench::stopped(since);
    assert!(bench.sees());
    bench.stops.send_replace(Stop { since, lasted: MINUTE });
    bench.fold.notice_stops();
    assert!(!bench.sees(), "nobody looked");
    bench.renewed(since);
    assert!(!bench.sees(), "its sender was stopped with it in hand");
    bench.fold.advance();
    assert!(!bench.expired());

    bench.renewed(clock::now());
    assert!(bench.sees());
    assert!(!bench.expired());
}

#[test]
fn who_runs_and_sees_nothing_tells_an_expiry() {
    let mut bench = Bench::stopped(clock::now() - MINUTE);
    bench.fold.notice_stops();
    bench.fold.advance();
    assert!(bench.expired());
}
