//! Label selectors, by equality as kubectl takes them: `key=value`, `key!=value`, `key` and `!key`,
//! with commas between them.

use std::sync::Arc;

use leadership::observation::Labels;

/// What labels must be like.
#[derive(Clone, Debug)]
pub(super) struct Selector(Vec<Requirement>);

/// One key, and what is wanted of it.
#[derive(Clone, Debug)]
struct Requirement {
    key: Arc<str>,
    /// The value; any if there is none.
    value: Option<String>,
    /// Whether it must not be so.
    inverted: bool,
}

impl Selector {
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let parts = text.split(',').filter(|part| !part.is_empty());
        Ok(Self(parts.map(Requirement::parse).collect::<Result<_, _>>()?))
    }

    pub(super) fn selects(&self, labels: Option<&Labels>) -> bool {
        self.0.iter().all(|requirement| requirement.holds(labels))
    }
}

impl Requirement {
    fn parse(text: &str) -> Result<Self, String> {
        let (inverted, key, value) = match (text.split_once("!="), text.split_once('=')) {
            (Some((key, value)), _) => (true, key, Some(value)),
            (None, Some((key, value))) => (false, key, Some(value.trim_start_matches('='))),
            (None, None) => match text.strip_prefix('!') {
                Some(key) => (true, key, None),
                None => (false, text, None),
            },
        };
        if key.is_empty() || key.contains(['=', '!', '(']) {
            return Err(format!("{text}: a label has a name, as in key=value or !key"));
        }
        Ok(Self { key: key.into(), value: value.map(str::to_owned), inverted })
    }

    /// What has no such label differs from any value.
    fn holds(&self, labels: Option<&Labels>) -> bool {
        let found = labels.and_then(|labels| labels.get(&self.key));
        let so = match &self.value {
            Some(wanted) => found.is_some_and(|value| **value == **wanted),
            None => found.is_some(),
        };
        so != self.inverted
    }
}
