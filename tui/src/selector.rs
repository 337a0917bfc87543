//! Label selectors, in kubectl's grammar.
//!
//! `a=b`, `a==b`, `a!=b`, `a in (b,c)`, `a notin (b,c)`, `a`, `!a`, `a>1`, `a<1`, all of them with commas between.

use std::fmt;
use std::sync::Arc;

use leadership::observation::Labels;

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
        let mut reader = Reader { chars: text.chars().collect(), at: 0 };
        let requirements = reader.requirements();
        requirements.map(|requirements| Self { requirements }).map_err(|wanted| SelectorError {
            text: text.to_owned(),
            place: reader.at,
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

/// What is missing.
type Wanted = &'static str;

struct Reader {
    chars: Vec<char>,
    at: usize,
}

impl Reader {
    fn requirements(&mut self) -> Result<Vec<Requirement>, Wanted> {
        let mut all = Vec::new();
        self.spaces();
        if self.at == self.chars.len() {
            return Ok(all);
        }
        loop {
            all.push(self.requirement()?);
            if self.at == self.chars.len() {
                return Ok(all);
            }
            self.expect(',', "a comma")?;
        }
    }

    fn requirement(&mut self) -> Result<Requirement, Wanted> {
        if self.accept('!') {
            return Ok(Requirement { key: self.key()?, is: Is::Absent });
        }
        let key = self.key()?;
        let is = match self.peek() {
            None | Some(',') => Is::There,
            Some('=') => {
                self.accept('=');
                self.accept('=');
                Is::In(vec![self.value()?])
            }
            Some('!') => {
                self.accept('!');
                self.expect('=', "= after !")?;
                Is::NotIn(vec![self.value()?])
            }
            Some('>') => self.limit(Is::Above)?,
            Some('<') => self.limit(Is::Below)?,
            Some(_) => self.set()?,
        };
        Ok(Requirement { key, is })
    }

    fn limit(&mut self, is: fn(i64) -> Is) -> Result<Is, Wanted> {
        self.at += 1;
        self.spaces();
        let start = self.at;
        let number = self.value()?.parse();
        number.map(is).map_err(|_| {
            self.at = start;
            "a whole number"
        })
    }

    /// `in (…)` or `notin (…)`.
    fn set(&mut self) -> Result<Is, Wanted> {
        let start = self.at;
        let word = self.word();
        let is = match word.as_str() {
            "in" => Is::In,
            "notin" => Is::NotIn,
            _ => {
                self.at = start;
                return Err("one of = == != in notin < > or a comma");
            }
        };
        self.expect('(', "(")?;
        let mut values = vec![self.value()?];
        while !self.accept(')') {
            self.expect(',', "a comma or )")?;
            values.push(self.value()?);
        }
        Ok(is(values))
    }

    /// A name, perhaps with a prefix and a slash before it.
    fn key(&mut self) -> Result<String, Wanted> {
        self.spaces();
        let start = self.at;
        let key = self.word();
        let sound = |part: &str| {
            let edge = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
            edge(part.chars().next()) && edge(part.chars().last())
        };
        let parts = key.split('/').collect::<Vec<_>>();
        if parts.len() > 2 || !parts.iter().all(|part| sound(part)) {
            self.at = start;
            return Err("the name of a label");
        }
        Ok(key)
    }

    /// A value, which may be empty.
    fn value(&mut self) -> Result<String, Wanted> {
        self.spaces();
        let value = self.word();
        if self.peek().is_none_or(|c| matches!(c, ',' | ')')) {
            return Ok(value);
        }
        Err("a comma, ) or the end after a value")
    }

    /// Letters, digits and what else names may hold; then spaces.
    fn word(&mut self) -> String {
        let rest = self.chars.get(self.at..).unwrap_or_default();
        let named = |c: &&char| c.is_ascii_alphanumeric() || "-_./".contains(**c);
        let word: String = rest.iter().take_while(named).collect();
        self.at += word.len();
        self.spaces();
        word
    }

    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn spaces(&mut self) {
        while self.peek().is_some_and(char::is_whitespace) {
            self.at += 1;
        }
    }

    fn accept(&mut self, wanted: char) -> bool {
        let there = self.peek() == Some(wanted);
        if there {
            self.at += 1;
            self.spaces();
        }
        there
    }

    fn expect(&mut self, wanted: char, name: Wanted) -> Result<(), Wanted> {
        if self.accept(wanted) { Ok(()) } else { Err(name) }
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
