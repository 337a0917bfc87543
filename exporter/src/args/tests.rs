use clap::CommandFactory as _;
use rstest::rstest;

use super::*;

fn parse(args: &[&str]) -> Result<Args, clap::Error> {
    Args::try_parse_from(["leadership-exporter"].iter().chain(args))
}

#[test]
fn the_definition_is_sound() {
    Args::command().debug_assert();
}

#[test]
fn every_flag_has_an_environment_variable_of_its_own_name() {
    for arg in Args::command().get_arguments() {
        let Some(long) = arg.get_long() else { continue };
        let name = long.to_uppercase().replace(['.', '-'], "_");
        assert_eq!(
            arg.get_env().and_then(|env| env.to_str()),
            Some(format!("LEADERSHIP_EXPORTER_{name}").as_str()),
        );
    }
}

#[test]
fn nothing_typed_means_everything_watched_on_every_address() {
    let args = parse(&[]).unwrap();
    assert_eq!(args.listen, ":8080");
    assert!(args.namespaces.is_empty() && !args.no_node_heartbeats && !args.demo);
    assert_eq!(args.pods, Pods::Watch);
    assert_eq!(args.log_level, LevelFilter::INFO);
}

#[test]
fn namespaces_add_up() {
    let args = parse(&["-n", "a,b", "--namespace", "c"]).unwrap();
    assert_eq!(args.namespaces, ["a", "b", "c"]);
}

#[rstest]
#[case(":9", true)]
#[case("0.0.0.0:8080", true)]
#[case("[::1]:0", true)]
#[case("localhost:8080", true)]
#[case("8080", false)]
#[case("localhost", false)]
#[case(":http", false)]
#[case(":70000", false)]
#[case("", false)]
fn an_address_needs_a_port(#[case] address: &str, #[case] fine: bool) {
    let parsed = parse(&[&format!("--web.listen-address={address}")]);
    assert_eq!(parsed.is_ok(), fine, "{address}");
}

#[rstest]
#[case(&["--replay", "x", "--demo"])]
#[case(&["--replay", "x", "--record", "y"])]
#[case(&["--replay", "x", "--context", "c"])]
#[case(&["--demo", "--kubeconfig", "k"])]
#[case(&["--log-level", "loud"])]
#[case(&["--log-format", "xml"])]
#[case(&["stray"])]
fn what_cannot_be_meant_is_refused_as_a_mistake_of_usage(#[case] args: &[&str]) {
    assert_eq!(parse(args).unwrap_err().exit_code(), 2);
}

#[test]
fn help_reads_as_it_was_reviewed() {
    insta::assert_snapshot!(Args::command().render_long_help());
}

#[test]
fn a_catalogue_with_a_mistake_is_refused_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mine.yaml");
    let flag = format!("--component-catalogue={}", path.display());
    for (text, place) in [
        ("locks:\n  - id: mine\n    lease: [a]\n", "mine.yaml: line 3, column 5: "),
        ("locks:\n  - id: mine\n    pattern: 'a('\n", "line 2, column 5: the entry \"mine\": "),
    ] {
        std::fs::write(&path, text).unwrap();
        let error = parse(&[&flag]).unwrap_err();
        assert_eq!(error.exit_code(), 2);
        assert!(error.to_string().contains(place), "{error}");
    }
    std::fs::write(&path, "locks:\n  - {id: mine, leases: [a]}\n").unwrap();
    let known = parse(&[&flag]).unwrap().known();
    assert_eq!(known.entries().next().map(|entry| &*entry.id), Some("mine"));
    std::fs::remove_file(&path).unwrap();
    assert_eq!(parse(&[&flag]).unwrap_err().exit_code(), 2);
}
