//! Channels and their accounts, with the policies that are in force for each.
