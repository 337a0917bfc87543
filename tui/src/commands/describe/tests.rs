use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::Value;

use super::*;
use crate::samples;
use crate::theme::UNICODE;

fn described(lease: &str, output: ObjectFormat) -> String {
    let args = DescribeArgs { lease: lease.to_owned(), output, settle: Duration::ZERO };
    let lens = Lens { now: samples::NOW, glyphs: UNICODE };
    let mut out = Vec::new();
    write(&mut out, &samples::fleet(), "test", &args, lens).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn an_election_with_a_past() {
    insta::assert_snapshot!(described("gitjob", ObjectFormat::Text));
}

#[test]
fn an_election_whose_leader_is_dead() {
    insta::assert_snapshot!(described("fleet-agent-lock", ObjectFormat::Text));
}

#[test]
fn json_and_yaml_say_the_same() {
    let json: Value = serde_json::from_str(&described("gitjob", ObjectFormat::Json)).unwrap();
    let yaml: Value = serde_saphyr::from_str(&described("gitjob", ObjectFormat::Yaml)).unwrap();
    assert_eq!(json, yaml);
    assert_eq!(json["last_failover"]["cause"], "oom_killed");
    assert_eq!(json["candidates"]["tolerance"], 1);
    assert_eq!(json["history"].as_array().map(Vec::len), Some(3));
}

fn keys(object: &Value) -> BTreeSet<String> {
    object.as_object().unwrap().keys().cloned().collect()
}

/// All fields are told in the schema, whatever is known, and none that is not there.
#[test]
fn the_schema_names_every_field() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/describe.schema.json");
    let schema: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let json: Value = serde_json::from_str(&described("gitjob", ObjectFormat::Json)).unwrap();
    assert_eq!(keys(&schema["properties"]), keys(&json));
    let required = schema["required"].as_array().unwrap().iter();
    let required: BTreeSet<String> = required.map(|it| it.as_str().unwrap().to_owned()).collect();
    assert_eq!(required, keys(&json), "what is not known is null, and never left away");
    for (name, part) in [
        ("leader", &json["leader"]),
        ("candidates", &json["candidates"]),
        ("candidate", &json["candidates"]["list"][0]),
        ("failover", &json["last_failover"]),
        ("timing_advice", &json["advice"]),
    ] {
        assert_eq!(keys(&schema["$defs"][name]["properties"]), keys(part), "{name}");
    }
}
