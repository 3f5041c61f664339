//! Facts for a snapshot of the posture, taken from the subjects that are checked.

use std::collections::BTreeSet;

use crate::diagnostic::{Diagnostic, Level};
use crate::judge::Evidence;
use crate::model::Config;
use crate::model::document::Document;
use crate::model::project::Project;
use crate::model::skill::Skill;
use crate::posture::{self, Collected};

pub(super) fn config(config: &Config) -> Evidence {
    told(&config.path, posture::config::facts(config))
}

pub(super) fn document(document: &Document, project: &Project) -> Evidence {
    told(&document.path, posture::document::facts(document, project))
}

pub(super) fn unit(skill: &Skill) -> Evidence {
    told(&skill.root, posture::skill::facts(skill))
}

/// `units` are the directories of skills, which tell of their own files.
pub(super) fn project(project: &Project, units: &BTreeSet<String>) -> Evidence {
    told("", posture::entries::facts(project, units))
}

fn told(path: &str, collected: Collected) -> Evidence {
    let message = format!("{} more facts are left out of the snapshot", collected.left_out);
    let left_out = (collected.left_out > 0).then(|| Diagnostic { path: path.to_owned(), level: Level::Error, message });
    Evidence { facts: collected.facts, diagnostics: left_out.into_iter().collect(), ..Evidence::default() }
}
