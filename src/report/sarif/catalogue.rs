//! What SARIF says about the tool: the whole rule table, its notifications, and the CWE taxonomy.
//!
//! Nothing here depends on the run. GitHub takes a changed rule for a changed tool.

use std::collections::BTreeSet;

use serde_json::json;
use serde_sarif::sarif::{
    MultiformatMessageString, PropertyBag, ReportingConfiguration, ReportingDescriptor, ReportingDescriptorReference,
    ReportingDescriptorRelationship, ToolComponent, ToolComponentReference,
};

use super::bag;
use super::invocation::NOTIFICATIONS;
use crate::explain;
use crate::finding::{Confidence, Severity};
use crate::report::{help_uri, sentence};
use crate::rule::{Rule, Scope};
use crate::rules;

/// Longest description that GitHub takes, in characters.
const LONGEST: usize = 1_024;
/// Tags that GitHub shows.
const MOST_TAGS: usize = 10;

/// The tool. Its name is part of every alert's identity and never changes.
pub(super) fn driver() -> ToolComponent {
    let version = env!("CARGO_PKG_VERSION");
    ToolComponent::builder()
        .name("clawsift")
        .version(version)
        .semantic_version(version)
        .information_uri(env!("CARGO_PKG_REPOSITORY"))
        .short_description(plain(env!("CARGO_PKG_DESCRIPTION")))
        .supported_taxonomies(vec![cwe()])
        .notifications(NOTIFICATIONS.iter().map(|(id, what)| notification(id, what)).collect::<Vec<_>>())
        .rules(table().into_iter().map(rule).collect::<Vec<_>>())
        .build()
}

/// All rules by id, the one about ourselves too.
fn table() -> Vec<&'static Rule> {
    let mut table: Vec<&Rule> = rules::all().chain([&rules::INTERNAL_ERROR]).collect();
    table.sort_unstable_by_key(|rule| rule.id);
    table
}

/// The place of a rule in the table.
pub(super) fn index(rule: &Rule) -> Option<i64> {
    let before = rules::all().chain([&rules::INTERNAL_ERROR]).filter(|other| other.id < rule.id);
    i64::try_from(before.count()).ok()
}

/// The CWE entries that rules refer to.
pub(super) fn taxonomy() -> ToolComponent {
    let entry = |number: &u16| ReportingDescriptor {
        short_description: Some(plain(&format!("CWE-{number}"))),
        help_uri: Some(format!("https://cwe.mitre.org/data/definitions/{number}.html")),
        ..ReportingDescriptor::builder().id(number.to_string()).build()
    };
    ToolComponent::builder()
        .name("CWE")
        .organization("MITRE")
        .short_description(plain("The MITRE Common Weakness Enumeration"))
        .information_uri("https://cwe.mitre.org/")
        .is_comprehensive(false)
        .taxa(numbers().iter().map(entry).collect::<Vec<_>>())
        .build()
}

fn numbers() -> BTreeSet<u16> {
    rules::all().flat_map(|rule| rule.cwe.iter().copied()).collect()
}

fn cwe() -> ToolComponentReference {
    ToolComponentReference { name: Some("CWE".to_owned()), index: Some(0), ..Default::default() }
}

fn rule(rule: &'static Rule) -> ReportingDescriptor {
    let level = match rule.severity {
        Severity::Critical => "error",
        Severity::Warn => "warning",
        Severity::Info => "note",
    };
    ReportingDescriptor {
        name: Some(pascal_case(rule.id)),
        short_description: Some(plain(rule.summary)),
        full_description: Some(plain(&shortened(&format!("{}. {}", rule.summary, rule.why)))),
        help: Some(MultiformatMessageString {
            text: explain::text(rule),
            markdown: Some(explain::markdown(rule)),
            ..plain("")
        }),
        help_uri: Some(help_uri(rule)),
        default_configuration: Some(ReportingConfiguration { level: Some(json!(level)), ..Default::default() }),
        properties: Some(properties(rule)),
        relationships: Some(relationships(rule)).filter(|all| !all.is_empty()),
        ..ReportingDescriptor::builder().id(rule.id).build()
    }
}

