use std::path::PathBuf;

use clap::{CommandFactory, FromArgMatches};

use super::*;
use crate::args::Cli;

fn command() -> Command {
    with_environment(Cli::command())
}

fn read(text: &str) -> Result<File, String> {
    File::parse(&command(), PathBuf::from("c.toml"), text).map_err(|error| error.to_string())
}

fn parsed(file: &str, args: &[&str]) -> Result<Cli, clap::Error> {
    let mut command = read(file).unwrap().apply(command());
    let line = ["fleet-top"].iter().chain(args);
    let matches = command.try_get_matches_from_mut(line)?;
    let mut cli = Cli::from_arg_matches(&matches)?;
    reconcile(&mut command, &matches, &mut cli.source)?;
    Ok(cli)
}

#[test]
fn every_flag_has_a_variable_of_its_own() {
    let command = command();
    let mut names = std::collections::BTreeSet::new();
    let mut count = 0;
    let subs = command.get_subcommands().map(|sub| Some(sub.get_name()));
    for section in std::iter::once(None).chain(subs) {
        for arg in flags(&command, section) {
            let name = arg.get_env().expect("a variable").to_string_lossy().into_owned();
            assert!(name.starts_with("FLEET_TOP_"), "{name}");
            names.insert(name);
            count += 1;
        }
    }
    assert_eq!(names.len(), count, "no two flags share one");
    assert!(names.contains("FLEET_TOP_THEME") && names.contains("FLEET_TOP_DRILL_RUNS"));
    command.debug_assert();
}

#[test]
fn the_file_sets_defaults_and_flags_go_before_it() {
    let file = "namespace = [\"a\", \"b\"]\nascii = true\n[list]\nsettle = \"5s\"\n";
    let cli = parsed(file, &["list"]).unwrap();
    assert_eq!(cli.source.namespaces, ["a", "b"]);
    assert!(cli.screen.ascii);
    let Some(crate::args::Command::List(list)) = cli.command else { panic!("no list") };
    assert_eq!(list.settle, std::time::Duration::from_secs(5));
    let cli = parsed(file, &["-n", "c"]).unwrap();
    assert_eq!(cli.source.namespaces, ["c"]);
    assert!(parsed(file, &["-A"]).unwrap().source.namespaces.is_empty());
}

#[test]
fn the_source_of_a_flag_replaces_that_of_the_file() {
    let file = "context = \"prod\"\nkubeconfig = \"/k\"\n";
    let demo = parsed(file, &["--demo"]).unwrap().source;
    assert!(demo.demo && demo.contexts.is_empty() && demo.kubeconfig.is_none());
    let replay = parsed("demo = true", &["--replay", "x"]).unwrap().source;
    assert!(!replay.demo && replay.replay.is_some());
    let plain = parsed(file, &["--cluster", "x"]).unwrap().source;
    assert_eq!(plain.contexts, ["prod"], "they name one source together");
    for args in [["--demo", "--replay=x"], ["--exporter=http://x", "--context=y"], ["-A", "-na"]] {
        let error = parsed("", &args).unwrap_err();
        assert_eq!(error.exit_code(), 2);
        assert!(error.to_string().contains("exclude each other"), "{error}");
    }
}

#[test]
fn mistakes_are_told_with_their_line() {
    let wrong = |text: &str| read(text).unwrap_err();
    assert_eq!(
        wrong("# one\ncolour = \"x\""),
        "c.toml, line 2: unknown key \"colour\"; --print-config shows those there are"
    );
    assert!(wrong("\n\ntheme = \"x\"").starts_with("c.toml, line 3: theme: invalid value 'x'"));
    assert!(wrong("ascii = 3").starts_with("c.toml, line 1: ascii: it is true or false"));
    assert!(wrong("color = [\"auto\", \"never\"]").contains("only one value"));
    assert!(wrong("[dril]").contains("line 1: there is no command \"dril\""));
    assert!(wrong("[drill]\nruns = 0").starts_with("c.toml, line 2: runs: invalid value '0'"));
    assert!(wrong("theme = ").starts_with("c.toml, line 1: "));
    assert!(wrong("[list]\ntheme = \"dark\"").contains("unknown key"), "it is a flag of all");
    assert!(wrong("[keys]\nquit = \"q\"\nfly = \"x\"").starts_with("c.toml, line 3: "));
    assert!(wrong("[keys]\nquit = \"j\"").contains("would mean both"));
}

#[test]
fn what_is_printed_can_be_read_again() {
    let file = read("theme = \"dark\"\n[keys]\nquit = [\"Q\"]\n[drill]\nruns = 3\n").unwrap();
    let mut command = file.apply(command());
    let matches = command.try_get_matches_from_mut(["fleet-top", "-n", "a\"b"]).unwrap();
    let page = effective(&command, &matches, &file);
    for line in
        ["\ntheme = \"dark\"", "\nnamespace = [\"a\\\"b\"]", "\nruns = \"3\"", "\nquit = [\"Q\"]"]
    {
        assert!(page.contains(line), "{line} in {page}");
    }
    assert!(
        page.contains("FLEET_TOP_THEME; from the file") && page.contains("from the command line")
    );
    let again = read(&page).unwrap();
    assert_eq!(again.keys, file.keys);
    let uncommented: String = page
        .lines()
        .map(|line| line.strip_prefix("# ").filter(|it| it.contains(" = ")).unwrap_or(line))
        .fold(String::new(), |all, line| all + line + "\n");
    assert!(uncommented.contains("\ndemo = false"), "{uncommented}");
}
