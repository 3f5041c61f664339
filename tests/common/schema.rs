//! Whether what is printed is what a schema says.

#![allow(dead_code, reason = "each test binary uses its own part")]

use serde_json::Value;

/// The part of JSON Schema that our schemas use; a member that it does not describe is wrong too.
pub fn conforms(value: &Value, schema: &Value, root: &Value, at: &str, wrong: &mut Vec<String>) {
    if let Some(name) = schema["$ref"].as_str() {
        return conforms(value, root.pointer(name.trim_start_matches('#')).unwrap(), root, at, wrong);
    }
    let of_type = match schema["type"].as_str() {
        Some("object") => value.is_object(),
        Some("array") => value.is_array(),
        Some("string") => value.is_string(),
        Some("integer") => value.is_u64(),
        Some("boolean") => value.is_boolean(),
        _ => true,
    };
    let chosen = schema["enum"].as_array().is_none_or(|choices| choices.contains(value));
    let constant = schema.get("const").is_none_or(|constant| constant == value);
    let enough = schema["minimum"].as_u64().is_none_or(|least| value.as_u64().is_some_and(|number| number >= least));
    if !(of_type && chosen && constant && enough) {
        wrong.push(format!("{at}: {value}"));
    }
    if let (Some(members), Some(known)) = (value.as_object(), schema["properties"].as_object()) {
        for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            if !members.contains_key(name) {
                wrong.push(format!("{at}: no {name}"));
            }
        }
        for (name, member) in members {
            match known.get(name) {
                Some(schema) => conforms(member, schema, root, &format!("{at}.{name}"), wrong),
                None => wrong.push(format!("{at}.{name} is not described")),
            }
        }
    }
    for (index, item) in value.as_array().into_iter().flatten().enumerate() {
        conforms(item, &schema["items"], root, &format!("{at}[{index}]"), wrong);
    }
}
