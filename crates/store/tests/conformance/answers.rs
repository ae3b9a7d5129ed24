//! Approvals and questions, and the answers from afar.

use protocol::{
    api::AnswerStatus,
    approval::{Action, AnsweredBy, Approval, ApprovalAnswer, ApprovalSubject, Decision, Surface},
    ids::{ApprovalId, QuestionId},
    job::OutcomeKind,
    question::{ItemAnswer, Question, QuestionAnswer, QuestionItem},
    record::Event,
    runner::OrderKind,
};
use store::{Answered, AttemptRef, JobFilter, Store};
use uuid::Uuid;

use super::world::{Machine, START, World, ended, event};

fn approval() -> Approval {
    let subject = ApprovalSubject {
        action: Action::Run {
            command: "rm -r build".to_owned(),
        },
        directory: "/work".to_owned(),
        inside_folder: true,
        claimed_reason: None,
        risks: Vec::new(),
    };
    Approval::new(ApprovalId(Uuid::now_v7()), subject, START)
}

fn by(surface: Surface) -> AnsweredBy {
    AnsweredBy {
        surface,
        name: "Ada".to_owned(),
    }
}

fn allow(digest: &str) -> ApprovalAnswer {
    ApprovalAnswer {
        decision: Decision::AllowOnce,
        digest: digest.to_owned(),
        note: None,
        rule: None,
    }
}

async fn ask(world: &World<'_>, machine: &Machine, at: AttemptRef) -> Approval {
    let approval = approval();
    let asked = event(
        1,
        Event::ApprovalRequested {
            approval: approval.clone(),
        },
    );
    world
        .store
        .append_events(machine.id, at.attempt_id, 1, vec![asked], START)
        .await
        .unwrap();
    approval
}

async fn needs_you(world: &World<'_>) -> u32 {
    let filter = JobFilter {
        limit: 1,
        ..JobFilter::default()
    };
    world
        .store
        .jobs(world.workspace, filter)
        .await
        .unwrap()
        .jobs[0]
        .needs_you
}

pub(crate) async fn an_approval_is_answered_once_and_settled_by_the_record(store: &Store) {
    let world = World::new(store).await;
    let mut machine = world.machine(1).await;
    let at = world.held(&mut machine, START).await;
    let approval = ask(&world, &machine, at).await;
    assert_eq!(needs_you(&world).await, 1);
    let pending = store.pending_approvals(world.workspace).await.unwrap();
    assert_eq!(
        (&pending[0].approval, pending[0].status),
        (&approval, AnswerStatus::Waiting)
    );
    let answer = allow(&approval.digest);
    let send = || {
        store.answer_approval(
            approval.id,
            world.owner,
            answer.clone(),
            by(Surface::Web),
            START,
        )
    };
    let (one, two) = tokio::join!(send(), send());
    let mut answers = [one.unwrap().unwrap(), two.unwrap().unwrap()];
    answers.sort_by_key(|answer| *answer != Answered::Sent(at));
    let first = Answered::AlreadyAnswered(Some(by(Surface::Web)));
    assert_eq!(
        answers,
        [Answered::Sent(at), first],
        "the second hears who was first"
    );
    assert_eq!(needs_you(&world).await, 0);
    assert!(
        store
            .pending_approvals(world.workspace)
            .await
            .unwrap()
            .is_empty()
    );
    let sent = store.approval(approval.id).await.unwrap().unwrap();
    assert_eq!((sent.at, sent.view.status), (at, AnswerStatus::Sent));
    assert_eq!(sent.view.decision, Some(Decision::AllowOnce));
    let orders = store.pending_orders(machine.id, START).await.unwrap();
    assert_eq!(
        orders[0].order,
        OrderKind::AnswerApproval {
            approval_id: approval.id,
            answer,
            by: by(Surface::Web),
            account_id: Some(world.owner),
        }
    );
    somebody_at_the_machine_was_faster(store, &machine, at, approval.id).await;
}

