//! Label selectors, in kubectl's grammar.
//!
//! `a=b`, `a==b`, `a!=b`, `a in (b,c)`, `a notin (b,c)`, `a`, `!a`, `a>1`, `a<1`, all of them with commas between.

mod reader;

use std::fmt;
use std::sync::Arc;

use leadership::observation::Labels;

use reader::Reader;

/// What labels must be like.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selector {
    requirements: Vec<Requirement>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Requirement {
    key: String,
    is: Is,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Is {
    /// There, with whatever value.
    There,
    /// Not there.
    Absent,
    /// There, with one of these values.
    In(Vec<String>),
    /// With none of these values, or not there.
    NotIn(Vec<String>),
    /// There, with a number above this one.
    Above(i64),
    /// There, with a number below this one.
    Below(i64),
}

/// What is wrong with a selector, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SelectorError {
    text: String,
    /// In characters from the beginning.
    place: usize,
    wanted: &'static str,
}

impl fmt::Display for SelectorError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { text, place, wanted } = self;
        let found: String = text.chars().skip(*place).take(12).collect();
        if found.is_empty() {
            write!(f, "at its end, {wanted} is missing")
        } else {
            write!(f, "at character {}, before \"{found}\", {wanted} is missing", place + 1)
        }
    }
}

impl std::error::Error for SelectorError {}

impl Selector {
    /// Reads a selector.
    ///
    /// # Errors
    /// When it is none; the error says where.
    pub fn parse(text: &str) -> Result<Self, SelectorError> {
        let mut reader = Reader::new(text);
        let requirements = reader.requirements();
        requirements.map(|requirements| Self { requirements }).map_err(|wanted| SelectorError {
            text: text.to_owned(),
            place: reader.place(),
            wanted,
        })
    }

    /// Whether labels are as wanted.
    #[must_use]
    pub fn admits(&self, labels: Option<&Labels>) -> bool {
        self.requirements.iter().all(|requirement| {
            let value = labels.and_then(|labels| labels.get(requirement.key.as_str()));
            requirement.is.met(value)
        })
    }
}

impl Is {
    fn met(&self, value: Option<&Arc<str>>) -> bool {
        let among = |values: &[String]| {
            value.is_some_and(|value| values.iter().any(|wanted| **wanted == **value))
        };
        let number = || value.and_then(|value| value.parse::<i64>().ok());
        match self {
            Self::There => value.is_some(),
            Self::Absent => value.is_none(),
            Self::In(values) => among(values),
            Self::NotIn(values) => !among(values),
            Self::Above(limit) => number().is_some_and(|number| number > *limit),
            Self::Below(limit) => number().is_some_and(|number| number < *limit),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels() -> Labels {
        [("app", "fleet"), ("tier", ""), ("example.com/shard", "7")]
            .into_iter()
            .map(|(key, value)| (key.into(), value.into()))
            .collect()
    }

    /// Selectors, and whether they admit the labels above and none at all.
    const CASES: [(&str, bool, bool); 24] = [
        ("", true, true),
        ("app=fleet", true, false),
        ("app == fleet", true, false),
        ("app!=fleet", false, true),
        ("app != other", true, true),
        ("none!=x", true, true),
        ("app in (a, fleet)", true, false),
        ("app in(a,b)", false, false),
        ("app notin (a,fleet)", false, true),
        ("none notin (a)", true, true),
        ("app", true, false),
        ("!app", false, true),
        ("!none", true, true),
        ("tier=", true, false),
        ("tier in ()", true, false),
        ("tier in (a,)", true, false),
        ("example.com/shard>6", true, false),
        ("example.com/shard < 7", false, false),
        ("app>1", false, false),
        ("app=fleet,example.com/shard in (7,8),!none", true, false),
        ("app=fleet,none", false, false),
        (" app , tier ", true, false),
        ("in=x", false, false),
        ("in in (x)", false, false),
    ];

    #[test]
    fn kubectls_grammar_is_read() {
        for (text, some, none) in CASES {
            let selector = Selector::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!(selector.admits(Some(&labels())), some, "{text}");
            assert_eq!(selector.admits(None), none, "{text} of no labels");
        }
    }

    #[test]
    fn mistakes_are_told_with_their_place() {
        let error = |text: &str| Selector::parse(text).unwrap_err().to_string();
        assert_eq!(
            error("app=a b"),
            "at character 7, before \"b\", a comma, ) or the end after a value is missing"
        );
        assert_eq!(error("app in a"), "at character 8, before \"a\", ( is missing");
        assert_eq!(error("app in (a"), "at its end, a comma or ) is missing");
        assert_eq!(error("app,"), "at its end, the name of a label is missing");
        assert_eq!(
            error("a~b"),
            "at character 2, before \"~b\", one of = == != in notin < > or a comma is missing"
        );
        assert_eq!(error("a!b"), "at character 3, before \"b\", = after ! is missing");
        assert_eq!(error("a>x"), "at character 3, before \"x\", a whole number is missing");
        for text in ["=x", "a/b/c", "-a", "a-", "!", ",a", "a=b=c", "é", "a=(b)"] {
            assert!(Selector::parse(text).is_err(), "{text}");
        }
    }
}
