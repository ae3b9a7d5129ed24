//! Sending requests twice: what a network cannot do to a stream of bytes, and what
//! proxies that try again do to requests.

use std::{sync::atomic::Ordering, time::Duration};

use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    time::timeout,
};

use super::{Shared, Stream};

/// Longest request that is sent twice.
const REQUEST_BYTES_MAX: usize = 16 * 1024 * 1024;
const PIECE_BYTES: usize = 16 * 1024;
/// How long the answer to a second request is awaited.
const ANSWER_MAX: Duration = Duration::from_secs(30);

/// Passes requests on, each `POST` a second time over a connection of its own.
pub(super) async fn there(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    shared: &Shared,
) -> std::io::Result<()> {
    let mut held = Vec::new();
    let mut piece = vec![0; PIECE_BYTES];
    let mut twice = tokio::task::JoinSet::new();
    loop {
        while let Some(length) = request_length(&held) {
            let rest = held.split_off(length);
            if is_sent_twice(&held)
                && let Some(other) = shared.connect().await
            {
                shared.doubled.fetch_add(1, Ordering::Relaxed);
                twice.spawn(ask(other, held.clone()));
            }
            to.write_all(&held).await?;
            held = rest;
        }
        let count = from.read(&mut piece).await?;
        held.extend(piece.iter().take(count));
        if count == 0 || held.len() > REQUEST_BYTES_MAX || has_no_length(&held) {
            to.write_all(&held).await?;
            if count == 0 {
                to.shutdown().await?;
                return Ok(());
            }
            // What it cannot follow it passes on as it is.
            tokio::io::copy(&mut from, &mut to).await?;
            return to.shutdown().await;
        }
    }
}

fn is_sent_twice(request: &[u8]) -> bool {
    request.starts_with(b"POST ")
}

/// Asks, and reads the answer for as long as something comes.
async fn ask(mut other: Stream, request: Vec<u8>) {
    let mut answer = vec![0; PIECE_BYTES];
    let asked = async {
        other.write_all(&request).await?;
        while other.read(&mut answer).await? > 0 {}
        std::io::Result::Ok(())
    };
    // The one that asked first has its own answer; this one is nobody's.
    drop(timeout(ANSWER_MAX, asked).await);
}

/// Where the head of a request ends.
fn head_end(bytes: &[u8]) -> Option<usize> {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
    Some(end + 4)
}

fn header(head: &str, name: &str) -> Option<String> {
    head.lines().find_map(|line| {
        let (key, value) = line.split_once(':')?;
        (key.eq_ignore_ascii_case(name)).then(|| value.trim().to_owned())
    })
}

fn head(bytes: &[u8]) -> Option<(usize, String)> {
    let end = head_end(bytes)?;
    let text = String::from_utf8_lossy(bytes.get(..end)?).into_owned();
    Some((end, text))
}

/// Whether its end is not known beforehand.
fn has_no_length(bytes: &[u8]) -> bool {
    head(bytes).is_some_and(|(_, head)| header(&head, "transfer-encoding").is_some())
}

/// The length of the first request, once it is there whole.
fn request_length(bytes: &[u8]) -> Option<usize> {
    let (end, head) = head(bytes)?;
    if header(&head, "transfer-encoding").is_some() {
        return None;
    }
    let body: usize = header(&head, "content-length").map_or(Some(0), |text| text.parse().ok())?;
    let length = end.checked_add(body)?;
    (bytes.len() >= length).then_some(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_there_when_its_body_is() {
        let whole = b"POST / HTTP/1.1\r\nContent-Length: 4\r\n\r\nbodyGET";
        assert_eq!(request_length(whole), Some(whole.len() - 3));
        assert_eq!(request_length(&whole[..whole.len() - 4]), None);
        assert_eq!(request_length(b"GET / HTTP/1.1\r\n\r\n"), Some(18));
        assert_eq!(request_length(b"GET / HTTP/1.1\r\n"), None);
        let chunked = b"PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
        assert_eq!(request_length(chunked), None);
        assert!(has_no_length(chunked));
    }

    #[test]
    fn what_only_reads_is_sent_once() {
        assert!(is_sent_twice(b"POST /api/runner/v1/sync HTTP/1.1\r\n"));
        assert!(!is_sent_twice(b"GET / HTTP/1.1\r\n"));
    }
}
