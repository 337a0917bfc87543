//! The door: who may come in, and over which sort of connection.
//!
//! One filter stands in front of every route but the probes. What it lets in is decided by the web config file
//! (TLS, client certificates, names with passwords, a rate) and by the API server (bearer tokens). When a decision
//! cannot be had, nobody comes in.

mod cache;
mod certificates;
mod config;
mod counts;
mod duration;
mod error;
mod filter;
mod passwords;
mod rate;
mod reload;
mod secret;
mod stream;
mod suites;
mod tls;
mod tokens;

use std::io;
use std::path::Path;
use std::sync::Arc;

use axum::{Extension, Router, middleware};
use observe::access::Cluster;
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;

pub use counts::{Counts, REASONS};
pub use error::DoorError;

use config::Rules;
use passwords::Passwords;
use rate::Rate;
use reload::Reload;
pub(crate) use stream::Stream;
use tokens::Tokens;

/// What decides who may come in. Without rules it stands open.
#[derive(Debug, Default)]
pub struct Door {
    reload: Option<Reload>,
    passwords: Passwords,
    rate: Rate,
    tokens: Option<Tokens>,
    counts: Arc<Counts>,
}

impl Door {
    /// Reads the web config file, if there is one. Nothing is asked of the network.
    ///
    /// # Errors
    /// When the file, or one that it names, cannot be used. The text names file, line and key.
    pub fn new(web_config: Option<&Path>) -> Result<Self, DoorError> {
        let counts = Arc::<Counts>::default();
        let reload = web_config.map(|path| Reload::open(path, Arc::clone(&counts))).transpose()?;
        Ok(Self { reload, counts, ..Self::default() })
    }

    /// Lets only those in whose bearer token the API server of this cluster knows and who may get the path.
    ///
    /// # Errors
    /// When the web config file already asks for names and passwords, which come in the same header.
    pub fn ask(mut self, cluster: Cluster) -> Result<Self, DoorError> {
        if let Some(reload) = &self.reload {
            reload.without_users()?;
        }
        self.tokens = Some(Tokens::new(cluster));
        Ok(self)
    }

    /// `https` or `http`, as connections are taken now.
    #[must_use]
    pub fn scheme(&self) -> &'static str {
        if self.rules().is_some_and(|rules| rules.tls.is_some()) { "https" } else { "http" }
    }

    /// Puts the filter in front of all routes.
    pub(crate) fn in_front_of(self: &Arc<Self>, router: Router) -> Router {
        router
            .layer(Extension(Arc::clone(&self.counts)))
            .layer(middleware::from_fn_with_state(Arc::clone(self), filter::filter))
    }

    /// Takes a connection. The caller sets the deadline.
    pub(crate) async fn accept(&self, stream: TcpStream) -> io::Result<Stream> {
        if let Some(reload) = &self.reload {
            reload.look().await;
        }
        match self.rules().and_then(|rules| rules.tls.clone()) {
            None => Ok(Stream::Plain(stream)),
            Some(tls) => {
                let stream = TlsAcceptor::from(tls).accept(stream).await?;
                Ok(Stream::Tls(Box::new(stream)))
            }
        }
    }

    fn rules(&self) -> Option<Arc<Rules>> {
        self.reload.as_ref().map(Reload::rules)
    }

    /// Whether some key is asked for.
    fn locked(&self, rules: Option<&Rules>) -> bool {
        self.tokens.is_some() || rules.is_some_and(|rules| !rules.users.is_empty())
    }
}
