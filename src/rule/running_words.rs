//! The words by which a command that runs is told from one that is only spoken of.

use super::Phrase;

/// What a statement must hold for a command in a string to be run.
const RUNS: &[&str] = &[
    "system(",
    "popen(",
    "exec(",
    "exec ",
    "execsync(",
    "execfile",
    "spawn",
    "subprocess",
    "run(",
    "run_command",
    "call(",
    "check_output",
    "shell(",
    "shell=",
    "shell:",
    "eval",
    "cmd =",
    "cmd=",
    "cmd:",
    "command =",
    "command=",
    "command:",
    "sh -c",
    "sh', '-c",
    "sh\", \"-c",
    "bash -c",
    "ssh ",
    "su -c",
    "xargs",
    "nohup",
    "crontab",
    "osascript",
    "invoke-",
    "start-process",
    "iex",
    "powershell",
    "sudo",
    "`",
];

/// Calls that run the text they are given, by their last name in lower case.
const CALLS: &str = "system popen exec execsync execfile execfilesync spawn spawnsync run call check_call check_output \
    getoutput getstatusoutput shell shell_exec passthru proc_open eval run_command runcommand";

/// Words of statements that only say something, or look for it.
const SAYS: &str = "print printf println eprintln fprintf pprint echo log logger logging warn error debug fail failure die \
    usage help message msg say throw raise grep egrep re regex regexp pattern match matcher assert expect hint \
    description title todo note fix remediation recommend recommendation suggest suggestion instruction label detail \
    tip block deny denied dangerous forbidden blacklist blocklist denylist";

/// The same with a sign.
const SAYS_BY_SIGN: &[&str] = &[
    "console.",
    "info(",
    "info ",
    "write-host",
    "write-output",
    "test(",
    "=~",
    "case ",
    "includes(",
    "contains(",
    "startswith(",
    "sys.exit",
];

/// Programs that show the text they are given, or look for it.
const SHOWS: &str = "echo printf print grep egrep rg logger logging";

/// Does a statement hold what runs a command?
pub(super) fn runs(statement: &str) -> bool {
    let lower = statement.to_ascii_lowercase();
    RUNS.iter().any(|word| lower.contains(word))
}

/// Does a statement only say something, or look for it?
pub(super) fn says(statement: &str) -> bool {
    has_sign(statement) || words(statement).any(|word| says_so(&word.to_ascii_lowercase()))
}

/// The same of a command of a shell, which its program or the variable that it sets tells.
pub(super) fn says_in_shell(command: &str) -> bool {
    let before =
        ["if", "then", "else", "elif", "while", "until", "do", "!", "sudo", "local", "export", "readonly", "declare"];
    let program = command.split_whitespace().find(|word| !before.contains(word)).unwrap_or_default();
    let program = program.split('=').next().unwrap_or_default();
    has_sign(command) || words(program).any(|word| says_so(&word.to_ascii_lowercase()))
}

fn has_sign(statement: &str) -> bool {
    let lower = statement.to_ascii_lowercase();
    let signed = |sign: &&str| {
        let mut places = lower.match_indices(*sign).map(|(at, _)| lower.get(..at).unwrap_or_default());
        places.any(|before| !(sign.starts_with(char::is_alphabetic) && before.ends_with(char::is_alphanumeric)))
    };
    SAYS_BY_SIGN.iter().any(signed)
}

/// Is it one of the words, or a form of it?
fn says_so(word: &str) -> bool {
    let stem = |ending: &str| word.strip_suffix(ending).is_some_and(|stem| among(SAYS, stem));
    ["", "s", "es", "ed", "ing", "ings"].iter().any(|ending| stem(ending))
}

/// The words of code: `showHelp` and `show_help` are two each.
fn words(code: &str) -> impl Iterator<Item = &str> {
    let mut rest = code;
    std::iter::from_fn(move || {
        rest = rest.trim_start_matches(|c: char| !c.is_ascii_alphanumeric());
        let mut lower = false;
        let end = rest.find(|c: char| {
            let new = !c.is_ascii_alphanumeric() || lower && c.is_ascii_uppercase();
            lower = c.is_ascii_lowercase();
            new
        });
        let (word, behind) = rest.split_at(end.unwrap_or(rest.len()));
        rest = behind;
        (!word.is_empty()).then_some(word)
    })
}

fn among(list: &str, word: &str) -> bool {
    !word.is_empty() && list.split_ascii_whitespace().any(|known| known == word)
}

/// Does a command begin with a program that shows the text that follows?
pub(super) fn shows(command: &str) -> bool {
    let first = command.split(|c: char| !c.is_ascii_alphanumeric()).find(|word| !word.is_empty());
    first.is_some_and(|word| among(SHOWS, word))
}

/// The call whose bracket is still open at the end of some code, with what it is a part of, and its arguments
/// so far: `subprocess.run` and `["` of `x = subprocess.run(["`.
pub(super) fn open_call(code: &str) -> Option<(&str, &str)> {
    let mut open = Vec::new();
    for (at, c) in code.char_indices() {
        match c {
            '(' | '[' => open.push(at),
            ')' | ']' => drop(open.pop()),
            _ => {}
        }
    }
    open.into_iter().rev().find_map(|at| {
        let head = code.get(..at)?;
        let part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '/' | ')');
        let start = head.char_indices().rev().find(|(_, c)| !part(*c)).map_or(0, |(at, c)| at + c.len_utf8());
        let call = head.get(start..).filter(|call| call.ends_with(|c: char| c.is_alphanumeric() || c == '_'))?;
        Some((call, code.get(at + 1..)?))
    })
}

/// Does a call run the text that it is given?
pub(super) fn runs_its_text(call: &str) -> bool {
    among(CALLS, &call.rsplit('.').next().unwrap_or(call).to_ascii_lowercase())
}

/// Does a call look in its text for an expression, as `pattern.exec` and `/x/.exec` do?
pub(super) fn looks_for_its_text(call: &str) -> bool {
    let of = call.strip_suffix(".exec");
    of.is_some_and(|of| of.ends_with('/') || words(of).any(|word| searches(&word.to_ascii_lowercase())))
}

fn searches(name: &str) -> bool {
    among(SEARCHES, name) || says_so(name)
}

/// What things are called by which texts are searched.
const SEARCHES: &str = "re regex regexp rx pattern patterns matcher";

/// Do the words around a block of code say that it shows what not to do, or what somebody else does?
pub(super) fn warns(text: &str) -> bool {
    static WARNS: Phrase = Phrase::new(
        r"\b(?:never|do not|don(?:'|’)t|must not|avoid|unsafe|insecure|dangerous|malicious|anti-?pattern|red flags?|suspicious|refuses?|vulnerab\w+)\b|\b(?:attackers?|adversar\w+|malware|exploits?)\b|\b(?:is|are|gets?|be|will be|would be) (?:denied|blocked|flagged|rejected|detected|forbidden)\b|\b(?:detects?|blocks?|flags?|denies|forbids?|catches) (?:\w+ ){0,3}(?:commands?|patterns?|calls?|attempts?|lines?|code|scripts?)\b|\b(?:attack|payload|injection)s?(?: \w+)?:|\b(?:bad|wrong|incorrect)(?: example)?:|(?:#|//) (?:bad|wrong|incorrect)\b|❌|✗|🚫|⛔",
    );
    WARNS.is_in(text)
}
