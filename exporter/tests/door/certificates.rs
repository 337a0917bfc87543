//! TLS, and clients that show certificates.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use leadership_exporter::http::serve::Limits;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::authority::{Authority, connect};
use super::{BOUND, Web, ask, eventually, get, start, start_with};

const TLS: &str = "tls_server_config:\n  cert_file: cert.pem\n  key_file: key.pem\n";

fn web(authority: &Authority, more: &str) -> Web {
    let web = Web::new(&format!("{TLS}{more}"));
    authority.sign("localhost").write(web.folder());
    std::fs::write(web.folder().join("ca.pem"), authority.pem()).unwrap();
    web
}

#[tokio::test]
async fn over_tls_the_page_is_the_same_and_plain_text_is_refused() {
    let authority = Authority::new();
    let address = start(web(&authority, "").door()).await;
    let stream = connect(address, &authority.client(None)).await.unwrap();
    let answer = ask(stream, "/metrics", "").await.unwrap();
    assert_eq!(answer.status, 200);
    assert!(answer.body.ends_with('\n') && answer.body.contains("leadership_leader_info{"));
    let plain = ask(TcpStream::connect(address).await.unwrap(), "/metrics", "").await;
    // A TLS alert, or the end of the connection.
    assert!(plain.map_or(0, |answer| answer.status) == 0);
}

#[tokio::test]
async fn a_client_needs_a_certificate_of_the_right_authority_with_the_right_name() {
    let authority = Authority::new();
    let names = "  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: ca.pem\n  \
                 client_allowed_sans: [prometheus.example, 10.1.2.3]\n";
    let address = start(web(&authority, names).door()).await;
    let stranger = Authority::new().sign("prometheus.example");
    let cases = [
        (None, false),
        (Some(authority.sign("prometheus.example")), true),
        (Some(authority.sign("10.1.2.3")), true),
        (Some(authority.sign("grafana.example")), false),
        (Some(authority.sign("10.1.2.4")), false),
        (Some(stranger), false),
    ];
    for (number, (own, admitted)) in cases.into_iter().enumerate() {
        let talk = async {
            let stream = connect(address, &authority.client(own.as_ref())).await?;
            ask(stream, "/metrics", "").await
        };
        let status = timeout(BOUND, talk).await.unwrap().map_or(0, |answer| answer.status);
        assert_eq!(status == 200, admitted, "case {number}: {status}");
    }
}

#[tokio::test]
async fn certificates_change_under_load_and_no_request_fails() {
    let authority = Authority::new();
    let web = web(&authority, "");
    let address = start(web.door()).await;
    let (stop, served) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let clients: Vec<_> = (0..8)
        .map(|_| {
            let (client, stop, served) =
                (authority.client(None), Arc::clone(&stop), Arc::clone(&served));
            tokio::spawn(async move {
                while !stop.load(Ordering::Relaxed) {
                    let stream = connect(address, &client).await.unwrap();
                    assert_eq!(ask(stream, "/metrics", "").await.unwrap().status, 200);
                    served.fetch_add(1, Ordering::Relaxed);
                }
            })
        })
        .collect();
    let client = authority.client(None);
    for _ in 0..3 {
        // The key first: for a moment they do not belong together.
        let next = authority.sign("localhost");
        std::fs::write(web.folder().join("key.pem"), &next.key).unwrap();
        let before = served.load(Ordering::Relaxed);
        eventually(async || served.load(Ordering::Relaxed) > before + 8).await;
        std::fs::write(web.folder().join("cert.pem"), &next.certificate).unwrap();
        let next = CertificateDer::from_pem_slice(next.certificate.as_bytes()).unwrap();
        eventually(async || shown(address, &client).await == next).await;
    }
    stop.store(true, Ordering::Relaxed);
    for client in clients {
        client.await.unwrap();
    }
    assert!(served.load(Ordering::Relaxed) > 24);
}

/// The certificate that the server shows.
async fn shown(
    address: std::net::SocketAddr,
    client: &Arc<rustls::ClientConfig>,
) -> CertificateDer<'static> {
    // Without a session to go on with, or it would show none.
    let mut client = (**client).clone();
    client.resumption = rustls::client::Resumption::disabled();
    let stream = connect(address, &Arc::new(client)).await.unwrap();
    let chain = stream.get_ref().1.peer_certificates().unwrap();
    chain[0].clone().into_owned()
}

#[tokio::test]
async fn tls_cannot_be_taken_off_while_serving() {
    let authority = Authority::new();
    let web = web(&authority, "");
    let address = start(web.door()).await;
    web.write("rate_limit: {}\n");
    let stale = "leadership_exporter_web_config_current 0\n";
    let client = authority.client(None);
    eventually(async || {
        let stream = connect(address, &client).await.unwrap();
        ask(stream, "/metrics", "").await.unwrap().body.contains(stale)
    })
    .await;
}

#[tokio::test]
async fn a_client_that_does_not_shake_hands_is_cut() {
    let limits =
        Limits { request: Duration::from_millis(200), connections: 1, ..Limits::default() };
    let authority = Authority::new();
    let address = start_with(web(&authority, "").door(), limits).await;
    let mut silent = TcpStream::connect(address).await.unwrap();
    let read = timeout(BOUND, silent.read(&mut [0; 16])).await.unwrap();
    assert_eq!(read.unwrap_or(0), 0);
    let stream = connect(address, &authority.client(None)).await.unwrap();
    assert_eq!(ask(stream, "/livez", "").await.unwrap().status, 200);
}

#[tokio::test]
async fn over_plain_http_nothing_asks_for_tls() {
    let address = start(Web::new("http_server_config: {http2: false}\n").door()).await;
    assert_eq!(get(address, "/metrics", "").await.status, 200);
}
