//! How much may be looked at for one question.
//!
//! Files are limited in size, so what costs a look at each value is cheap enough. A question that
//! looks at every item of a list once for every member of an object is not: half a million of each fit
//! into a file. So the steps from value to value are counted, and whoever takes too many is stopped and
//! named. Steps are counted rather than seconds, or two runs would not give the same answer.

use std::any::Any;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

thread_local! {
    static LEFT: Cell<u64> = const { Cell::new(u64::MAX) };
}

/// Thrown where the steps are used up.
struct UsedUp;

/// Why there is no answer.
#[derive(Debug)]
pub enum Stopped {
    /// It took more steps than allowed.
    UsedUp,
    /// It panicked.
    Panicked(Box<dyn Any + Send>),
}

/// Runs `work` with at most `most` steps; also tells how many it took.
///
/// # Errors
/// When it is stopped or panics.
pub fn limited<T>(most: u64, work: impl FnOnce() -> T) -> (Result<T, Stopped>, u64) {
    let outer = LEFT.replace(most);
    let result = catch_unwind(AssertUnwindSafe(work));
    let taken = most.saturating_sub(LEFT.replace(outer));
    let result = result.map_err(|reason| match reason.downcast::<UsedUp>() {
        Ok(_) => Stopped::UsedUp,
        Err(reason) => Stopped::Panicked(reason),
    });
    (result, taken)
}

/// Counts one step from a value to another.
///
/// # Panics
/// When none is left; [`limited`] catches it.
pub fn step() {
    match LEFT.get() {
        u64::MAX => {}
        0 => resume_unwind(Box::new(UsedUp)),
        left => LEFT.set(left - 1),
    }
}

/// Counts looks at bytes, tokens and entries, which only tests ask for: they bound what must not grow
/// faster than its input, in looks rather than seconds.
#[cfg(test)]
pub mod looks {
    use std::cell::Cell;

    thread_local! {
        static TAKEN: Cell<u64> = const { Cell::new(0) };
    }

    /// Some more looks.
    pub fn add(count: usize) {
        TAKEN.set(TAKEN.get() + count as u64);
    }

    /// The looks that some work takes.
    pub fn of(work: impl FnOnce()) -> u64 {
        let before = TAKEN.get();
        work();
        TAKEN.get() - before
    }
}

#[cfg(not(test))]
pub mod looks {
    //! Nothing is counted outside of tests.

    /// Some more looks.
    pub const fn add(_: usize) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_counted_and_limited() {
        let (result, taken) = limited(10, || (0..7).for_each(|_| step()));
        assert!(result.is_ok());
        assert_eq!(taken, 7);
        let (result, taken) = limited(10, || (0..11).for_each(|_| step()));
        assert!(matches!(result, Err(Stopped::UsedUp)));
        assert_eq!(taken, 10);
        (0..1000).for_each(|_| step());
    }
}
