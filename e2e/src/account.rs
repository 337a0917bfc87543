//! Service accounts: their tokens, and what they may do.

use std::collections::BTreeSet;
use std::path::PathBuf;

use anyhow::{Context, Result};
use k8s_openapi::api::authentication::v1::TokenRequest;
use k8s_openapi::api::authorization::v1::{SelfSubjectAccessReview, SelfSubjectRulesReview};
use k8s_openapi::api::core::v1::{Namespace, ServiceAccount};
use kube::api::{Api, PostParams};
use kube::config::{KubeConfigOptions, Kubeconfig};
use serde_json::json;

use crate::plane::ControlPlane;

/// A service account with a token of its own.
pub struct Account<'a> {
    plane: &'a ControlPlane,
    /// Its token.
    pub token: String,
    /// A kubeconfig that has nothing but the token.
    pub kubeconfig: PathBuf,
}

/// A right: API group, resource or path, verb.
pub type Right = (String, String, String);

impl ControlPlane {
    /// Creates a namespace; pods in it have to meet this Pod Security Standard.
    ///
    /// # Errors
    /// When the API server refuses.
    pub fn create_namespace(&self, name: &str, enforced: &str) -> Result<()> {
        let labels = json!({"pod-security.kubernetes.io/enforce": enforced});
        let namespace: Namespace =
            serde_json::from_value(json!({"metadata": {"name": name, "labels": labels}}))?;
        let namespaces = Api::all(self.client());
        self.runtime().block_on(namespaces.create(&PostParams::default(), &namespace))?;
        Ok(())
    }

    /// A token for an account, which is created if there is none.
    ///
    /// # Errors
    /// When the API server refuses.
    pub fn account(&self, namespace: &str, name: &str) -> Result<Account<'_>> {
        let accounts: Api<ServiceAccount> = Api::namespaced(self.client(), namespace);
        let token = self.runtime().block_on(async {
            if accounts.get_opt(name).await?.is_none() {
                let account = serde_json::from_value(json!({"metadata": {"name": name}}))?;
                accounts.create(&PostParams::default(), &account).await?;
            }
            let asked: TokenRequest = serde_json::from_value(json!({"spec": {"audiences": []}}))?;
            let given = accounts.create_token_request(name, &PostParams::default(), &asked).await?;
            given.status.and_then(|status| status.token).context("no token was given")
        })?;
        let mut config = Kubeconfig::read_from(self.kubeconfig())?;
        for user in &mut config.auth_infos {
            user.auth_info = Some(serde_json::from_value(json!({"token": token}))?);
        }
        let kubeconfig = self.dir().join(format!("{namespace}-{name}.kubeconfig"));
        std::fs::write(&kubeconfig, serde_json::to_vec(&config)?)?;
        Ok(Account { plane: self, token, kubeconfig })
    }
}

impl Account<'_> {
    fn client(&self) -> Result<kube::Client> {
        let config = Kubeconfig::read_from(&self.kubeconfig)?;
        let options = KubeConfigOptions::default();
        self.plane.runtime().block_on(async {
            let config = kube::Config::from_custom_kubeconfig(config, &options).await?;
            Ok(kube::Client::try_from(config)?)
        })
    }

    /// All that it may do in a namespace, as `kubectl auth can-i --list` shows it; the whole cluster's rights are
    /// among them.
    ///
    /// # Errors
    /// When the API server refuses, or knows only a part.
    pub fn rights(&self, namespace: &str) -> Result<BTreeSet<Right>> {
        let review: SelfSubjectRulesReview =
            serde_json::from_value(json!({"spec": {"namespace": namespace}}))?;
        let reviews = Api::all(self.client()?);
        let review =
            self.plane.runtime().block_on(reviews.create(&PostParams::default(), &review))?;
        let status = review.status.context("no rules were given")?;
        anyhow::ensure!(!status.incomplete, "not all rules were given");
        let mut rights = BTreeSet::new();
        for rule in status.resource_rules {
            // A rule for some names only would be less than it looks like: there is none.
            anyhow::ensure!(rule.resource_names.unwrap_or_default().is_empty(), "a rule has names");
            for group in rule.api_groups.unwrap_or_default() {
                for resource in rule.resources.iter().flatten() {
                    let verbs = rule.verbs.iter().cloned();
                    rights.extend(verbs.map(|verb| (group.clone(), resource.clone(), verb)));
                }
            }
        }
        for rule in status.non_resource_rules {
            for path in rule.non_resource_urls.unwrap_or_default() {
                let verbs = rule.verbs.iter().cloned();
                rights.extend(verbs.map(|verb| (String::new(), path.clone(), verb)));
            }
        }
        Ok(rights)
    }

    /// Whether it may do something with all objects of a resource, wherever they are.
    ///
    /// # Errors
    /// When the API server refuses.
    pub fn may_everywhere(&self, (group, resource, verb): &Right) -> Result<bool> {
        let asked = json!({"group": group, "resource": resource, "verb": verb});
        let review: SelfSubjectAccessReview =
            serde_json::from_value(json!({"spec": {"resourceAttributes": asked}}))?;
        let reviews = Api::all(self.client()?);
        let review =
            self.plane.runtime().block_on(reviews.create(&PostParams::default(), &review))?;
        Ok(review.status.is_some_and(|status| status.allowed))
    }
}
