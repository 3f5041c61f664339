//! The header of compiled Python: which source it says it was made from.

/// What compiled Python says of its source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bytecode {
    /// The number of the Python release's bytecode, such as 3495 for 3.11.
    pub magic: u16,
    /// How the interpreter finds out whether the source changed since.
    pub made_from: MadeFrom,
}

/// How compiled Python names its source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MadeFrom {
    /// By the time of its last change in seconds since 1970, and by its size in bytes, both modulo 2³².
    /// Before Python 3.3 there is no size.
    Stamp {
        /// Time of the source's last change.
        time: u32,
        /// Size of the source.
        size: Option<u32>,
    },
    /// By a keyed hash of its text.
    Hash {
        /// The hash.
        hash: [u8; 8],
        /// Does the interpreter look at the source at all? When not, the two may differ unnoticed.
        checked: bool,
    },
}

/// Reads the header of compiled Python. None when the bytes are something else.
#[must_use]
pub fn bytecode(head: &[u8]) -> Option<Bytecode> {
    let word = |from: usize| Some(u32::from_le_bytes(head.get(from..from + 4)?.try_into().ok()?));
    let magic = u16::from_le_bytes(head.get(..2)?.try_into().ok()?);
    if head.get(2..4)? != b"\r\n" {
        return None;
    }
    let made_from = match magic {
        // Python 2.0 to 2.7, and 3.0 to 3.2.
        50_823 | 60_202 | 60_717 | 62_000..=62_220 | 3_000..=3_189 => MadeFrom::Stamp { time: word(4)?, size: None },
        3_190..=3_389 => MadeFrom::Stamp { time: word(4)?, size: Some(word(8)?) },
        3_390..=4_999 => match word(4)? {
            0 => MadeFrom::Stamp { time: word(8)?, size: Some(word(12)?) },
            flags @ (1 | 3) => MadeFrom::Hash { hash: head.get(8..16)?.try_into().ok()?, checked: flags == 3 },
            _ => return None,
        },
        _ => return None,
    };
    Some(Bytecode { magic, made_from })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_of_several_releases() {
        let stamp = [&3495u16.to_le_bytes()[..], b"\r\n", &[0; 4], &7u32.to_le_bytes(), &9u32.to_le_bytes()].concat();
        let expected = Bytecode { magic: 3495, made_from: MadeFrom::Stamp { time: 7, size: Some(9) } };
        assert_eq!(bytecode(&stamp), Some(expected));
        let hash = [&3495u16.to_le_bytes()[..], b"\r\n", &1u32.to_le_bytes(), &[5; 8]].concat();
        let expected = Bytecode { magic: 3495, made_from: MadeFrom::Hash { hash: [5; 8], checked: false } };
        assert_eq!(bytecode(&hash), Some(expected));
        let old = [&62211u16.to_le_bytes()[..], b"\r\n", &7u32.to_le_bytes()].concat();
        assert_eq!(bytecode(&old), Some(Bytecode { magic: 62211, made_from: MadeFrom::Stamp { time: 7, size: None } }));
        assert_eq!(bytecode(b"ab\r\ntext of two lines"), None);
        assert_eq!(bytecode(&stamp[..15]), None);
    }
}
