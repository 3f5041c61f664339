//! Rules about files that no example can hold: modes, bytes that are no text, archives.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::cast_possible_truncation,
    unreachable_pub,
    reason = "a test fails by panicking"
)]

#[path = "common/archive.rs"]
mod archive;

use std::fs;
use std::path::Path;

use archive::{Entry, file, gzip, tar, zip};
use clawsift::finding::Severity;
use clawsift::judge::Verdict;
use clawsift::options::Options;

const MANIFEST: &str = "---\nname: demo\ndescription: Sorts tables of numbers when asked to\n---\n\nSort them.\n";

/// A skill of these files, checked with the rules about files.
fn check(files: &[(&str, &[u8])], change: impl FnOnce(&Path)) -> Verdict {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().canonicalize().unwrap().join("demo");
    for (name, bytes) in files.iter().chain([&("SKILL.md", MANIFEST.as_bytes())]) {
        let path = root.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        if *name != "SKILL.md" || !path.exists() {
            fs::write(path, bytes).unwrap();
        }
    }
    change(&root);
    let mut options = Options::new(vec![root]);
    options.select = vec!["skills.file".to_owned()];
    clawsift::pipeline::run(&options).unwrap()
}

fn said(verdict: &Verdict) -> Vec<(&str, Severity, &str)> {
    verdict.shown.iter().map(|finding| (&*finding.id, finding.severity, finding.message.as_str())).collect()
}

fn of(files: &[(&str, &[u8])]) -> Vec<(String, Severity)> {
    let verdict = check(files, |_| {});
    said(&verdict)
        .into_iter()
        .map(|(id, severity, _)| (id.trim_start_matches("skills.file.").to_owned(), severity))
        .collect()
}

const ELF: &[u8] = b"\x7fELF\x02\x01\x01\0\xff\xfe\0";

#[test]
fn programs_are_worse_when_something_starts_them() {
    let found = |files: &[(&str, &[u8])]| of(files).first().map(|(_, severity)| *severity);
    assert_eq!(found(&[("bin/tool", ELF)]), Some(Severity::Critical));
    assert_eq!(found(&[("bin/tool", ELF), ("src/main.c", b"int main() {}")]), Some(Severity::Warn));
    let named = MANIFEST.replace("Sort them.", "Run `bin/tool`.");
    let files: &[(&str, &[u8])] =
        &[("bin/tool", ELF), ("src/main.c", b"int main() {}"), ("SKILL.md", named.as_bytes())];
    assert_eq!(found(files), Some(Severity::Critical));
    assert_eq!(found(&[("lib/a.dll", b"MZ\x90\0\x03\0\xff")]), Some(Severity::Critical));
    assert_eq!(found(&[("tool.jar", &zip(&[file("A.class", b"x")]))]), Some(Severity::Critical));
}

#[cfg(unix)]
#[test]
fn an_executable_bit_starts_a_program() {
    use std::os::unix::fs::PermissionsExt;
    let verdict = check(&[("bin/tool", ELF), ("Makefile", b"all:\n")], |root| {
        fs::set_permissions(root.join("bin/tool"), fs::Permissions::from_mode(0o755)).unwrap();
    });
    assert_eq!(said(&verdict)[0].1, Severity::Critical);
    assert!(said(&verdict)[0].2.contains("executable"));
}

#[test]
fn disguises_are_found() {
    let disguises: [(&str, &[u8]); 3] =
        [("logo.png", ELF), ("a.jpg", b"#!/usr/bin/env python3\nprint()\n"), ("read.md", b"\x1f\x8b\x08\0\xff\xff")];
    for (name, bytes) in disguises {
        let found = of(&[(name, bytes)]);
        assert_eq!(found, [("type_mismatch".to_owned(), Severity::Critical)], "{name}");
    }
    assert!(
        of(&[("logo.png", b"\x89PNG\r\n\x1a\n\0\0\0\x0d"), ("a.docx", &zip(&[file("word/document.xml", b"<a/>")]))])
            .is_empty()
    );
}

