//! Tables: what the names of files, variables and addresses say.

use super::SourceKind;
use super::value::{ENTRY, HOLE};
use crate::secret::{is_secret_env_name, looks_like_secret_env_name};

/// Parts of paths and what the file is. Lower case, `/` between the parts; the first that fits counts.
#[rustfmt::skip]
const FILES: &[(SourceKind, &[&str])] = &[
    (SourceKind::CredentialFile, &[
        "/.ssh/id_", "/.ssh/identity", "/.ssh/*", "/.aws/credentials", "/.aws/*", "/.aws/sso/cache",
        "/application_default_credentials.json", "/gcloud/credentials", "/gcloud/access_tokens",
        "/gcloud/legacy_credentials", "/.azure/accesstokens", "/.azure/msal_token_cache", "/.kube/config",
        "/.docker/config.json", "/.netrc", "/_netrc", "/.git-credentials", "/.npmrc", "/.pypirc", "/.pgpass",
        "/.my.cnf", "/gh/hosts.yml", "/.gnupg/private-keys", "/.gnupg/secring", "/.gnupg/*", "/.vault-token",
        "/credentials.tfrc.json", "/.cargo/credentials", "/.gem/credentials", "/etc/shadow", "/.password-store",
        "/rclone/rclone.conf", "/.s3cfg", "/.boto", "/library/keychains", "login.keychain", ".kdbx",
        "/.config/op/", "/.huggingface/token", "/huggingface/token", "/.config/hub", "/.terraformrc",
        "/run/secrets/", "/serviceaccount/token", "/.m2/settings.xml", "/.jupyter/jupyter_server_config",
    ]),
    (SourceKind::WholeEnvironment, &["/proc/self/environ", "/proc/1/environ"]),
    (SourceKind::WalletFile, &[
        "wallet.dat", "/.bitcoin/", "/.ethereum/keystore", "/.electrum/wallets", "/exodus.wallet", "/exodus/",
        "/solana/id.json", "nkbihfbeogaeaoehlefnkodbefgpgknn", "bfnaelmomeimhlpmgjnjophhpkkoljpa", "/keystore/utc--",
        "/atomic/local storage", "/ledger live/", "/.config/solana/*", "/metamask",
    ]),
    (SourceKind::BrowserStore, &[
        "/login data", "cookies.sqlite", "/logins.json", "/key4.db", "/chrome/local state",
        "/.mozilla/firefox", "/firefox/profiles", "/safari/history.db", "/cookies.binarycookies",
        "/chrome/default/", "/chrome/user data/default/", "/default/cookies", "/default/web data",
        "/default/history", "/network/cookies", "/local extension settings/",
    ]),
    (SourceKind::ShellHistory, &[
        "/.bash_history", "/.zsh_history", "/.python_history", "/fish_history", "/.node_repl_history",
        "/consolehost_history.txt", "/.psql_history", "/.mysql_history",
    ]),
    (SourceKind::AgentStore, &[
        "/openclaw.json", "/clawdbot.json", "/moltbot.json", "/closedclaw.json", "/.openclaw/credentials",
        "/.clawdbot/credentials", "/.moltbot/credentials", "/.closedclaw/credentials", "/.openclaw/agents/",
        "/.clawdbot/agents/", "/.moltbot/agents/", "/.closedclaw/agents/", "/.openclaw/.env", "/.clawdbot/.env",
        "/.moltbot/.env", "/.closedclaw/.env", "/.openclaw/identity", "/.clawdbot/identity", "/auth-profiles.json",
        "/.claude/.credentials", "/.claude.json", "/.claude/projects", "/.claude/history", "/.claude/sessions",
        "/.codex/auth.json", "/.codex/sessions", "/.codex/history", "/.gemini/oauth_creds.json",
        "claude_desktop_config.json", "/.cursor/mcp.json", "/github-copilot/hosts.json", "/github-copilot/apps.json",
        "/.openclaw/*", "/.clawdbot/*", "/.moltbot/*", "/.closedclaw/*", "/.claude/*", "/.codex/*",
    ]),
    (SourceKind::AgentMemory, &["/soul.md", "/memory.md", "/user.md", "/identity.md", "/memory/*"]),
];

