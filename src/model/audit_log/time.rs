//! The times of entries as the logger writes them, and as numbers that can be compared.

/// A time such as `2026-02-10T15:00:00.000Z` as 17 digits; none when it has another form.
#[must_use]
pub fn packed(text: &[u8; 24]) -> Option<u64> {
    /// Where the signs stand.
    const SIGNS: [(usize, u8); 7] = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':'), (19, b'.'), (23, b'Z')];
    if SIGNS.iter().any(|(at, sign)| text[*at] != *sign) {
        return None;
    }
    let mut wrong = false;
    let mut number = |from: usize, to: usize| {
        text[from..to].iter().fold(0_u64, |value, byte| {
            let digit = byte.wrapping_sub(b'0');
            wrong |= digit > 9;
            value * 10 + u64::from(digit)
        })
    };
    let (year, month, day) = (number(0, 4), number(5, 7), number(8, 10));
    let (hour, minute, second, milli) = (number(11, 13), number(14, 16), number(17, 19), number(20, 23));
    let real = (1..=12).contains(&month) && (1..=31).contains(&day) && hour < 24 && minute < 60 && second < 60;
    if wrong || !real {
        return None;
    }
    let date = (year * 100 + month) * 100 + day;
    Some((((date * 100 + hour) * 100 + minute) * 100 + second) * 1000 + milli)
}

/// The packed form of milliseconds since 1970, when the year has four digits.
#[must_use]
pub fn pack(milliseconds: i64) -> Option<u64> {
    let stamp = jiff::Timestamp::from_millisecond(milliseconds).ok()?;
    let text = format!("{stamp:.3}");
    packed(text.as_bytes().first_chunk::<24>().filter(|_| text.len() == 24)?)
}

/// A packed time as people read it: `2026-02-10 15:00:00`.
#[must_use]
pub fn shown(packed: u64) -> String {
    let digits = format!("{packed:017}");
    let part = |from: usize, to: usize| digits.get(from..to).unwrap_or_default();
    format!("{}-{}-{} {}:{}:{}", part(0, 4), part(4, 6), part(6, 8), part(8, 10), part(10, 12), part(12, 14))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_form_of_the_logger_is_packed() {
        assert_eq!(packed(b"2026-02-10T15:04:05.678Z"), Some(20_260_210_150_405_678));
        for wrong in [
            b"2026-02-10T15:04:05.678z",
            b"2026-13-10T15:04:05.678Z",
            b"2026-02-00T15:04:05.678Z",
            b"2026-02-10T24:04:05.678Z",
            b"2026-02-10 15:04:05.678Z",
            b"2026-02-10T15:04:05,678Z",
            b"2026-02-1/T15:04:05.678Z",
            b"+026-02-10T15:04:05.678Z",
        ] {
            assert_eq!(packed(wrong), None, "{}", String::from_utf8_lossy(wrong));
        }
        assert_eq!(pack(1_770_735_845_678), Some(20_260_210_150_405_678));
        assert_eq!(shown(20_260_210_150_405_678), "2026-02-10 15:04:05");
    }
}
