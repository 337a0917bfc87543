//! How to reach a cluster.

use std::path::PathBuf;

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
}

/// Why there is no way to a cluster. The text says what to do.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {}

/// A way to one cluster. Nothing has been asked of it yet.
#[derive(Clone)]
pub struct Cluster {}

impl Cluster {
    /// A name for people: the context, `in-cluster`, or the URL.
    #[must_use]
    pub fn name(&self) -> &str {
        ""
    }
}

/// Reads the configuration. Does not touch the network, except for credential plugins.
///
/// # Errors
/// When there is no configuration, or it names what does not exist, or a credential plugin fails.
pub async fn connect(_access: &Access) -> Result<Cluster, AccessError> {
    Ok(Cluster {})
}