/// Folders that are taken whole: a path that ends here means everything below.
#[rustfmt::skip]
const FOLDERS: &[&str] = &[
    "/.ssh", "/.aws", "/.gnupg", "/.config/gcloud", "/.azure", "/.kube", "/.docker", "/.openclaw", "/.clawdbot",
    "/.moltbot", "/.closedclaw", "/.claude", "/.codex", "/.config/solana", "/.openclaw/agents", "/.openclaw/credentials",
];

/// Folders of the user's own files.
const USER_FOLDERS: [&str; 6] = ["documents", "desktop", "downloads", "pictures", "movies", "music"];

/// What a path says about the file, if it says anything. `~` is the home folder.
#[must_use]
pub fn classify_path(path: &str) -> Option<SourceKind> {
    if path.len() > 1000 {
        return None;
    }
    let mut text = path.trim().replace('\\', "/").to_ascii_lowercase();
    for home in ["$env:userprofile", "%userprofile%", "${home}", "$home", "$env:home"] {
        text = text.replace(home, "~");
    }
    text = text.replace([HOLE, ENTRY], "*").replace("/**", "/*");
    // A public key, an example, a template hide nothing.
    let decoys = [".pub", ".example", ".sample", ".template", ".dist", "known_hosts", ".ssh/config", "authorized_keys"];
    if decoys.iter().any(|end| text.ends_with(end)) || text.contains("://") {
        return None;
    }
    let rooted = ["/", text.trim_start_matches("./")].concat();
    let whole = rooted.trim_end_matches(['/', '*']);
    let folder = FOLDERS.iter().any(|folder| whole.ends_with(folder));
    let searched = if folder { [whole, "/*"].concat() } else { rooted.clone() };
    for (kind, parts) in FILES {
        let fits = |part: &&&str| {
            // A star in the table is the whole folder, no single entry of it.
            part.strip_suffix('*').map_or_else(|| searched.contains(**part), |_| folder && searched.ends_with(**part))
        };
        if parts.iter().find(fits).is_some() {
            return Some(*kind);
        }
    }
    let name = rooted.rsplit('/').next().unwrap_or_default();
    if name == ".env" || name.strip_prefix(".env.").is_some_and(|rest| rest != "test") {
        return Some(SourceKind::EnvFile);
    }
    user_files(&rooted)
}

/// The user's folders, or a walk of everything below the home folder.
fn user_files(rooted: &str) -> Option<SourceKind> {
    let below = match rooted.split_once("/~/") {
        Some((_, below)) => below,
        None if rooted.starts_with("//home/") || rooted.starts_with("//users/") => rooted.splitn(5, '/').nth(4)?,
        None => return (rooted == "/~").then_some(SourceKind::UserFiles),
    };
    let first = below.split('/').next().unwrap_or_default();
    (USER_FOLDERS.contains(&first) || below == "*").then_some(SourceKind::UserFiles)
}

