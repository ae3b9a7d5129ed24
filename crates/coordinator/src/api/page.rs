//! Addresses and queries as callers write them.

use axum::{
    extract::{FromRequestParts, Path, Query},
    http::request::Parts,
};
use protocol::error::ErrorCode;
use serde::{Deserialize, de::DeserializeOwned};

use crate::error::ApiError;

/// Most entries of a page of events or log.
pub(super) const ENTRIES_PER_PAGE_MAX: u32 = 1000;

/// The parts of an address; what cannot be read names nothing.
pub(super) struct Address<T>(pub(super) T);

impl<T, S> FromRequestParts<S> for Address<T>
where
    T: DeserializeOwned + Send,
    S: Send + Sync,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        match Path::<T>::from_request_parts(parts, state).await {
            Ok(Path(value)) => Ok(Self(value)),
            Err(_) => Err(ApiError::not_found("thing at this address")),
        }
    }
}

/// The query of an address.
pub(super) struct Asked<T>(pub(super) T);

impl<T, S> FromRequestParts<S> for Asked<T>
where
    T: DeserializeOwned + Send,
    S: Send + Sync,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        match Query::<T>::from_request_parts(parts, state).await {
            Ok(Query(value)) => Ok(Self(value)),
            Err(rejection) => Err(ApiError::new(
                ErrorCode::Invalid,
                format!("The query cannot be read: {}.", rejection.body_text()),
            )),
        }
    }
}

/// Which entries of a stream are asked for.
#[derive(Debug, Clone, Copy, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct EntriesAsked {
    /// Those after this number.
    #[serde(default)]
    pub(super) after: u64,
    /// At most so many.
    #[serde(default = "all_entries")]
    pub(super) limit: u32,
}

const fn all_entries() -> u32 {
    ENTRIES_PER_PAGE_MAX
}
