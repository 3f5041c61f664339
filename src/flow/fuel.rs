//! How much one analysis may cost, and what it was cut short by.

use super::Cut;

/// Steps for each byte of a script: a look at a byte, a token, or an entry of a value is a step.
const FOR_A_BYTE: usize = 40;
/// Steps that a script of any size may take.
const BASE: usize = 100_000;
/// A longer script gets no more steps than one of this size.
const LONGEST: usize = 1 << 20;

/// The steps that are left of one analysis, those of the scripts inside of it included.
#[derive(Debug)]
pub(super) struct Fuel {
    left: usize,
    cut: Option<Cut>,
}

impl Fuel {
    pub(super) fn of(text: &str) -> Self {
        Self { left: BASE + FOR_A_BYTE * text.len().min(LONGEST), cut: None }
    }

    /// For a script inside of another one: nothing of its own.
    pub(super) const fn empty() -> Self {
        Self { left: 0, cut: None }
    }

    /// Takes some steps; whether there were so many.
    pub(super) fn take(&mut self, steps: usize) -> bool {
        if steps > self.left {
            self.left = 0;
            self.stop(Cut::Steps);
            return false;
        }
        self.left -= steps;
        true
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.left == 0
    }

    /// The analysis is not whole; what stopped it first is what is told.
    pub(super) fn stop(&mut self, cut: Cut) {
        self.cut = self.cut.or(Some(cut));
    }

    pub(super) const fn cut(&self) -> Option<Cut> {
        self.cut
    }

    /// Takes a quarter out, for what comes later.
    pub(super) const fn hold(&mut self) -> usize {
        let held = self.left / 4;
        self.left -= held;
        held
    }

    /// Puts back what was taken out.
    pub(super) const fn release(&mut self, held: usize) {
        self.left += held;
    }
}
