//! What this process was given in its environment.

/// The variables of this process that are text; what is not belongs to nobody that we start.
pub fn own_environment() -> Vec<(String, String)> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect()
}
