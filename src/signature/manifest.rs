//! `SKILL.manifest`: every file of a skill with its digest and mode, to be signed as a whole.
//!
//! ```text
//! clawsift-skill-manifest-v1
//! Key-ID: <64 hexadecimal digits>
//! Signer: Alice Williams
//! Created: 2026-02-10T12:34:56.789Z
//! Expires: 2027-02-10T00:00:00Z
//! Skill: weather
//! Version: 1.2.0
//!
//! <sha256>  100644  SKILL.md
//! <sha256>  100755  scripts/run.sh
//! ```
//!
//! `Expires`, `Skill` and `Version` may be absent. There is one way to write a list of files, and no other is read.

use std::fmt::Write as _;
use std::ops::Range;

use super::envelope::{Malformed, is_blank};

/// The first line: no other text that is signed with such keys begins with it.
pub const TAG: &str = "clawsift-skill-manifest-v1";
/// The name of the manifest in a skill.
pub const NAME: &str = "SKILL.manifest";
/// Most files that a manifest may list.
pub const MAX_FILES: usize = 20_000;

/// A manifest. The ranges of what was read are bytes of its text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Manifest {
    /// The key that signs it.
    pub key_id: String,
    /// Who signs.
    pub signer: String,
    /// When, in RFC 3339.
    pub created: String,
    /// Until when, in RFC 3339.
    pub expires: Option<String>,
    /// What the skill calls itself.
    pub skill: Option<String>,
    /// Its version.
    pub version: Option<String>,
    /// The files, sorted by the bytes of their paths.
    pub files: Vec<Listed>,
    /// Bytes of the values of `Key-ID` and, when it is there, `Expires`.
    pub key_id_at: Range<usize>,
    /// See above.
    pub expires_at: Range<usize>,
}

/// A file in a manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Path below the skill, with `/`.
    pub path: String,
    /// SHA-256 of its bytes, 64 lower-case hexadecimal digits.
    pub sha256: String,
    /// Is its mode 100755 rather than 100644?
    pub executable: bool,
    /// First byte of its line; digest, mode and path stand at known distances.
    pub start: usize,
}

impl Listed {
    /// Bytes of the digest.
    #[must_use]
    pub const fn sha256_at(&self) -> Range<usize> {
        self.start..self.start + 64
    }

    /// Bytes of the mode.
    #[must_use]
    pub const fn mode_at(&self) -> Range<usize> {
        self.start + 66..self.start + 72
    }

    /// Bytes of the path.
    #[must_use]
    pub const fn path_at(&self) -> Range<usize> {
        self.start + 74..self.start + 74 + self.path.len()
    }
}

/// The files that no manifest lists: itself and the signatures.
#[must_use]
pub fn is_exempt(path: &str, skill_file: &str) -> bool {
    path == NAME || path.strip_suffix(".sig").is_some_and(|rest| rest == NAME || rest == skill_file)
}

/// Can a path be listed?
///
/// # Errors
/// Why not, in words that follow the path.
pub fn check_path(path: &str) -> Result<(), &'static str> {
    // Letters with marks have two spellings, of which some file systems keep only one.
    let decomposed = |c: char| matches!(c, '\u{300}'..='\u{36f}' | '\u{3099}' | '\u{309a}' | '\u{1100}'..='\u{11ff}' | '\u{1ab0}'..='\u{1aff}');
    if path.is_empty() || path.split('/').any(|part| matches!(part, "" | "." | "..")) || path.contains('\\') {
        return Err("is no plain path below the skill");
    }
    if path.chars().any(char::is_control) || path.chars().any(|c| matches!(c, '\u{2028}' | '\u{2029}' | '\u{fffd}')) {
        return Err("holds a character that no list can hold");
    }
    if path.chars().any(decomposed) || path != path.trim_matches(is_blank) {
        return Err("is not spelled in composed characters, or begins or ends with a blank");
    }
    Ok(())
}

impl Manifest {
    /// The text to sign.
    ///
    /// # Errors
    /// In words: a value or a path cannot be written.
    pub fn write(&self) -> Result<String, String> {
        let mut text = format!("{TAG}\n");
        let required = [("Key-ID", &self.key_id), ("Signer", &self.signer), ("Created", &self.created)];
        let optional = [("Expires", &self.expires), ("Skill", &self.skill), ("Version", &self.version)];
        let optional = optional.into_iter().filter_map(|(name, value)| Some((name, value.as_ref()?)));
        for (name, value) in required.into_iter().chain(optional) {
            if value.is_empty() || value.trim_matches(is_blank) != value || value.chars().any(char::is_control) {
                return Err(format!("{name} must be one line of text without blanks around it"));
            }
            let _ = writeln!(text, "{name}: {value}");
        }
        text.push('\n');
        for file in &self.files {
            check_path(&file.path).map_err(|reason| format!("{} {reason}", file.path))?;
            let mode = if file.executable { "100755" } else { "100644" };
            let _ = writeln!(text, "{}  {mode}  {}", file.sha256, file.path);
        }
        // What is written must be what is read.
        Self::parse(&text).map_err(|malformed| malformed.message)?;
        Ok(text)
    }

