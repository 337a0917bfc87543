//! The chart, installed by the real helm.

use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::plane::ControlPlane;
use crate::process::folder;

/// A release of the chart. What is left of it goes with the control plane.
pub struct Release<'a> {
    plane: &'a ControlPlane,
    name: String,
    namespace: String,
}

impl<'a> Release<'a> {
    /// Installs the chart; the namespace has to exist. Nobody runs its pods.
    ///
    /// # Errors
    /// When helm, or the API server, refuses.
    pub fn install(
        plane: &'a ControlPlane,
        name: &str,
        namespace: &str,
        set: &[&str],
    ) -> Result<Self> {
        let release = Self { plane, name: name.to_owned(), namespace: namespace.to_owned() };
        release.helm("install", set)?;
        Ok(release)
    }

    /// Installs the chart with the very command of the README.
    ///
    /// # Errors
    /// When it has none, and as for [`Self::install`].
    pub fn as_the_readme_says(plane: &'a ControlPlane) -> Result<Self> {
        let readme = std::fs::read_to_string(folder().join("../README.md"))?.replace("\\\n", " ");
        let command = readme.lines().find_map(|line| line.strip_prefix("$ helm install "));
        let command = command.context("the README does not install the chart")?;
        let command =
            PLACEHOLDERS.iter().fold(command.to_owned(), |it, (from, to)| it.replace(from, to));
        let words: Vec<&str> = command.split_whitespace().collect();
        let flag = words.iter().position(|word| *word == "--namespace");
        let namespace = flag.and_then(|flag| words.get(flag + 1)).context("no namespace")?;
        let release = Self { plane, name: words[0].to_owned(), namespace: (*namespace).to_owned() };
        run(release.command("install").args(&words).current_dir(folder().join("..")))?;
        Ok(release)
    }

    /// Upgrades it to other values.
    ///
    /// # Errors
    /// When helm, or the API server, refuses.
    pub fn upgrade(&self, set: &[&str]) -> Result<()> {
        self.helm("upgrade", set).map(drop)
    }

    /// Uninstalls it.
    ///
    /// # Errors
    /// When helm, or the API server, refuses.
    pub fn uninstall(self) -> Result<()> {
        run(self.command("uninstall").args([&self.name, "--wait"])).map(drop)
    }

    /// Where it is installed.
    #[must_use]
    pub fn namespace(&self) -> &str {
        &self.namespace
    }

    /// What was installed, and the hooks.
    ///
    /// # Errors
    /// When helm fails.
    pub fn objects(&self) -> Result<Vec<Value>> {
        let text = run(self.command("get").args(["all", &self.name, "--template", TEMPLATE]))?;
        let documents = text.split("\n---").map(str::trim).filter(|text| !text.is_empty());
        let objects: Result<Vec<Value>> = documents.map(yaml).collect();
        Ok(objects?.into_iter().filter(|object| object["kind"].is_string()).collect())
    }

    /// The flags that the exporter has in its container, but for where it listens.
    ///
    /// # Errors
    /// When there is no such container.
    pub fn flags(&self) -> Result<Vec<String>> {
        let objects = self.objects()?;
        let deployment = objects.iter().find(|it| it["kind"] == "Deployment");
        let container =
            &deployment.context("no Deployment")?["spec"]["template"]["spec"]["containers"][0];
        let flags = container["args"].as_array().context("no arguments")?;
        let flags = flags.iter().filter_map(Value::as_str).map(str::to_owned);
        Ok(flags.filter(|flag| !flag.starts_with("--web.listen-address")).collect())
    }

    fn helm(&self, verb: &str, set: &[&str]) -> Result<String> {
        let chart = folder().join("../chart");
        let mut command = self.command(verb);
        command.arg(&self.name).arg(chart).args(["--set", "image.registry=registry.example"]);
        for value in set {
            command.args(["--set", value]);
        }
        run(&mut command)
    }

    fn command(&self, verb: &str) -> Command {
        let ours = folder().join("bin/helm");
        let mut command = if ours.exists() { Command::new(ours) } else { Command::new("helm") };
        command.arg(verb).arg("--kubeconfig").arg(self.plane.kubeconfig());
        command.args(["--namespace", &self.namespace]);
        // Not the repositories and caches of whoever runs the tests.
        command.env("HELM_CACHE_HOME", self.plane.dir().join("helm"));
        command.env("HELM_CONFIG_HOME", self.plane.dir().join("helm"));
        command.env("HELM_DATA_HOME", self.plane.dir().join("helm"));
        command
    }
}

/// What the README leaves to its readers.
const PLACEHOLDERS: [(&str, &str); 2] =
    [("REGISTRY", "registry.example"), ("REPOSITORY", "https://git.example/leadership/blob/main")];
const TEMPLATE: &str = "{{.Release.Manifest}}{{range .Release.Hooks}}\n---\n{{.Manifest}}{{end}}";

/// Runs a program to its end.
fn run(command: &mut Command) -> Result<String> {
    let output = command.output().with_context(|| {
        format!("{} cannot be run; e2e/run fetches it", command.get_program().display())
    })?;
    if !output.status.success() {
        bail!("helm failed: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(String::from_utf8(output.stdout)?)
}

/// YAML as JSON.
fn yaml(text: &str) -> Result<Value> {
    serde_saphyr::from_str(text).with_context(|| format!("no YAML: {text}"))
}
