//! Bearer tokens that the API server of a simulated cluster is asked about.

use std::net::SocketAddr;

use leadership_exporter::door::Door;
use observe::access::{self, Access, Cluster};
use simulator::{Outage, Scene, Simulation};

use super::{Web, get, start};

const ALICE: &str = "a-token-of-alice";
const BOB: &str = "a-token-of-bob";
const NOBODY: &str = "a-token-of-nobody";

async fn cluster() -> (Simulation, Cluster) {
    let simulation =
        simulator::start(Scene::empty(), || observe::clock::now().into()).await.unwrap();
    simulation.server().accounts(|accounts| {
        for (token, name) in [(ALICE, "alice"), (BOB, "bob"), (NOBODY, "system:anonymous")] {
            accounts.tokens.insert(token.to_owned(), name.to_owned());
        }
        for name in ["alice", "system:anonymous"] {
            accounts.leave.insert((name.to_owned(), "/metrics".to_owned()));
        }
    });
    let access = Access { url: Some(simulation.url()), ..Access::default() };
    let cluster = access::connect(&access).await.unwrap();
    (simulation, cluster)
}

async fn locked() -> (Simulation, SocketAddr) {
    let (simulation, cluster) = cluster().await;
    let door = Door::new(None).unwrap().ask(cluster).unwrap();
    (simulation, start(door).await)
}

fn bearer(token: &str) -> String {
    format!("authorization: Bearer {token}\r\n")
}

#[tokio::test]
async fn only_whom_the_api_server_knows_and_lets_gets_a_page() {
    let (_simulation, address) = locked().await;
    let cases = [
        ("", "/metrics", 401),
        (&*bearer(ALICE), "/metrics", 200),
        (&*bearer(ALICE), "/", 403),
        (&*bearer(ALICE), "/nothing", 403),
        (&*bearer(ALICE), "/metrics/", 403),
        (&*bearer(BOB), "/metrics", 403),
        (&*bearer(NOBODY), "/metrics", 401),
        (&*bearer("foreign"), "/metrics", 401),
        (&*bearer(""), "/metrics", 401),
        (&*bearer(&"x".repeat(9_000)), "/metrics", 401),
        ("authorization: Basic YTpi\r\n", "/metrics", 401),
        ("", "/livez", 200),
        ("", "/readyz", 200),
    ];
    for (more, path, status) in cases {
        let answer = get(address, path, more).await;
        assert_eq!(answer.status, status, "{path} {more}: {}", answer.body);
        if status == 401 {
            assert!(answer.head.contains("www-authenticate: bearer"), "{}", answer.head);
        }
    }
}

#[tokio::test]
async fn the_api_server_is_asked_once_whatever_comes() {
    let (simulation, address) = locked().await;
    for token in [ALICE, BOB, "foreign"] {
        for _ in 0..20 {
            get(address, "/metrics", &bearer(token)).await;
        }
    }
    let asked =
        |accounts: &mut simulator::Accounts| (accounts.token_reviews, accounts.access_reviews);
    assert_eq!(simulation.server().accounts(asked), (3, 2));
    // A storm of one token costs no more questions than may be under way at once. One address gets no more connections.
    let storm: Vec<_> = (0..20)
        .map(|_| tokio::spawn(async move { get(address, "/metrics", &bearer("new")).await.status }))
        .collect();
    for client in storm {
        assert_eq!(client.await.unwrap(), 401);
    }
    let (tokens, _) = simulation.server().accounts(asked);
    assert!(tokens <= 3 + 4, "{tokens}");
}

#[tokio::test]
async fn nobody_new_comes_in_while_the_api_server_is_away() {
    let (simulation, address) = locked().await;
    assert_eq!(get(address, "/metrics", &bearer(ALICE)).await.status, 200);
    for fault in [Some(Outage::Unavailable), None] {
        simulation.server().faults(|faults| {
            faults.outage = fault;
            faults.unauthorized = fault.is_none();
        });
        // What was found out a moment ago still holds.
        assert_eq!(get(address, "/metrics", &bearer(ALICE)).await.status, 200);
        let answer = get(address, "/metrics", &bearer(BOB)).await;
        assert_eq!(answer.status, 503, "{}", answer.body);
        assert!(answer.head.contains("retry-after") && !answer.body.contains(BOB));
        assert_eq!(get(address, "/metrics", "").await.status, 401);
        assert_eq!(get(address, "/livez", "").await.status, 200);
    }
    simulation.server().faults(|faults| faults.unauthorized = false);
    assert_eq!(get(address, "/metrics", &bearer(BOB)).await.status, 403);
}

#[tokio::test]
async fn passwords_and_tokens_cannot_be_asked_for_together() {
    let (_simulation, cluster) = cluster().await;
    let hash = bcrypt::hash("x", 4).unwrap();
    let web = Web::new(&format!("basic_auth_users:\n  alice: '{hash}'\n"));
    let error = web.door().ask(cluster).unwrap_err().to_string();
    assert!(error.contains("web.yml") && error.contains("--auth=kubernetes"), "{error}");
}
