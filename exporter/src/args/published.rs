//! What can be typed about what is published.

use clap::Args;
use regex::Regex;

use crate::selection::{Limits, Names, Selection, pattern};

/// Which metrics are published, and of which elections.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "What is published")]
pub struct Published {
    /// Publish only metrics whose whole names match; a comma begins the next expression. Buckets, sums
    /// and counts belong to their metric: docs/metrics.md has its name.
    #[arg(long, value_name = "REGEX", value_delimiter = ',', env = "LEADERSHIP_EXPORTER_METRIC_ALLOWLIST", value_parser = pattern)]
    pub metric_allowlist: Vec<Regex>,

    /// Do not publish metrics whose whole names match, whatever the allowlist says.
    #[arg(long, value_name = "REGEX", value_delimiter = ',', env = "LEADERSHIP_EXPORTER_METRIC_DENYLIST", value_parser = pattern)]
    pub metric_denylist: Vec<Regex>,

    /// Publish only elections in namespaces whose whole names match. All are watched all the same:
    /// --namespace watches less.
    #[arg(long, value_name = "REGEX", value_delimiter = ',', env = "LEADERSHIP_EXPORTER_NAMESPACE_ALLOWLIST", value_parser = pattern)]
    pub namespace_allowlist: Vec<Regex>,

    /// Do not publish elections in namespaces whose whole names match.
    #[arg(long, value_name = "REGEX", value_delimiter = ',', env = "LEADERSHIP_EXPORTER_NAMESPACE_DENYLIST", value_parser = pattern)]
    pub namespace_denylist: Vec<Regex>,

    /// Publish only elections whose locks' whole names match.
    #[arg(long, value_name = "REGEX", value_delimiter = ',', env = "LEADERSHIP_EXPORTER_LEASE_ALLOWLIST", value_parser = pattern)]
    pub lease_allowlist: Vec<Regex>,

    /// Do not publish elections whose locks' whole names match.
    #[arg(long, value_name = "REGEX", value_delimiter = ',', env = "LEADERSHIP_EXPORTER_LEASE_DENYLIST", value_parser = pattern)]
    pub lease_denylist: Vec<Regex>,

    /// Publish no more series than this of the elections of one namespace; 0 is no limit. Whole
    /// elections are left out, the last ones by name, and a metric counts them.
    #[arg(long, value_name = "NUMBER", default_value_t = Limits::DEFAULT.namespace, env = "LEADERSHIP_EXPORTER_MAX_SERIES_PER_NAMESPACE")]
    pub max_series_per_namespace: usize,

    /// Publish no more series than this of all elections; 0 is no limit. Of each namespace the last ones
    /// by name are left out first.
    #[arg(long, value_name = "NUMBER", default_value_t = Limits::DEFAULT.total, env = "LEADERSHIP_EXPORTER_MAX_SERIES")]
    pub max_series: usize,
}

impl Published {
    /// What is published by that.
    #[must_use]
    pub fn selection(&self) -> Selection {
        let limits = Limits { namespace: self.max_series_per_namespace, total: self.max_series };
        Selection::new(
            &Names::new(&self.metric_allowlist, &self.metric_denylist),
            Names::new(&self.namespace_allowlist, &self.namespace_denylist),
            Names::new(&self.lease_allowlist, &self.lease_denylist),
            limits,
        )
    }
}
