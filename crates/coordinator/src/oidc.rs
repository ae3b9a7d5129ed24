//! Signing in with an identity provider: OpenID Connect's code flow with PKCE, state and nonce.
//!
//! The browser leaves with a secret of its own in a cookie, and only that browser
//! can come back. Who the provider vouches for is decided in the store.

mod call;
mod provider;
mod sign_in;

pub(crate) use provider::Provider;
pub(crate) use sign_in::{Returned, arrive, depart};
