//! Signing in with a password: the command confirms its own code.

use std::{
    fs,
    io::{self, Read as _},
    path::Path,
    time::Duration,
};

use protocol::{
    api::{DeviceAuthorization, DeviceConfirmRequest, DeviceDecision, SignInRequest},
    error::Problem,
};
use reqwest::{RequestBuilder, Response, header};

use crate::{
    arguments::Login,
    client::{Client, unreachable},
    exit::Failure,
};

/// Longest wait for one answer; hashing passwords takes its time on a busy machine.
const CALL_TIMEOUT: Duration = Duration::from_secs(30);
/// A file larger than this holds something else.
const SECRET_FILE_BYTES_MAX: u64 = 64 * 1024;

/// An account and its password.
pub(super) struct Secret {
    email: String,
    password: String,
}

/// The account and password that were given, if any.
pub(super) fn of(arguments: &Login) -> Result<Option<Secret>, Failure> {
    let (Some(email), Some(file)) = (&arguments.email, &arguments.password_file) else {
        return Ok(None);
    };
    Ok(Some(Secret {
        email: email.clone(),
        password: from_file(file)?,
    }))
}

/// Reads a password; a line feed at its end does not belong to it.
pub(crate) fn from_file(path: &Path) -> Result<String, Failure> {
    secret_from(path, "password")
}

/// Reads a secret, called `what`; a line feed at its end does not belong to it.
pub(crate) fn secret_from(path: &Path, what: &str) -> Result<String, Failure> {
    let unreadable = |why: String| {
        Failure::plain(format!(
            "the {what} cannot be read from {}: {why}",
            path.display()
        ))
    };
    let mut text = String::new();
    let read = if path == Path::new("-") {
        let stdin = io::stdin().lock();
        stdin.take(SECRET_FILE_BYTES_MAX).read_to_string(&mut text)
    } else {
        fs::File::open(path)
            .and_then(|file| file.take(SECRET_FILE_BYTES_MAX).read_to_string(&mut text))
    };
    read.map_err(|error| unreadable(error.to_string()))?;
    let secret = text.strip_suffix('\n').unwrap_or(&text);
    let secret = secret.strip_suffix('\r').unwrap_or(secret);
    if secret.is_empty() {
        return Err(unreadable("it is empty".to_owned()));
    }
    Ok(secret.to_owned())
}

/// Confirms the code as the account, in a session that ends with it.
pub(super) async fn confirm(
    client: &Client,
    asked: &DeviceAuthorization,
    secret: &Secret,
) -> Result<(), Failure> {
    let sign_in = SignInRequest {
        email: secret.email.clone(),
        password: secret.password.clone(),
    };
    let url = client.url(&["api", "v1", "auth", "sign-in"]);
    let response = send(client, client.http().post(url).json(&sign_in)).await?;
    let cookie = session_cookie(&response).ok_or_else(|| {
        Failure::plain("the coordinator signs in without a session; it may be too new")
    })?;
    let decision = DeviceConfirmRequest {
        decision: DeviceDecision::Confirm,
        password: Some(secret.password.clone()),
    };
    let url = client.url(&["api", "v1", "device", &asked.user_code]);
    let request = client.http().post(url).json(&decision);
    let confirmed = send(client, request.header(header::COOKIE, &cookie)).await;
    let url = client.url(&["api", "v1", "auth", "sign-out"]);
    let ended = send(
        client,
        client.http().post(url).header(header::COOKIE, &cookie),
    )
    .await;
    confirmed?;
    // The session would end by itself; the device is signed in either way.
    if let Err(failure) = ended {
        tracing::debug!(%failure, "the session could not be ended");
    }
    Ok(())
}

async fn send(client: &Client, request: RequestBuilder) -> Result<Response, Failure> {
    let response = request
        .timeout(CALL_TIMEOUT)
        .send()
        .await
        .map_err(|error| unreachable(client.server(), &error))?;
    let status = response.status();
    if status.is_success() {
        return Ok(response);
    }
    Err(response.json::<Problem>().await.map_or_else(
        |_| Failure::plain(format!("the coordinator refuses with {status}")),
        Failure::from,
    ))
}

/// The session's cookie as it goes back: name and value alone.
fn session_cookie(response: &Response) -> Option<String> {
    let cookies = response.headers().get_all(header::SET_COOKIE);
    cookies
        .iter()
        .filter_map(|cookie| cookie.to_str().ok())
        .filter_map(|cookie| cookie.split(';').next())
        .find(|pair| pair.contains("coord_session="))
        .map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_ends_before_its_line_feed() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("pw");
        for (content, password) in [
            ("secret\n", "secret"),
            ("secret\r\n", "secret"),
            (" secret ", " secret "),
            ("two\nlines\n", "two\nlines"),
        ] {
            fs::write(&path, content).unwrap();
            assert_eq!(from_file(&path).unwrap(), password);
        }
    }

    #[test]
    fn an_empty_or_missing_file_is_no_password() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("pw");
        assert!(from_file(&path).unwrap_err().message.contains("pw"));
        fs::write(&path, "\n").unwrap();
        assert!(from_file(&path).unwrap_err().message.contains("empty"));
    }
}
