//! Known key formats, as a table of fixed texts and runs of characters.
//!
//! Source of the shapes: the vendors' own documentation as collected for table B of the secret
//! facts. What is added to a shape against false positives stands in `scan`.

/// Which bytes a run may hold.
#[derive(Clone, Copy)]
pub(super) enum Class {
    Digit,
    Hex,
    Base36,
    Upper,
    Alnum,
    Dash,
    Word,
    Base64,
}

impl Class {
    pub(super) const fn has(self, b: u8) -> bool {
        match self {
            Self::Digit => b.is_ascii_digit(),
            Self::Hex => matches!(b, b'0'..=b'9' | b'a'..=b'f'),
            Self::Base36 => matches!(b, b'0'..=b'9' | b'a'..=b'z'),
            Self::Upper => matches!(b, b'0'..=b'9' | b'A'..=b'Z'),
            Self::Alnum => b.is_ascii_alphanumeric(),
            Self::Dash => b.is_ascii_alphanumeric() || b == b'-',
            Self::Word => b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'),
            Self::Base64 => b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'+' | b'/' | b'='),
        }
    }
}

/// One piece of a format.
pub(super) enum Part {
    /// A fixed text.
    Text(&'static str),
    /// One of several fixed texts.
    Any(&'static [&'static str]),
    /// A greedy run of one class: least and greatest length.
    Run(Class, usize, usize),
}

/// A row of the table.
pub(super) struct Format {
    /// The name findings carry.
    pub(super) id: &'static str,
    /// The name people read, with its article.
    pub(super) label: &'static str,
    /// Strict rows have a body in which a slug or a file name would fit (`sk-ant-some-words`), so
    /// they need a digit and 3.5 bits per character.
    pub(super) strict: bool,
    pub(super) parts: &'static [Part],
}

use Class::{Alnum, Base36, Base64, Dash, Digit, Hex, Upper, Word};
use Part::{Any, Run, Text};

/// No token is longer. Runs of the word class cannot hold the start of another token, so the scan
/// stays linear; `LONG` bounds the one class that can.
const MANY: usize = 1 << 14;
const LONG: usize = 1 << 11;

const fn row(id: &'static str, label: &'static str, parts: &'static [Part]) -> Format {
    Format { id, label, strict: false, parts }
}

const fn strict(id: &'static str, label: &'static str, parts: &'static [Part]) -> Format {
    Format { id, label, strict: true, parts }
}

