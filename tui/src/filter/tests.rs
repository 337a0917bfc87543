use super::*;
use crate::samples;

fn shown(filter: &str) -> Vec<String> {
    let filter = Filter::parse(filter);
    let snapshot = samples::fleet();
    let mut scratch = String::new();
    let admitted = snapshot.elections.iter();
    admitted
        .filter(|election| filter.admits(election, &mut scratch))
        .map(|election| election.key.name.to_string())
        .collect()
}

#[test]
fn text_is_looked_for_in_all_names_whatever_its_case() {
    assert_eq!(shown("GITJOB"), ["gitjob"]);
    assert_eq!(shown("cattle-fleet-system/g"), ["gitjob"]);
    assert_eq!(shown("node-a"), ["gitjob", "kube-scheduler"]);
    assert_eq!(shown("git.ob"), Vec::<String>::new(), "a dot alone is a dot, as in names");
}

#[test]
fn signs_make_a_regular_expression() {
    assert_eq!(shown("^gitjob$"), ["gitjob"]);
    assert_eq!(shown("git.*x2x4k"), ["gitjob"]);
    assert_eq!(shown("kube-(scheduler|controller)").len(), 2);
    assert_eq!(shown("!.*lock.* !kube.*"), ["gitjob", "cattle-controllers"]);
}

#[test]
fn what_is_no_regular_expression_says_so_and_filters_nothing_away() {
    let filter = Filter::parse("kube- (broken");
    assert!(
        filter.error().is_some_and(|error| error.contains("(broken: unclosed group")),
        "{filter:?}"
    );
    assert_eq!(shown("(broken"), shown(""));
    assert_eq!(shown("kube- (broken").len(), 2, "the rest of it still applies");
    assert!(Filter::parse("a{1000}{1000}{1000}").error().is_some());
}

#[test]
fn an_exclamation_mark_inverts() {
    let all = shown("");
    assert_eq!(shown("!gitjob").len(), all.len() - 1);
    assert_eq!(shown("!"), all);
}

#[test]
fn states_are_found_by_word_and_by_rank() {
    assert_eq!(shown("state:late"), ["fleet-agent-lock"]);
    assert_eq!(shown("state:exp"), ["fleet-controller-lock"]);
    assert_eq!(shown("state:leaderless"), ["fleet-controller-lock", "cattle-controllers"]);
    assert_eq!(shown("state:held kube-system"), ["kube-scheduler"]);
    assert_eq!(shown("state:held?"), ["kube-controller-manager"]);
    assert_eq!(shown("!state:unknown").len(), shown("").len() - 1);
    assert_eq!(shown("state:"), shown(""));
}

#[test]
fn values_that_cannot_be_are_told_with_those_that_can() {
    let error = |filter: &str| Filter::parse(filter).error().map(str::to_owned);
    let told = error("state:qq").unwrap();
    assert!(told.starts_with("qq is no state: leaderless, late, unknown, held, stale"), "{told}");
    assert_eq!(shown("state:qq"), shown(""), "what cannot be read hides nothing");
    assert!(error("!class:qq").unwrap().starts_with("qq is no class: election, "));
    assert!(error("cause:qq").unwrap().contains("oom_killed"));
    assert_eq!(error("standby:some").unwrap(), "some is no number");
    assert_eq!(error("cause:^oom"), None);
    assert_eq!(error("node:qq"), None, "nodes may be called anything");
    for election in &samples::fleet().elections {
        let word = crate::standing::word(election).split(' ').next().unwrap();
        assert_eq!(error(&format!("state:{word}")), None);
    }
}

#[test]
fn words_look_at_one_thing() {
    assert_eq!(shown("ns:kube"), ["kube-controller-manager", "kube-scheduler"]);
    assert_eq!(shown("NODE:node-a ns:cattle"), ["gitjob"]);
    assert_eq!(shown("component:gitops"), ["gitjob"]);
    assert_eq!(shown("cause:oom"), ["gitjob"]);
    assert_eq!(shown("standby:0"), ["fleet-agent-lock"]);
    assert_eq!(shown("holder:^fleet-agent-0$"), ["fleet-agent-lock"]);
    assert_eq!(shown("weather:fine"), Vec::<String>::new(), "no such word: it is text");
}

#[test]
fn lines_of_the_log_are_found_by_their_text_and_their_election() {
    let snapshot = samples::fleet();
    let admits = |filter: &str| {
        let election = Some(&*snapshot.elections[2]);
        Filter::parse(filter).admits_line("gitjob lost it", election, &mut String::new())
    };
    assert!(admits("lost") && admits("x2x4k") && admits("ns:cattle"));
    assert!(!admits("won") && !admits("state:late"));
    assert!(!Filter::parse("ns:x").admits_line("gone", None, &mut String::new()));
}

#[test]
fn a_word_is_completed_and_what_stands_before_it_stays() {
    let snapshot = samples::fleet();
    assert_eq!(suggestions("kube !sta", &snapshot), ["kube !state:", "kube !standby:"]);
    assert_eq!(suggestions("state:l", &snapshot), ["state:late", "state:leaderless"]);
    assert_eq!(suggestions("ns:k", &snapshot), ["ns:kube-system"]);
    assert_eq!(suggestions("cause:oom", &snapshot), ["cause:oom_killed"]);
    assert_eq!(suggestions("class:el", &snapshot), ["class:election"]);
    assert!(suggestions("", &snapshot).is_empty() && suggestions("gitjob", &snapshot).is_empty());
}

#[test]
fn labels_are_selected_as_kubectl_selects_them() {
    assert_eq!(shown("-l app=gitjob"), ["gitjob"]);
    assert_eq!(shown("-lapp=gitjob,tier"), ["gitjob"]);
    assert_eq!(shown("-l app==gitjob,tier!=control-plane"), Vec::<String>::new());
    assert_eq!(shown("-l tier=control-plane"), ["gitjob", "kube-scheduler"]);
    assert_eq!(shown("-l !app").len(), shown("").len() - 1);
    assert_eq!(shown("-l app!=gitjob").len(), shown("").len() - 1, "also what has no such label");
    assert_eq!(shown("-l"), shown(""), "not yet typed to its end");
    assert_eq!(shown("kube -l tier=control-plane"), ["kube-scheduler"]);
    let broken = Filter::parse("-l =x");
    assert!(
        broken.error().is_some_and(|error| error.contains("-l =x: at character 1")),
        "{broken:?}"
    );
    assert_eq!(shown("-l tier in (a, control-plane) kube"), ["kube-scheduler"]);
    assert_eq!(shown("kube -l tier notin (control-plane)"), ["kube-controller-manager"]);
    let snapshot = samples::fleet();
    assert_eq!(suggestions("-l app", &snapshot), ["-l app=gitjob"]);
}
