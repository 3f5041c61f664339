use super::*;

fn shown(language: Language, text: &str) -> Vec<(ZoneKind, &str)> {
    let zones = zones(language, text);
    for pair in zones.windows(2) {
        assert!(pair[0].end <= pair[1].start, "{pair:?}");
    }
    let mut covered = vec![false; text.len()];
    for zone in &zones {
        assert!(zone.start < zone.end && zone.block_start <= zone.start && zone.end <= zone.block_end, "{zone:?}");
        covered[zone.start as usize..zone.end as usize].fill(true);
    }
    for (at, c) in text.char_indices() {
        assert!(covered[at] || c.is_whitespace() || c == '\u{feff}', "{c:?} at {at} is in no zone of {text:?}");
    }
    zones.iter().map(|zone| (zone.kind, &text[zone.start as usize..zone.end as usize])).collect()
}

use ZoneKind::{Code, Comment, Data, DataString, Prose, Str};

#[test]
fn languages_by_name_and_by_first_line() {
    #[rustfmt::skip]
    let table = [
        ("a/run.sh", "", Language::Shell), ("x.command", "", Language::Shell), ("t.bats", "", Language::Shell),
        ("a.zsh", "", Language::Shell), ("a.pyw", "", Language::Python), ("a.mjs", "", Language::JavaScript),
        ("a.tsx", "", Language::JavaScript), ("m.psm1", "", Language::PowerShell), ("a.BAT", "", Language::Batch),
        ("Makefile", "", Language::Other), ("Dockerfile", "", Language::Other), ("a.rb", "", Language::Other),
        ("package.json", "", Language::Data), ("x.lock", "", Language::Data), ("a.xsd", "", Language::Data),
        ("SKILL.md", "", Language::Markdown), ("rule.mdc", "", Language::Markdown), ("notes.txt", "", Language::Text),
        ("LICENSE", "MIT License", Language::Text), ("bin/tool", "#!/usr/bin/env -S python3.12 -u", Language::Python),
        ("bin/tool", "#!/bin/bash -e", Language::Shell), ("bin/tool", "#!/usr/bin/env node", Language::JavaScript),
        ("bin/tool", "#!/usr/bin/perl", Language::Other), (".bashrc", "", Language::Shell), (".env", "", Language::Data),
    ];
    for (path, first, expected) in table {
        assert_eq!(language(path, first), expected, "{path} {first}");
    }
}

#[test]
fn python_strings_docstrings_and_comments() {
    let text =
        "def f(a):  # note\n    \"\"\"Say 'hi'.\n\n    More.\"\"\"\n    return rf'{a}\\'' + \"x\" + b'''y\n'''\n";
    assert_eq!(
        shown(Language::Python, text),
        [
            (Code, "def f(a):"),
            (Comment, "# note"),
            (Comment, "\"\"\"Say 'hi'.\n\n    More.\"\"\""),
            (Code, "return"),
            (Str, "rf'{a}\\''"),
            (Code, "+"),
            (Str, "\"x\""),
            (Code, "+"),
            (Str, "b'''y\n'''"),
        ]
    );
    // A string in an argument list is no docstring, and a quote in a word opens none.
    assert_eq!(shown(Language::Python, "f(\n'x'\n)"), [(Code, "f("), (Str, "'x'"), (Code, ")")]);
    assert_eq!(shown(Language::Python, "x = 'open\ny = 1"), [(Code, "x ="), (Str, "'open"), (Code, "y = 1")]);
}

#[test]
fn blocks_are_statements() {
    let text = "a = 1\nb = f(\n    'x',\n    y,\n)\n# one\n# two\n\n# three\nc = 2\n";
    let zones = zones(Language::Python, text);
    let block = |zone: &Zone| &text[zone.block_start as usize..zone.block_end as usize];
    let of = |needle: &str| {
        let at = offset(text.find(needle).unwrap());
        block(super::super::zone::zone_at(&zones, at).unwrap())
    };
    assert_eq!(of("a ="), "a = 1");
    assert_eq!(of("'x'"), "b = f(\n    'x',\n    y,\n)");
    assert_eq!(of("# one"), "# one\n# two");
    assert_eq!(of("# three"), "# three");
}

#[test]
fn javascript_regular_expressions_and_templates() {
    let text = "const a = b / c / d; // q\nreturn /['\"]\\/[/]/g.test(`x ${f(`}`, '}')} 'y`) /* z */;";
    assert_eq!(
        shown(Language::JavaScript, text),
        [
            (Code, "const a = b / c / d;"),
            (Comment, "// q"),
            (Code, "return"),
            (Str, "/['\"]\\/[/]/g"),
            (Code, ".test("),
            (Str, "`x ${f(`}`, '}')} 'y`"),
            (Code, ")"),
            (Comment, "/* z */"),
            (Code, ";"),
        ]
    );
}

#[test]
fn shell_quotes_comments_and_heredocs() {
    let text = "echo a#b \"x $(cat \"f\") y\" # c\ncat <<'EOF' | sh\nrun 'it\nEOF\necho ${#x} $'a\\'b' <<< word\n";
    assert_eq!(
        shown(Language::Shell, text),
        [
            (Code, "echo a#b"),
            (Str, "\"x $(cat \"f\") y\""),
            (Comment, "# c"),
            (Code, "cat <<'EOF' | sh"),
            (Str, "run 'it\n"),
            (Code, "EOF"),
            (Code, "echo ${#x}"),
            (Str, "$'a\\'b'"),
            (Code, "<<< word"),
        ]
    );
    // A shift is no here-document.
    assert_eq!(shown(Language::Shell, "x=$((1<<n))\ny\n"), [(Code, "x=$((1<<n))"), (Code, "y")]);
}

