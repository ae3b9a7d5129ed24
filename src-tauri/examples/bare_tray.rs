//! A tray icon on bare Tauri that never has a window.
fn main() {}
