//! `coord runner start`: the service, in the foreground.

mod narrate;
mod setup_token;
mod signals;

use std::{path::Path, sync::Arc};

use ::runner::{AccountLogin, Error, Exit as Ended, Options, service};
use futures::FutureExt as _;
use settings::data_dir::DataDirError;

use crate::{
    arguments::Start,
    client::Client,
    context::{self, Context},
    exit::{Done, Exit, Failure},
    logins::{self, SignedIn},
    runtime, tracing_setup,
};

/// Runs the service until it is told to stop, or goes away on a signal.
pub(super) fn run(context: &Context, data: &Path, arguments: Start) -> Done {
    tracing_setup::start(context);
    let login = match &arguments.token_file {
        Some(file) => setup_token::account_login(setup_token::read(file)?),
        None => this_users_login(context),
    };
    let workspace_dir = arguments.workspace_dir.as_deref().map(context::absolute);
    let options = Options {
        data: data.to_owned(),
        server: arguments.server,
        workspace_dir: workspace_dir.transpose()?,
        name: arguments.name,
        slots: arguments.slots,
        no_input: context.no_input,
        account_login: Some(login),
        program: None,
    };
    runtime::service()?.block_on(serve(context, data, options))
}

async fn serve(context: &Context, data: &Path, options: Options) -> Done {
    let (interrupts, terminated) = signals::listen()?;
    let service = service::run(options, terminated);
    let beside = async {
        tokio::join!(
            narrate::run(context.output, data),
            signals::stop_on_interrupts(context.output, data, interrupts),
        )
    };
    let ended = tokio::select! {
        ended = service => ended.map_err(failure)?,
        // Both go on for as long as the service does.
        _ = beside => return Err(Failure::plain("the service was left alone")),
    };
    match ended {
        Ended::Stopped => {
            context.output.message("The runner service has stopped.");
            Ok(Exit::Ok)
        }
        Ended::Detached => {
            context.output.message(
                "The runner service has gone away; what runs goes on, and the next start finds it.",
            );
            Ok(Exit::Ok)
        }
        Ended::NotSignedIn => Err(Failure::new(
            Exit::NotSignedIn,
            "nobody is signed in, and --no-input lets nobody be asked",
        )
        .hint("Sign in with `coord login --server URL --email E --password-file F`.")),
    }
}

fn failure(error: Error) -> Failure {
    let exit = match error {
        Error::Data(DataDirError::InUse { .. }) => Exit::Conflict,
        _ => Exit::Failure,
    };
    let mut failure = Failure::from(anyhow::Error::from(error));
    failure.exit = exit;
    failure
}

/// Lends this user's own sign-in to the service, so that it needs none of its own.
fn this_users_login(context: &Context) -> AccountLogin {
    let context = context.clone();
    Arc::new(move |server| {
        let context = context.clone();
        async move {
            match token(&context, &server).await {
                Ok(token) => token,
                Err(failure) => {
                    tracing::warn!(%failure, "this user's sign-in cannot be used");
                    None
                }
            }
        }
        .boxed()
    })
}

async fn token(context: &Context, server: &str) -> Result<Option<String>, Failure> {
    let logins = logins::open(context)?;
    let server = logins::server(&logins, Some(server))?;
    let Some(signed_in) = SignedIn::find(&logins, &server).await? else {
        return Ok(None);
    };
    let client = Client::anonymous(&server)?;
    signed_in.access_token(&client).await.map(Some)
}
