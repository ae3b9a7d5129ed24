//! `coord login`: signs this user in to a coordinator, on this machine.
//!
//! Always by device authorization; with a password the command confirms its
//! own code, in place of a person in a browser.

mod browser;
mod device;
mod password;

pub(crate) use device::{machine, system};
pub(crate) use password::{from_file as password_from, secret_from};

use serde_json::json;
use settings::{credentials::KeptIn, logins::Logins};

use crate::{
    arguments::Login,
    client::Client,
    context::Context,
    exit::{Done, Exit, Failure},
    logins, output,
};

/// Signs in and keeps the tokens.
pub(crate) async fn run(context: &Context, arguments: Login) -> Done {
    let logins = logins::open(context)?;
    let server = server(&logins, &arguments)?;
    let secret = password::of(&arguments)?;
    if secret.is_none() && context.no_input {
        return Err(Failure::new(
            Exit::NotSignedIn,
            "signing in needs a person with a browser",
        )
        .hint("Give --email and --password-file."));
    }
    let client = Client::anonymous(&server)?;
    if !client.instance().await?.bootstrapped {
        return Err(
            Failure::plain(format!("the coordinator at {server} has no owner yet"))
                .hint("Make one on its machine with `coord server bootstrap`."),
        );
    }
    let asked = device::ask(&client).await?;
    match &secret {
        Some(secret) => password::confirm(&client, &asked, secret).await?,
        None => show(context, &asked),
    }
    let tokens = device::tokens(&client, &asked).await?;
    let account = device::account(&client, &tokens).await?;
    let kept = logins::keep(&logins, &server, account.clone(), tokens).await?;
    if let KeptIn::File(path) = &kept {
        context.output.message(&format!(
            "There is no keyring here: the tokens are kept in {}, which only you can read.",
            path.display()
        ));
    }
    let result = json!({"server": server, "account": account, "kept_in": where_kept(&kept)});
    context.output.result(&result, || {
        format!(
            "Signed in to {server} as {}.\nNext: coord runner start --workspace-dir DIR, or coord job submit --help",
            account.email
        )
    })
}

/// Without a sign-in there is no coordinator to fall back to: that is a matter of usage.
fn server(logins: &Logins, arguments: &Login) -> Result<String, Failure> {
    match logins::server(logins, arguments.remote.server.as_deref()) {
        Err(failure) if failure.exit == Exit::NotSignedIn => {
            Err(Failure::new(Exit::Usage, "no coordinator is named")
                .hint("Name it with --server URL."))
        }
        other => other,
    }
}

fn where_kept(kept: &KeptIn) -> &'static str {
    match kept {
        KeptIn::Keyring => "keyring",
        KeptIn::File(_) => "file",
    }
}

/// Shows where to confirm, and opens the page where somebody sits in front of a display.
fn show(context: &Context, asked: &protocol::api::DeviceAuthorization) {
    output::prompt(&format!(
        "Open   {}\nConfirm that the code is   {}\n",
        asked.verification_uri_complete, asked.user_code
    ));
    if browser::open(&asked.verification_uri_complete) {
        context.output.message("The page opens in your browser.");
    }
    let minutes = asked.expires_in.div_ceil(60);
    context.output.message(&format!(
        "Waiting for the confirmation (for {minutes} minutes; Ctrl-C gives up)."
    ));
}
