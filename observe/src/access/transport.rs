//! Connections that notice when the other side is gone.

use std::time::Duration;

use hyper_util::client::legacy::Client as HttpClient;
use hyper_util::client::legacy::connect::{Connect, HttpConnector};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use kube::client::{Body, ConfigExt};
use kube::{Client, Config};
use tower::{BoxError, ServiceBuilder};
use tower_http::decompression::DecompressionLayer;

use super::unhurried::Connector;

/// How long a TCP connection may take to come about.
pub(crate) const CONNECT: Duration = Duration::from_secs(5);

/// A silent peer is asked after this long,
const KEEPALIVE: Duration = Duration::from_secs(5);
/// then this often,
const KEEPALIVE_EVERY: Duration = Duration::from_secs(3);
/// and given up after so many questions without an answer.
const KEEPALIVE_TIMES: u32 = 3;

/// How long sent bytes may stay unconfirmed, be they data or the questions above; the kernel alone would wait for a
/// quarter of an hour. The first question after this time finds the connection dead: 14 s after it fell silent.
const UNCONFIRMED: Duration = Duration::from_secs(12);

/// An idle connection is not used again after this long: it may be dead and nobody has noticed.
const IDLE: Duration = Duration::from_secs(20);

/// Runs the credential plugin, if there is one, and forgets what it says.
pub(super) fn log_in(config: &Config) -> Result<(), kube::Error> {
    config.auth_layer().map(drop)
}

/// A client. Must be called in a runtime; may wait for a credential plugin.
pub(super) fn client(config: Config) -> Result<Client, kube::Error> {
    if config.proxy_url.is_some() {
        return Client::try_from(config);
    }
    let connector = config.rustls_https_connector_with_connector(connector())?;
    let service = ServiceBuilder::new()
        .layer(config.base_uri_layer())
        .layer(DecompressionLayer::new().gzip(!config.disable_compression))
        .option_layer(config.auth_layer()?)
        .layer(config.extra_headers_layer()?)
        .map_err(BoxError::from)
        .service(pool(connector));
    Ok(Client::new(service, config.default_namespace))
}

/// Connections that are used again while they are fresh.
pub(crate) fn pool<C: Connect + Clone>(connector: C) -> HttpClient<C, Body> {
    HttpClient::builder(TokioExecutor::new())
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(IDLE)
        .build(connector)
}

fn connector() -> Connector {
    let mut connector = HttpConnector::new();
    connector.enforce_http(false);
    connector.set_nodelay(true);
    connector.set_connect_timeout(Some(CONNECT));
    connector.set_keepalive(Some(KEEPALIVE));
    connector.set_keepalive_interval(Some(KEEPALIVE_EVERY));
    connector.set_keepalive_retries(Some(KEEPALIVE_TIMES));
    #[cfg(target_os = "linux")]
    connector.set_tcp_user_timeout(Some(UNCONFIRMED));
    Connector(connector)
}
