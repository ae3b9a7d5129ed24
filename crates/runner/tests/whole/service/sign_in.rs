//! Signing in, and how it ends.

use control::{message::Request, state::Connection};
use libtest_mimic::Trial;
use runner::{Exit, Options};

use super::{Machine, hand_out, outcome, run};
use crate::{fake::Fake, trial, worker::until};

pub(super) fn trials() -> Vec<Trial> {
    vec![
        trial(
            "service::the_device_flow_signs_in",
            the_device_flow_signs_in,
        ),
        trial(
            "service::a_removed_runner_says_so",
            a_removed_runner_says_so,
        ),
        trial(
            "service::a_refused_token_is_renewed",
            a_refused_token_is_renewed,
        ),
        trial(
            "service::nobody_signed_in_and_nobody_to_ask",
            nobody_signed_in_and_nobody_to_ask,
        ),
        trial(
            "service::a_broken_configuration_is_an_error",
            a_broken_configuration_is_an_error,
        ),
    ]
}

async fn the_device_flow_signs_in() {
    let coordinator = Fake::start().await;
    coordinator.fake.change(|facts| facts.device_pending = 1);
    let mut machine = Machine::new(&coordinator);
    machine.login = false;
    let service = machine.start();
    machine
        .state(|state| {
            matches!(state.connection, Connection::SignedOut { because: None }).then_some(())
        })
        .await;
    machine.client().await.call(Request::SignIn).await.unwrap();
    let code = machine
        .state(|state| match &state.connection {
            Connection::SigningIn { user_code, .. } => Some(user_code.clone()),
            _ => None,
        })
        .await;
    assert_eq!(code, "ABCD-EFGH");
    machine
        .state(|state| matches!(state.connection, Connection::Online).then_some(()))
        .await;
    service.detach().await;
    // The next start needs nobody.
    let _service = machine.start();
    machine
        .state(|state| matches!(state.connection, Connection::Online).then_some(()))
        .await;
    assert_eq!(coordinator.fake.facts().registrations, 1);
    machine.client().await.call(Request::SignOut).await.unwrap();
    machine
        .state(|state| {
            (state.runner.is_none() && matches!(state.connection, Connection::SignedOut { .. }))
                .then_some(())
        })
        .await;
}

async fn a_removed_runner_says_so() {
    let coordinator = Fake::start().await;
    let machine = Machine::new(&coordinator);
    let _service = machine.start();
    machine
        .state(|state| matches!(state.connection, Connection::Online).then_some(()))
        .await;
    coordinator.fake.change(|facts| facts.removed = true);
    machine
        .state(|state| matches!(state.connection, Connection::Removed).then_some(()))
        .await;
}

async fn a_refused_token_is_renewed() {
    let coordinator = Fake::start().await;
    let machine = Machine::new(&coordinator);
    let _service = machine.start();
    machine
        .state(|state| matches!(state.connection, Connection::Online).then_some(()))
        .await;
    coordinator.fake.change(crate::fake::Facts::forget_access);
    until(|| coordinator.fake.facts().refreshes == 1).await;
    let id = hand_out(&coordinator, "say x");
    outcome(&coordinator, id).await;
}

async fn nobody_signed_in_and_nobody_to_ask() {
    let coordinator = Fake::start().await;
    let mut machine = Machine::new(&coordinator);
    machine.login = false;
    let options = Options {
        no_input: true,
        ..machine.options()
    };
    let exit = run(options, std::future::pending()).await.unwrap();
    assert_eq!(exit, Exit::NotSignedIn);
}

async fn a_broken_configuration_is_an_error() {
    let coordinator = Fake::start().await;
    let machine = Machine::new(&coordinator);
    std::fs::create_dir(machine.data()).unwrap();
    let file = machine.data().join("config.toml");
    std::fs::write(&file, "slots = [\n").unwrap();
    let error = run(machine.options(), std::future::pending())
        .await
        .unwrap_err();
    assert!(error.to_string().contains("config.toml"), "{error}");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "slots = [\n");
}
