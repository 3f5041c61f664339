//! What an npm specification promises about the version that is installed.

/// Does it name one version of a package: `name@1.2.3`, `@scope/name@v1.2.3-rc.1+build`?
#[must_use]
pub fn is_pinned(spec: &str) -> bool {
    match spec.trim().rsplit_once('@') {
        Some((name, version)) => !name.is_empty() && is_exact_version(version.trim()),
        None => false,
    }
}

/// Is it a full version rather than a range or a tag?
#[must_use]
pub fn is_exact_version(version: &str) -> bool {
    let version = version.strip_prefix('v').unwrap_or(version);
    let (version, build) = split(version, '+');
    let (core, pre) = split(version, '-');
    let number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let word = |part: &str| {
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'))
    };
    core.split('.').count() == 3 && core.split('.').all(number) && pre.is_none_or(word) && build.is_none_or(word)
}

fn split(text: &str, at: char) -> (&str, Option<&str>) {
    text.split_once(at).map_or((text, None), |(head, tail)| (head, Some(tail)))
}

#[cfg(test)]
mod tests {
    use super::is_pinned;

    #[test]
    fn only_one_exact_version_is_pinned() {
        for spec in ["p@1.2.3", "@s/p@v1.0.0-beta.1", "p@1.2.3+b-1", " p@1.2.3 "] {
            assert!(is_pinned(spec), "{spec}");
        }
        for spec in ["p", "@s/p", "p@latest", "p@^1.2.3", "p@1.2", "p@", "@1.2.3", "p@1.2.3-", "p@1.2.x"] {
            assert!(!is_pinned(spec), "{spec}");
        }
    }
}
