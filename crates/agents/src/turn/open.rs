//! Requests of an agent that wait for an answer.

use std::collections::HashMap;

use futures::{
    FutureExt as _, StreamExt as _,
    future::{AbortHandle, Abortable, BoxFuture},
    stream::FuturesUnordered,
};
use protocol::question::ItemAnswer;
use tokio::sync::oneshot;

use crate::{driver::ApprovalReply, wire::RequestKey};

/// What was answered; none when nobody did.
#[derive(Debug)]
pub(super) enum Answer {
    /// To a request for permission.
    Approval(Option<ApprovalReply>),
    /// To a question.
    Question(Option<Vec<ItemAnswer>>),
}

/// All open requests.
#[derive(Default)]
pub(super) struct OpenRequests {
    waiting: FuturesUnordered<Abortable<BoxFuture<'static, (RequestKey, Answer)>>>,
    handles: HashMap<RequestKey, AbortHandle>,
}

impl OpenRequests {
    /// Waits for the answer to a request for permission.
    pub(super) fn approval(&mut self, key: RequestKey, reply: oneshot::Receiver<ApprovalReply>) {
        let named = key.clone();
        self.add(
            key,
            async move { (named, Answer::Approval(reply.await.ok())) }.boxed(),
        );
    }

    /// Waits for the answer to a question.
    pub(super) fn question(&mut self, key: RequestKey, reply: oneshot::Receiver<Vec<ItemAnswer>>) {
        let named = key.clone();
        self.add(
            key,
            async move { (named, Answer::Question(reply.await.ok())) }.boxed(),
        );
    }

    fn add(&mut self, key: RequestKey, answer: BoxFuture<'static, (RequestKey, Answer)>) {
        let (handle, registration) = AbortHandle::new_pair();
        self.waiting.push(Abortable::new(answer, registration));
        if let Some(earlier) = self.handles.insert(key, handle) {
            earlier.abort();
        }
    }

    /// A request needs no answer any more; whoever would have given it sees that.
    pub(super) fn withdraw(&mut self, key: &RequestKey) {
        if let Some(handle) = self.handles.remove(key) {
            handle.abort();
        }
    }

    /// Whether anything waits.
    pub(super) fn is_empty(&self) -> bool {
        self.handles.is_empty()
    }

    /// The next answer; never when nothing waits.
    pub(super) async fn next(&mut self) -> (RequestKey, Answer) {
        loop {
            match self.waiting.next().await {
                Some(Ok((key, answer))) => {
                    self.handles.remove(&key);
                    return (key, answer);
                }
                // A withdrawn one; its channel is closed by now.
                Some(Err(_)) => {}
                None => std::future::pending().await,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use protocol::approval::Decision;

    use super::*;

    #[tokio::test]
    async fn a_withdrawn_request_closes_its_channel_and_never_answers() {
        let mut open = OpenRequests::default();
        let (first, reply) = oneshot::channel();
        open.approval("first".to_owned(), reply);
        let (second, reply) = oneshot::channel();
        open.approval("second".to_owned(), reply);
        open.withdraw(&"first".to_owned());
        second
            .send(ApprovalReply {
                decision: Decision::Deny,
                note: None,
                by_person: true,
            })
            .unwrap();
        let (key, answer) = open.next().await;
        assert_eq!(key, "second");
        assert!(matches!(answer, Answer::Approval(Some(_))));
        assert!(open.is_empty());
        tokio::select! {
            biased;
            _ = open.next() => panic!("nothing is left"),
            () = std::future::ready(()) => {}
        }
        assert!(first.is_closed());
    }

    #[tokio::test]
    async fn a_dropped_reply_is_no_answer() {
        let mut open = OpenRequests::default();
        let (asker, reply) = oneshot::channel::<Vec<ItemAnswer>>();
        open.question("q".to_owned(), reply);
        drop(asker);
        assert!(matches!(open.next().await.1, Answer::Question(None)));
    }
}
