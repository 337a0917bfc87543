//! Which of several sources counts, where a flag names one and a variable or the file another.

use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{ArgMatches, Command, Error};

use crate::args::SourceArgs;

/// Flags that name one source together, and how to forget them.
struct Way {
    flags: &'static [&'static str],
    forget: fn(&mut SourceArgs),
}

/// The ways of which only one counts.
const WAYS: [Way; 4] = [
    Way { flags: &["demo"], forget: |it| it.demo = false },
    Way { flags: &["replay"], forget: |it| it.replay = None },
    Way { flags: &["exporters"], forget: |it| it.exporters.clear() },
    Way {
        flags: &["contexts", "kubeconfig", "cluster", "user"],
        forget: |it| {
            it.contexts.clear();
            (it.kubeconfig, it.cluster, it.user) = (None, None, None);
        },
    },
];

/// All namespaces, or some.
const SCOPES: [Way; 2] = [
    Way { flags: &["all_namespaces"], forget: |it| it.all_namespaces = false },
    Way { flags: &["namespaces"], forget: |it| it.namespaces.clear() },
];

/// From the strongest to the weakest. The file speaks by defaults.
const RANKS: [ValueSource; 3] =
    [ValueSource::CommandLine, ValueSource::EnvVariable, ValueSource::DefaultValue];

/// Forgets the sources that a stronger voice than theirs replaces.
///
/// # Errors
/// When two that exclude each other are named by the same voice.
pub fn reconcile(
    command: &mut Command,
    matches: &ArgMatches,
    source: &mut SourceArgs,
) -> Result<(), Error> {
    for ways in [&WAYS[..], &SCOPES[..]] {
        let named = |way: &Way| {
            let loudest = way.flags.iter().filter_map(|flag| rank(matches, flag)).min()?;
            let flag = way.flags.iter().find(|flag| rank(matches, flag) == Some(loudest))?;
            Some((loudest, *flag))
        };
        let voices: Vec<_> = ways.iter().map(|way| (way, named(way))).collect();
        let Some(strongest) = voices.iter().filter_map(|(_, named)| Some((*named)?.0)).min() else {
            continue;
        };
        let mut chosen: Option<&str> = None;
        for (way, named) in voices {
            match (named, chosen) {
                (Some((rank, flag)), Some(other)) if rank == strongest => {
                    let (one, other) = (shown(command, other), shown(command, flag));
                    let what = format!("{one} and {other} exclude each other; give only one\n");
                    return Err(command.error(ErrorKind::ArgumentConflict, what));
                }
                (Some((rank, flag)), None) if rank == strongest => chosen = Some(flag),
                (Some(_), _) => (way.forget)(source),
                (None, _) => {}
            }
        }
    }
    Ok(())
}

/// How strong the voice is that sets this flag; none if it says no, or nothing.
fn rank(matches: &ArgMatches, flag: &str) -> Option<usize> {
    let source = matches.value_source(flag)?;
    let no = matches.try_get_one::<bool>(flag).is_ok_and(|set| set == Some(&false));
    RANKS.iter().position(|rank| *rank == source).filter(|_| !no)
}

fn shown(command: &Command, id: &str) -> String {
    let arg = command.get_arguments().find(|arg| arg.get_id() == id);
    format!("--{}", arg.and_then(|arg| arg.get_long()).unwrap_or(id))
}
