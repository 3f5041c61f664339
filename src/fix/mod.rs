//! From the fixes of findings to the bytes of files, and to the diff that shows them.

pub mod patch;
pub mod plan;
pub mod write;

pub use plan::{Chosen, Rewrite};
