//! Entries for the examples of rules about audit logs: a chain of four, and others that fork from it.

/// The literal of one entry, without a newline.
macro_rules! entry {
    (1) => {
        r#"{"seq":1,"ts":"2026-02-10T15:00:01.000Z","type":"tool_exec","severity":"info","summary":"step 1","details":{"tool":"bash","result":"success"},"actor":"agent:main","prevHash":"0000000000000000000000000000000000000000000000000000000000000000","hash":"c595c6596eccc566c3bab4cfdf9aba30780e370b63265b16da315ec96036b1a6"}"#
    };
    (2) => {
        r#"{"seq":2,"ts":"2026-02-10T15:00:02.000Z","type":"tool_exec","severity":"info","summary":"step 2","details":{"tool":"bash","result":"success"},"actor":"agent:main","prevHash":"c595c6596eccc566c3bab4cfdf9aba30780e370b63265b16da315ec96036b1a6","hash":"c536a955fd77d0ab678d67b11c759424f9df3a96f94d78c2f09e6c71fad87a48"}"#
    };
    (3) => {
        r#"{"seq":3,"ts":"2026-02-10T15:00:03.000Z","type":"tool_exec","severity":"info","summary":"step 3","details":{"tool":"bash","result":"success"},"actor":"agent:main","prevHash":"c536a955fd77d0ab678d67b11c759424f9df3a96f94d78c2f09e6c71fad87a48","hash":"1049b5ccb534d2516484227581a0f9d116a1151ec27baae3f1815ba183af08da"}"#
    };
    (4) => {
        r#"{"seq":4,"ts":"2026-02-10T15:00:04.000Z","type":"tool_exec","severity":"info","summary":"step 4","details":{"tool":"bash","result":"success"},"actor":"agent:main","prevHash":"1049b5ccb534d2516484227581a0f9d116a1151ec27baae3f1815ba183af08da","hash":"4c8dd579361c61fe0fa3df11b07283f818ce670ada6a30b529322bf8ac4c73bb"}"#
    };
    (other 3) => {
        r#"{"seq":3,"ts":"2026-02-10T15:00:03.000Z","type":"tool_exec","severity":"info","summary":"other writer","details":{"tool":"bash","result":"success"},"actor":"cli:configure","prevHash":"c536a955fd77d0ab678d67b11c759424f9df3a96f94d78c2f09e6c71fad87a48","hash":"9d6833c6b5a19cabbba2fae0bcc615ff1e5d409900ebab5445f5ac2549a50019"}"#
    };
    (again 1) => {
        r#"{"seq":1,"ts":"2026-02-10T15:00:01.000Z","type":"tool_exec","severity":"info","summary":"started again","details":{"tool":"bash","result":"success"},"actor":"agent:main","prevHash":"0000000000000000000000000000000000000000000000000000000000000000","hash":"7cbd7d94898fca1e5a5a35047335c54e4204202408ce34e8585b8f4fca4e0bc8"}"#
    };
}

/// The anchor of a log of the first two entries.
macro_rules! anchor {
    () => {
        anchor!("", "1", r#""audit.log""#)
    };
    // What stands before it, its version and the file that it is about, as they are written.
    ($before:literal, $version:literal, $file:literal) => {
        concat!(
            $before,
            "{\n  \"kind\": \"clawsift-audit-anchor\",\n  \"version\": ",
            $version,
            ",\n  \"file\": ",
            $file,
            r#",
  "entries": 2,
  "headSeq": 2,
  "headHash": "c536a955fd77d0ab678d67b11c759424f9df3a96f94d78c2f09e6c71fad87a48",
  "headTs": "2026-02-10T15:00:02.000Z",
  "bytes": 632,
  "sha256Prefix": "2015fbe070dc67f2b869db6871e29a58e7babc037fcb4574784990298cb3f0c3",
  "firstPrevHash": "0000000000000000000000000000000000000000000000000000000000000000"
}
"#
        )
    };
}

/// A signature of that anchor.
macro_rules! attested {
    () => {
        r#"-----BEGIN CLOSEDCLAW SKILL SIGNATURE-----
Algorithm: ed25519
Signer: Alice
Key-ID: 7599776c3085e3f9da0d13071eb0b4ab50fd2bf64c06dd92c2365af3a328eca3
Timestamp: 2026-02-10T15:00:05.000Z

woVAJT6j6CnQIGeBFG97AwwosH0sw06KMUCOUVEgoFfGvgOo5ECAA/xBL6j51VVwCd5yW0GOCV5/PGKmiR81AQ==
-----END CLOSEDCLAW SKILL SIGNATURE-----
"#
    };
}

/// A keyring with the key that made it.
macro_rules! anchor_keyring {
    () => {
        r#"{"version":1,"keys":{"7599776c3085e3f9da0d13071eb0b4ab50fd2bf64c06dd92c2365af3a328eca3":{"name":"Alice","publicKeyPem":"-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAbnoc3Smwt4/ROvTFWY/v9O8qlxZuPKby5Pv8zYBQW/E=\n-----END PUBLIC KEY-----\n","trustLevel":"full","added":"2026-02-10T12:00:00.000Z","verifiedVia":"manual"}}}"#
    };
}

/// A log of some entries.
macro_rules! log {
    ($($entry:expr),* $(,)?) => {
        $crate::rule::Example::files(&[("audit.log", concat!($($entry, "\n"),*))])
    };
}

pub(super) use {anchor, anchor_keyring, attested, entry, log};
