//! Keys and keyrings from the command line: what is written, with which modes, and what is refused.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking, and says what it skips"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use clawsift::signature::key::AnyKey;
use clawsift::signature::{Envelope, SigningKey, covered, sign, verify};
use clawsift::syntax::base64;
use proptest::prelude::*;
use serde_json::Value;
use tempfile::TempDir;

/// A home directory to run commands in.
struct Home(TempDir);

impl Home {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(assert_cmd::cargo::cargo_bin!("clawsift"));
        command.args(arguments).current_dir(self.0.path()).env("HOME", self.0.path()).env("USER", "tester");
        command.output().unwrap()
    }

    fn json(&self, arguments: &[&str]) -> Value {
        let output = self.run(arguments);
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// The words on standard error of a command that has to fail.
    fn refused(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        assert!(output.stdout.is_empty());
        String::from_utf8(output.stderr).unwrap()
    }

    fn keyring(&self) -> Value {
        serde_json::from_slice(&fs::read(self.path(".closedclaw/trusted-keys.json")).unwrap()).unwrap()
    }

    fn skill(&self, name: &str) {
        let dir = self.path(name);
        fs::create_dir_all(dir.join("scripts")).unwrap();
        fs::write(dir.join("SKILL.md"), "---\nname: demo\ndescription: Sorts tables\n---\n\nSort.\n").unwrap();
        fs::write(dir.join("scripts/run.sh"), "sort -n\n").unwrap();
    }
}

#[cfg(unix)]
fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn a_key_is_made_signed_with_and_trusted() {
    let home = Home::new();
    let made = home.json(&["skill", "keygen", "--signer", "Alice", "--output", "out", "--add-to-keyring", "--json"]);
    let id = made["keyId"].as_str().unwrap();
    assert_eq!((id.len(), made["addedToKeyring"].as_bool()), (64, Some(true)));
    assert_eq!(made["privateKeyPath"], "out/skill-signing.key");
    let private = fs::read_to_string(home.path("out/skill-signing.key")).unwrap();
    assert!(!made.to_string().contains(private.lines().nth(1).unwrap()));
    let public = fs::read_to_string(home.path("out/skill-signing.pub")).unwrap();
    let entry = &home.keyring()["keys"][id];
    assert_eq!(entry["publicKeyPem"], public);
    assert_eq!(
        (&entry["trustLevel"], &entry["verifiedVia"], &entry["name"]),
        (&"marginal".into(), &"self".into(), &"Alice".into())
    );
    #[cfg(unix)]
    {
        assert_eq!(mode(&home.path("out/skill-signing.key")), 0o600);
        assert_eq!(mode(&home.path("out/skill-signing.pub")), 0o644);
        assert_eq!(mode(&home.path(".closedclaw/trusted-keys.json")), 0o600);
        assert_eq!((mode(&home.path("out")), mode(&home.path(".closedclaw"))), (0o700, 0o700));
    }
    home.skill("demo");
    let key = ["--key", "out/skill-signing.key", "--key-id", id, "--signer", "Alice"];
    let signed =
        home.json(&[&["skill", "sign", "--skill", "demo/SKILL.md", "--manifest", "--json"], &key[..]].concat());
    assert_eq!((signed["keyId"].as_str(), signed["files"].as_u64()), (Some(id), Some(2)));
    assert_eq!(signed["signaturePath"], "demo/SKILL.md.sig");
    let verified = home.json(&["skill", "verify", "demo", "--json"]);
    assert_eq!(verified["skills"][0]["closedclaw"]["class"], "valid");
    assert_eq!(verified["skills"][0]["covered"], true);
    assert_eq!(verified["skills"][0]["path"], "demo");
    let refused = home.run(&["skill", "verify", "demo", "--min-trust", "full"]);
    assert_eq!(refused.status.code(), Some(1));
}

