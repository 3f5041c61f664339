//! As much of DER (X.690) as keys and certificates need: one element after another.

/// `INTEGER`
pub(super) const INTEGER: u8 = 0x02;
/// `BIT STRING`
pub(super) const BIT_STRING: u8 = 0x03;
/// `OCTET STRING`
pub(super) const OCTET_STRING: u8 = 0x04;
/// `OBJECT IDENTIFIER`
pub(super) const OID: u8 = 0x06;
/// `SEQUENCE`
pub(super) const SEQUENCE: u8 = 0x30;

/// The rest of some elements.
#[derive(Clone, Copy, Debug)]
pub(super) struct Der<'a>(pub(super) &'a [u8]);

/// One element.
#[derive(Clone, Copy, Debug)]
pub(super) struct Element<'a> {
    pub(super) tag: u8,
    pub(super) content: &'a [u8],
    /// Tag, length and content.
    pub(super) whole: &'a [u8],
}

impl<'a> Der<'a> {
    /// The next element, of any kind.
    pub(super) fn next(&mut self) -> Option<Element<'a>> {
        let (tag, length) = (*self.0.first()?, *self.0.get(1)?);
        let (start, length) = match length {
            0..=0x7f => (2, usize::from(length)),
            0x81..=0x84 => {
                let end = 2 + usize::from(length - 0x80);
                let digits = self.0.get(2..end)?;
                (end, digits.iter().fold(0_usize, |sum, digit| sum << 8 | usize::from(*digit)))
            }
            _ => return None,
        };
        let end = start.checked_add(length)?;
        let (content, whole) = (self.0.get(start..end)?, self.0.get(..end)?);
        self.0 = self.0.get(end..)?;
        Some(Element { tag, content, whole })
    }

    /// The content of the next element, when it is of this kind.
    pub(super) fn expect(&mut self, tag: u8) -> Option<&'a [u8]> {
        self.next().filter(|element| element.tag == tag).map(|element| element.content)
    }

    /// Goes into the next element, a sequence.
    pub(super) fn enter(&mut self) -> Option<Self> {
        self.expect(SEQUENCE).map(Der)
    }

    /// Is nothing left?
    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
