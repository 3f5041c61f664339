//! Small facts gathered from side files that configuration rules may ask for.