#[test]
fn keys_are_not_overwritten() {
    let home = Home::new();
    assert!(home.run(&["skill", "keygen", "--output", "out"]).status.success());
    let before = fs::read(home.path("out/skill-signing.key")).unwrap();
    assert!(home.refused(&["skill", "keygen", "--output", "out"]).contains("already exists"));
    assert_eq!(fs::read(home.path("out/skill-signing.key")).unwrap(), before);
    // Without a directory the names are those of ClosedClaw, one pair for each key.
    assert!(home.run(&["skill", "keygen"]).status.success());
    let names: Vec<_> = home.path(".closedclaw/keys").read_dir().unwrap().map(|one| one.unwrap().file_name()).collect();
    assert_eq!(names.len(), 2);
    assert!(names.iter().all(|name| name.to_string_lossy().starts_with("signing-key-")));
    home.skill("demo");
    // The only key there is the one to sign with.
    assert!(home.run(&["skill", "sign", "demo"]).status.success());
    assert!(home.run(&["skill", "keygen"]).status.success());
    assert!(home.refused(&["skill", "sign", "demo"]).contains("several keys"));
}

#[test]
fn a_broken_keyring_is_refused_and_kept() {
    let home = Home::new();
    assert!(home.run(&["skill", "keygen", "--output", "out"]).status.success());
    fs::create_dir(home.path(".closedclaw")).unwrap();
    let ring = home.path(".closedclaw/trusted-keys.json");
    for text in [
        "",
        "{",
        "{\"version\":1,\"keys\":{},}",
        "{\"version\":2,\"keys\":{}}",
        "{\"version\":1,\"keys\":[]}",
        "{\"version\":1,\"keys\":null}",
        "{\"version\":1,\"keys\":{\"a\":{},\"a\":{}}}",
        "{\"version\":1,\"keys\":{},\"x\":1e999}",
    ] {
        fs::write(&ring, text).unwrap();
        for command in [
            &["keys", "add", "--public-key", "out/skill-signing.pub", "--signer", "A"][..],
            &["keys", "remove", "a"],
            &["keys", "trust", "a", "--trust", "full"],
            &["keys", "list"],
            &["skill", "keygen", "--output", "other", "--add-to-keyring"],
        ] {
            assert!(home.refused(command).contains("trusted-keys.json"), "{text}: {command:?}");
            assert_eq!(fs::read_to_string(&ring).unwrap(), text);
        }
        assert!(!home.path("other").exists(), "no key without a place in the keyring");
    }
    fs::remove_file(&ring).unwrap();
    fs::create_dir(&ring).unwrap();
    assert!(home.refused(&["keys", "list"]).contains("is a directory"));
}

#[test]
fn what_the_keyring_holds_besides_is_kept() {
    let home = Home::new();
    assert!(home.run(&["skill", "keygen", "--output", "out"]).status.success());
    fs::create_dir(home.path(".closedclaw")).unwrap();
    let before = "{\"comment\":\"ours\",\"version\":1,\"keys\":{\"old\":{\"name\":\"Bob\",\"trustLevel\":\"none\",\"revoked\":[1,2]}}}";
    fs::write(home.path(".closedclaw/trusted-keys.json"), before).unwrap();
    let id = home.json(&["keys", "add", "--public-key", "out/skill-signing.pub", "--signer", "A", "--json"]);
    let id = id["keyId"].as_str().unwrap().to_owned();
    let ring = home.keyring();
    assert_eq!((&ring["comment"], &ring["keys"]["old"]["revoked"][1]), (&"ours".into(), &2.into()));
    assert_eq!(ring["keys"].as_object().unwrap().keys().collect::<Vec<_>>(), ["old", &id]);
    // The short form that ClosedClaw shows is enough, as long as it says which.
    let trusted = home.json(&["keys", "trust", &id[..16], "--trust", "full", "--json"]);
    assert_eq!((trusted["keyId"].as_str(), trusted["updated"].as_bool()), (Some(&*id), Some(true)));
    let listed = home.json(&["keys", "list", "--trust", "full", "--json"]);
    assert_eq!(listed.as_object().unwrap().keys().collect::<Vec<_>>(), [&id]);
    let table = String::from_utf8(home.run(&["keys", "list"]).stdout).unwrap();
    assert!(table.starts_with("Key ID") && table.lines().count() == 4, "{table}");
    home.json(&["keys", "remove", &id, "--json"]);
    assert!(home.refused(&["keys", "remove", &id]).contains("Key not found"));
    assert_eq!(home.keyring()["keys"].as_object().unwrap().len(), 1);
}

