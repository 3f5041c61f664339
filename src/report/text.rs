//! `--format text`: for people.