/// Whether the name of a variable says that it holds a secret.
#[must_use]
pub fn is_secret_variable(name: &str) -> bool {
    #[rustfmt::skip]
    const ENDS: [&str; 16] = [
        "APIKEY", "API_KEY", "_KEY", "SECRET", "PASSWORD", "PASSWD", "TOKEN", "_PAT", "_PASS", "_PWD", "CREDENTIALS",
        "CREDENTIAL", "MNEMONIC", "SEED_PHRASE", "_COOKIE", "_SECRETS",
    ];
    // What ends like a secret and is none.
    #[rustfmt::skip]
    const PUBLIC: [&str; 30] = [
        "PUBLIC", "PUBLISHABLE", "ANON", "REGION", "CLIENT_ID", "SUBSCRIPTION", "MAX_TOKEN", "_URL", "PAD_TOKEN", "EOS_TOKEN",
        "NEXT_TOKEN", "PAGE_TOKEN", "CONTINUATION_TOKEN", "APPLICATION_CREDENTIALS", "PRIMARY_KEY", "PARTITION_KEY", "SORT_KEY",
        "CACHE_KEY", "OBJECT_KEY", "ISSUE_KEY", "PROJECT_KEY", "CONFIG_KEY", "HOST_KEY", "ROUTING_KEY", "FOREIGN_KEY", "ROW_KEY",
        "GROUP_KEY", "STATE_KEY", "S3_KEY", "SESSION_KEY",
    ];
    /// Addresses with a password in them.
    const STORES: [&str; 7] =
        ["DATABASE_URL", "DB_URL", "MONGO_URI", "MONGODB_URI", "POSTGRES_URL", "REDIS_URL", "CONNECTION_STRING"];
    let upper = name.to_ascii_uppercase();
    if STORES.iter().any(|store| upper.ends_with(store)) {
        return true;
    }
    if upper.len() < 4 || PUBLIC.iter().any(|part| upper.contains(part)) {
        return false;
    }
    is_secret_env_name(&upper) || looks_like_secret_env_name(&upper) || ENDS.iter().any(|end| upper.ends_with(end))
}

/// The host of an address: `https://api.x.dev:443/a` gives `api.x.dev`. A host with a hole in it is
/// not known, except for the part after the hole when that is a domain of its own.
pub(super) fn host(url: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    let known = scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'+');
    known.then(|| host_of_authority(rest)).flatten()
}

/// The host at the start of `user@host:port/path`.
pub(super) fn host_of_authority(rest: &str) -> Option<String> {
    let end = rest.find(['/', '?', '#', '"', '\'', ' ', '\\']).unwrap_or(rest.len());
    let authority = rest.get(..end)?;
    let host = authority.rsplit('@').next().unwrap_or_default();
    let host = if host.starts_with('[') { host } else { host.split(':').next().unwrap_or_default() };
    // What stands after a hole and a dot is still known: `{region}.api.x.dev`.
    let known = match host.rfind([HOLE, ENTRY, '{', '}', '$', '<', '>']) {
        Some(at) => host.get(at + 1..).unwrap_or_default().strip_prefix('.').filter(|tail| tail.contains('.'))?,
        None => host,
    };
    let valid = known.starts_with(|c: char| c.is_alphanumeric() || c == '[')
        && known
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b':' | b'[' | b']') || b >= 0x80);
    (!known.is_empty() && valid).then(|| known.to_lowercase())
}

/// Does this text begin like the address of a request?
pub(super) fn is_url(text: &str) -> bool {
    text.starts_with("http://") || text.starts_with("https://")
}

/// The parameter of the query before the first hole: `…?key=\u{1}`.
pub(super) fn query_name(url: &str) -> Option<String> {
    let mut parts: Vec<&str> = url.split(HOLE).collect();
    parts.pop();
    let names = parts.iter().filter_map(|before| {
        let (_, last) = before.rsplit_once(['?', '&'])?;
        last.strip_suffix('=').filter(|name| !name.is_empty() && name.len() < 60)
    });
    likely_secret(names)
}

/// Of the names of several fields the one that says that it holds a secret; otherwise the first.
pub(super) fn likely_secret<'a>(names: impl Iterator<Item = &'a str>) -> Option<String> {
    let names: Vec<&str> = names.collect();
    let secret = |name: &&&str| {
        let name = name.to_ascii_lowercase();
        ["key", "token", "secret", "pass", "auth", "appid", "credential", "env", "cookie"]
            .iter()
            .any(|part| name.contains(part))
    };
    names.iter().find(secret).or(names.first()).map(|name| (*name).to_owned())
}

