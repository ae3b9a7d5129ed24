//! A tray icon on bare Tauri that never has a window: what the desktop app's
//! idle memory is measured against.

use tauri::{
    menu::{Menu, MenuItem},
    tray::TrayIconBuilder,
};

fn main() -> tauri::Result<()> {
    #[expect(clippy::exit, reason = "in code that Tauri's macro writes")]
    let context = tauri::generate_context!();
    tauri::Builder::default()
        .setup(|app| {
            let quit = MenuItem::with_id(app, "quit", "Quit", true, None::<&str>)?;
            let menu = Menu::with_items(app, &[&quit])?;
            TrayIconBuilder::new()
                .icon(tauri::include_image!("icons/tray/ready.png"))
                .menu(&menu)
                .on_menu_event(|app, _| app.exit(0))
                .build(app)?;
            Ok(())
        })
        .build(context)?
        .run(|_, event| {
            if let tauri::RunEvent::ExitRequested {
                code: None, api, ..
            } = event
            {
                api.prevent_exit();
            }
        });
    Ok(())
}
