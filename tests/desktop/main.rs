//! The real desktop app on a desktop of its own: a private session bus, a
//! virtual screen, a window manager, and doubles of tray host and notification
//! server; the window is driven through WebDriver.
//!
//! Each test has its own desktop, so tests neither see nor disturb each other.

mod coordinator;
mod desk;
mod double;
mod driver;
mod notices;
mod outlives;
mod own_agent;
mod ready;
mod removed;
mod scripted;
mod settings;
mod sharing;
mod stopping;
mod tray;
mod whole;
mod window;