    /// Reads a manifest.
    ///
    /// # Errors
    /// At the first line that is not as it is written.
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        let mut start = 0;
        let mut lines = text.split_inclusive('\n').map(|line| {
            let from = start;
            start += line.len();
            (from, line.strip_suffix('\n'))
        });
        let stop = |at: Range<usize>, message: &str| Malformed { at, message: message.to_owned() };
        if lines.next() != Some((0, Some(TAG))) {
            return Err(stop(0..0, "the first line of the manifest is not its tag"));
        }
        let mut manifest = Self::default();
        let mut last = 0;
        for (at, line) in lines.by_ref() {
            let line = line.ok_or_else(|| stop(at..text.len(), "the manifest ends within a line"))?;
            if line.is_empty() {
                break;
            }
            let here = at..at + line.len();
            let (name, value) =
                line.split_once(": ").ok_or_else(|| stop(here.clone(), "not a header of a manifest"))?;
            let order = ["Key-ID", "Signer", "Created", "Expires", "Skill", "Version"];
            let place = order.iter().position(|known| *known == name).map(|place| place + 1);
            let place =
                place.filter(|place| *place > last && !value.is_empty() && value.trim_matches(is_blank) == value);
            last = place.ok_or_else(|| stop(here.clone(), "the header is unknown, empty or out of its order"))?;
            let value_at = here.end - value.len()..here.end;
            let value = value.to_owned();
            match name {
                "Key-ID" => (manifest.key_id, manifest.key_id_at) = (value, value_at),
                "Signer" => manifest.signer = value,
                "Created" => manifest.created = value,
                "Expires" => (manifest.expires, manifest.expires_at) = (Some(value), value_at),
                "Skill" => manifest.skill = Some(value),
                _ => manifest.version = Some(value),
            }
        }
        if manifest.key_id.is_empty() || manifest.signer.is_empty() || manifest.created.is_empty() {
            return Err(stop(0..TAG.len(), "Key-ID, Signer or Created is missing from the manifest"));
        }
        for (at, line) in lines {
            let line = line.ok_or_else(|| stop(at..text.len(), "the manifest ends within a line"))?;
            let here = at..at + line.len();
            let file = listed(line, at).map_err(|message| stop(here.clone(), message))?;
            if manifest.files.last().is_some_and(|before| before.path >= file.path) {
                return Err(stop(here, "the files of the manifest are not sorted by path, each once"));
            }
            if manifest.files.len() == MAX_FILES {
                return Err(stop(here, "the manifest lists too many files"));
            }
            manifest.files.push(file);
        }
        Ok(manifest)
    }

    /// The file at this path.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<&Listed> {
        let at = self.files.binary_search_by(|file| file.path.as_str().cmp(path)).ok()?;
        self.files.get(at)
    }
}

fn listed(line: &str, start: usize) -> Result<Listed, &'static str> {
    const FORM: &str = "not a line of digest, mode and path";
    let (sha256, rest) = line.split_once("  ").ok_or(FORM)?;
    let (mode, path) = rest.split_once("  ").ok_or(FORM)?;
    let hex = sha256.len() == 64 && sha256.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let executable = match mode {
        "100755" => true,
        "100644" => false,
        _ => return Err(FORM),
    };
    if !hex {
        return Err(FORM);
    }
    check_path(path).map_err(|_| "the path of a file in the manifest is no plain path below the skill")?;
    Ok(Listed { path: path.to_owned(), sha256: sha256.to_owned(), executable, start })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest(paths: &[&str]) -> Manifest {
        let file =
            |path: &&str| Listed { path: (*path).to_owned(), sha256: "0".repeat(64), executable: false, start: 0 };
        Manifest {
            key_id: "ab".to_owned(),
            signer: "Alice".to_owned(),
            created: "2026-02-10T12:34:56.789Z".to_owned(),
            files: paths.iter().map(file).collect(),
            ..Manifest::default()
        }
    }

    #[test]
    fn what_is_written_is_read_back_with_its_places() {
        let text = manifest(&["SKILL.md", "scripts/run me.sh"]).write().unwrap();
        let read = Manifest::parse(&text).unwrap();
        let file = read.get("scripts/run me.sh").unwrap();
        assert_eq!(&text[file.path_at()], "scripts/run me.sh");
        assert_eq!(&text[file.mode_at()], "100644");
        assert_eq!(&text[file.sha256_at()], "0".repeat(64));
        assert_eq!(&text[read.key_id_at.clone()], "ab");
        assert_eq!(read.write().unwrap(), text);
    }

    #[test]
    fn no_other_form_is_read() {
        let text = manifest(&["SKILL.md", "a"]).write().unwrap();
        for (from, to) in [
            ("v1", "v2"),
            ("\n", "\r\n"),
            ("Key-ID: ab\n", ""),
            ("Signer: Alice\n", "Signer: Alice\nSigner: Eve\n"),
            ("Signer: Alice\n", "Colour: red\nSigner: Alice\n"),
            ("100644  a", "100600  a"),
            ("100644  a", "100644  ../a"),
            ("100644  a", "100644  /a"),
            ("100644  a", "100644  SKILL.md"),
            ("100644  a\n", "100644  a"),
            ("  100644", " 100644"),
            ("000000", "00000G"),
        ] {
            let other = text.replace(from, to);
            assert!(Manifest::parse(&other).is_err(), "{other}");
        }
        assert!(manifest(&["b", "a"]).write().is_err());
        for path in ["", "a//b", "./a", "a\\b", "a\nb", "e\u{301}", " a"] {
            assert!(manifest(&[path]).write().is_err(), "{path:?}");
        }
    }

    #[test]
    fn only_the_signatures_and_the_manifest_itself_are_left_out() {
        assert!(
            ["SKILL.manifest", "SKILL.manifest.sig", "SKILL.md.sig"].iter().all(|path| is_exempt(path, "SKILL.md"))
        );
        assert!(!["SKILL.md", "run.sig", "scripts/SKILL.md.sig"].iter().any(|path| is_exempt(path, "SKILL.md")));
    }
}
