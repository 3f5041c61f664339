//! Which release of which product a configuration is written for.

use serde::Serialize;

/// A release of OpenClaw whose key table and audit we know exactly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Release {
    /// 2026.2.24
    V2026_2,
    /// 2026.5.12
    V2026_5,
    /// 2026.9.6
    V2026_9,
}

impl Release {
    /// The newest release we know; what an unknown target is taken for.
    pub const NEWEST: Self = Self::V2026_9;
    /// All, oldest first.
    pub const ALL: [Self; 3] = [Self::V2026_2, Self::V2026_5, Self::V2026_9];

    /// The exact version string, `2026.9.6`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::V2026_2 => "2026.2.24",
            Self::V2026_5 => "2026.5.12",
            Self::V2026_9 => "2026.9.6",
        }
    }
}

/// The product family that reads the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Product {
    /// OpenClaw (formerly Clawdbot, Moltbot).
    OpenClaw,
    /// ClosedClaw, a fork of OpenClaw 2026.2.
    ClosedClaw,
    /// The hardening handbook's dialect, which no release reads.
    Handbook,
}

impl Product {
    /// The word in reports and flags.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OpenClaw => "openclaw",
            Self::ClosedClaw => "closedclaw",
            Self::Handbook => "handbook",
        }
    }
}

/// Product and release together; ClosedClaw counts as its own fork of 2026.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Dialect {
    /// Who reads the file.
    pub product: Product,
    /// The release, or for a fork the release it forked from.
    pub release: Release,
}

impl Dialect {
    /// OpenClaw at a release.
    #[must_use]
    pub const fn openclaw(release: Release) -> Self {
        Self { product: Product::OpenClaw, release }
    }

    /// ClosedClaw 2026.2.1.
    pub const CLOSEDCLAW: Self = Self { product: Product::ClosedClaw, release: Release::V2026_2 };

    /// The version to show.
    #[must_use]
    pub const fn version(self) -> &'static str {
        match self.product {
            Product::ClosedClaw => "2026.2.1",
            _ => self.release.as_str(),
        }
    }

    /// True for ClosedClaw.
    #[must_use]
    pub const fn is_fork(self) -> bool {
        matches!(self.product, Product::ClosedClaw)
    }
}

/// The dialects a rule applies to: a range of releases, with or without ClosedClaw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Versions {
    /// First release.
    pub since: Release,
    /// Last release.
    pub until: Release,
    /// ClosedClaw too.
    pub closedclaw: bool,
    /// No release of OpenClaw at all, ClosedClaw alone.
    pub only_fork: bool,
}

impl Versions {
    /// Every release and ClosedClaw.
    pub const ALL: Self = Self::range(Release::V2026_2, Release::V2026_9).and_closedclaw();
    /// Every OpenClaw release, not ClosedClaw.
    pub const OPENCLAW: Self = Self::range(Release::V2026_2, Release::V2026_9);
    /// ClosedClaw alone.
    pub const CLOSEDCLAW: Self =
        Self { since: Release::V2026_2, until: Release::V2026_2, closedclaw: true, only_fork: true };

    /// OpenClaw from `since` to `until`, both included.
    #[must_use]
    pub const fn range(since: Release, until: Release) -> Self {
        Self { since, until, closedclaw: false, only_fork: false }
    }

    /// One release.
    #[must_use]
    pub const fn only(release: Release) -> Self {
        Self::range(release, release)
    }

    /// `since` and everything newer.
    #[must_use]
    pub const fn since(since: Release) -> Self {
        Self::range(since, Release::V2026_9)
    }

    /// The same and ClosedClaw.
    #[must_use]
    pub const fn and_closedclaw(self) -> Self {
        Self { closedclaw: true, ..self }
    }

    /// Does a rule with these versions apply to `dialect`?
    #[must_use]
    pub fn contains(self, dialect: Dialect) -> bool {
        match dialect.product {
            Product::ClosedClaw => self.closedclaw,
            Product::OpenClaw | Product::Handbook => {
                !self.only_fork && (self.since..=self.until).contains(&dialect.release)
            }
        }
    }
}
