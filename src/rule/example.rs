//! Inputs of a rule's examples.

use crate::model::dialect::Dialect;

/// An input of a rule's examples.
#[derive(Debug)]
pub struct Example {
    /// Files by repository-relative path. In a bad example the token that must be reported stands
    /// between `«` and `»` (removed before parsing); an empty `«»` marks a file's start. The path `/`
    /// is the directory itself; `$STATE` in a text is its absolute path, `$LONG` stands for 256 KiB of text,
    /// `$FF` for one byte that is no UTF-8.
    /// A number in braces in a path (`{20}`) makes so many files.
    pub files: &'static [(&'static str, &'static str)],
    /// The dialect it is checked for.
    pub dialect: Dialect,
    /// Environment variables, as with `--use-env`; none means that variables are unknown.
    pub env: Option<&'static [(&'static str, &'static str)]>,
    /// File modes of a live state directory (`--state-dir`), by path.
    pub modes: Option<&'static [(&'static str, u32)]>,
}

impl Example {
    const BASE: Self =
        Self { files: &[], dialect: Dialect::openclaw(crate::model::dialect::Release::NEWEST), env: None, modes: None };

    /// Several files.
    #[must_use]
    pub const fn files(files: &'static [(&'static str, &'static str)]) -> Self {
        Self { files, ..Self::BASE }
    }

    /// The same for another release.
    #[must_use]
    pub const fn on(self, release: crate::model::dialect::Release) -> Self {
        Self { dialect: Dialect::openclaw(release), ..self }
    }

    /// The same for ClosedClaw.
    #[must_use]
    pub const fn on_closedclaw(self) -> Self {
        Self { dialect: Dialect::CLOSEDCLAW, ..self }
    }

    /// The same in the dialect of the hardening handbook.
    #[must_use]
    pub const fn of_the_handbook(self) -> Self {
        let release = crate::model::dialect::Release::NEWEST;
        Self { dialect: Dialect { product: crate::model::dialect::Product::Handbook, release }, ..self }
    }

    /// The same with a known environment.
    #[must_use]
    pub const fn with_env(self, env: &'static [(&'static str, &'static str)]) -> Self {
        Self { env: Some(env), ..self }
    }

    /// The same as a live state directory with these modes.
    #[must_use]
    pub const fn with_modes(self, modes: &'static [(&'static str, u32)]) -> Self {
        Self { modes: Some(modes), ..self }
    }
}

/// An example that is one `openclaw.json`.
#[macro_export]
#[doc(hidden)]
macro_rules! config {
    ($text:literal) => {
        $crate::rule::Example::files(&[("openclaw.json", $text)])
    };
}

/// An example that is one skill: its `SKILL.md` after a harmless frontmatter, then other files.
#[macro_export]
#[doc(hidden)]
macro_rules! skill {
    ($text:literal $(, $path:literal => $other:expr)* $(,)?) => {
        $crate::rule::Example::files(&[
            (
                "skills/demo/SKILL.md",
                concat!("---\nname: demo\ndescription: Sorts tables of numbers when asked to\n---\n\n", $text),
            ),
            $((concat!("skills/demo/", $path), $other)),*
        ])
    };
}

/// An example that is one whole `SKILL.md`, frontmatter included, then other files.
#[macro_export]
#[doc(hidden)]
macro_rules! manifest {
    ($text:literal $(, $path:literal => $other:expr)* $(,)?) => {
        $crate::rule::Example::files(&[("skills/demo/SKILL.md", $text), $((concat!("skills/demo/", $path), $other)),*])
    };
}
