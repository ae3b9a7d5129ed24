//! What each fault does to a connection.

use std::{
    io::{Read as _, Write as _},
    net::{TcpListener, TcpStream},
    sync::mpsc,
    thread,
};

use super::*;
use crate::until;

/// A server that answers each piece with its name and the piece.
fn echo(name: &'static str) -> (Target, mpsc::Receiver<Vec<u8>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (heard, hears) = mpsc::sync_channel(64);
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let heard = heard.clone();
            thread::spawn(move || {
                let mut piece = [0; 4096];
                while let Ok(count @ 1..) = stream.read(&mut piece) {
                    heard.send(piece[..count].to_vec()).ok();
                    let answer = [name.as_bytes(), &piece[..count]].concat();
                    if stream.write_all(&answer).is_err() {
                        return;
                    }
                }
            });
        }
    });
    (Target::Tcp(address), hears)
}

fn dial(proxy: &Proxy) -> TcpStream {
    let stream = TcpStream::connect(proxy.address()).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(20)))
        .unwrap();
    stream
}

fn ask(stream: &mut TcpStream, words: &str) -> String {
    stream.write_all(words.as_bytes()).unwrap();
    let mut answer = [0; 4096];
    let count = stream.read(&mut answer).unwrap();
    String::from_utf8(answer[..count].to_vec()).unwrap()
}

/// Whether the connection ended instead of answering.
fn is_broken(stream: &mut TcpStream) -> bool {
    stream.write_all(b"x").ok();
    !matches!(stream.read(&mut [0; 16]), Ok(1..))
}

#[test]
fn connections_go_to_each_target_in_turn_and_past_those_that_are_gone() {
    let ((one, _one), (other, _other)) = (echo("1"), echo("2"));
    let gone = TcpListener::bind("127.0.0.1:0").unwrap();
    let nobody = Target::Tcp(gone.local_addr().unwrap());
    drop(gone);
    let proxy = Proxy::start(vec![one.clone(), nobody, other.clone()]).unwrap();
    let mut answers: Vec<_> = (0..3).map(|_| ask(&mut dial(&proxy), "a")).collect();
    answers.sort_unstable();
    assert_eq!(answers, ["1a", "2a", "2a"]);
    let mut open = dial(&proxy);
    let before = ask(&mut open, "b");
    proxy.set_targets(vec![other]);
    assert_eq!(ask(&mut open, "b"), before, "what is open stays");
    assert_eq!(ask(&mut dial(&proxy), "c"), "2c");
}

#[test]
fn a_cut_breaks_what_is_open_and_lets_nothing_new_through() {
    let (target, _hears) = echo("");
    let proxy = Proxy::start(vec![target]).unwrap();
    let mut open = dial(&proxy);
    assert_eq!(ask(&mut open, "a"), "a");
    proxy.set_fault(Some(Fault::Cut));
    assert!(is_broken(&mut open));
    assert!(is_broken(&mut dial(&proxy)));
    proxy.set_fault(None);
    assert_eq!(ask(&mut dial(&proxy), "b"), "b");
    assert!(proxy.done().broken >= 1);
}

#[test]
fn half_open_swallows_and_what_came_later_does_not_follow() {
    let (target, hears) = echo("");
    let proxy = Proxy::start(vec![target]).unwrap();
    let mut open = dial(&proxy);
    assert_eq!(ask(&mut open, "a"), "a");
    assert_eq!(hears.recv().unwrap(), b"a");
    proxy.set_fault(Some(Fault::HalfOpen));
    let mut new = dial(&proxy);
    open.write_all(b"lost").unwrap();
    new.write_all(b"lost").unwrap();
    until("both to be swallowed", || {
        (proxy.done().swallowed == 8).then_some(())
    });
    proxy.set_fault(None);
    open.write_all(b"later").unwrap();
    assert_eq!(ask(&mut dial(&proxy), "b"), "b");
    assert_eq!(
        hears.recv().unwrap(),
        b"b",
        "neither what was swallowed nor what followed it"
    );
}

#[test]
fn a_lost_reply_is_of_a_request_that_arrived() {
    let (target, hears) = echo("");
    let proxy = Proxy::start(vec![target]).unwrap();
    proxy.set_fault(Some(Fault::ReplyLost));
    let mut open = dial(&proxy);
    open.write_all(b"arrives").unwrap();
    assert_eq!(hears.recv().unwrap(), b"arrives");
    assert!(!matches!(open.read(&mut [0; 16]), Ok(1..)));
    assert_eq!(proxy.done().replies_lost, 1);
}

#[test]
fn slow_and_late_bring_everything_in_the_end() {
    let (target, _hears) = echo("");
    let proxy = Proxy::start(vec![target]).unwrap();
    for fault in [Fault::Slow, Fault::Late(Duration::from_millis(30))] {
        proxy.set_fault(Some(fault));
        let mut open = dial(&proxy);
        let sent: Vec<u8> = (0..3_000_u32).map(|n| n.to_le_bytes()[0]).collect();
        open.write_all(&sent).unwrap();
        let mut came = vec![0; sent.len()];
        open.read_exact(&mut came).unwrap();
        assert_eq!(came, sent, "{fault:?}");
    }
}

#[test]
fn a_doubled_request_arrives_twice_and_is_answered_once() {
    let (target, hears) = echo("");
    let proxy = Proxy::start(vec![target]).unwrap();
    proxy.set_fault(Some(Fault::Doubled));
    let mut open = dial(&proxy);
    let post = "POST / HTTP/1.1\r\ncontent-length: 2\r\n\r\nhi";
    assert_eq!(ask(&mut open, post), post);
    assert_eq!(hears.recv().unwrap(), post.as_bytes());
    assert_eq!(hears.recv().unwrap(), post.as_bytes());
    let get = "GET / HTTP/1.1\r\n\r\n";
    assert_eq!(ask(&mut open, get), get);
    assert_eq!(hears.recv().unwrap(), get.as_bytes());
    assert_eq!(proxy.done().doubled, 1);
}