#[test]
fn archives_are_judged_by_what_they_hold() {
    let found = |name: &str, bytes: &[u8]| of(&[(name, bytes)]);
    let nested = |severity| vec![("archive_nested".to_owned(), severity)];
    let plain = [file("a.txt", b"a"), file("b.sh", b"#!/bin/sh\n")];
    assert_eq!(found("a.zip", &zip(&plain)), nested(Severity::Warn));
    assert_eq!(found("a.tar.gz", &gzip(&tar(&[("a", b"a", 0o644)], &[]))), nested(Severity::Warn));
    assert_eq!(found("a.zip", &zip(&[Entry { flags: 1, ..file("a", b"a") }])), nested(Severity::Critical));
    assert_eq!(found("a.zip", &zip(&[file("../a", b"a")])), nested(Severity::Critical));
    assert_eq!(found("a.zip", &zip(&[file("innocent", ELF)])), nested(Severity::Critical));
    assert_eq!(found("a.tar", &tar(&[("setup.exe", b"MZ", 0o644)], &[])), nested(Severity::Critical));
    let two = Entry { local_name: Some(b"b.sh".to_vec()), ..file("a.txt", b"x") };
    assert_eq!(found("a.zip", &zip(&[two])), nested(Severity::Critical));
    assert_eq!(found("a.7z", b"7z\xbc\xaf\x27\x1c\0\x04"), nested(Severity::Warn));
    assert_eq!(found("table.csv.gz", &gzip(b"a,b\n1,2\n")), []);
    assert_eq!(found("model.npz", &zip(&[file("a.npy", b"\x93NUMPY")])), []);
    // A model is a zip, too, and what counts in it are its pickles.
    let pickle = b"\x80\x02cposix\nsystem\nX\x02\0\0\0id\x85R.";
    let model = zip(&[file("archive/data.pkl", pickle), file("archive/data/0", &[0; 64])]);
    assert_eq!(found("model.pt", &model), [("pickle_model".to_owned(), Severity::Critical)]);
    let model = zip(&[file("archive/data.pkl", b"\x80\x02ccollections\nOrderedDict\n)R.")]);
    assert_eq!(found("model.pt", &model), [("pickle_model".to_owned(), Severity::Info)]);
}

#[test]
fn compiled_python_is_compared_with_its_source() {
    let code = |flags: u32, size: u32| {
        [&3495u16.to_le_bytes()[..], b"\r\n", &flags.to_le_bytes(), &7u32.to_le_bytes(), &size.to_le_bytes(), b"\xe3\0"]
            .concat()
    };
    let cached = "scripts/__pycache__/util.cpython-311.pyc";
    let shadow = |severity| vec![("bytecode_shadow".to_owned(), severity)];
    let source: (&str, &[u8]) = ("scripts/util.py", b"x = 1\n");
    assert_eq!(of(&[source, (cached, &code(0, 6))]), []);
    assert_eq!(of(&[source, (cached, &code(0, 7))]), shadow(Severity::Warn));
    assert_eq!(of(&[source, (cached, &code(1, 6))]), shadow(Severity::Critical));
    assert_eq!(of(&[source, (cached, &code(3, 6))]), []);
    assert_eq!(of(&[(cached, &code(0, 6))]), shadow(Severity::Warn));
    assert_eq!(of(&[("scripts/util.pyc", &code(0, 6))]), shadow(Severity::Critical));
    let named = MANIFEST.replace("Sort them.", &format!("Run `python {cached}`."));
    assert_eq!(of(&[(cached, &code(0, 6)), ("SKILL.md", named.as_bytes())]), shadow(Severity::Critical));
}

#[cfg(unix)]
#[test]
fn links_are_judged_by_where_they_lead() {
    let link = |target: &str| {
        let verdict =
            check(&[("docs/a.md", b"a")], |root| std::os::unix::fs::symlink(target, root.join("link")).unwrap());
        said(&verdict).first().map(|(id, severity, _)| ((*id).to_owned(), *severity))
    };
    let escape = |severity| Some(("skills.file.symlink_escape".to_owned(), severity));
    assert_eq!(link("docs/a.md"), None);
    assert_eq!(link("/etc/passwd"), escape(Severity::Critical));
    assert_eq!(link("../.ssh/id_rsa"), escape(Severity::Critical));
    assert_eq!(link("../../../../x"), escape(Severity::Critical));
    assert_eq!(link("../shared"), escape(Severity::Warn));
    assert_eq!(link("link"), escape(Severity::Warn));
}

#[test]
fn a_repository_in_a_skill_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().canonicalize().unwrap().join("skills");
    fs::create_dir_all(root.join("demo/.git/hooks")).unwrap();
    fs::write(root.join("demo/SKILL.md"), MANIFEST).unwrap();
    fs::write(root.join("demo/.git/hooks/post-checkout"), "#!/bin/sh\n").unwrap();
    let mut options = Options::new(vec![root]);
    options.select = vec!["skills.file.control_plane".to_owned()];
    let verdict = clawsift::pipeline::run(&options).unwrap();
    assert_eq!(said(&verdict).len(), 1, "{:?}", said(&verdict));
}

#[test]
fn large_binaries_are_inventory() {
    let film = [b"\0\0\0\x18ftypmp42".as_slice(), &vec![1; 17 << 20]].concat();
    let verdict = check(&[("film.mp4", &film)], |_| {});
    assert_eq!(verdict.exit_code, clawsift::judge::exit::CLEAN, "{:?}", verdict.diagnostics);
    assert!(said(&verdict).is_empty());
}
