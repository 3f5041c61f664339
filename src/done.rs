//! What the commands that print one text answer.

/// What a command did.
#[derive(Debug)]
pub struct Done {
    /// The exit code.
    pub code: u8,
    /// For standard output; every word of a stranger in it is escaped.
    pub text: String,
    /// For standard error, one line each.
    pub notes: Vec<String>,
}
