//! `--format ndjson`: one object a line.
