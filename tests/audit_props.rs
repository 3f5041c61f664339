//! Properties of chains: what is changed is caught, what is cut off is caught with an anchor.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod audit_common;

use std::sync::Arc;

use audit_common::{chain, entry};
use clawsift::load::audit_log::{Place, Request, walk};
use clawsift::model::audit_log::{Anchor, AuditLog};
use proptest::prelude::*;
use proptest::sample::Index;

fn verified(text: &[u8], anchor: Option<&Anchor>) -> AuditLog {
    let anchor = anchor.map(|anchor| (anchor.clone(), "a".to_owned()));
    walk(&Place::Memory(Arc::from(text)), "audit.log", &Request { anchor, ..Request::default() }).unwrap().log
}

fn anchored(text: &[u8]) -> Anchor {
    let request = Request { whole: true, ..Request::default() };
    let log = walk(&Place::Memory(Arc::from(text)), "audit.log", &request).unwrap().log;
    assert!(log.is_intact());
    Anchor::of(&log, "audit.log").unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

    #[test]
    fn a_changed_byte_is_caught(count in 1_u64..6, at: Index, byte: u8) {
        let lines = chain(count);
        let mut text = lines.concat().into_bytes();
        let at = at.index(text.len() - 1);
        prop_assume!(text[at] != byte);
        prop_assert!(verified(&text, None).is_intact());
        text[at] = byte;
        let log = verified(&text, None);
        // Newlines between entries may be doubled by nobody but a blank, which JSON allows.
        let blank = lines.concat().as_bytes()[at] == b'\n' && byte == b'\r';
        prop_assert!(!log.is_intact() || blank, "byte {at} of {}", String::from_utf8_lossy(&text));
        prop_assert!(log.real.ok != Some(true) || blank);
    }

    #[test]
    fn a_removed_line_is_caught(count in 3_u64..12, at: Index) {
        let mut lines = chain(count);
        // The last one leaves no trace in the file itself.
        lines.remove(at.index(lines.len() - 1));
        prop_assert!(!verified(lines.concat().as_bytes(), None).is_intact());
    }

    #[test]
    fn a_cut_is_caught_with_an_anchor(count in 1_u64..10, more in 0_u64..5, cut: Index) {
        let lines = chain(count + more);
        let anchor = anchored(lines[..usize::try_from(count).unwrap()].concat().as_bytes());
        let text = lines.concat();
        prop_assert!(verified(text.as_bytes(), Some(&anchor)).is_intact());
        let kept = cut.index(usize::try_from(anchor.bytes).unwrap());
        prop_assert!(!verified(&text.as_bytes()[..kept], Some(&anchor)).is_intact(), "{kept} of {} bytes", anchor.bytes);
    }

    #[test]
    fn a_log_that_was_hashed_anew_is_caught_with_an_anchor(count in 1_u64..8, from: Index) {
        let lines = chain(count);
        let anchor = anchored(lines.concat().as_bytes());
        let from = from.index(lines.len());
        let mut text = lines[..from].concat();
        let mut prev = match text.lines().last() {
            Some(line) => line[line.len() - 66..line.len() - 2].to_owned(),
            None => "0".repeat(64),
        };
        for seq in from + 1..=lines.len() + 2 {
            let (line, hash) = entry(u64::try_from(seq).unwrap(), &prev, "someone else");
            text += &line;
            prev = hash;
        }
        prop_assert!(verified(text.as_bytes(), None).is_intact(), "nothing in the file tells");
        prop_assert!(!verified(text.as_bytes(), Some(&anchor)).is_intact());
    }

    #[test]
    fn the_verdict_does_not_depend_on_where_blocks_end(size in 1_usize..3000, gone in 0_usize..2000) {
        // Lines so long that every block ends in another place.
        let mut prev = "0".repeat(64);
        let mut lines = Vec::new();
        for seq in 1..=400_u64 {
            let (line, hash) = entry(seq, &prev, &"x".repeat(size * usize::try_from(seq % 7).unwrap() / 3));
            lines.push(line);
            prev = hash;
        }
        prop_assert!(verified(lines.concat().as_bytes(), None).is_intact());
        let gone = gone % 399;
        lines.remove(gone);
        let log = verified(lines.concat().as_bytes(), None);
        prop_assert_eq!(log.events.len(), 1);
        prop_assert_eq!(log.events[0].line, gone as u64 + 1);
        prop_assert_eq!(log.entries, 399);
    }
}
