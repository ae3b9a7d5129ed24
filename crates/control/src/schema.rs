//! The socket's types as an OpenAPI document, from which TypeScript is made.

use utoipa::OpenApi;

use crate::{
    message::{Reply, Request},
    state::ServiceState,
};

#[derive(OpenApi)]
#[openapi(
    info(title = "Coord runner: local control", license(name = "Apache-2.0")),
    components(schemas(Request, Reply, ServiceState))
)]
struct Document;

/// A document without paths: `Request`, `Reply`, `ServiceState` and all that they use.
pub fn schema() -> utoipa::openapi::OpenApi {
    Document::openapi()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_that_is_referred_to_is_there() {
        let text = schema().to_json().unwrap();
        let document: serde_json::Value = serde_json::from_str(&text).unwrap();
        let schemas = document["components"]["schemas"].as_object().unwrap();
        let referred: Vec<_> = text
            .split("#/components/schemas/")
            .skip(1)
            .filter_map(|rest| rest.split('"').next())
            .collect();
        assert!(referred.len() > 20);
        for name in referred {
            assert!(schemas.contains_key(name), "{name} is missing");
        }
    }
}
