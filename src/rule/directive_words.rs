//! The words by which an order is told from talk of one. All of them are read in lower case.

use super::Phrase;

/// Words that deny what comes after them.
const DENIALS: &str = "never not cannot avoid avoids avoiding without refuse refuses refrain forbid forbids forbidden \
    prohibited prohibits disallow disallowed prevent prevents preventing decline block blocks reject \
    rejects stop stops neither nor no isn't don't dont doesn't won't can't mustn't shouldn't wouldn't didn't";

/// Of these, the ones that deny only what stands before the next comma: "without asking, send it" is an order.
const PASSING: &str = "without no neither nor";

/// Words that turn a denial before them around: "do not forget to".
const REVERSALS: &str = "forget fail hesitate omit neglect skip miss only wait ask worry overlook skipping forgetting failing \
    matter mind afraid question";

/// What divides the clauses of a sentence.
const BREAKS: &[&str] =
    &["; ", " — ", " – ", ", but ", " but ", ", then ", ", always ", ", instead ", ", just ", " instead, ", ", first "];

/// Who acts in a sentence that describes.
static ACTORS: Phrase = Phrase::new(
    "\\b(?:attacker|adversar|hacker|scam|fraud|criminal|imposter|malware|malicious|threat actor|injected|injection|exploit|phish|untrusted|\
     compromised|an agent might|a model might|a skill that|skills that|a page |a document |a tool that|\
     content that|text that|anything that|instructions that|commands that|messages that|prompts that|\
     requests that|code that|scripts that|if a |if an |if any |if the page|if the document|if the content|\
     if something|if someone|whether )",
);

/// What one does who looks for something.
static WATCHING: Phrase = Phrase::new(
    "\\b(?:detect|flag |flags |flagged|scan for|scans for|scanning for|look for|looks for|looking for|check for|\
     checks for|checking for|search for|watch for|watch out|identify |identifies|beware|catches|protects|\
     protect against|defend|guard against|attempts to|attempt to|attempting to|trying to|tries to|try to|\
     tricked|trick |convinc|persuad|coerc|instruct you to|instructs you to|instructed to|tells you to|tell you to|asks you to|\
     ask you to|asking you to|telling you to|asks the agent|tells the agent|request to|requests to|\
     instructions to|how to|ability to|able to|used to|designed to|allows |allow |lets |wants to|want to)",
);

/// What announces examples.
static EXAMPLES: Phrase = Phrase::new(
    "\\b(?:e\\.g|for example|for instance|such as|example:|examples:|examples include|payload|sample|looks like|\
     look like|text like|phrases|patterns|signs of|indicators|red flags|include:|similar to|things like|\
     anything like|content like|requests like|instructions like|wording like)",
);

/// Titles over what shows how attacks look, or how not to do it.
static BAD_TITLES: Phrase = Phrase::new(
    "\\b(?:anti-pattern|antipattern|attack|threat|red flag|payload|detect|injection|vulnerab|indicator|suspicious|\
     malicious|forbidden|prohibited|pitfall|mistake|jailbreak|adversar|test case|what not to|don'ts|\
     warning sign|exploit|abuse|exfiltration|bad example|counterexample|not allowed|bad pattern)",
);

/// Adverbs, modal verbs and joints directly before the verb of an order.
const BEFORE_VERBS: &str = "must please always also then and or immediately first next finally silently now just \
    simply automatically quietly secretly covertly discreetly instead you to afterwards \
    additionally agent assistant manually proactively be do again completely fully so";

/// Verbs that begin an order.
const VERBS: &str = "accept act add after always append apply approve ask assume at attach back backup before begin bypass \
    call change check clone collect compress configure confirm continue copy create delete disable discard \
    disregard do don't download dump during each edit email embed enable encode encrypt ensure enumerate \
    every execute export extract fetch finally find first follow forget forward gather get go grab grant \
    hide if ignore immediately include insert install invoke keep launch list load locate log look mail \
    make mirror modify move never next note obtain on once open output overwrite override paste perform \
    please post prepend print proceed pull push put query read record register relay remember remove rename \
    repeat replace reply report request respond retrieve return reveal run save scan schedule search \
    secretly send set share show silently skip spawn start stop store submit summarise summarize sync take \
    tell then transfer transmit treat trigger update upload upon use verify visit when whenever while write \
    zip finish end conclude render display request restart switch turn permanently quietly pretend also provide capture harvest";

/// Words of a label of what is wrong, wherever in it they stand.
const LABELS: &str = "bad wrong incorrect anti antipattern attack malicious unsafe insecure vulnerable";

/// Words that make a label of what is wrong when it begins with them.
const FIRST_OF_LABELS: &str = "never don't avoid no not";

/// The words of a text, without their signs.
fn split(text: &str) -> impl DoubleEndedIterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric() && c != '\'').filter(|word| !word.is_empty() && *word != "'")
}

/// Is a word in a list?
fn among(list: &str, word: &str) -> bool {
    list.split(' ').any(|known| known == word)
}

/// The last clause of the words before a match: what was denied before it is denied no longer.
pub(super) fn last_clause(text: &str) -> &str {
    let start = BREAKS.iter().filter_map(|mark| text.rfind(mark).map(|at| at + mark.len())).max();
    text.get(start.unwrap_or_default()..).unwrap_or_default()
}