/// A name that works on a text and gives a text that still holds it: `quote`, `json.dumps`, `join`.
pub(super) fn transforms(name: &str) -> bool {
    #[rustfmt::skip]
    const STEMS: [&str; 36] = [
        "enc", "dec", "dump", "str", "join", "format", "quote", "pack", "wrap", "build", "make", "prepare", "compress", "bytes",
        "b64", "hex", "xor", "payload", "replace", "strip", "split", "lower", "upper", "trim", "concat", "slice", "escape",
        "serial", "buffer", "read", "list", "dict", "map", "filter", "from", "copy",
    ];
    let name = name.to_ascii_lowercase();
    STEMS.iter().any(|stem| name.contains(stem))
}

/// A name whose result says nothing of its argument any more.
pub(super) fn clears(name: &str) -> bool {
    #[rustfmt::skip]
    const NAMES: &[&str] = &[
        "len", "int", "float", "bool", "hash", "isinstance", "type", "exists", "is_file", "is_dir", "isfile", "isdir", "stat",
        "lstat", "getsize", "getmtime", "print", "startswith", "endswith", "isdigit", "count", "index", "find", "indexOf",
        "includes", "startsWith", "endsWith", "test", "existsSync", "statSync", "sha256", "sha1", "sha512", "md5", "blake2b",
        "createHash", "createHmac", "hmac", "hexdigest", "digest", "sign", "verify", "compare_digest", "parseInt", "parseFloat",
        "Number", "Boolean", "isArray", "sum", "log", "info", "error", "warn", "warning", "debug", "exit", "sleep", "range",
        "mkdir", "mkdirSync", "makedirs", "setTimeout", "checksum", "exception", "critical", "access", "accessSync", "any", "all",
        "iscoroutine", "callable", "hasattr", "id", "keys",
    ];
    NAMES.contains(&name)
}

/// A method that puts its arguments into the object.
pub(super) fn fills(name: &str) -> bool {
    #[rustfmt::skip]
    const NAMES: [&str; 21] = [
        "append", "extend", "add", "update", "push", "unshift", "set", "attach", "write", "insert", "setdefault", "appendChild",
        "set_content", "add_attachment", "appendleft", "set_payload", "writestr", "put", "setRequestHeader", "add_header", "set_param",
    ];
    NAMES.contains(&name)
}

/// The content of a file with this path: what it is, and the path as it is shown.
pub(super) fn file_kind(path: &str) -> (SourceKind, String) {
    let shown = path.replace([HOLE, ENTRY], "*");
    if let Some(kind) = classify_path(path) {
        return (kind, shown);
    }
    let known = shown.chars().any(char::is_alphanumeric);
    (if known { SourceKind::AnyFile } else { SourceKind::GivenFile }, if known { shown } else { String::new() })
}

/// A mail address in a text.
pub(super) fn mail_address(text: &str) -> Option<&str> {
    let at = text.find('@')?;
    let word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '+');
    let start = text[..at].trim_end_matches(word).len();
    let end = text[at + 1..].find(|c| !word(c)).map_or(text.len(), |found| at + 1 + found);
    let domain = text.get(at + 1..end)?.trim_end_matches('.');
    let last = domain.rsplit('.').next().unwrap_or_default();
    let good = start < at && domain.contains('.') && last.len() >= 2 && last.bytes().all(|b| b.is_ascii_alphabetic());
    good.then(|| text.get(start..at + 1 + domain.len())).flatten()
}

/// The field of a message or the name of a variable that holds a recipient.
pub(super) fn is_recipient_field(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let exact = ["to", "cc", "bcc", "recipient", "recipients", "to_email", "to_addr", "to_addrs", "toaddrs"];
    exact.contains(&name.as_str())
        || ["bcc", "recipient", "forward_to", "forwardto", "notify_email", "reviewer_email"]
            .iter()
            .any(|part| name.contains(part))
        || name.ends_with("_cc")
        || name.ends_with("_to") && name.contains("mail")
}
