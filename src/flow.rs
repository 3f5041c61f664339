//! Where the data of a script comes from and where it goes.
//!
//! A light, lexical taint analysis: no grammar is complete here and nothing is executed. It reads one
//! script (or one executable fence) and says which values reach which calls: a key file a request, a
//! downloaded text an `eval`. What it does not understand it passes on as plain text, and what it
//! reports it can show step by step. It judges nothing; the rules do.

use std::ops::Range;

use crate::syntax::zone::Language;

mod calls;
mod command;
mod eval;
mod fuel;
mod imports;
mod javascript;
mod powershell;
mod program;
mod python;
mod record;
mod run;
mod shell;
mod token;
mod value;
mod words;

pub use words::{classify_path, is_secret_variable};

/// A value on its way from a source to a sink.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flow {
    /// Where it was read.
    pub source: Source,
    /// The assignments and calls in between, in order.
    pub steps: Vec<Step>,
    /// Where it went.
    pub sink: Sink,
    /// The one entry of the source that was picked: a key of a JSON file, the pattern of a `grep`.
    pub narrowed: Option<String>,
    /// Whether base64, hex or the like was laid over it.
    pub encoded: bool,
    /// Whether it was encrypted.
    pub encrypted: bool,
}

/// One assignment or one passing as an argument.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The bytes of the name.
    pub range: Range<usize>,
    /// What happened: "assigned to `data`".
    pub what: String,
}

/// What a source gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SourceKind {
    /// A file that holds keys or passwords: SSH, cloud, package registry, `.netrc`.
    CredentialFile,
    /// A credential or a transcript of an agent: `.openclaw/openclaw.json`, `.claude/.credentials.json`.
    AgentStore,
    /// What an agent remembers: `MEMORY.md`, `SOUL.md`.
    AgentMemory,
    /// Cookies, passwords or history of a browser.
    BrowserStore,
    /// A wallet of a cryptocurrency, a seed phrase.
    WalletFile,
    /// The history of a shell.
    ShellHistory,
    /// A `.env` file.
    EnvFile,
    /// Every variable of the environment at once.
    WholeEnvironment,
    /// One variable whose name says that it is a secret.
    SecretVariable,
    /// What a command line tool gives that is logged in: `gh auth token`.
    TokenCommand,
    /// A keychain or password manager.
    Keychain,
    /// The clipboard.
    Clipboard,
    /// Keys as they are typed.
    Keystrokes,
    /// A picture of the screen, a recording.
    Screen,
    /// User, host name, addresses, processes.
    HostFacts,
    /// The files of the user: a walk of the home folder, a glob over documents.
    UserFiles,
    /// A file that the caller names.
    GivenFile,
    /// Another file with a known name.
    AnyFile,
    /// Arguments and parameters, standard input.
    Input,
    /// The answer to a request.
    HttpResponse,
    /// The answer of a name server.
    DnsAnswer,
    /// What a decoder gives: base64, hex, character codes, decompression.
    DecodedText,
}

impl SourceKind {
    /// Is it something that its owner would not want to see elsewhere?
    #[must_use]
    pub const fn is_private(self) -> bool {
        !matches!(
            self,
            Self::GivenFile
                | Self::AnyFile
                | Self::Input
                | Self::HttpResponse
                | Self::DnsAnswer
                | Self::DecodedText
                | Self::HostFacts
        )
    }

    /// Is it a text that nobody has read before it runs?
    #[must_use]
    pub const fn is_foreign_code(self) -> bool {
        matches!(self, Self::HttpResponse | Self::DnsAnswer | Self::DecodedText)
    }

    /// Is it the content of a file?
    #[must_use]
    pub const fn is_file(self) -> bool {
        matches!(
            self,
            Self::CredentialFile
                | Self::AgentStore
                | Self::AgentMemory
                | Self::BrowserStore
                | Self::WalletFile
                | Self::ShellHistory
                | Self::EnvFile
                | Self::UserFiles
                | Self::GivenFile
                | Self::AnyFile
        )
    }
}

/// Where a value was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// What it gives.
    pub kind: SourceKind,
    /// The bytes of the call or the variable.
    pub range: Range<usize>,
    /// A path, the name of a variable, a host; empty when it is not known.
    pub name: String,
}

/// What a sink does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SinkKind {
    /// An HTTP request.
    Http,
    /// A question to a name server.
    Dns,
    /// A mail.
    Mail,
    /// A raw connection.
    Socket,
    /// A copy to another machine or a bucket: `scp`, `rclone`, `s3 cp`.
    RemoteCopy,
    /// A message by a chat library.
    MessageApi,
    /// Text that runs as code: `eval`, `exec`, `sh -c`.
    Exec,
    /// A file that is written.
    FileWrite,
    /// The clipboard.
    Clipboard,
}

impl SinkKind {
    /// Does the value leave the machine?
    #[must_use]
    pub const fn leaves(self) -> bool {
        !matches!(self, Self::Exec | Self::FileWrite | Self::Clipboard)
    }
}

/// The part of a sink that takes the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SinkPart {
    /// A header, or the user and password of a request.
    Header,
    /// The body.
    Body,
    /// The path or the query of an address.
    Url,
    /// A label of a host name.
    DnsLabel,
    /// A file, whole.
    File,
    /// Code.
    Code,
    /// None: the sink is only named.
    None,
}