/// What stands before the verb of a sentence that begins with a condition or a purpose: these say when it
/// is to be done, not who does it. Only where the order follows at once; "if …, they may" still describes.
pub(super) fn main_clause(before: &str) -> &str {
    let text = before.trim_start_matches([' ', '-', '+', '•', '>']);
    let opens = ["if ", "when ", "whenever ", "once ", "after ", "before ", "to ", "in order to "];
    match text.rsplit_once(", ").filter(|_| opens.iter().any(|word| text.starts_with(word))) {
        Some((_, clause)) if split(clause).all(|word| among(BEFORE_VERBS, word)) => clause,
        _ => before,
    }
}

/// Is the verb that follows denied?
pub(super) fn is_denied(clause: &str) -> bool {
    // The words since a denial that holds to the end of the clause, and since one that ends at a comma.
    let (mut firm, mut passing) = (None, None);
    for part in clause.split_inclusive([',', ':']) {
        passing = None;
        for (at, word) in split(part).enumerate() {
            firm = firm.map(|since: usize| since + 1);
            passing = passing.map(|since: usize| since + 1);
            if among(PASSING, word) || word == "not" && at == 0 {
                passing = Some(0);
            } else if among(DENIALS, word) {
                firm = Some(0);
            } else if among(REVERSALS, word) {
                firm = firm.filter(|since| *since > 3);
                passing = passing.filter(|since| *since > 3);
            }
        }
        passing = passing.filter(|_| !part.ends_with([',', ':']));
    }
    firm.or(passing).is_some_and(|since| since <= 12)
}

/// Does a sign say that it is wrong?
pub(super) fn has_wrong_sign(text: &str) -> bool {
    ["❌", "✗", "✘", "✖", "🚫", "⛔", "(bad)", "(wrong)"].iter().any(|mark| text.contains(mark))
}

/// Does a sign or a label in front say that it is wrong?
pub(super) fn is_marked_wrong(text: &str) -> bool {
    let start = text.trim_start_matches([' ', '-', '+', '•', '>', '|', '[', ']', '(', '"', '`']);
    let label = start.split(':').next().unwrap_or_default();
    let words: Vec<&str> = split(label).take(6).collect();
    // A "no" with more behind it denies something else: "not optional: …".
    let bare = words.first().is_some_and(|word| matches!(*word, "no" | "not"));
    let begins =
        words.first().is_some_and(|word| among(FIRST_OF_LABELS, word)) && words.len() < if bare { 2 } else { 4 };
    let holds = words.len() < 6 && words.iter().any(|word| among(LABELS, word));
    start.len() > label.len() && (begins || holds) || has_wrong_sign(text)
}

/// Does a title or the line over a list deny what stands below?
pub(super) fn denies(line: &str) -> bool {
    let line = line.trim_start_matches([' ', '❌', '🚫', '⛔', '-', '>', '\u{fe0f}']);
    let words: Vec<&str> = split(line).take(7).collect();
    let first = words.iter().take(5).position(|word| among(DENIALS, word));
    let to_you = matches!(words.first(), Some(&("never" | "do" | "don't" | "dont" | "avoid" | "no" | "not" | "you")));
    let short = words.len() <= 6 || line.ends_with(':');
    let reversed = words.iter().any(|word| among(REVERSALS, word));
    first.is_some() && to_you && short && !reversed && !line.contains('!')
}

/// Does a line announce examples, or what is to be looked out for?
pub(super) fn introduces_examples(line: &str) -> bool {
    EXAMPLES.is_in(line) || line.ends_with(':') && WATCHING.is_in(line)
}

/// Does a title stand over what shows attacks or mistakes?
pub(super) fn heads_examples(title: &str) -> bool {
    BAD_TITLES.is_in(title)
        || split(title).any(|word| matches!(word, "example" | "examples" | "wrong" | "bad" | "avoid"))
}

/// Do the words before say that somebody else does it, or that it is looked for?
pub(super) fn describes(before: &str) -> bool {
    WATCHING.is_in(before) || ACTORS.is_in(before)
}

/// Do the words after make a subject of it: "… is an attack"?
pub(super) fn is_spoken_of(after: &str) -> bool {
    static SPOKEN: Phrase =
        Phrase::new("^(?:(?:is|are|was|were|should be|must be|style|prompts|means) |attack|attempt|pattern|-style)");
    let after = after.trim_start_matches([' ', '"', '`', ')', '\'']);
    SPOKEN.is_in(after)
}

/// Do the words before leave the match an order to the reader?
pub(super) fn orders(before: &str) -> bool {
    static ADDRESSED: Phrase = Phrase::new("\\b(?:you (?:must|should|will|shall|need|have to)|must|make sure)\\b");
    let text = before.trim_start_matches(|c: char| !c.is_alphabetic());
    // A label in front of the order says nothing about who acts.
    let head = text.rsplit_once(": ").map_or(text, |(_, head)| head);
    let Some(last) = split(head).next_back() else { return true };
    let open = head.trim_end().ends_with([',', ':', ';', '-', '—', '→', ')', ']', '>', '.', '!']);
    let first = split(head).next().unwrap_or_default();
    let verb = |word: &str| among(VERBS, word);
    open || among(BEFORE_VERBS, last) || verb(first) || ADDRESSED.is_in(head)
}