#[test]
fn a_distrusted_key_is_not_trusted_again_unasked() {
    let home = Home::new();
    let made = home.json(&["skill", "keygen", "--output", "out", "--add-to-keyring", "--json"]);
    let id = made["keyId"].as_str().unwrap();
    assert!(home.run(&["keys", "trust", id, "--trust", "none"]).status.success());
    // The form of the real command, and the documented one.
    let positional = ["keys", "add", id, "out/skill-signing.pub", "--name", "A"];
    let flags = ["keys", "add", "--key-id", id, "--public-key", "out/skill-signing.pub", "--signer", "A"];
    for command in [&positional[..], &flags[..]] {
        assert!(home.refused(command).contains("--trust"));
        assert_eq!(home.keyring()["keys"][id]["trustLevel"], "none");
    }
    assert!(home.run(&[&positional[..], &["--trust", "marginal"]].concat()).status.success());
    assert_eq!(home.keyring()["keys"][id]["trustLevel"], "marginal");
    assert!(home.refused(&positional).contains("already"));
}

#[test]
fn only_public_ed25519_keys_of_the_right_id_are_added() {
    let home = Home::new();
    assert!(home.run(&["skill", "keygen", "--output", "out"]).status.success());
    let rsa = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/signatures.json")).unwrap();
    let cases: Vec<Value> = serde_json::from_str(&rsa).unwrap();
    let pem = |case: &str| {
        let case = cases.iter().find(|one| one["case"] == case).unwrap();
        let ring = base64::decode(case["files"]["trusted-keys.json"].as_str().unwrap());
        let ring: Value = serde_json::from_slice(&ring).unwrap();
        ring["keys"].as_object().unwrap().values().next().unwrap()["publicKeyPem"].as_str().unwrap().to_owned()
    };
    for case in [
        "alg-rsa-key-in-keyring",
        "alg-x25519-key",
        "weak-identity-pubkey-universal-forgery",
        "pem-x509-certificate",
        "pem-private-key-in-keyring",
    ] {
        home.refused(&["keys", "add", "--public-key", &pem(case), "--signer", "A"]);
    }
    assert!(
        home.refused(&["keys", "add", "dGVzdC1rZXktaWQ=", "out/skill-signing.pub"]).contains("the id of this key is")
    );
    let private = home.refused(&["keys", "add", "--public-key", "out/skill-signing.key", "--signer", "A"]);
    assert!(private.contains("private key") && !private.contains("MC4C"), "{private}");
    assert!(home.refused(&["keys", "add", "x", "nope.pub"]).contains("Failed to read public key"));
    assert!(!home.path(".closedclaw/trusted-keys.json").exists());
    // The PEM itself is taken, too.
    assert!(home.run(&["keys", "add", "--public-key", &pem("valid-full"), "--signer", "A"]).status.success());
}

#[test]
fn what_cannot_be_signed_safely_is_not() {
    let home = Home::new();
    assert!(home.run(&["skill", "keygen", "--output", "out"]).status.success());
    let sign = |path: &str| home.refused(&["skill", "sign", path, "--key", "out/skill-signing.key", "--manifest"]);
    home.skill("bytes");
    fs::write(home.path("bytes/SKILL.md"), b"---\nname: a\n---\n\xff\n").unwrap();
    assert!(sign("bytes").contains("not UTF-8"));
    home.skill("list");
    fs::write(home.path("list/SKILL.md"), "clawsift-skill-manifest-v1\n").unwrap();
    assert!(sign("list").contains("begins like a list"));
    assert!(sign("nothing").contains("does not exist"));
    #[cfg(unix)]
    {
        home.skill("link");
        std::os::unix::fs::symlink("/etc/passwd", home.path("link/data")).unwrap();
        assert!(sign("link").contains("data is a link"));
        home.skill("target");
        fs::remove_file(home.path("link/data")).unwrap();
        fs::write(home.path("elsewhere"), "kept").unwrap();
        std::os::unix::fs::symlink(home.path("elsewhere"), home.path("link/SKILL.md.sig")).unwrap();
        assert!(sign("link").contains("symbolic link"));
        assert_eq!(fs::read_to_string(home.path("elsewhere")).unwrap(), "kept");
    }
    let encrypted =
        ["-----BEGIN ENCRYPTED PRIVATE", " KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE", " KEY-----\n"].concat();
    fs::write(home.path("out/locked.pem"), encrypted).unwrap();
    home.skill("demo");
    assert!(home.refused(&["skill", "sign", "demo", "--key", "out/locked.pem"]).contains("encrypted"));
    assert!(
        home.refused(&["skill", "sign", "demo", "--key", "out/skill-signing.key", "--key-id", "ab"]).contains("id")
    );
    assert!(!home.path("demo/SKILL.md.sig").exists());
}