/// The first row that matches wins, so the more specific one stands first.
#[rustfmt::skip]
pub(super) const FORMATS: &[Format] = &[
    row("anthropic-oauth", "an Anthropic OAuth token", &[Any(&["sk-ant-oat", "sk-ant-ort", "sk-ant-sid"]), Run(Digit, 2, 2), Text("-"), Run(Word, 20, MANY)]),
    row("anthropic-admin", "an Anthropic admin key", &[Text("sk-ant-admin"), Run(Digit, 2, 2), Text("-"), Run(Word, 20, MANY)]),
    strict("anthropic-api", "an Anthropic key", &[Text("sk-ant-"), Run(Word, 20, MANY)]),
    strict("openai", "an OpenAI key", &[Any(&["sk-proj-", "sk-svcacct-", "sk-admin-"]), Run(Word, 20, MANY)]),
    row("openrouter", "an OpenRouter key", &[Text("sk-or-v1-"), Run(Hex, 64, 64)]),
    strict("moonshot", "a Moonshot key", &[Text("sk-kimi-"), Run(Alnum, 40, MANY)]),
    strict("minimax", "a MiniMax key", &[Any(&["sk-cp-", "sk-api-"]), Run(Word, 60, MANY)]),
    row("openai", "an OpenAI key", &[Text("sk-"), Run(Alnum, 20, 20), Text("T3BlbkFJ"), Run(Alnum, 20, 20)]),
    row("stripe", "a Stripe key", &[Any(&["sk_live_", "rk_live_", "sk_test_", "rk_test_"]), Run(Alnum, 20, MANY)]),
    row("elevenlabs", "an ElevenLabs key", &[Text("sk_"), Run(Hex, 48, 48)]),
    row("google-api", "a Google API key", &[Text("AIza"), Run(Word, 35, 35)]),
    row("google-oauth", "a Google access token", &[Text("ya29."), Run(Word, 20, MANY)]),
    row("google-refresh", "a Google refresh token", &[Text("1//0"), Run(Word, 20, MANY)]),
    row("google-client-secret", "a Google client secret", &[Text("GOCSPX-"), Run(Word, 28, 28)]),
    row("xai", "an xAI key", &[Text("xai-"), Run(Alnum, 70, MANY)]),
    row("groq", "a Groq key", &[Text("gsk_"), Run(Alnum, 50, MANY)]),
    row("perplexity", "a Perplexity key", &[Text("pplx-"), Run(Alnum, 40, MANY)]),
    strict("fireworks", "a Fireworks key", &[Text("fw_"), Run(Alnum, 20, MANY)]),
    strict("cerebras", "a Cerebras key", &[Text("csk-"), Run(Base36, 40, MANY)]),
    row("nvidia", "an NVIDIA key", &[Text("nvapi-"), Run(Word, 60, MANY)]),
    row("zai", "a Z.ai key", &[Run(Hex, 32, 32), Text("."), Run(Alnum, 16, 16)]),
    row("jina", "a Jina key", &[Text("jina_"), Run(Word, 60, MANY)]),
    row("huggingface", "a Hugging Face token", &[Any(&["hf_", "api_org_"]), Run(Alnum, 34, 40)]),
    row("replicate", "a Replicate token", &[Text("r8_"), Run(Alnum, 37, 37)]),
    strict("tavily", "a Tavily key", &[Text("tvly-"), Run(Dash, 20, MANY)]),
    row("firecrawl", "a Firecrawl key", &[Text("fc-"), Run(Hex, 32, 32)]),
    row("langsmith", "a LangSmith key", &[Any(&["lsv2_pt_", "lsv2_sk_"]), Run(Hex, 32, 32), Text("_"), Run(Hex, 10, 10)]),
    row("github", "a GitHub token", &[Any(&["ghp_", "gho_", "ghu_", "ghs_", "ghr_"]), Run(Alnum, 36, MANY)]),
    row("github", "a GitHub token", &[Text("github_pat_"), Run(Alnum, 22, 22), Text("_"), Run(Alnum, 59, 59)]),
    strict("gitlab", "a GitLab token", &[Text("glpat-"), Run(Word, 20, MANY)]),
    row("npm", "an npm token", &[Text("npm_"), Run(Alnum, 36, 36)]),
    row("pypi", "a PyPI token", &[Text("pypi-AgEIcHlwaS5vcmc"), Run(Word, 50, MANY)]),
    strict("docker", "a Docker token", &[Any(&["dckr_pat_", "dckr_oat_"]), Run(Word, 20, MANY)]),
    row("slack", "a Slack token", &[Any(&["xoxb-", "xoxp-", "xoxa-", "xoxr-", "xoxs-", "xoxe-", "xoxc-"]), Run(Digit, 1, 13), Text("-"), Run(Dash, 10, MANY)]),
    row("slack-app", "a Slack app token", &[Text("xapp-"), Run(Digit, 1, 1), Text("-"), Run(Upper, 6, 20), Text("-"), Run(Digit, 6, 20), Text("-"), Run(Hex, 64, 64)]),
    row("slack-webhook", "a Slack webhook", &[Text("hooks.slack.com/services/T"), Run(Upper, 6, 12), Text("/B"), Run(Upper, 6, 12), Text("/"), Run(Alnum, 24, 24)]),
    row("discord-webhook", "a Discord webhook", &[Any(&["discord.com/api/webhooks/", "discordapp.com/api/webhooks/"]), Run(Digit, 17, 20), Text("/"), Run(Word, 60, MANY)]),
    row("discord-bot", "a Discord bot token", &[Any(&["M", "N", "O"]), Run(Word, 23, 27), Text("."), Run(Word, 6, 6), Text("."), Run(Word, 27, 38)]),
    row("telegram", "a Telegram bot token", &[Run(Digit, 8, 10), Text(":"), Run(Word, 35, 35)]),
    row("meta", "a Meta access token", &[Text("EAA"), Run(Alnum, 60, MANY)]),
    row("aws-key-id", "an AWS access key id", &[Any(&["AKIA", "ASIA"]), Run(Upper, 16, 16)]),
    row("tencent", "a Tencent secret id", &[Text("AKID"), Run(Alnum, 32, 32)]),
    strict("alibaba", "an Alibaba access key", &[Text("LTAI"), Run(Alnum, 16, 24)]),
    row("alibaba", "an Alibaba access key", &[Text("LTAI"), Run(Alnum, 12, 15)]),
    row("sendgrid", "a SendGrid key", &[Text("SG."), Run(Word, 22, 22), Text("."), Run(Word, 43, 43)]),
    row("twilio", "a Twilio key", &[Text("SK"), Run(Hex, 32, 32)]),
    strict("notion", "a Notion token", &[Any(&["secret_", "ntn_"]), Run(Alnum, 40, MANY)]),
    row("linear", "a Linear key", &[Text("lin_api_"), Run(Alnum, 40, 40)]),
    strict("apify", "an Apify token", &[Text("apify_api_"), Run(Alnum, 30, MANY)]),
    strict("cloudflare", "a Cloudflare token", &[Text("CFPAT-"), Run(Word, 30, MANY)]),
    row("digitalocean", "a DigitalOcean token", &[Any(&["dop_v1_", "doo_v1_", "dor_v1_"]), Run(Hex, 64, 64)]),
    row("supabase", "a Supabase token", &[Text("sbp_"), Run(Hex, 40, 40)]),
    row("databricks", "a Databricks token", &[Text("dapi"), Run(Hex, 32, 32)]),
    row("atlassian", "an Atlassian token", &[Text("ATATT3"), Run(Word, 100, MANY)]),
    strict("resend", "a Resend key", &[Text("re_"), Run(Alnum, 8, 8), Text("_"), Run(Alnum, 20, 28)]),
    row("matrix", "a Matrix access token", &[Text("syt_"), Run(Dash, 4, MANY), Text("_"), Run(Alnum, 20, 20), Text("_"), Run(Alnum, 6, 6)]),
    row("tailscale", "a Tailscale key", &[Any(&["tskey-auth-", "tskey-api-", "tskey-client-"]), Run(Alnum, 10, 40), Text("-"), Run(Alnum, 16, MANY)]),
    row("1password", "a 1Password service token", &[Text("ops_eyJ"), Run(Base64, 50, LONG)]),
    row("nostr", "a Nostr private key", &[Text("nsec1"), Run(Base36, 58, 58)]),
    row("age", "an age private key", &[Text("AGE-SECRET-KEY-1"), Run(Upper, 58, 58)]),
    row("jwt", "a JSON web token", &[Text("eyJ"), Run(Word, 10, MANY), Text(".eyJ"), Run(Word, 10, MANY), Text("."), Run(Word, 10, MANY)]),
];

