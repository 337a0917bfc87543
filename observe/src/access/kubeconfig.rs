//! Which configuration counts, in kubectl's order.

use std::path::{Path, PathBuf};

use kube::Config;
use kube::config::{KubeConfigOptions, Kubeconfig, KubeconfigError};

use super::{Access, AccessError};

/// The configuration, and a name for it.
pub(super) async fn load(access: &Access) -> Result<(String, Config), AccessError> {
    if let Some(url) = &access.url {
        let mut config = Config::new(server(url)?);
        if let Some(file) = &access.token_file {
            let token = std::fs::read_to_string(file);
            let token = token.map_err(|error| AccessError::Token { path: file.clone(), error })?;
            config.auth_info.token = Some(token.trim().to_owned().into());
        }
        return Ok((url.clone(), config));
    }
    let (name, mut config) = match find(access)? {
        Some(kubeconfig) => choose(access, kubeconfig).await?,
        // Who names a context does not mean the pod's own account.
        None if access.context.is_none() && in_pod() => in_cluster()?,
        None => return Err(AccessError::NoKubeconfig),
    };
    impersonate(access, &mut config)?;
    Ok((name, config))
}

fn server(url: &str) -> Result<http::Uri, AccessError> {
    let refused =
        |reason: &str| AccessError::Url { url: url.to_owned(), reason: reason.to_owned() };
    if let Some((_, place)) = url.split_once('@') {
        return Err(AccessError::Url {
            url: format!("...@{place}"),
            reason: "it holds a user or a password, which would not be sent".to_owned(),
        });
    }
    let uri: http::Uri = url.parse().map_err(|error| refused(&format!("{error}")))?;
    match uri.scheme_str() {
        Some("http" | "https") if uri.host().is_some_and(|host| !host.is_empty()) => Ok(uri),
        Some("http" | "https") => Err(refused("it names no host")),
        _ => Err(refused("it does not begin with http:// or https://")),
    }
}

fn in_pod() -> bool {
    std::env::var_os("KUBERNETES_SERVICE_HOST").is_some()
}

fn in_cluster() -> Result<(String, Config), AccessError> {
    let config = Config::incluster().map_err(|error| AccessError::InCluster(error.to_string()))?;
    Ok(("in-cluster".to_owned(), config))
}

/// The flag's file, those of `KUBECONFIG` merged, or the one at home; none if there is none.
fn find(access: &Access) -> Result<Option<Kubeconfig>, AccessError> {
    if let Some(path) = &access.kubeconfig {
        return read(path).map(Some);
    }
    if let Some(list) = std::env::var_os("KUBECONFIG").filter(|list| !list.is_empty()) {
        let paths: Vec<PathBuf> = std::env::split_paths(&list).collect();
        return merge(&paths).map(Some);
    }
    let home = std::env::home_dir().map(|home| home.join(".kube/config"));
    match home.filter(|path| path.exists()) {
        Some(path) => read(&path).map(|config| has_content(&config).then_some(config)),
        None => Ok(None),
    }
}

/// Where [`find`] found it, for people.
fn place(access: &Access) -> String {
    let flag = access.kubeconfig.as_ref().map(|path| path.display().to_string());
    let variable = || std::env::var("KUBECONFIG").ok().filter(|list| !list.is_empty());
    flag.or_else(variable).unwrap_or_else(|| "~/.kube/config".to_owned())
}

/// As kubectl does, files that are not there are passed over.
pub(super) fn merge(paths: &[PathBuf]) -> Result<Kubeconfig, AccessError> {
    let mut merged: Option<Kubeconfig> = None;
    for path in paths.iter().filter(|path| path.exists()) {
        let next = read(path)?;
        merged = Some(match merged {
            Some(before) => before.merge(next).map_err(|error| in_file(path, &error))?,
            None => next,
        });
    }
    merged.ok_or_else(|| {
        let names: Vec<_> = paths.iter().map(|path| path.display().to_string()).collect();
        AccessError::NoneExists(names.join(", "))
    })
}

fn read(path: &Path) -> Result<Kubeconfig, AccessError> {
    Kubeconfig::read_from(path).map_err(|error| in_file(path, &error))
}

fn in_file(path: &Path, error: &KubeconfigError) -> AccessError {
    AccessError::Kubeconfig {
        path: path.to_owned(),
        reason: match error {
            KubeconfigError::ReadConfig(error, _) => error.to_string(),
            other => other.to_string(),
        },
    }
}

fn has_content(config: &Kubeconfig) -> bool {
    !config.contexts.is_empty() || !config.clusters.is_empty()
}

async fn choose(access: &Access, kubeconfig: Kubeconfig) -> Result<(String, Config), AccessError> {
    let known = Known::of(&kubeconfig);
    if let Some(user) = access.user.as_ref().filter(|user| !known.users.contains(user)) {
        return Err(unknown("user", user, &known.users));
    }
    let current = kubeconfig.current_context.clone();
    let name = access.context.clone().or(current).unwrap_or_default();
    let options = KubeConfigOptions {
        context: access.context.clone(),
        cluster: access.cluster.clone(),
        user: access.user.clone(),
    };
    let config = Config::from_custom_kubeconfig(kubeconfig, &options).await;
    let config = config.map_err(|error| known.explain(access, error))?;
    Ok((name, config))
}

/// The names in a kubeconfig.
struct Known {
    contexts: Vec<String>,
    clusters: Vec<String>,
    users: Vec<String>,
}

impl Known {
    fn of(config: &Kubeconfig) -> Self {
        let contexts = config.contexts.iter().map(|named| named.name.clone());
        let clusters = config.clusters.iter().map(|named| named.name.clone());
        let users = config.auth_infos.iter().map(|named| named.name.clone());
        Self { contexts: contexts.collect(), clusters: clusters.collect(), users: users.collect() }
    }

    fn explain(&self, access: &Access, error: KubeconfigError) -> AccessError {
        match error {
            KubeconfigError::CurrentContextNotSet | KubeconfigError::LoadContext(_)
                if self.contexts.is_empty() =>
            {
                AccessError::NoContexts(place(access))
            }
            KubeconfigError::CurrentContextNotSet => {
                AccessError::NoCurrentContext(listed(&self.contexts))
            }
            KubeconfigError::LoadContext(name) => unknown("context", &name, &self.contexts),
            KubeconfigError::LoadClusterOfContext(name) if access.cluster.is_some() => {
                unknown("cluster", &name, &self.clusters)
            }
            KubeconfigError::LoadClusterOfContext(name) => {
                AccessError::Dangling { name, known: listed(&self.clusters) }
            }
            other => AccessError::Unusable(other.to_string()),
        }
    }
}

fn unknown(what: &'static str, name: &str, known: &[String]) -> AccessError {
    AccessError::Unknown { what, name: name.to_owned(), known: listed(known) }
}

fn listed(names: &[String]) -> String {
    if names.is_empty() { "(it has none)".to_owned() } else { names.join(", ") }
}

fn impersonate(access: &Access, config: &mut Config) -> Result<(), AccessError> {
    if access.impersonate.is_none() && !access.impersonate_groups.is_empty() {
        return Err(AccessError::GroupsWithoutUser);
    }
    if let Some(user) = &access.impersonate {
        config.auth_info.impersonate = Some(user.clone());
        config.auth_info.impersonate_groups = Some(access.impersonate_groups.clone());
    }
    Ok(())
}