#[test]
fn ignored_files_are_not_listed_without_a_word() {
    let home = Home::new();
    assert!(home.run(&["skill", "keygen", "--output", "out"]).status.success());
    home.skill("repo/demo");
    fs::create_dir(home.path("repo/.git")).unwrap();
    fs::write(home.path("repo/.gitignore"), "*.pyc\n").unwrap();
    fs::write(home.path("repo/demo/run.pyc"), "x").unwrap();
    let refused = home.refused(&["skill", "sign", "repo/demo", "--manifest", "--key", "out/skill-signing.key"]);
    assert!(refused.contains("run.pyc is ignored by git"), "{refused}");
}

fn tool(name: &str) -> bool {
    let there =
        Command::new(name).arg("version").output().is_ok() || Command::new(name).arg("--version").output().is_ok();
    if !there {
        println!("skipped: no {name} here");
    }
    there
}

fn openssl(dir: &Path, arguments: &[&str]) -> bool {
    let output = Command::new("openssl").args(arguments).current_dir(dir).output().unwrap();
    output.status.success()
}

#[test]
fn openssl_takes_our_keys_and_signatures_and_we_take_its() {
    if !tool("openssl") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    let key = SigningKey::generate().unwrap();
    fs::write(at("ours.pem"), key.to_pem()).unwrap();
    fs::write(at("ours.pub"), key.public().to_pem().unwrap()).unwrap();
    fs::write(at("text"), "a skill, naïve ✓\n").unwrap();
    fs::write(at("sig"), key.sign("a skill, naïve ✓\n".as_bytes())).unwrap();
    let verify_ours =
        ["pkeyutl", "-verify", "-pubin", "-inkey", "ours.pub", "-rawin", "-in", "text", "-sigfile", "sig"];
    assert!(openssl(dir.path(), &verify_ours));
    assert!(openssl(dir.path(), &["pkey", "-in", "ours.pem", "-pubout", "-out", "derived.pub"]));
    assert_eq!(fs::read(at("derived.pub")).unwrap(), fs::read(at("ours.pub")).unwrap());
    assert!(openssl(dir.path(), &["genpkey", "-algorithm", "ed25519", "-out", "theirs.pem"]));
    assert!(openssl(dir.path(), &["pkey", "-in", "theirs.pem", "-pubout", "-out", "theirs.pub"]));
    let sign_theirs = ["pkeyutl", "-sign", "-inkey", "theirs.pem", "-rawin", "-in", "text", "-out", "theirs.sig"];
    assert!(openssl(dir.path(), &sign_theirs));
    let theirs = SigningKey::from_pem(&fs::read_to_string(at("theirs.pem")).unwrap()).unwrap();
    let public = AnyKey::from_pem(&fs::read_to_string(at("theirs.pub")).unwrap()).unwrap();
    assert_eq!(public.id(), theirs.public().id());
    let signature = fs::read(at("theirs.sig")).unwrap();
    assert_eq!(signature, theirs.sign("a skill, naïve ✓\n".as_bytes()));
    assert!(public.verify("a skill, naïve ✓\n".as_bytes(), &signature));
    assert!(!public.verify(b"another", &signature));
}

/// What ClosedClaw does with a signature file, a text and a key, told in a few lines of Node.
const NODE: &str = r#"
const crypto = require("node:crypto"), fs = require("node:fs");
const lines = fs.readFileSync("sig", "utf-8").trim().split("\n").map((line) => line.trim());
const inner = lines.slice(lines.indexOf("-----BEGIN CLOSEDCLAW SKILL SIGNATURE-----") + 1, -1);
const body = inner.slice(inner.indexOf("") + 1).join("");
const text = Buffer.from(fs.readFileSync("text", "utf-8"), "utf-8");
const key = crypto.createPublicKey(fs.readFileSync("pub", "utf-8"));
const raw = key.export({ type: "spki", format: "der" }).subarray(12);
const id = crypto.createHash("sha256").update(raw).digest("hex");
process.stdout.write(JSON.stringify([crypto.verify(null, text, key, Buffer.from(body, "base64")), inner.includes("Key-ID: " + id)]));
"#;