/// The runner decides which answer counts.
async fn somebody_at_the_machine_was_faster(
    store: &Store,
    machine: &Machine,
    at: AttemptRef,
    approval_id: ApprovalId,
) {
    let settled = Event::ApprovalSettled {
        approval_id,
        decision: Decision::Deny,
        by: by(Surface::Window),
        note: None,
    };
    store
        .append_events(machine.id, at.attempt_id, 1, vec![event(2, settled)], START)
        .await
        .unwrap();
    let view = store.approvals_of(at.job_id).await.unwrap().remove(0);
    assert_eq!(
        (view.status, view.decision),
        (AnswerStatus::Settled, Some(Decision::Deny))
    );
    assert_eq!(view.by, Some(by(Surface::Window)));
    assert!(
        store
            .pending_orders(machine.id, START)
            .await
            .unwrap()
            .is_empty()
    );
}

pub(crate) async fn what_is_seen_has_to_be_what_is_asked(store: &Store) {
    let world = World::new(store).await;
    let mut machine = world.machine(1).await;
    let at = world.held(&mut machine, START).await;
    let approval = ask(&world, &machine, at).await;
    let answered = store
        .answer_approval(
            approval.id,
            world.owner,
            allow("other"),
            by(Surface::Web),
            START,
        )
        .await
        .unwrap();
    assert_eq!(answered, Some(Answered::DigestDiffers));
    assert!(
        store
            .pending_orders(machine.id, START)
            .await
            .unwrap()
            .is_empty()
    );
    let nothing = ApprovalId(Uuid::nil());
    let answered = store
        .answer_approval(
            nothing,
            world.owner,
            allow("other"),
            by(Surface::Web),
            START,
        )
        .await
        .unwrap();
    assert_eq!(answered, None);
}

pub(crate) async fn an_approval_goes_with_its_attempt(store: &Store) {
    let world = World::new(store).await;
    let mut machine = world.machine(1).await;
    let at = world.held(&mut machine, START).await;
    let approval = ask(&world, &machine, at).await;
    let end = ended(2, OutcomeKind::Failed, 0);
    store
        .accept_outcome(machine.id, at.attempt_id, 1, end, START)
        .await
        .unwrap()
        .unwrap();
    let answered = store
        .answer_approval(
            approval.id,
            world.owner,
            allow(&approval.digest),
            by(Surface::Web),
            START,
        )
        .await
        .unwrap();
    assert_eq!(answered, Some(Answered::Withdrawn));
    assert!(
        store
            .pending_approvals(world.workspace)
            .await
            .unwrap()
            .is_empty()
    );
    let view = store.approval(approval.id).await.unwrap().unwrap().view;
    assert_eq!(view.status, AnswerStatus::Withdrawn);
}

pub(crate) async fn a_question_is_answered_and_settled(store: &Store) {
    let world = World::new(store).await;
    let mut machine = world.machine(1).await;
    let at = world.held(&mut machine, START).await;
    let item = QuestionItem {
        key: "colour".to_owned(),
        text: "Which colour?".to_owned(),
        options: Vec::new(),
        multiple: false,
        free_text: true,
    };
    let question = Question::new(QuestionId(Uuid::now_v7()), vec![item], START);
    let asked = event(
        1,
        Event::QuestionAsked {
            question: question.clone(),
        },
    );
    store
        .append_events(machine.id, at.attempt_id, 1, vec![asked], START)
        .await
        .unwrap();
    assert_eq!(needs_you(&world).await, 1);
    assert_eq!(
        store
            .pending_questions(world.workspace)
            .await
            .unwrap()
            .len(),
        1
    );
    let answers = vec![ItemAnswer {
        key: "colour".to_owned(),
        values: vec!["blue".to_owned()],
    }];
    let answer = QuestionAnswer {
        digest: question.digest.clone(),
        answers: answers.clone(),
    };
    let sent = store
        .answer_question(question.id, world.owner, answer, by(Surface::Web), START)
        .await
        .unwrap();
    assert_eq!(sent, Some(Answered::Sent(at)));
    let view = store.question(question.id).await.unwrap().unwrap().view;
    assert_eq!((view.status, &view.answers), (AnswerStatus::Sent, &answers));
    let settled = Event::QuestionSettled {
        question_id: question.id,
        answers: answers.clone(),
        by: by(Surface::Web),
    };
    store
        .append_events(machine.id, at.attempt_id, 1, vec![event(2, settled)], START)
        .await
        .unwrap();
    let view = store.questions_of(at.job_id).await.unwrap().remove(0);
    assert_eq!(
        (view.status, view.answers),
        (AnswerStatus::Settled, answers)
    );
    assert!(
        store
            .pending_orders(machine.id, START)
            .await
            .unwrap()
            .is_empty()
    );
}
