//! The rule table. A new group adds one word here; a new rule touches only its group's file.

use crate::finding::Severity;
use crate::rule::{Check, Profiles, Rule};

mod flow_files;
#[macro_use]
mod signed;

mod audit_lines;
mod flows;
mod prose;

/// Declares the groups and collects their tables.
macro_rules! groups {
    ($($group:ident),* $(,)?) => {
        $(pub mod $group;)*
        /// Every group's table, in the order of this list.
        pub const GROUPS: &[&[Rule]] = &[$($group::RULES),*];
    };
}

groups![
    gateway,
    gateway_auth,
    gateway_http,
    gateway_nodes,
    gateway_proxy,
    gateway_ui,
    discovery,
    config,
    config_writing,
    flags,
    doctor,
    upgrade,
    hooks,
    hook_installs,
    logging,
    browser,
    mcp,
    summary,
    tools,
    exec,
    safe_bins,
    exec_approvals,
    skill_mcp,
    sandbox,
    sandbox_binds,
    sandbox_closedclaw,
    models,
    exposure,
    security,
    channels,
    channel_groups,
    discord_slack,
    telegram,
    plugins,
    plugin_manifests,
    plugin_integrity,
    policy_lock,
    fs,
    fs_stores,
    approvals,
    cron,
    cron_prompts,
    secrets,
    secret_refs,
    secret_stores,
    state_files,
    encrypted_stores,
    private_keys,
    keyrings,
    audit_log,
    audit_anchors,
    audit_log_entries,
    gitignore,
    env_files,
    supply_chain,
    compose,
    compose_hardening,
    deployment,
    service_user,
    reverse_proxy,
    mcp_clients,
    claude_settings,
    code_safety,
    skill_capability,
    skill_content,
    skill_posture,
    skill_snapshot,
    skill_redflags,
    skill_settings,
    skill_policy,
    skill_signatures,
    skill_signature_forms,
    skill_coverage,
    skill_workspace,
    skill_exec,
    skill_flow,
    skill_exfil,
    skill_unicode,
    skill_encode,
    skill_decode_exec,
    skill_hidden,
    skill_divergence,
    skill_frontmatter,
    skill_install_spec,
    skill_install_command,
    skill_spec,
    skill_spec_body,
    skill_fetch_run,
    skill_download_run,
    skill_persist,
    skill_meta,
    skill_claims,
    skill_tools,
    skill_impact,
    skill_exhaust,
    skill_spy,
    skill_neighbours,
    skill_review,
    skill_installed,
    skill_record_form,
    skill_records,
    skill_sources,
    skill_files,
    skill_archives,
    skill_control,
    skill_install,
    skill_lures,
    skill_packages,
    skill_prompt,
    skill_prompt_system,
    skill_prompt_remote,
    skill_prose_flow,
    skill_prose_chat,
    skill_agent,
    skill_agent_setup,
    ignores,
    suppressions,
];

/// Every rule, group by group.
pub fn all() -> impl Iterator<Item = &'static Rule> {
    GROUPS.iter().copied().flatten()
}

/// The rule with this id, its `*` filled in or not.
#[must_use]
pub fn find(id: &str) -> Option<&'static Rule> {
    all().find(|rule| rule.id == id).or_else(|| all().find(|rule| rule.matches(id)))
}

/// Said when another rule panicked: never in the table, always exit code 5.
pub static INTERNAL_ERROR: Rule = Rule {
    id: "internal-error",
    summary: "A rule of clawsift failed",
    severity: Severity::Critical,
    hygiene: true,
    profiles: Profiles::ALL,
    why: "The finding of that rule, if there is one, is missing from this report; all other rules ran.",
    remedy: "Report it with the file that caused it.",
    check: Check::None,
    ..Rule::DEFAULT
};
