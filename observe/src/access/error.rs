//! Why there is no way to a cluster, in words that say what to do.

use std::path::PathBuf;

use kube::client::AuthError;

/// Why there is no way to a cluster. The text says what to do.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    /// Nothing says where a cluster is.
    #[error(
        "no kubeconfig: KUBECONFIG is not set, there is no ~/.kube/config, and this is not a pod; \
         pass --kubeconfig, set KUBECONFIG, or try --demo"
    )]
    NoKubeconfig,
    /// No file of the list in `KUBECONFIG` exists.
    #[error(
        "KUBECONFIG names no file that exists ({0}); set it to a kubeconfig, pass --kubeconfig, or try --demo"
    )]
    NoneExists(String),
    /// The file cannot be read, or is no kubeconfig.
    #[error("cannot use the kubeconfig {}: {reason}; mend it, or pass --kubeconfig with another", path.display())]
    Kubeconfig {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// What the kubeconfig says cannot be used.
    #[error(
        "the kubeconfig cannot be used: {0}; mend it, or pass --context with another of its contexts"
    )]
    Unusable(String),
    /// The kubeconfig has no current context and none was asked for.
    #[error("the kubeconfig has no current context; pass --context with one of: {0}")]
    NoCurrentContext(String),
    /// The kubeconfig has no such entry.
    #[error("the kubeconfig has no {what} \"{name}\"; pass --{what} with one of: {known}")]
    Unknown {
        /// `context`, `cluster` or `user`: also the name of the flag.
        what: &'static str,
        /// What was asked for.
        name: String,
        /// What there is.
        known: String,
    },
    /// The context names a cluster or user that is not there.
    #[error(
        "the kubeconfig's context names the cluster \"{name}\", which it does not have; it has: {known}"
    )]
    Dangling {
        /// What is missing.
        name: String,
        /// What there is.
        known: String,
    },
    /// Groups without a user.
    #[error("--as-group needs --as: the API server impersonates groups only together with a user")]
    GroupsWithoutUser,
    /// The pod's own account cannot be used.
    #[error(
        "this looks like a pod, but its service account cannot be used: {0}; set automountServiceAccountToken, or pass --kubeconfig"
    )]
    InCluster(String),
    /// Not the address of a server.
    #[error(
        "\"{url}\" is not the address of an API server: {reason}; write it as http://HOST:PORT or https://HOST:PORT"
    )]
    Url {
        /// As it was given.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A credential plugin could not be run, or failed.
    #[error(
        "the credential plugin of the kubeconfig failed: {0}; run `kubectl get leases` once in this terminal to see whether it works, and to log in"
    )]
    Plugin(String),
    /// A credential plugin did not end.
    #[error(
        "the credential plugin of the kubeconfig did not end within {0} s; run `kubectl get leases` once in this terminal to log in"
    )]
    PluginHangs(u64),
    /// The client could not be made.
    #[error(
        "no client can be made of the configuration: {0}; check the certificates, the token and the proxy it names"
    )]
    Client(String),
}

impl AccessError {
    pub(super) fn from_client(error: kube::Error) -> Self {
        match error {
            kube::Error::Auth(AuthError::AuthExecRun { cmd, out }) => {
                let said = String::from_utf8_lossy(&out.stderr);
                let said = said.trim().lines().last().unwrap_or_default();
                Self::Plugin(format!(
                    "{} ended with {}: {said}",
                    program(&cmd),
                    out.status
                ))
            }
            kube::Error::Auth(
                error @ (AuthError::AuthExecStart(_)
                | AuthError::AuthExecParse(_)
                | AuthError::ExecPluginFailed
                | AuthError::MissingCommand),
            ) => Self::Plugin(error.to_string()),
            other => Self::Client(other.to_string()),
        }
    }
}

/// The program of a command line that may hold secrets among its arguments and environment.
fn program(command: &str) -> &str {
    let quoted = command.split('"').nth(1);
    quoted.unwrap_or("the plugin")
}
