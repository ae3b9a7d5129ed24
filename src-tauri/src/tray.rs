//! The tray icon and its menu, drawn from the service's state.

mod icon;
pub(crate) mod menu;

use std::sync::Mutex;

use tauri::{
    AppHandle, Wry,
    menu::{Menu, MenuItem, PredefinedMenuItem, Submenu},
    tray::{TrayIcon, TrayIconBuilder},
};
use tokio::sync::mpsc;

use self::menu::{Action, Row};
use crate::{indicator::Indicator, words};

const TRAY_ID: &str = "coord-runner";

/// What the tray shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Look {
    /// The icon.
    pub indicator: Indicator,
    /// What the icon says when it is pointed at.
    pub tooltip: String,
    /// The menu.
    pub rows: Vec<Row>,
}

/// The tray icon of this app.
pub(crate) struct Tray {
    app: AppHandle,
    icon: TrayIcon,
    shown: Mutex<Option<Shown>>,
}

/// What is drawn now, with handles on the rows whose words may change.
struct Shown {
    look: Look,
    items: Vec<Option<MenuItem<Wry>>>,
}

impl Tray {
    /// Puts the icon into the tray; what is chosen in its menu goes to `chosen`.
    pub(crate) fn new(
        app: &AppHandle,
        first: &Look,
        chosen: mpsc::Sender<String>,
    ) -> tauri::Result<Self> {
        let icon = TrayIconBuilder::with_id(TRAY_ID)
            .icon(icon::picture(first.indicator))
            .icon_as_template(cfg!(target_os = "macos"))
            .tooltip(&first.tooltip)
            .show_menu_on_left_click(!cfg!(target_os = "windows"))
            .on_menu_event(move |_, event| {
                // The menu cannot wait; whoever clicks this fast clicks again.
                if chosen.try_send(event.id().0.clone()).is_err() {
                    tracing::warn!("a choice in the menu came too fast");
                }
            })
            .build(app)?;
        let tray = Self {
            app: app.clone(),
            icon,
            shown: Mutex::new(None),
        };
        tray.show(first.clone())?;
        Ok(tray)
    }

    /// Shows `look`, touching only what differs from what is shown.
    pub(crate) fn show(&self, look: Look) -> tauri::Result<()> {
        let Ok(mut shown) = self.shown.lock() else {
            return Ok(());
        };
        let last = shown.as_ref().map(|shown| &shown.look);
        if last == Some(&look) {
            return Ok(());
        }
        if last.map(|last| last.indicator) != Some(look.indicator) {
            self.icon.set_icon_with_as_template(
                Some(icon::picture(look.indicator)),
                cfg!(target_os = "macos"),
            )?;
        }
        if last.map(|last| &last.tooltip) != Some(&look.tooltip) {
            self.icon.set_tooltip(Some(&look.tooltip))?;
        }
        let items = match shown.take() {
            Some(Shown { look: last, items }) if same_build(&last.rows, &look.rows) => {
                reword(&items, &last.rows, &look.rows)?;
                items
            }
            _ => self.build(&look.rows)?,
        };
        *shown = Some(Shown { look, items });
        Ok(())
    }

    fn build(&self, rows: &[Row]) -> tauri::Result<Vec<Option<MenuItem<Wry>>>> {
        let menu = Menu::new(&self.app)?;
        let mut items = Vec::with_capacity(rows.len());
        for (number, row) in rows.iter().enumerate() {
            let id = number.to_string();
            let item = match row {
                Row::Separator => {
                    menu.append(&PredefinedMenuItem::separator(&self.app)?)?;
                    None
                }
                Row::Group(label, choices) => {
                    menu.append(&self.group(&id, label, choices)?)?;
                    None
                }
                Row::Note(label) | Row::Item(label, _) => {
                    let enabled = matches!(row, Row::Item(..));
                    let item =
                        MenuItem::with_id(&self.app, id, plain(label), enabled, None::<&str>)?;
                    menu.append(&item)?;
                    Some(item)
                }
            };
            items.push(item);
        }
        self.icon.set_menu(Some(menu))?;
        Ok(items)
    }

    fn group(&self, id: &str, label: &str, choices: &[Row]) -> tauri::Result<Submenu<Wry>> {
        let group = Submenu::with_id(&self.app, id, plain(label), true)?;
        for (number, choice) in choices.iter().enumerate() {
            if let Row::Item(label, _) = choice {
                let id = format!("{id}.{number}");
                group.append(&MenuItem::with_id(
                    &self.app,
                    id,
                    plain(label),
                    true,
                    None::<&str>,
                )?)?;
            }
        }
        Ok(group)
    }

    /// What the row with this id does, as the menu stands now.
    pub(crate) fn action(&self, id: &str) -> Option<Action> {
        let shown = self.shown.lock().ok()?;
        let rows = &shown.as_ref()?.look.rows;
        let row = match id.split_once('.') {
            None => rows.get(id.parse::<usize>().ok()?)?,
            Some((group, choice)) => match rows.get(group.parse::<usize>().ok()?)? {
                Row::Group(_, choices) => choices.get(choice.parse::<usize>().ok()?)?,
                Row::Note(_) | Row::Item(..) | Row::Separator => return None,
            },
        };
        match row {
            Row::Item(_, action) => Some(action.clone()),
            Row::Note(_) | Row::Group(..) | Row::Separator => None,
        }
    }
}

/// Whether two menus differ in words only.
fn same_build(a: &[Row], b: &[Row]) -> bool {
    a.len() == b.len()
        && a.iter().zip(b).all(|rows| match rows {
            (Row::Separator, Row::Separator)
            | (Row::Note(_), Row::Note(_))
            | (Row::Item(..), Row::Item(..)) => true,
            (Row::Group(..), Row::Group(..)) => rows.0 == rows.1,
            _ => false,
        })
}

fn reword(items: &[Option<MenuItem<Wry>>], last: &[Row], next: &[Row]) -> tauri::Result<()> {
    for (item, (last, next)) in items.iter().zip(last.iter().zip(next)) {
        if let (Some(item), Row::Note(label) | Row::Item(label, _)) = (item, next)
            && last != next
        {
            item.set_text(plain(label))?;
        }
    }
    Ok(())
}

/// An ampersand would mark the next letter as a shortcut.
fn plain(label: &str) -> String {
    words::shortened(label, 120).replace('&', "&&")
}