/// Names of formats that are not rows of the table.
const OTHERS: &[(&str, &str)] = &[
    ("pem", "a private key in PEM form"),
    ("google-service-account", "a Google service account with its private key"),
    ("url-password", "a URL with a password"),
    ("url-token", "a URL with a token"),
];

/// Bytes of a token that the table of starts knows.
pub(super) const KNOWN: usize = 4;

/// Bit `i` of entry `b` at `k`: row `i` can have byte `b` as its byte `k`.
pub(super) static STARTS: [[u128; 256]; KNOWN] = starts();

const fn starts() -> [[u128; 256]; KNOWN] {
    let mut table = [[0_u128; 256]; KNOWN];
    let mut i = 0;
    while i < FORMATS.len() {
        spell(&mut table, 1 << i, FORMATS[i].parts, 0, 0);
        i += 1;
    }
    table
}

/// Enters what a row may have from byte `at` on, where its part `part` begins.
const fn spell(table: &mut [[u128; 256]; KNOWN], row: u128, parts: &[Part], part: usize, at: usize) {
    if at >= KNOWN || part >= parts.len() {
        return;
    }
    match parts[part] {
        Text(text) => {
            let end = word(table, row, text, at);
            spell(table, row, parts, part + 1, end);
        }
        Any(texts) => {
            let mut k = 0;
            while k < texts.len() {
                let end = word(table, row, texts[k], at);
                spell(table, row, parts, part + 1, end);
                k += 1;
            }
        }
        Run(class, least, _) => {
            let mut k = at;
            while k < KNOWN {
                // Behind its least length a run may go on, or something else may follow.
                let open = k - at >= least;
                let mut b = 0_u8;
                loop {
                    if open || class.has(b) {
                        table[k][b as usize] |= row;
                    }
                    if b == u8::MAX {
                        break;
                    }
                    b += 1;
                }
                k += 1;
            }
        }
    }
}

/// Enters a fixed text; where it ends.
const fn word(table: &mut [[u128; 256]; KNOWN], row: u128, text: &str, at: usize) -> usize {
    let mut k = 0;
    while k < text.len() && at + k < KNOWN {
        table[at + k][text.as_bytes()[k] as usize] |= row;
        k += 1;
    }
    at + text.len()
}

/// The readable name of a format, with its article.
pub(super) fn label(id: &str) -> &'static str {
    let rows = FORMATS.iter().map(|format| (format.id, format.label));
    rows.chain(OTHERS.iter().copied()).find(|(name, _)| *name == id).map_or("a secret", |(_, label)| label)
}
