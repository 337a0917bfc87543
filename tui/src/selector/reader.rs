//! The grammar, one function a rule. Whatever is missing stops it where it is.

use super::{Is, Requirement};

/// What is missing.
pub(super) type Wanted = &'static str;

/// A selector that is being read.
pub(super) struct Reader {
    chars: Vec<char>,
    at: usize,
}

impl Reader {
    pub(super) fn new(text: &str) -> Self {
        Self { chars: text.chars().collect(), at: 0 }
    }

    /// How far it was read, in characters.
    pub(super) fn place(&self) -> usize {
        self.at
    }

    pub(super) fn requirements(&mut self) -> Result<Vec<Requirement>, Wanted> {
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
