//! What was done, held against what was said.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::Value;

use super::scenes::Scene;
use super::stage::Played;

/// One lease's failover.
#[derive(Debug)]
pub struct Outcome {
    scene: &'static str,
    name: String,
    deed: &'static str,
    expected: String,
    /// What was said: end, cause with confidence, evidence.
    said: Vec<Said>,
    /// What is wrong with it.
    wrong: Option<String>,
}

#[derive(Debug)]
struct Said {
    end: String,
    cause: String,
    evidence: String,
    seconds: f64,
}

/// What came of all scenes.
#[derive(Debug)]
pub struct Report {
    /// One for each lease and scene.
    pub outcomes: Vec<Outcome>,
    /// Where the replay of the recording says otherwise than the observer that looked on.
    pub disagreements: Vec<String>,
}

impl Said {
    fn of(failover: &Value) -> Self {
        let text = |field: &str| failover[field].as_str().unwrap_or("-").to_owned();
        let evidence = failover["evidence"].as_array().into_iter().flatten();
        let evidence: Vec<&str> = evidence.filter_map(Value::as_str).collect();
        Self {
            end: text("end"),
            cause: format!("{}, {}", text("cause"), text("confidence")),
            evidence: evidence.join("; "),
            seconds: failover["leaderless_seconds"].as_f64().unwrap_or(f64::NAN),
        }
    }
}

impl Outcome {
    /// Holds what was said of a scene's lease against what the scene expects.
    #[must_use]
    pub fn of(scene: &'static Scene, name: &str, played: Played) -> Self {
        let expected = format!("{}, {}", scene.cause, scene.confidence);
        let (said, wrong) = match played {
            Ok(finals) => (finals.iter().map(Said::of).collect(), None),
            Err(error) => (Vec::new(), Some(format!("{error:#}"))),
        };
        let (scene_name, name, deed) = (scene.name, name.to_owned(), scene.deed);
        let outcome = Self { scene: scene_name, name, deed, expected, said, wrong };
        let wrong = outcome.wrong.clone().or_else(|| outcome.differs(scene));
        Self { wrong, ..outcome }
    }

    /// Each failover of a scene has the same cause: a rollout may end two terms.
    fn differs(&self, scene: &Scene) -> Option<String> {
        if let Some(said) = self.said.iter().find(|said| said.cause != self.expected) {
            return Some(format!("{} ({})", said.cause, said.evidence));
        }
        let speaks = |said: &Said, word: &str| said.evidence.contains(word);
        let silent =
            scene.evidence.iter().find(|word| !self.said.iter().all(|it| speaks(it, word)));
        silent.map(|word| format!("the evidence does not say {word:?}"))
    }

    /// What is wrong with it, in a line.
    #[must_use]
    pub fn wrong(&self) -> Option<String> {
        let wrong = self.wrong.as_ref()?;
        Some(format!("{}: {} was expected, and there is: {wrong}", self.name, self.expected))
    }
}

impl Report {
    /// Everything that is wrong, a line each.
    #[must_use]
    pub fn wrong(&self) -> Vec<String> {
        let outcomes = self.outcomes.iter().filter_map(Outcome::wrong);
        outcomes.chain(self.disagreements.iter().cloned()).collect()
    }

    /// What was done and what was said, as a table in Markdown: a row for each scene.
    #[must_use]
    pub fn table(&self) -> String {
        let mut text = "| what was done | end | leaderless | cause, confidence | evidence |\n\
                        | --- | --- | ---: | --- | --- |\n"
            .to_owned();
        for played in self.outcomes.chunk_by(|a, b| a.scene == b.scene) {
            if let Some(row) = row(played) {
                let _ = writeln!(text, "{row}");
            }
        }
        text
    }

    /// Puts the table into a document, between its marks.
    ///
    /// # Errors
    /// When the document cannot be read or written, or has no marks.
    pub fn publish(&self, document: &Path) -> Result<()> {
        let text = std::fs::read_to_string(document)?;
        let (head, rest) = text.split_once(BEGIN).context("the document has no place for it")?;
        let (_, tail) = rest.split_once(END).context("the place for it has no end")?;
        let text = format!("{head}{BEGIN}\n\n{}\n{END}{tail}", self.table());
        std::fs::write(document, text).with_context(|| document.display().to_string())
    }
}

const BEGIN: &str = "<!-- what was done and what was said -->";
const END: &str = "<!-- until here -->";

/// The first of a scene's outcomes, and how many there are like it.
fn row(played: &[Outcome]) -> Option<String> {
    let mut causes: BTreeMap<&str, usize> = BTreeMap::new();
    let all = || played.iter().filter_map(|outcome| outcome.said.first());
    for said in all() {
        *causes.entry(&said.cause).or_default() += 1;
    }
    let causes: Vec<String> = match played {
        [_] => causes.into_keys().map(str::to_owned).collect(),
        _ => causes.iter().map(|(cause, count)| format!("{cause} ({count} times)")).collect(),
    };
    let (outcome, first) = (played.first()?, all().next()?);
    let seconds = || all().map(|said| said.seconds);
    let (least, most) = (seconds().fold(f64::NAN, f64::min), seconds().fold(f64::NAN, f64::max));
    let seconds = match played {
        [_] => format!("{least:.1} s"),
        _ => format!("{least:.1} to {most:.1} s"),
    };
    let (deed, causes, end) = (outcome.deed, causes.join("; "), &first.end);
    Some(format!("| {deed} | {end} | {seconds} | {causes} | {} |", first.evidence))
}
