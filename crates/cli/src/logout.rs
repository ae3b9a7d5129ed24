//! `coord logout`: ends this machine's sign-in.

use serde_json::json;

use crate::{
    arguments::Logout,
    client::Client,
    context::Context,
    exit::{Done, Exit},
    logins,
};

/// Ends the sign-in in the coordinator, and forgets its tokens.
pub(crate) async fn run(context: &Context, arguments: Logout) -> Done {
    let logins = logins::open(context)?;
    let server = logins::server(&logins, arguments.remote.server.as_deref())?;
    let client = Client::signed_in(context, Some(&server)).await?;
    let revoked = match client
        .act(&["api", "v1", "auth", "sign-out"], &json!({}))
        .await
    {
        Ok(()) => true,
        // It has ended there already.
        Err(failure) if failure.exit == Exit::NotSignedIn => true,
        Err(failure) if failure.exit == Exit::Unreachable => {
            context.output.message(&format!(
                "The coordinator does not answer, so the sign-in ends there only when it expires: {failure}"
            ));
            false
        }
        Err(failure) => return Err(failure),
    };
    logins::forget(&logins, &server).await?;
    let result = json!({"server": server, "revoked": revoked});
    context
        .output
        .result(&result, || format!("Signed out of {server}."))
}
