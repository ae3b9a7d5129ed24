//! Tokens and codes for devices (RFC 8628, RFC 6749 §6, RFC 9700 §4.14).
//!
//! When a code or a token is good is decided in the store, in the transaction
//! that uses it up. Here they are made, and read as people type them.

mod device;
mod token;
mod user_code;

use protocol::{runner::TokenSet, time::Timestamp};
use store::TokenHashes;

pub(crate) use device::{decide_device, device_facts};
pub(crate) use token::{Refused, authorize_device, tokens};
use user_code::UserCode;

use crate::{
    app::App,
    auth::{Secret, after_s},
};

/// A fresh pair of tokens: what is handed out, and what is kept.
pub(crate) fn fresh_pair(app: &App, now: Timestamp) -> (TokenSet, TokenHashes) {
    let (access, refresh) = (Secret::new("coa_"), Secret::new("cor_"));
    let lives = &app.config.sign_in;
    let hashes = TokenHashes {
        access: access.sha256(),
        access_expires_at: after_s(now, lives.access_token_life_s.get()),
        refresh: refresh.sha256(),
        refresh_expires_at: after_s(now, lives.refresh_token_idle_s.get()),
    };
    let tokens = TokenSet {
        access_token: access.reveal(),
        token_type: "Bearer".to_owned(),
        expires_in: lives.access_token_life_s.get(),
        refresh_token: refresh.reveal(),
    };
    (tokens, hashes)
}
