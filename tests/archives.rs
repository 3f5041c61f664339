//! Archives, honest and hostile, read in memory.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::cast_possible_truncation,
    unreachable_pub,
    reason = "a test fails by panicking"
)]

#[path = "common/archive.rs"]
mod archive;

use archive::{Entry, dir, file, gzip, link, tar, zip};
use clawsift::syntax::archive::{EntryKind, Limits, Unpacked, list, unpack};

fn read(bytes: &[u8], name: &str) -> Unpacked {
    unpack(bytes, name, Limits::default()).unwrap()
}

fn paths(unpacked: &Unpacked) -> Vec<&str> {
    unpacked.files.iter().map(|file| file.path.as_str()).collect()
}

#[test]
fn a_zip_gives_back_what_went_in() {
    let run = Entry { mode: 0o100_755, ..file("s/run.sh", b"#!/bin/sh\n") };
    let plain = Entry { deflated: false, ..file("s/a.txt", b"as it is") };
    let bytes = zip(&[dir("s/"), file("s/SKILL.md", b"---\nname: s\n---\n"), run, plain, link("s/docs", "./refs")]);
    let unpacked = read(&bytes, "s.skill");
    assert_eq!(paths(&unpacked), ["s/SKILL.md", "s/a.txt", "s/run.sh"]);
    assert_eq!(unpacked.files[1].bytes, b"as it is");
    assert_eq!(unpacked.files[2].mode, Some(0o755));
    assert_eq!(unpacked.links, [("s/docs".to_owned(), "./refs".to_owned())]);
    assert_eq!(unpacked.dirs, ["s"]);
    assert!(unpacked.complete && unpacked.notes.is_empty(), "{:?}", unpacked.notes);
    let listing = list(&bytes, "s.zip").unwrap();
    assert!(!listing.encrypted && !listing.overlapping && listing.trouble.is_none());
    assert_eq!(listing.entries.len(), 5);
}

#[test]
fn a_tar_gives_back_what_went_in() {
    let long = format!("s/{}/x.txt", "d".repeat(150));
    let bytes = tar(
        &[("s/SKILL.md", b"text", 0o644), ("s/run", b"#!/bin/sh", 0o755), (&long, b"deep", 0o600)],
        &[("s/docs", "../up")],
    );
    for (bytes, name) in [(bytes.clone(), "s.tar"), (gzip(&bytes), "s.tar.gz")] {
        let unpacked = read(&bytes, name);
        assert_eq!(paths(&unpacked), ["s/SKILL.md", &long, "s/run"], "{name}");
        assert_eq!(unpacked.files[2].mode, Some(0o755));
        assert_eq!(unpacked.links, [("s/docs".to_owned(), "../up".to_owned())]);
        assert!(unpacked.complete, "{:?}", unpacked.notes);
    }
}

#[test]
fn a_gzipped_file_is_an_archive_of_one() {
    let unpacked = read(&gzip(b"one file"), "dir/data.csv.gz");
    assert_eq!(paths(&unpacked), ["data.csv"]);
    assert_eq!(unpacked.files[0].bytes, b"one file");
}

#[test]
fn names_that_lead_out_are_told_and_left_alone() {
    let names = ["../../.ssh/authorized_keys", "/etc/cron.d/x", "a\\..\\..\\b", "C:\\x.bat"];
    let entries: Vec<Entry> = names.iter().map(|name| file(name, b"x")).chain([file("ok\n\x1b[31m", b"y")]).collect();
    let unpacked = read(&zip(&entries), "a.zip");
    assert_eq!(paths(&unpacked), ["ok\n\u{1b}[31m"]);
    assert_eq!(unpacked.listing.outside, names);
    assert_eq!(unpacked.notes.len(), 4);
    let unpacked = read(&tar(&[("../x", b"x", 0o644), ("/y", b"y", 0o644), ("z", b"z", 0o644)], &[]), "a.tar");
    assert_eq!(paths(&unpacked), ["z"]);
    assert_eq!(unpacked.listing.outside, ["../x", "/y"]);
}

#[test]
fn nothing_is_written_through_a_link() {
    let unpacked =
        read(&zip(&[link("up", "/etc"), file("up/passwd", b"x"), file("f", b""), file("f/g", b"")]), "a.zip");
    assert_eq!(paths(&unpacked), ["f"]);
    assert_eq!(unpacked.links, [("up".to_owned(), "/etc".to_owned())]);
    assert_eq!(unpacked.notes.len(), 2, "{:?}", unpacked.notes);
}