fn properties(rule: &Rule) -> PropertyBag {
    let precision = match rule.confidence {
        Confidence::High => "high",
        Confidence::Medium => "medium",
        Confidence::Low => "low",
    };
    let (name, value) = match (rule.security_severity(), rule.severity) {
        (Some(number), _) => ("security-severity", number),
        (None, Severity::Critical) => ("problem.severity", "error"),
        (None, Severity::Warn) => ("problem.severity", "warning"),
        (None, Severity::Info) => ("problem.severity", "recommendation"),
    };
    PropertyBag { tags: Some(tags(rule)), ..bag([("precision", json!(precision)), (name, json!(value))]) }
}

fn tags(rule: &Rule) -> Vec<String> {
    let subject = if rule.scope == Scope::Skills { "agent-skill" } else { "openclaw" };
    let kind = if rule.hygiene { "maintainability" } else { "security" };
    let mut tags = vec![kind.to_owned(), subject.to_owned()];
    if !tags.iter().any(|tag| tag == rule.family()) {
        tags.push(rule.family().to_owned());
    }
    tags.extend(rule.cwe.iter().map(|number| format!("external/cwe/cwe-{number:03}")));
    tags.extend(rule.owasp.iter().chain(rule.atlas).map(|id| (*id).to_owned()));
    tags.extend(rule.red_flag.map(|level| format!("red-flag-{level}")));
    tags.truncate(MOST_TAGS);
    tags
}

fn relationships(rule: &Rule) -> Vec<ReportingDescriptorRelationship> {
    let to =
        |target| ReportingDescriptorRelationship::builder().target(target).kinds(vec!["relevant".to_owned()]).build();
    taxa(rule).into_iter().map(to).collect()
}

/// The entries of the taxonomy that a rule, and each of its results, is about.
pub(super) fn taxa(rule: &Rule) -> Vec<ReportingDescriptorReference> {
    let all = numbers();
    let to = |number: &u16| ReportingDescriptorReference {
        id: Some(number.to_string()),
        index: i64::try_from(all.range(..number).count()).ok(),
        tool_component: Some(cwe()),
        ..Default::default()
    };
    rule.cwe.iter().map(to).collect()
}

fn notification(id: &str, what: &str) -> ReportingDescriptor {
    ReportingDescriptor {
        name: Some(pascal_case(id)),
        short_description: Some(plain(what)),
        full_description: Some(plain(what)),
        help: Some(plain(what)),
        ..ReportingDescriptor::builder().id(id).build()
    }
}

/// A text that ends with a full stop.
fn plain(text: &str) -> MultiformatMessageString {
    MultiformatMessageString::builder().text(sentence(text)).build()
}

/// At most as many characters as GitHub takes.
fn shortened(text: &str) -> String {
    if text.chars().count() <= LONGEST {
        return text.to_owned();
    }
    text.chars().take(LONGEST - 1).chain(['…']).collect()
}

/// `gateway.tailscale_funnel` as `GatewayTailscaleFunnel`.
fn pascal_case(id: &str) -> String {
    let words = id.split(['.', '_', '-', '/']).filter(|word| !word.is_empty());
    words.map(|word| if word == "*" { "any" } else { word }).fold(String::new(), |mut out, word| {
        let mut chars = word.chars();
        out.extend(chars.next().map(|first| first.to_ascii_uppercase()));
        out.extend(chars);
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_pascal_case() {
        assert_eq!(pascal_case("gateway.tailscale_funnel"), "GatewayTailscaleFunnel");
        assert_eq!(pascal_case("channels.*.dm.open"), "ChannelsAnyDmOpen");
    }

    #[test]
    fn every_rule_stands_at_its_index_under_a_name_of_its_own() {
        let table = table();
        let names: BTreeSet<String> = table.iter().map(|rule| pascal_case(rule.id)).collect();
        assert_eq!(names.len(), table.len());
        for (at, rule) in table.iter().enumerate() {
            assert_eq!(index(rule), i64::try_from(at).ok());
        }
    }

    #[test]
    fn a_description_keeps_to_the_limit() {
        assert_eq!(shortened("short"), "short");
        assert_eq!(shortened(&"é".repeat(2_000)).chars().count(), LONGEST);
    }
}