/// Where a value goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sink {
    /// What it does.
    pub kind: SinkKind,
    /// The bytes of the call.
    pub range: Range<usize>,
    /// The literal host, lower case, if it is known.
    pub host: Option<String>,
    /// The environment variable that supplies the address or the host.
    pub host_variable: Option<String>,
    /// The part that takes the value.
    pub part: SinkPart,
    /// The name of the header, of the field of the body, of the query parameter; the path of a file.
    pub name: Option<String>,
    /// What is called: `requests.post`, `curl`.
    pub call: String,
}

/// A module that a script imports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Import {
    /// The module as it is written: `urllib.request`, `./collect.js`, `.helper`; of a shell the sourced file.
    pub module: String,
    /// The bytes of the statement.
    pub range: Range<usize>,
    /// The other name that it gets.
    pub alias: Option<String>,
    /// Whether it stands inside a function or another block.
    pub nested: bool,
}

/// A literal path and the bytes of the call that reads or writes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileUse {
    /// The path; `~` is the home folder, `*` what is not known.
    pub path: String,
    /// The bytes of the call.
    pub range: Range<usize>,
}

/// How a send hides that it fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Silence {
    /// In a `try` whose handler does nothing.
    SwallowedError,
    /// In a function that runs when the program ends.
    AtExit,
    /// In a thread or a background job.
    Background,
}

/// A send whose failure nobody notices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SilentSend {
    /// The bytes of the call.
    pub range: Range<usize>,
    /// How.
    pub how: Silence,
    /// Whether nothing is done with the answer.
    pub unused: bool,
    /// The timeout in seconds, rounded up, if it is written there.
    pub timeout: Option<u32>,
}

/// A mail address in the code that a message goes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipient {
    /// The address.
    pub address: String,
    /// The bytes of the literal.
    pub range: Range<usize>,
    /// The field or variable it is set for, lower case: `bcc`, `to`, `fallback_bcc`.
    pub field: String,
    /// Whether it stands in for a value that is missing: `args.bcc or "…"`.
    pub fallback: bool,
}

/// What a script does besides moving data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ActKind {
    /// Walks the folders of the user.
    WalkUserFiles,
    /// Encrypts.
    Encrypt,
    /// Deletes files.
    Remove,
    /// Renames files.
    Rename,
    /// Listens to the keyboard.
    KeyListener,
    /// Asks a keychain.
    Keychain,
    /// Takes a picture of the screen.
    Screen,
}

/// One act and its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Act {
    /// What it is.
    pub kind: ActKind,
    /// The bytes of the call.
    pub range: Range<usize>,
}

/// A secret that is encoded, whether or not it is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Encoded {
    /// The secret.
    pub source: Source,
    /// The bytes of the call.
    pub range: Range<usize>,
    /// Whether it is `name:secret`, as basic authentication wants it.
    pub pair: bool,
}

/// What cut an analysis short.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// More tokens than are read.
    Tokens,
    /// More statements than are read.
    Statements,
    /// Blocks, brackets or scripts nested deeper than they are followed.
    Depth,
    /// It took more steps than a script of its size may.
    Steps,
    /// More flows or other finds than are kept.
    Finds,
}

impl Cut {
    /// What there was too much of.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Tokens => "it has too many tokens",
            Self::Statements => "it has too many statements",
            Self::Depth => "it is nested too deeply",
            Self::Steps => "it takes too many steps",
            Self::Finds => "too much is found in it",
        }
    }
}

/// What the analysis of one script found, each list in the order of the text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Analysis {
    /// Values that reach a sink.
    pub flows: Vec<Flow>,
    /// Everything that is read.
    pub sources: Vec<Source>,
    /// Everything that is written to or run.
    pub sinks: Vec<Sink>,
    /// Modules.
    pub imports: Vec<Import>,
    /// Files with a literal path that are read.
    pub reads: Vec<FileUse>,
    /// Files with a literal path that are written.
    pub writes: Vec<FileUse>,
    /// Variables of the environment and where they are read.
    pub env_reads: Vec<(String, Range<usize>)>,
    /// Programs that are started.
    pub commands: Vec<(String, Range<usize>)>,
    /// Sends whose failure nobody notices.
    pub silent_sends: Vec<SilentSend>,
    /// Mail addresses in the code.
    pub recipients: Vec<Recipient>,
    /// Other acts.
    pub acts: Vec<Act>,
    /// Secrets that are encoded.
    pub encoded: Vec<Encoded>,
    /// Functions that give something private to whoever calls them.
    pub gives: Vec<(String, Source)>,
    /// Functions that send what they are called with.
    pub takes: Vec<(String, Sink)>,
    /// What it was cut short by: then there may be more than is found.
    pub cut: Option<Cut>,
}

/// Analyses one script or one executable fence. Ranges are bytes of `text`. A language that is not
/// known closely yields nothing.
#[must_use]
pub fn analyse(language: Language, text: &str) -> Analysis {
    record::analyse(language, text)
}

#[cfg(test)]
mod tests;
