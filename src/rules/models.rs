//! Models that are easy to talk into something.

use crate::config;
use crate::model::model_ref::{ModelRef, billions, legacy_family, weakness};
use crate::rule::prelude::*;

/// Models up to this many billions of parameters count as small.
const SMALL: f64 = 300.0;

/// The table.
pub const RULES: &[Rule] = &[
    Rule {
        id: "models.legacy",
        summary: "A model is outdated",
        severity: Severity::Warn,
        cwe: &[1104],
        why: "Models of old generations were not trained against instructions hidden in what they read, and use tools \
              less carefully.",
        remedy: "Replace the model by one of a current generation.",
        bad: &[
            config!(
                r#"{ agents: { defaults: { model: { primary: "anthropic/claude-opus-5", fallbacks: [«"anthropic/claude-2.1"»] } } } }"#
            ),
            config!(r#"{ agents: { list: [{ id: "a", model: «"openai/gpt-4-0613"» }] } }"#).on(V2026_2),
            config!(
                r#"{ agents: { defaults: { model: { primary: «"Fast"» }, models: { "openai/gpt-3.5-turbo": { alias: "fast" } } } } }"#
            ),
        ],
        good: &[
            config!(
                r#"{ agents: { defaults: { model: "openai/gpt-3.55", models: { "openai/gpt-3.5-turbo": {} } } } }"#
            ),
            config!(r#"{ agents: { defaults: { model: { primary: "${MODEL}", fallbacks: ["claude-20"] } } } }"#),
        ],
        check: Check::Config(legacy),
        ..Rule::DEFAULT
    },
    Rule {
        id: "models.weak_tier",
        summary: "A model is below the recommended tier",
        severity: Severity::Warn,
        regular: Some(Severity::Info),
        cwe: &[1039],
        why: "Small and older models follow instructions that a stranger hides in a page or a message more often than \
              the best ones do.",
        remedy: "Use a top model of a current generation for agents with tools or open inboxes.",
        bad: &[
            config!(
                r#"{ agents: { defaults: { model: { primary: «"anthropic/claude-haiku-4-5"», fallbacks: ["gpt-4o"] } } } }"#
            ),
            config!(
                r#"{ agents: { defaults: { imageModel: { primary: «"anthropic/claude-3-5-sonnet-20241022"» } } } }"#
            ),
            config!(r#"{ agents: { entries: { a: { model: «"openai/gpt-4.1"» } } } }"#),
        ],
        good: &[
            config!(
                r#"{ agents: { defaults: { model: { primary: "openai/gpt-6", fallbacks: ["openai/gpt-oss-120b", "openai/chatgpt-4o-latest", "anthropic/claude-sonnet-4-5-20250929"] } } } }"#
            ),
            config!(
                r#"{ agents: { defaults: { model: "anthropic/claude-opus-latest", models: { "openai/gpt-4o": {} } } } }"#
            ),
        ],
        check: Check::Config(weak),
        ..Rule::DEFAULT
    },
    Rule {
        id: "models.small_params",
        summary: "A small model may use the web or a browser",
        severity: Severity::Critical,
        cwe: &[1039],
        why: "A small model believes what it reads. With the web or a browser it reads what strangers write, and acts \
              on it with every other tool it has.",
        remedy: "Deny \"group:web\" and \"browser\" to the model (tools.byProvider), and run it in a sandbox.",
        bad: &[
            config!(r#"{ agents: { defaults: { model: { primary: «"ollama/llama3.2:3b"» } } } }"#),
            config!(
                r#"{ agents: { entries: { a: { model: «"mistralai/mixtral-8x7b"» } } }, tools: { deny: ["browser", "web_search"] } }"#
            ),
            config!(
                r#"{ agents: { defaults: { model: «"ollama/qwen3:8b"» } }, tools: { deny: ["group:web", "browser"] } }"#
            ),
        ],
        good: &[
            config!(r#"{ agents: { defaults: { model: "ollama/deepseek-r1:671b", imageModel: "ollama/llava:7b" } } }"#),
            config!(
                r#"{ agents: { defaults: { model: { primary: "ollama/phi-3.5-mini", fallbacks: ["${SMALL_8B}"] } } } }"#
            ),
        ],
        check: Check::Config(small),
        ..Rule::DEFAULT
    },
];

fn shown(model: &ModelRef<'_>) -> String {
    model.id.chars().take(80).collect()
}

fn legacy(config: &Config, report: &mut Report) {
    for model in config.models() {
        if let Some(family) = legacy_family(&model.id) {
            report.at(model.at.place(), format!("\"{}\" is {family}", shown(&model)));
        }
    }
}

fn weak(config: &Config, report: &mut Report) {
    let models = config.models();
    let hits = models.iter().filter_map(|model| {
        let reason = weakness(&model.id, config.upstream())?;
        Some((model.at.place(), format!("\"{}\" is {reason}", shown(model))))
    });
    report.gathered(Severity::Warn, ["such model", "such models"], hits);
}

fn small(config: &Config, report: &mut Report) {
    let size = |model: &ModelRef<'_>| billions(&model.id, config.upstream()).filter(|size| *size <= SMALL);
    let models = config.models().into_iter().filter(|model| !model.image);
    let judged: Vec<_> = models
        .filter_map(|model| {
            let size = size(&model)?;
            Some((size, exposed_tools(config, &model), is_safe_place(config, &model), model))
        })
        .collect();
    let strangers = !config.open_inbound().is_empty();
    // Upstream gives one verdict for all of them.
    let worst = config.upstream() && judged.iter().any(|(_, tools, safe, _)| !tools.is_empty() || !safe);
    let mut hits: [(Severity, Vec<_>); 3] =
        [(Severity::Critical, Vec::new()), (Severity::Warn, Vec::new()), (Severity::Info, Vec::new())];
    for (size, tools, safe, model) in judged {
        let exposed = worst || !tools.is_empty() || !safe && config.upstream();
        let can = if tools.is_empty() { "without web tools".to_owned() } else { format!("with {}", tools.join(", ")) };
        let message = format!("\"{}\" has {size} billion parameters and runs {can}", shown(&model));
        let severity = match exposed {
            true if config.upstream() || size <= TINY && strangers => Severity::Critical,
            true if size <= TINY => Severity::Warn,
            _ => Severity::Info,
        };
        let same = hits.iter_mut().filter(|(of, _)| *of == severity);
        same.for_each(|(_, hits)| hits.push((model.at.place(), message.clone(), without_web(&model, &tools))));
    }
    for (severity, hits) in hits {
        report.gathered_with(severity, ["such model", "such models"], hits);
    }
}

/// What to write so that a model does not read the web. Which tools there are is for the owner to say.
fn without_web(model: &ModelRef<'_>, tools: &[&str]) -> Option<Fix> {
    let (provider, name) = model.provider_and_model();
    let full = format!("{provider}/{name}");
    let key = serde_json::json!(crate::secret::quotable(&full, 80));
    let title = format!("Add {key}: {{ \"deny\": [\"group:web\", \"browser\"] }} to tools.byProvider");
    (!tools.is_empty()).then(|| Fix::new(Safety::Manual, title, []))
}

/// Billions of parameters up to which a model follows almost any instruction that it reads.
const TINY: f64 = 40.0;

/// Release 2026.2 and ClosedClaw also ask for a sandbox.
fn is_safe_place(config: &Config, model: &ModelRef<'_>) -> bool {
    use crate::model::agents::SandboxMode;
    config.since(V2026_5) || config.sandbox(model.agent.as_ref()).mode == SandboxMode::All
}

/// The tools by which the model would read what strangers write.
fn exposed_tools(config: &Config, model: &ModelRef<'_>) -> Vec<&'static str> {
    use crate::model::tool_policy::Context;
    let context = Context { agent: model.agent.clone(), sandbox: config.sandbox(model.agent.as_ref()) };
    let policy = config.tool_policy(&context, Some(model.provider_and_model()));
    let mut tools = Vec::new();
    if web_search_works(config) {
        tools.push("web_search");
    }
    if !config.at("tools.web.fetch.enabled").is_false() {
        tools.push("web_fetch");
    }
    if browser_works(config) {
        tools.push("browser");
    }
    policy.allowed(&tools)
}

/// Variables that hold a key for a web search service.
const SEARCH_KEYS: [&str; 10] = [
    "BRAVE_API_KEY",
    "PERPLEXITY_API_KEY",
    "OPENROUTER_API_KEY",
    "EXA_API_KEY",
    "FIRECRAWL_API_KEY",
    "GEMINI_API_KEY",
    "KIMI_API_KEY",
    "MOONSHOT_API_KEY",
    "TAVILY_API_KEY",
    "XAI_API_KEY",
];

fn web_search_works(config: &Config) -> bool {
    let search = config.at("tools.web.search");
    if let Some(enabled) = search.get("enabled").bool() {
        return enabled;
    }
    let keys = if config.since(V2026_5) { &SEARCH_KEYS[..] } else { &SEARCH_KEYS[..3] };
    // The first release knows two services.
    let counts = |name: &str| config.since(V2026_5) || !config.upstream() || name == "perplexity";
    let nested = search.entries().any(|(name, service)| counts(name) && service.get("apiKey").truthy());
    let plugins = config.at("plugins.entries");
    let plugin = plugins.entries().any(|(_, entry)| entry.at("config.webSearch.apiKey").truthy());
    search.get("apiKey").truthy() || nested || plugin || keys.iter().any(|key| config.env.get(key).is_some())
}

fn browser_works(config: &Config) -> bool {
    if config.at("browser.enabled").is_false() {
        return false;
    }
    if !config.since(V2026_5) {
        return true;
    }
    let plugins = config.at("plugins");
    let names = |key: &str| plugins.get(key).strings().any(|(id, _)| id.trim().eq_ignore_ascii_case("browser"));
    let outside = plugins.get("allow").items().next().is_some() && !names("allow");
    let off = plugins.get("enabled").is_false() || plugins.at("entries.browser.enabled").is_false();
    !off && !outside && !names("deny")
}