#[test]
fn node_verifies_what_is_signed_here() {
    if !tool("node") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    for (index, text) in [&b"plain\n"[..], "naïve ✓".as_bytes(), b"a\xff\xfeb\xe2\x82", b""].iter().enumerate() {
        let key = SigningKey::from_seed([u8::try_from(index).unwrap(); 32]);
        fs::write(dir.path().join("text"), text).unwrap();
        fs::write(dir.path().join("pub"), key.public().to_pem().unwrap()).unwrap();
        fs::write(dir.path().join("sig"), sign(&covered(text), &key, "A", "2026-01-01T00:00:00.000Z").unwrap())
            .unwrap();
        let output = Command::new("node").args(["-e", NODE]).current_dir(dir.path()).output().unwrap();
        assert_eq!(
            String::from_utf8_lossy(&output.stdout),
            "[true,true]",
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
}

#[test]
fn base64_is_read_as_node_reads_it() {
    if !tool("node") {
        return;
    }
    // Every letter that matters to it, in random order.
    let letters: Vec<char> = "AQgwZz019+/-_= \n\r\tÁŁ\u{141}\u{2603}\u{1f600}\u{fffd}?.".chars().collect();
    let mut state = 7_u64;
    let mut next = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap() % below
    };
    let texts: Vec<String> =
        (0..5_000).map(|_| (0..next(12)).map(|_| letters[next(letters.len())]).collect()).collect();
    let script = "const fs=require('fs');const t=JSON.parse(fs.readFileSync('t','utf-8'));\
        process.stdout.write(JSON.stringify(t.map((x)=>Buffer.from(x,'base64').toString('hex'))))";
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("t"), serde_json::to_string(&texts).unwrap()).unwrap();
    let output = Command::new("node").args(["-e", script]).current_dir(dir.path()).output().unwrap();
    let wanted: Vec<String> = serde_json::from_slice(&output.stdout).unwrap();
    for (text, wanted) in texts.iter().zip(wanted) {
        assert_eq!(clawsift::digest::hex(&base64::decode(text)), wanted, "{text:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn signatures_survive_their_files(seed: [u8; 32], text: Vec<u8>, signer in "[!-~é✓]([ -~é✓]{0,20}[!-~é✓])?") {
        let key = SigningKey::from_seed(seed);
        let message = covered(&text);
        let file = sign(&message, &key, &signer, "2026-01-01T00:00:00.000Z").unwrap();
        let envelope = Envelope::parse(&file).unwrap();
        prop_assert_eq!(&envelope.signer, &signer);
        let public = AnyKey::from_pem(&key.public().to_pem().unwrap()).unwrap();
        prop_assert!(verify(&message, &envelope, &public));
    }

    #[test]
    fn a_changed_byte_is_noticed(seed: [u8; 32], text in "\\PC{1,200}", at: prop::sample::Index, bit in 0..8_u8) {
        let key = SigningKey::from_seed(seed);
        let envelope = Envelope::parse(&sign(text.as_bytes(), &key, "A", "now").unwrap()).unwrap();
        let mut other = text.into_bytes();
        let index = at.index(other.len());
        let before = covered(&other).into_owned();
        other[index] ^= 1 << bit;
        // Text that was valid cannot become the same text by one bit.
        prop_assert_ne!(&*covered(&other), &*before);
        prop_assert!(!verify(&covered(&other), &envelope, &key.public()));
    }

    #[test]
    fn no_text_upsets_the_readers(text in "\\PC*", lines in prop::collection::vec("(-----(BEGIN|END) (CLOSEDCLAW SKILL SIGNATURE|PUBLIC KEY|PRIVATE KEY|CERTIFICATE)-----|[A-Za-z-]{0,8}:? ?[A-Za-z0-9+/=]{0,40}|)", 0..12)) {
        for text in [text, lines.join("\n")] {
            let _ = Envelope::parse(&text).map(|envelope| envelope.signature());
            let _ = AnyKey::from_pem(&text).map(|key| (key.id(), key.is_weak(), key.may_fit(&[48; 64])));
            let _ = SigningKey::from_pem(&text);
            let _ = clawsift::signature::manifest::Manifest::parse(&text);
        }
    }
}
