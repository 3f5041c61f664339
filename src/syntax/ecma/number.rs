//! Numbers: a decimal text to a double and back.

/// What became of the spelling of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spelling {
    /// It is the canonical one.
    Same,
    /// Another one of the same number.
    Other,
    /// The text says a number that no double holds: several texts have this canonical one.
    Lossy,
}

/// Digits that a double always holds exactly.
const EXACT: usize = 15;

/// Appends the canonical text of a number that follows the grammar.
pub fn number(text: &str, out: &mut Vec<u8>) -> Spelling {
    let digits = text.strip_prefix('-').unwrap_or(text);
    if digits.len() <= EXACT && text != "-0" && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        out.extend_from_slice(text.as_bytes());
        return Spelling::Same;
    }
    let value: f64 = text.parse().unwrap_or(f64::NAN);
    if !value.is_finite() {
        out.extend_from_slice(b"null");
        return Spelling::Lossy;
    }
    let mut buffer = ryu_js::Buffer::new();
    let canonical = buffer.format_finite(value);
    out.extend_from_slice(canonical.as_bytes());
    if canonical == text {
        Spelling::Same
    } else if decimal(canonical) == decimal(text) {
        Spelling::Other
    } else {
        Spelling::Lossy
    }
}

/// Sign, significant digits and the power of ten of the last of them: equal for equal numbers.
fn decimal(text: &str) -> (bool, String, i64) {
    let negative = text.starts_with('-');
    let text = text.trim_start_matches('-');
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    let kept = digits.trim_end_matches('0');
    let cut = digits.len() - kept.len();
    let significant = kept.trim_start_matches('0');
    if significant.is_empty() {
        return (false, String::new(), 0);
    }
    // An exponent beyond the range gave infinity or zero before anybody asks here.
    let exponent: i64 = exponent.trim_start_matches('+').parse().unwrap_or(i64::MIN / 2);
    let signed = |length: usize| i64::try_from(length).unwrap_or(i64::MAX / 4);
    (negative, significant.to_owned(), exponent + signed(cut) - signed(fraction.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> (String, Spelling) {
        let mut out = Vec::new();
        let spelling = number(text, &mut out);
        (String::from_utf8(out).unwrap(), spelling)
    }

    #[test]
    fn numbers_are_written_as_ecmascript_writes_them() {
        for (text, canonical, spelling) in [
            ("0", "0", Spelling::Same),
            ("-0", "0", Spelling::Other),
            ("-0.0e5", "0", Spelling::Other),
            ("123456789012345", "123456789012345", Spelling::Same),
            ("100.0", "100", Spelling::Other),
            ("1E2", "100", Spelling::Other),
            ("1e21", "1e+21", Spelling::Other),
            ("100000000000000000000", "100000000000000000000", Spelling::Same),
            ("1e-7", "1e-7", Spelling::Same),
            ("0.000001", "0.000001", Spelling::Same),
            ("9007199254740993", "9007199254740992", Spelling::Lossy),
            ("0.10000000000000001", "0.1", Spelling::Lossy),
            ("1e400", "null", Spelling::Lossy),
            ("-1e400", "null", Spelling::Lossy),
            ("1e-400", "0", Spelling::Lossy),
            ("1e-99999999999999999999", "0", Spelling::Lossy),
            ("5e-324", "5e-324", Spelling::Same),
            ("1.7976931348623157e308", "1.7976931348623157e+308", Spelling::Other),
        ] {
            assert_eq!(of(text), (canonical.to_owned(), spelling), "{text}");
        }
    }
}
