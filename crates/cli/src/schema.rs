//! `coord schema`: interface descriptions, from which the TypeScript types are made.

use crate::{
    arguments::{Interface, Schema},
    exit::{Done, Exit, Failure},
    output,
};

/// Prints an OpenAPI document.
pub(crate) fn run(arguments: &Schema) -> Done {
    let document = match arguments.of {
        Interface::Api => coordinator::openapi().to_pretty_json(),
        Interface::Control => control::schema().to_pretty_json(),
    };
    let document = document
        .map_err(|error| Failure::plain(format!("the description is not JSON: {error}")))?;
    output::text(&document)?;
    Ok(Exit::Ok)
}
