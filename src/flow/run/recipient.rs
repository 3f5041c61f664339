//! Mail addresses that stand in the code.

use std::ops::Range;

use super::super::Recipient;
use super::super::program::Program;
use super::super::token::Kind;
use super::super::words::{is_recipient_field, mail_address};
use super::Run;

impl Run<'_, '_> {
    /// Mail addresses that stand in the code as the value of something that names a recipient.
    pub(super) fn recipients(&mut self) {
        let tokens = &self.program.tokens;
        let mut found = Vec::new();
        for at in 0..tokens.all.len() {
            if tokens.kind(at) != Some(Kind::Text) {
                continue;
            }
            let Some(address) = mail_address(tokens.body(at)) else { continue };
            let Some((field, fallback)) = named_by(&self.program, at) else { continue };
            let range: Range<usize> = tokens.bytes(at, at + 1);
            found.push(Recipient { address: address.to_owned(), range, field, fallback });
        }
        self.rec.found().recipients.extend(found);
    }
}

/// The field or variable that a literal is for, and whether something else comes before it.
fn named_by(program: &Program, literal: usize) -> Option<(String, bool)> {
    let tokens = &program.tokens;
    let mut fallback = false;
    for at in (literal.saturating_sub(14)..literal).rev() {
        match tokens.str(at) {
            "or" | "||" | "??" | "else" => fallback = true,
            "=" | ":" => {
                let before = at.checked_sub(1)?;
                let before = if tokens.is(before, "]") { before.checked_sub(1)? } else { before };
                let name =
                    if tokens.kind(before) == Some(Kind::Text) { tokens.body(before) } else { tokens.str(before) };
                if name == "default" {
                    fallback = true;
                    continue;
                }
                return is_recipient_field(name)
                    .then(|| (name.to_ascii_lowercase(), fallback || name.to_ascii_lowercase().contains("fallback")));
            }
            _ if tokens.kind(at) == Some(Kind::Text) && fallback => {
                let name = tokens.body(at).trim_start_matches('-').replace('-', "_");
                if is_recipient_field(&name) {
                    return Some((name.to_ascii_lowercase(), true));
                }
            }
            _ if tokens.kind(at) == Some(Kind::Newline) => return None,
            _ => {}
        }
    }
    None
}