#[test]
fn powershell_batch_and_others() {
    assert_eq!(
        shown(Language::PowerShell, "<# a #> $x = @\"\nhi 'you\n\"@ # c\n'it''s' \"a`\"b\""),
        [
            (Comment, "<# a #>"),
            (Code, "$x ="),
            (Str, "@\"\nhi 'you\n\"@"),
            (Comment, "# c"),
            (Str, "'it'"),
            (Str, "'s'"),
            (Str, "\"a`\"b\""),
        ]
    );
    assert_eq!(
        shown(Language::Batch, "@rem hi\n:: there\necho \"a b\" c"),
        [(Comment, "@rem hi"), (Comment, ":: there"), (Code, "echo"), (Str, "\"a b\""), (Code, "c")]
    );
    assert_eq!(
        shown(Language::Other, "let x = \"a\"; // b\n# c\nfetch(https://x)"),
        [
            (Code, "let x ="),
            (Str, "\"a\""),
            (Code, ";"),
            (Comment, "// b"),
            (Comment, "# c"),
            (Code, "fetch(https://x)")
        ]
    );
}

#[test]
fn data_and_text() {
    assert_eq!(
        shown(Language::Data, "{\"a\": \"b c\", \"n\": 1}"),
        [
            (Data, "{"),
            (DataString, "\"a\""),
            (Data, ":"),
            (DataString, "\"b c\""),
            (Data, ","),
            (DataString, "\"n\""),
            (Data, ": 1}")
        ]
    );
    assert_eq!(
        shown(Language::Data, "# top\nkey: some words\nrun: |\n  step one\nlast: 1\n"),
        [
            (Comment, "# top"),
            (Data, "key:"),
            (DataString, "some words"),
            (Data, "run: |"),
            (DataString, "step one"),
            (Data, "last: 1")
        ]
    );
    assert_eq!(
        shown(Language::Data, "<svg><!-- c --><text>two words</text></svg>"),
        [
            (Data, "<svg>"),
            (ZoneKind::HtmlComment, "<!-- c -->"),
            (Data, "<text>"),
            (DataString, "two words"),
            (Data, "</text></svg>")
        ]
    );
    assert_eq!(shown(Language::Text, "a\nb\n\n  c \n"), [(Prose, "a\nb"), (Prose, "c")]);
}

#[test]
fn broken_texts_are_read_to_their_end() {
    #[rustfmt::skip]
    let texts = [
        "", "'", "\"", "`${", "`${`${", "\"\"\"", "'''x", "f'", "\\", "$(", "\"$(", "<<", "<<E", "cat <<E\n", "<#", "@\"\n",
        "/*", "//", "/", "#", "é'ü", "\u{feff}{", "a: '", "<", "<!--", "\"", "rem", "x = 'é\n'", "<<'", "`", "$'\\", "\"\\",
    ];
    let languages = [
        Language::Shell,
        Language::Python,
        Language::JavaScript,
        Language::PowerShell,
        Language::Batch,
        Language::Other,
        Language::Data,
        Language::Text,
    ];
    for language in languages {
        for text in texts {
            let _ = shown(language, text);
        }
    }
    let deep = "\"$(".repeat(20_000);
    let _ = shown(Language::Shell, &deep);
    let _ = shown(Language::JavaScript, &"`${".repeat(20_000));
}

#[test]
fn what_nothing_closes_is_looked_for_once() {
    let languages = [
        Language::Python,
        Language::JavaScript,
        Language::Shell,
        Language::PowerShell,
        Language::Batch,
        Language::Other,
    ];
    #[rustfmt::skip]
    let parts = [
        "\"", "'", "\\\"", "\"\\\"", "'\"", "`", "`${", "${", "$(", "\"$(", "/", "/[", "/[ ", "@\"", "@\"x", "@'\n", "<#", "/*", "#", "'''", "\"\"\"", "r'",
        "f'{", "<<A", "<<A\n", "(", "'\\", "--", "\"\n", "\\", " #", "\" ", "= /[",
    ];
    for language in languages {
        for part in parts {
            for head in ["", "\""] {
                let text = |times: usize| [head, &part.repeat(times)].concat();
                let looks = |text: String| crate::work::looks::of(|| drop(pieces(language, &text)));
                let (one, two) = (looks(text(6_000)), looks(text(12_000)));
                assert!(two < 3 * one + 100_000, "{language:?} {part:?}: {one} looks, and {two} for twice the text");
                assert!(two < 2_000_000, "{language:?} {part:?}: {two} looks");
            }
        }
    }
}

#[test]
fn letters_beyond_ascii_escape_nothing() {
    let text = "$x='\u{e7}'; iex $y; $z='\u{a7}'\n";
    let found: Vec<_> =
        pieces(Language::PowerShell, text).into_iter().map(|piece| &text[piece.start..piece.end]).collect();
    assert_eq!(found, ["'\u{e7}'", "'\u{a7}'"]);
}

#[test]
fn a_quote_that_closes_is_found_after_one_that_does_not() {
    let text = "a \\\" b \\\"\nputs \"x\"\n";
    let found: Vec<_> = pieces(Language::Other, text).into_iter().map(|piece| &text[piece.start..piece.end]).collect();
    assert_eq!(found, ["\"x\""]);
}
