//! How the gateway authenticates: D-AUTH, exposure, what counts as configured.
