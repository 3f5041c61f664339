//! clawsift: find the files, give every value a place and a history, ask each rule one question,
//! say what was found.
//!
//! The stages are the modules, and data only moves to the right:
//! [`discover`] → [`load`] → [`model`] → [`check`] → [`judge`] → [`report`].

pub mod baseline;
pub mod baselining;
pub mod check;
pub mod classify;
pub mod cli;
pub mod compare;
pub mod diagnostic;
pub mod digest;
pub mod discover;
pub mod disk;
pub mod done;
pub mod drift;
pub mod explain;
pub mod facts;
pub mod finding;
pub mod fix;
pub mod flow;
pub mod git;
pub mod gitignore;
pub mod init;
pub mod judge;
pub mod keys;
pub mod kind;
pub mod load;
pub mod log;
pub mod model;
pub mod options;
pub mod path;
pub mod pipeline;
pub mod posture;
pub mod report;
pub mod rule;
pub mod rules;
pub mod scan;
pub mod secret;
pub mod settings;
pub mod signature;
pub mod signing;
pub mod source;
pub mod syntax;
pub mod verify;
pub mod view;
pub mod work;
pub mod writing;
