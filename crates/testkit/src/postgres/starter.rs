//! The thread that starts every server.
//!
//! A server ends when the thread that started it does, since the system gives no word of a
//! whole process's end. Threads of a test come and go, so none of those starts one: this
//! thread lives for as long as the process.

use std::{
    io,
    process::{Child, Command},
    sync::{Mutex, PoisonError, mpsc},
    thread,
};

struct Order {
    command: Command,
    started: mpsc::SyncSender<io::Result<Child>>,
}

static ORDERS: Mutex<Option<mpsc::SyncSender<Order>>> = Mutex::new(None);

/// Starts a program that lives on when the calling thread has ended.
pub(super) fn start(command: Command) -> io::Result<Child> {
    let (started, answer) = mpsc::sync_channel(1);
    orders()?
        .send(Order { command, started })
        .map_err(|_| has_ended())?;
    answer.recv().map_err(|_| has_ended())?
}

fn orders() -> io::Result<mpsc::SyncSender<Order>> {
    let mut orders = ORDERS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(orders) = orders.as_ref() {
        return Ok(orders.clone());
    }
    let (sender, receiver) = mpsc::sync_channel::<Order>(1);
    thread::Builder::new()
        .name("servers of tests".to_owned())
        .spawn(move || {
            for mut order in receiver {
                // Whoever asked waits for it.
                let _ = order.started.send(order.command.spawn());
            }
        })?;
    Ok(orders.insert(sender).clone())
}

fn has_ended() -> io::Error {
    io::Error::other("the thread that starts servers has ended")
}
