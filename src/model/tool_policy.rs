//! Which tools a context may use: profiles, groups, allow and deny lists.
