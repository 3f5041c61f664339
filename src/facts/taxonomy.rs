//! Published lists that findings refer to: CWE, MITRE ATLAS, two lists of OWASP.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::lines;

const TABLES: [&str; 4] = [
    include_str!("../../schemas/taxonomies/cwe.txt"),
    include_str!("../../schemas/taxonomies/atlas.txt"),
    include_str!("../../schemas/taxonomies/owasp-llm.txt"),
    include_str!("../../schemas/taxonomies/owasp-ast.txt"),
];

static TITLES: LazyLock<HashMap<&str, &str>> =
    LazyLock::new(|| TABLES.into_iter().flat_map(lines).filter_map(|line| line.split_once('\t')).collect());

/// The published title of `CWE-506`, `AML.T0051`, `LLM01` or `AST01`; none for an id that was not checked
/// against its list.
#[must_use]
pub fn title(id: &str) -> Option<&'static str> {
    TITLES.get(id).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_have_titles() {
        assert_eq!(title("CWE-506"), Some("Embedded Malicious Code"));
        assert_eq!(title("AML.T0051"), Some("LLM Prompt Injection"));
        assert_eq!(title("LLM01"), Some("Prompt Injection"));
        assert_eq!(title("AST01"), Some("Malicious Skills"));
        assert_eq!(title("CWE-0"), None);
    }

    #[test]
    fn ids_are_spelt_as_published() {
        for line in TABLES.into_iter().flat_map(lines) {
            let id = line.split('\t').next().unwrap_or_default();
            let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
            let spelt = ["CWE-", "AML.T", "LLM", "AST"].iter().any(|list| id.strip_prefix(list).is_some_and(digits));
            assert!(spelt && !title(id).unwrap().is_empty(), "{id}");
        }
    }
}