#[test]
fn encrypted_entries_are_recognised() {
    let secret = Entry { flags: 1, ..file("tool.exe", b"MZ and so on") };
    let unpacked = read(&zip(&[file("a.txt", b"a"), secret]), "a.zip");
    assert_eq!(paths(&unpacked), ["a.txt"]);
    assert!(unpacked.listing.encrypted && !unpacked.complete);
    assert_eq!(unpacked.notes, ["tool.exe: is encrypted: not read"]);
}

#[test]
fn what_two_programs_would_read_differently_is_told() {
    let other = Entry { local_name: Some(b"b.sh".to_vec()), ..file("b.txt", b"x") };
    let shared = Entry { shared: true, ..file("c.txt", b"x") };
    let bytes = zip(&[file("a", b"first"), file("a", b"second"), other, shared]);
    let unpacked = read(&bytes, "a.zip");
    assert_eq!(unpacked.listing.twice, ["a"]);
    assert_eq!(unpacked.listing.disguised, ["b.txt", "c.txt"]);
    assert!(unpacked.listing.overlapping);
    assert_eq!(unpacked.files[0].bytes, b"second");
    // Bytes before an archive do not hide it.
    let behind = [b"\x89PNG\r\n\x1a\nimage".as_slice(), &zip(&[file("in/a", b"a")])].concat();
    assert_eq!(paths(&read(&behind, "logo.png")), ["in/a"]);
}

#[test]
fn large_archives_are_read() {
    let large = |name: &str| Entry { large: true, ..file(name, b"content") };
    let bytes = zip(&[large("a"), large("b")]);
    let unpacked = read(&bytes, "a.zip");
    assert_eq!(paths(&unpacked), ["a", "b"]);
    assert!(unpacked.complete, "{:?}", unpacked.notes);
    let behind = [b"#!/bin/sh\n".as_slice(), &bytes].concat();
    assert_eq!(paths(&read(&behind, "a.pyz")), ["a", "b"]);
}

#[test]
fn bombs_are_stopped() {
    let zeros = vec![0; 8 << 20];
    let one = zip(&[file("zeros", &zeros), file("after", b"x")]);
    let unpacked = read(&one, "a.zip");
    assert!(!unpacked.complete && paths(&unpacked).is_empty());
    assert!(unpacked.notes.iter().any(|note| note.contains("100 times its size")), "{:?}", unpacked.notes);
    // One kernel of bytes for all entries.
    let noise: Vec<u8> = (0..1u32 << 20).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    let mut entries = vec![Entry { deflated: false, ..file("n", &noise) }];
    entries.extend((0..200).map(|n| Entry { shared: true, ..file(&format!("n{n}"), &noise) }));
    let unpacked = read(&zip(&entries), "a.zip");
    assert!(unpacked.listing.overlapping && !unpacked.complete);
    assert!(unpacked.files.iter().map(|file| file.bytes.len()).sum::<usize>() <= 64 << 20);
    // The same as a tar.
    let unpacked = read(&gzip(&tar(&[("zeros", &zeros, 0o644), ("after", b"x", 0o644)], &[])), "a.tgz");
    assert!(!unpacked.complete && paths(&unpacked).is_empty());
}

#[test]
fn archives_inside_are_not_opened() {
    let inner = zip(&[file("deep", b"x")]);
    let unpacked = read(&zip(&[file("inner.zip", &inner)]), "a.zip");
    assert_eq!(paths(&unpacked), ["inner.zip"]);
    assert_eq!(list(&unpacked.files[0].bytes, "inner.zip").unwrap().entries[0].name, "deep");
}

#[test]
fn too_many_entries_are_counted() {
    let entries: Vec<Entry> = (0..30).map(|n| file(&n.to_string(), b"")).collect();
    let few = Limits { entries: 10, ..Limits::default() };
    let unpacked = unpack(&zip(&entries), "a.zip", few).unwrap();
    assert_eq!(unpacked.files.len(), 10);
    assert!(!unpacked.complete);
}

