//! Archives, read in memory.
