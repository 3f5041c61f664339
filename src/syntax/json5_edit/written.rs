//! Keys and values as they are written.

/// A key as it is written.
pub(super) fn key(name: &str, quoted: bool) -> String {
    let mut chars = name.chars();
    let plain = chars.next().is_some_and(|c| c.is_ascii_alphabetic() || matches!(c, '_' | '$'))
        && chars.all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '$'));
    if plain && !quoted { name.to_owned() } else { serde_json::Value::from(name).to_string() }
}

/// A value on one line.
pub(super) fn written(value: &serde_json::Value, quoted: bool) -> String {
    match value {
        serde_json::Value::Array(items) => {
            let items: Vec<_> = items.iter().map(|item| written(item, quoted)).collect();
            format!("[{}]", items.join(", "))
        }
        serde_json::Value::Object(members) if members.is_empty() => "{}".to_owned(),
        serde_json::Value::Object(members) => {
            let members: Vec<_> = members
                .iter()
                .map(|(name, value)| format!("{}: {}", key(name, quoted), written(value, quoted)))
                .collect();
            format!("{{ {} }}", members.join(", "))
        }
        scalar => scalar.to_string(),
    }
}
