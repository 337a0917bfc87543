use super::*;
use crate::samples;
use crate::theme::UNICODE;

fn printed(format: ListFormat) -> String {
    let page = Page {
        snapshot: &samples::fleet(),
        source: "test".to_owned(),
        narrowed: false,
        lens: Lens { now: samples::NOW, glyphs: UNICODE },
    };
    let mut out = Vec::new();
    page.write(&mut out, format).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn table() {
    insta::assert_snapshot!(printed(ListFormat::Table));
}

#[test]
fn wide() {
    insta::assert_snapshot!(printed(ListFormat::Wide));
}

#[test]
fn markdown() {
    insta::assert_snapshot!(printed(ListFormat::Markdown));
}

#[test]
fn name() {
    insta::assert_snapshot!(printed(ListFormat::Name));
}

#[test]
fn comma_separated() {
    insta::assert_snapshot!(printed(ListFormat::Csv));
}

#[test]
fn json_and_yaml_say_the_same() {
    let json: serde_json::Value = serde_json::from_str(&printed(ListFormat::Json)).unwrap();
    let yaml: serde_json::Value = serde_saphyr::from_str(&printed(ListFormat::Yaml)).unwrap();
    assert_eq!(json, yaml);
    assert_eq!(json["schema_version"], 1);
    let gitjob = &json["leases"][2];
    assert_eq!(gitjob["name"], "gitjob");
    assert_eq!(gitjob["phase"], "held");
    assert_eq!(gitjob["renewal_age_seconds"], 1.2);
    assert_eq!(gitjob["last_failover"]["leaderless_seconds"], 17.5);
    assert_eq!(json["leases"][4]["leaderless"], serde_json::Value::Null);
}

#[test]
fn formulas_and_quotes_cannot_leave_their_field() {
    let row = ["=1+1", "a,b", "say \"x\"", "-"].map(str::to_owned);
    assert_eq!(page::csv(&row), "'=1+1,\"a,b\",\"say \"\"x\"\"\",-");
}
