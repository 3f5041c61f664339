//! What the rules about data flow share: the flows of a skill, where they lead, and how one is told.

use std::ops::Range;

use crate::facts::affinity::{Affinity, affinity};
use crate::facts::hosts::HostClass;
use crate::facts::url::Url;
use crate::finding::Place;
use crate::flow::{Analysis, Flow, Sink, SinkKind, SinkPart, SourceKind};
use crate::model::skill::{FileRole, Skill, SkillFile};
use crate::rule::{Report, Said};

/// One script of a skill and what it does.
#[derive(Clone, Copy)]
pub(super) struct Script<'a> {
    pub file: &'a SkillFile,
    /// First byte of the script in its file.
    pub base: usize,
    pub found: &'a Analysis,
}

impl Script<'_> {
    pub(super) fn place(&self, range: &Range<usize>) -> Place {
        self.file.place(self.base + range.start..self.base + range.end)
    }

    /// Is it a file that a machine runs, not a code block that somebody may read?
    pub(super) fn is_file(&self) -> bool {
        self.file.is_script() && self.file.role != FileRole::Test
    }
}

/// Every script and executable code block.
pub(super) fn scripts(skill: &Skill) -> impl Iterator<Item = Script<'_>> {
    let files = skill.files.iter().filter(|file| file.role != FileRole::Inert);
    files.flat_map(|file| file.analyses().iter().map(move |(base, found)| Script { file, base: *base, found }))
}

/// Every flow.
pub(super) fn flows(skill: &Skill) -> impl Iterator<Item = (Script<'_>, &Flow)> {
    scripts(skill).flat_map(|script| script.found.flows.iter().map(move |flow| (script, flow)))
}

/// What is known of the other end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// The same machine or network.
    Local,
    /// A well-known service, or the publisher's own.
    Known,
    /// A place where a stranger takes what he likes without being known.
    Throwaway,
    /// A host of which nothing is known.
    Stranger,
    /// A variable or the caller decides.
    Open,
}

/// The other end of a sink.
pub(super) fn end(skill: &Skill, sink: &Sink) -> End {
    let Some(host) = &sink.host else { return End::Open };
    let address = format!("https://{host}/");
    Url::parse(&address).map_or(End::Open, |url| end_of(skill, &url))
}

/// What is known of an address.
pub(super) fn end_of(skill: &Skill, url: &Url<'_>) -> End {
    match skill.host_class(url) {
        HostClass::Local => End::Local,
        HostClass::Placeholder if crate::facts::domain::is_local_name(&url.host) => End::Local,
        class if class.is_throwaway() => End::Throwaway,
        class if class.is_reputable() || skill.is_first_party(url) => End::Known,
        _ => End::Stranger,
    }
}

/// Is a secret sent the way that an API wants its own key, to a host that may be its own?
pub(super) fn is_api_use(variable: &str, sink: &Sink) -> bool {
    let belongs = sink.host.as_deref().map_or(Affinity::Unsaid, |host| affinity(variable, host));
    sink.part == SinkPart::Header && belongs != Affinity::Foreign || belongs == Affinity::Belongs
}

/// What a source gives, in words.
pub(super) fn source_words(flow: &Flow) -> String {
    let name = crate::secret::quotable(&flow.source.name, 60);
    match flow.source.kind {
        SourceKind::CredentialFile => format!("the credentials in `{name}`"),
        SourceKind::AgentStore => format!("the agent's own credentials and sessions in `{name}`"),
        SourceKind::AgentMemory => format!("what the agent remembers in `{name}`"),
        SourceKind::BrowserStore => format!("what the browser keeps in `{name}`"),
        SourceKind::WalletFile => format!("the wallet in `{name}`"),
        SourceKind::ShellHistory => format!("the history of the shell in `{name}`"),
        SourceKind::EnvFile => format!("the variables in `{name}`"),
        SourceKind::WholeEnvironment => "every variable of the environment, with all its secrets".to_owned(),
        SourceKind::SecretVariable => format!("the secret `{name}`"),
        SourceKind::TokenCommand => format!("the token that `{name}` gives"),
        SourceKind::Keychain => "what the keychain holds".to_owned(),
        SourceKind::Clipboard => "what is on the clipboard".to_owned(),
        SourceKind::Keystrokes => "what is typed".to_owned(),
        SourceKind::Screen => "pictures of the screen".to_owned(),
        SourceKind::HostFacts => "what this machine and its user are called".to_owned(),
        SourceKind::UserFiles => "the user's files".to_owned(),
        SourceKind::GivenFile | SourceKind::AnyFile if name.is_empty() => "a file".to_owned(),
        SourceKind::GivenFile | SourceKind::AnyFile => format!("the file `{name}`"),
        SourceKind::Input => "what it is given".to_owned(),
        SourceKind::HttpResponse => "what a server answers".to_owned(),
        SourceKind::DnsAnswer => "what a name server answers".to_owned(),
        SourceKind::DecodedText => "a decoded text".to_owned(),
    }
}

/// Where a sink leads, in words.
pub(super) fn sink_words(sink: &Sink) -> String {
    let to = match (&sink.host, &sink.host_variable) {
        (Some(host), _) => format!("to {}", crate::secret::quotable(host, 80)),
        (None, Some(variable)) => format!("to the address in `{}`", crate::secret::quotable(variable, 60)),
        (None, None) => "over the network".to_owned(),
    };
    match (sink.kind, sink.part) {
        (SinkKind::Dns, _) | (_, SinkPart::DnsLabel) => format!("{to}, hidden in the name of a host to look up"),
        (SinkKind::Mail, _) => "by mail".to_owned(),
        (SinkKind::MessageApi, _) => format!("{to} as a message"),
        (_, SinkPart::Url) => format!("{to}, in the address of a request"),
        (_, SinkPart::Header) => format!("{to}, in the head of a request"),
        _ => to,
    }
}

/// Tells a flow with all its steps, and where the manifest runs the script.
pub(super) fn tell<'r>(
    report: &'r mut Report,
    skill: &Skill,
    script: &Script<'_>,
    flow: &Flow,
    message: String,
) -> Said<'r> {
    let sink = script.place(&flow.sink.range);
    let source = script.place(&flow.source.range);
    let mut said = report.at(sink.clone(), message);
    said = said.step(&source, format!("reads {}", source_words(flow)));
    for step in &flow.steps {
        said = said.step(&script.place(&step.range), step.what.clone());
    }
    said = said.step(&sink, format!("`{}` sends it {}", flow.sink.call, sink_words(&flow.sink)));
    if let Some(mention) = skill.mention_of(script.file).filter(|_| script.file.is_script()) {
        said = said.related(&mention, "the skill has this script run here");
    }
    said
}

/// Does a text of the skill that its user reads name this word?
pub(super) fn is_documented(skill: &Skill, word: &str) -> bool {
    let readable = |file: &&SkillFile| matches!(file.role, FileRole::Manifest | FileRole::Reference);
    skill
        .files
        .iter()
        .filter(readable)
        .any(|file| memchr::memmem::find(file.text().as_bytes(), word.as_bytes()).is_some())
}
