//! Why there is no way to a cluster, in words that say what to do.

use std::path::PathBuf;

use kube::Config;
use kube::client::AuthError;
use leadership::text::clean;

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
    /// The kubeconfig has no contexts at all.
    #[error(
        "the kubeconfig {0} has no contexts; set KUBECONFIG or pass --kubeconfig with one that has, or try --demo"
    )]
    NoContexts(String),
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
        "\"{url}\" is not the address of a server: {reason}; write it as http://HOST:PORT or https://HOST:PORT"
    )]
    Url {
        /// As it was given.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The file with the token cannot be read.
    #[error("cannot read the token in {}: {error}; name a file that holds nothing else", path.display())]
    Token {
        /// Which file.
        path: PathBuf,
        /// What the system says.
        error: std::io::Error,
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

/// The credential plugin of a configuration, for its errors.
#[derive(Clone, Default)]
pub(super) struct Plugin {
    program: String,
    hint: String,
}

impl Plugin {
    pub(super) fn of(config: &Config) -> Self {
        let exec = config.auth_info.exec.as_ref();
        let program = exec.and_then(|exec| exec.command.clone());
        let hint = exec.and_then(|exec| exec.install_hint.clone());
        Self { program: program.unwrap_or_default(), hint: hint.unwrap_or_default() }
    }
}

impl AccessError {
    /// Its own words for a plugin's failure: kube's hold the whole command line, which may hold secrets.
    pub(super) fn from_client(error: kube::Error, plugin: &Plugin) -> Self {
        let Plugin { program, hint } = plugin;
        let failed = |what: String| Self::Plugin(format!("{program}: {what}"));
        match error {
            kube::Error::Auth(AuthError::AuthExecRun { out, .. }) => {
                let said = String::from_utf8_lossy(&out.stderr);
                let said = said.trim().lines().last().unwrap_or_default();
                failed(format!("it ended with {} and said \"{}\"", out.status, clean(said)))
            }
            kube::Error::Auth(AuthError::AuthExecStart(error)) => {
                failed(format!("{error} {hint}").trim_end().to_owned())
            }
            kube::Error::Auth(
                error @ (AuthError::AuthExecParse(_)
                | AuthError::ExecPluginFailed
                | AuthError::MissingCommand),
            ) => failed(error.to_string()),
            other => Self::Client(other.to_string()),
        }
    }
}
