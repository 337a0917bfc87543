//! How to reach a cluster.

mod error;
mod kubeconfig;
pub(crate) mod transport;
pub(crate) mod unhurried;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use kube::config::ExecInteractiveMode;
use kube::{Client, Config};
use tokio::sync::Notify;

pub use error::AccessError;
use error::Plugin;

/// Where the cluster is and who we are there, as kubectl's flags say it.
#[derive(Clone, Debug, Default)]
pub struct Access {
    /// A kubeconfig file; otherwise `KUBECONFIG`, `~/.kube/config`, then the pod's own account.
    pub kubeconfig: Option<PathBuf>,
    /// A context of it.
    pub context: Option<String>,
    /// A cluster of it, instead of the context's.
    pub cluster: Option<String>,
    /// A user of it, instead of the context's.
    pub user: Option<String>,
    /// A user to impersonate.
    pub impersonate: Option<String>,
    /// Groups to impersonate.
    pub impersonate_groups: Vec<String>,
    /// A server without authentication, instead of all of the above: the simulated cluster.
    pub url: Option<String>,
    /// With [`Self::url`]: a file with a bearer token, which is read anew when the old one is not taken any more.
    pub token_file: Option<PathBuf>,
}

/// A way to one cluster. Nothing has been asked of it yet.
#[derive(Clone)]
pub struct Cluster(Arc<Inner>);

impl std::fmt::Debug for Cluster {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Cluster").field(&self.0.name).finish()
    }
}

struct Inner {
    name: String,
    server: String,
    access: Access,
    session: Mutex<Session>,
    /// Held while configuration and credentials are read anew; nobody waits for it who can do without.
    renewing: tokio::sync::Mutex<()>,
    /// Told to all who wait whenever the API server accepts a watch.
    reached: Notify,
}

/// A client, and how many there were before it.
#[derive(Clone)]
pub(crate) struct Session {
    pub(crate) client: Client,
    pub(crate) generation: u64,
}

impl Cluster {
    /// A name for people: the context, `in-cluster`, or the URL.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// The URL of its API server.
    #[must_use]
    pub fn server(&self) -> &str {
        &self.0.server
    }

    /// A way that a test has laid; its credentials cannot be read anew.
    #[cfg(test)]
    pub(crate) fn through(client: Client) -> Self {
        Self(Arc::new(Inner {
            name: "simulated".to_owned(),
            server: "http://api".to_owned(),
            access: Access::default(),
            session: Mutex::new(Session { client, generation: 0 }),
            renewing: tokio::sync::Mutex::new(()),
            reached: Notify::new(),
        }))
    }

    pub(crate) fn session(&self) -> Session {
        self.held().clone()
    }

    fn held(&self) -> MutexGuard<'_, Session> {
        self.0.session.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The API server has accepted a watch: whoever waits for it to come back need wait no longer.
    pub(crate) fn reached(&self) {
        self.0.reached.notify_waiters();
    }

    /// Ends when the API server next accepts a watch of anybody here.
    pub(crate) async fn until_reached(&self) {
        self.0.reached.notified().await;
    }

    /// Reads configuration and credentials anew because those of `refused` are no longer taken. Of the watches that
    /// are refused together, the first one does it for all.
    pub(crate) async fn renew(&self, refused: u64) -> Result<(), AccessError> {
        let _alone = self.0.renewing.lock().await;
        if self.session().generation == refused {
            let (_, config) = kubeconfig::load(&self.0.access).await?;
            let client = client(config).await?;
            let generation = refused + 1;
            *self.held() = Session { client, generation };
        }
        Ok(())
    }
}

/// Reads the configuration. Does not touch the network, except for credential plugins.
///
/// A credential plugin may use the terminal once, before this returns, if its configuration lets it; never later.
///
/// # Errors
/// When there is no configuration, or it names what does not exist, or a credential plugin fails.
pub async fn connect(access: &Access) -> Result<Cluster, AccessError> {
    // Rustls wants one provider for the process; whoever came first has set it.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let (name, config) = kubeconfig::load(access).await?;
    log_in(&config).await?;
    let server = config.cluster_url.to_string();
    let session = Session { client: client(config).await?, generation: 0 };
    Ok(Cluster(Arc::new(Inner {
        name,
        server: server.trim_end_matches('/').to_owned(),
        access: access.clone(),
        session: Mutex::new(session),
        renewing: tokio::sync::Mutex::new(()),
        reached: Notify::new(),
    })))
}

/// Lets a plugin that may talk to people do so, that it remembers the login when it is run again without them.
async fn log_in(config: &Config) -> Result<(), AccessError> {
    let plugin = config.auth_info.exec.as_ref();
    let talks = |mode: &ExecInteractiveMode| *mode != ExecInteractiveMode::Never;
    let may_talk = plugin.is_some_and(|exec| exec.interactive_mode.as_ref().is_none_or(talks));
    if may_talk && std::io::IsTerminal::is_terminal(&std::io::stdin()) {
        let (plugin, config) = (Plugin::of(config), config.clone());
        blocking(move || transport::log_in(&config), LOGIN, &plugin).await?;
    }
    Ok(())
}

async fn client(mut config: Config) -> Result<Client, AccessError> {
    // We retry by ourselves: kube would hide up to fifteen refusals.
    config.default_retry = false;
    config.connect_timeout = Some(transport::CONNECT);
    if let Some(exec) = &mut config.auth_info.exec {
        exec.interactive_mode = Some(ExecInteractiveMode::Never);
    }
    let plugin = Plugin::of(&config);
    blocking(move || transport::client(config), PLUGIN, &plugin).await
}

/// How long a person has for a login.
const LOGIN: Duration = Duration::from_mins(5);

/// How long a plugin may take for a token without a person.
const PLUGIN: Duration = Duration::from_mins(1);

/// Runs what may run a plugin; kube waits for those in place.
async fn blocking<T: Send + 'static>(
    run: impl FnOnce() -> Result<T, kube::Error> + Send + 'static,
    patience: Duration,
    plugin: &Plugin,
) -> Result<T, AccessError> {
    let run = tokio::task::spawn_blocking(run);
    match tokio::time::timeout(patience, run).await {
        Ok(Ok(done)) => done.map_err(|error| AccessError::from_client(error, plugin)),
        Ok(Err(broken)) => Err(AccessError::Client(broken.to_string())),
        Err(_) => Err(AccessError::PluginHangs(patience.as_secs())),
    }
}

#[cfg(test)]
mod tests;
