//! GitHub's `primaryLocationLineHash`.
