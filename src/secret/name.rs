//! What a name says: of a member, a header, a variable.

/// Whether the product's redaction takes this dotted path for a secret by its name: the last
/// segment counts, lengths and limits of tokens do not.
#[must_use]
pub fn is_secret_name(path: &str) -> bool {
    #[rustfmt::skip]
    const LIMITS: [&str; 10] = [
        "maxtokens", "maxoutputtokens", "maxinputtokens", "maxcompletiontokens", "contexttokens",
        "totaltokens", "tokencount", "tokenlimit", "tokenbudget", "passwordfile",
    ];
    // Asked of every value there is: nothing is copied, and the case is folded letter by letter.
    let last = path.rsplit('.').next().unwrap_or(path).as_bytes();
    let ends =
        |tail: &str| last.len() >= tail.len() && last[last.len() - tail.len()..].eq_ignore_ascii_case(tail.as_bytes());
    // `api.?key` of the product: at most one character in between.
    let key = |at: usize| last.get(at..at + 3).is_some_and(|text| text.eq_ignore_ascii_case(b"key"));
    let joined = |head: &str| {
        let after = |at: usize| {
            let next = last.get(at).map_or(1, |first| width(*first));
            key(at) || key(at + next)
        };
        places(last, head).any(|at| after(at + head.len()))
    };
    let named = ends("token")
        || contains(last, "password")
        || contains(last, "secret")
        || ["api", "encrypt", "private"].into_iter().any(joined)
        || ends("serviceaccount")
        || ends("serviceaccountref")
        || contains(path.as_bytes(), "localservice.env.");
    named && !LIMITS.iter().any(|limit| ends(limit))
}

/// Where `word` stands in `text`, without regard to case.
fn places<'a>(text: &'a [u8], word: &'a str) -> impl Iterator<Item = usize> + 'a {
    text.windows(word.len())
        .enumerate()
        .filter(|(_, part)| part.eq_ignore_ascii_case(word.as_bytes()))
        .map(|(at, _)| at)
}

fn contains(text: &[u8], word: &str) -> bool {
    places(text, word).next().is_some()
}

/// Bytes of the UTF-8 character that begins with `first`.
const fn width(first: u8) -> usize {
    match first {
        0xf0.. => 4,
        0xe0.. => 3,
        0xc0.. => 2,
        _ => 1,
    }
}

/// Whether a header of a model provider carries a credential (the product's own list: cookies and
/// `X-Session` are not on it).
#[must_use]
pub fn is_sensitive_header(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["authorization", "api-key", "token", "secret", "password", "credential"].iter().any(|part| name.contains(part))
}

/// Whether `openclaw secrets audit` takes this variable in a `.env` file for a secret (50 names,
/// release 2026.9.6, two of them regions), or the gateway reads its own credential from it.
#[must_use]
pub fn is_secret_env_name(name: &str) -> bool {
    ENV_NAMES.binary_search(&name).is_ok()
}

/// Whether the name of a variable ends like that of a secret.
#[must_use]
pub fn looks_like_secret_env_name(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    let ends = ["_API_KEY", "_TOKEN", "_SECRET", "_PASSWORD"];
    ends.iter().any(|end| name.len() > end.len() && name.ends_with(end)) && name != "MAX_TOKEN"
}

#[rustfmt::skip]
pub(super) const ENV_NAMES: [&str; 52] = [
    "ANTHROPIC_ADMIN_API_KEY", "ANTHROPIC_ADMIN_KEY", "ANTHROPIC_API_KEY", "ANTHROPIC_OAUTH_TOKEN",
    "AZURE_OPENAI_API_KEY", "AZURE_SPEECH_API_KEY", "AZURE_SPEECH_KEY", "AZURE_SPEECH_REGION",
    "CEREBRAS_API_KEY", "CLAWROUTER_API_KEY", "CODEX_API_KEY", "COPILOT_GITHUB_TOKEN",
    "DASHSCOPE_API_KEY", "DEEPGRAM_API_KEY", "ELEVENLABS_API_KEY", "FAL_API_KEY", "FAL_KEY",
    "GEMINI_API_KEY", "GH_TOKEN", "GITHUB_TOKEN", "GOOGLE_API_KEY", "GOOGLE_CLOUD_API_KEY",
    "HF_TOKEN", "HUGGINGFACE_HUB_TOKEN", "LITELLM_API_KEY", "LM_API_TOKEN", "MINIMAX_API_KEY",
    "MINIMAX_CODE_PLAN_KEY", "MINIMAX_CODING_API_KEY", "MINIMAX_OAUTH_TOKEN", "MODELSTUDIO_API_KEY",
    "NVIDIA_API_KEY", "OLLAMA_API_KEY", "OPENAI_ADMIN_KEY", "OPENAI_API_KEY",
    "OPENCLAW_GATEWAY_PASSWORD", "OPENCLAW_GATEWAY_TOKEN", "OPENCODE_API_KEY",
    "OPENCODE_ZEN_API_KEY", "OPENROUTER_API_KEY", "QWEN_API_KEY", "RUNWAYML_API_SECRET",
    "RUNWAY_API_KEY", "SENSEAUDIO_API_KEY", "SGLANG_API_KEY", "SPEECH_KEY", "SPEECH_REGION",
    "TOGETHER_API_KEY", "VLLM_API_KEY", "VOYAGE_API_KEY", "XAI_API_KEY", "XI_API_KEY",
];