#[test]
fn broken_archives_say_so() {
    let good = zip(&[file("a", b"content of a"), file("b", b"content of b")]);
    assert!(list(&good[..good.len() - 30], "a.zip").unwrap_err().contains("central directory"));
    // A directory that ends early: what is there is read.
    let mut short = good.clone();
    let second = short.windows(4).rposition(|four| four == b"PK\x01\x02").unwrap();
    short[second] = b'X';
    let listing = list(&short, "a.zip").unwrap();
    assert_eq!(listing.entries.len(), 1);
    assert!(listing.trouble.unwrap().contains("2 entries"));
    assert!(list(b"7z\xbc\xaf\x27\x1c", "a.7z").unwrap_err().contains("a 7z archive"));
    assert!(list(b"", "a.zip").is_err());
    let mut huge = tar(&[("a", b"a", 0o644), ("b", b"b", 0o644)], &[]);
    huge[124..136].copy_from_slice(b"77777777777\0");
    let sum: u32 = (0..512).map(|at| if (148..156).contains(&at) { 32 } else { u32::from(huge[at]) }).sum();
    huge[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    let unpacked = read(&huge, "a.tar");
    assert!(!unpacked.complete, "{unpacked:?}");
    let cut = gzip(&tar(&[("a", &[7; 5000], 0o644)], &[]));
    assert!(!read(&cut[..cut.len() / 2], "a.tgz").complete);
}

#[test]
fn hard_links_are_files_again() {
    let mut builder = tar::Builder::new(tar(&[("a", b"same", 0o755)], &[])[..1024].to_vec());
    // The builder appends behind what is there.
    for (name, target) in [("b", "a"), ("c", "../outside")] {
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(tar::EntryType::Link);
        header.set_size(0);
        builder.append_link(&mut header, name, target).unwrap();
    }
    let unpacked = read(&builder.into_inner().unwrap(), "a.tar");
    assert_eq!(paths(&unpacked), ["a", "b"]);
    assert_eq!(unpacked.files[1].bytes, b"same");
    assert!(matches!(&unpacked.listing.entries[1].kind, EntryKind::HardLink(target) if target == "a"));
    assert_eq!(unpacked.notes.len(), 1);
}

#[test]
fn damaged_bytes_never_panic() {
    let honest = [
        (
            zip(&[dir("d/"), file("d/a", b"text of a"), link("l", "d"), Entry { large: true, ..file("b", b"b") }]),
            "a.zip",
        ),
        (tar(&[("a", b"text", 0o644), (&"n".repeat(200), b"x", 0o644)], &[("l", "a")]), "a.tar"),
        (gzip(&tar(&[("a", b"text", 0o644)], &[("l", "a")])), "a.tgz"),
    ];
    let mut state = 1u64;
    let mut random = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    };
    for (bytes, name) in &honest {
        for _ in 0..3_000 {
            let mut bytes = bytes.clone();
            for _ in 0..=random(4) {
                let at = random(bytes.len());
                bytes[at] = [0, 0xff, 0x7f, random(256) as u8][random(4)];
            }
            bytes.truncate(bytes.len() - if random(3) == 0 { random(bytes.len()) } else { 0 });
            let _ = list(&bytes, name);
            let _ = unpack(&bytes, name, Limits::default());
        }
    }
}

#[test]
fn names_and_links_count_as_well() {
    let target = "x/".repeat(500);
    let links: Vec<(String, &str)> = (0..3_000).map(|index| (format!("l{index}"), target.as_str())).collect();
    let links: Vec<(&str, &str)> = links.iter().map(|(name, target)| (name.as_str(), *target)).collect();
    let packed = gzip(&tar(&[("SKILL.md", b"text", 0o644)], &links));
    let most = (packed.len() as u64 * 100).max(1 << 20);
    let unpacked = read(&packed, "a.tar.gz");
    assert!(!unpacked.complete && unpacked.links.len() < 3_000, "{}", unpacked.links.len());
    assert!(unpacked.weight() <= most, "{} of {most}", unpacked.weight());
    let long = "y".repeat(1 << 20);
    let unpacked = read(&tar(&[("SKILL.md", b"text", 0o644)], &[("l", &long)]), "a.tar");
    assert!(unpacked.links.iter().all(|(_, target)| target.len() <= 1_024));
    assert_eq!(unpacked.links.len(), 1);
}
