//! The icon's picture for each state.

use tauri::image::Image;

use crate::indicator::Indicator;

/// A grey that keeps three to one against light and dark panels.
#[cfg(not(target_os = "macos"))]
const CALM: [u8; 3] = [0x7d, 0x84, 0x92];
/// The one colour that a state may have, beside its shape.
#[cfg(not(target_os = "macos"))]
const AMBER: [u8; 3] = [0xc9, 0x76, 0x0a];

/// The picture of `indicator`, tinted as this system wants it.
pub(super) fn picture(indicator: Indicator) -> Image<'static> {
    tinted(drawn(indicator), indicator)
}

fn drawn(indicator: Indicator) -> Image<'static> {
    match indicator {
        Indicator::SignedOut => tauri::include_image!("icons/tray/signed-out.png"),
        Indicator::Connecting => tauri::include_image!("icons/tray/connecting.png"),
        Indicator::Ready => tauri::include_image!("icons/tray/ready.png"),
        Indicator::Working => tauri::include_image!("icons/tray/working.png"),
        Indicator::NeedsYou => tauri::include_image!("icons/tray/needs-you.png"),
        Indicator::Paused => tauri::include_image!("icons/tray/paused.png"),
        Indicator::Offline => tauri::include_image!("icons/tray/offline.png"),
        Indicator::Error => tauri::include_image!("icons/tray/error.png"),
        Indicator::Update => tauri::include_image!("icons/tray/update.png"),
    }
}

/// macOS colours template images itself.
#[cfg(target_os = "macos")]
fn tinted(drawn: Image<'static>, _: Indicator) -> Image<'static> {
    drawn
}

#[cfg(not(target_os = "macos"))]
#[expect(clippy::needless_pass_by_value, reason = "macOS hands it on as it is")]
fn tinted(drawn: Image<'static>, indicator: Indicator) -> Image<'static> {
    let colour = if indicator == Indicator::NeedsYou {
        AMBER
    } else {
        CALM
    };
    let mut rgba = drawn.rgba().to_vec();
    for pixel in rgba.as_chunks_mut::<4>().0 {
        let [_, _, _, alpha] = *pixel;
        let [red, green, blue] = colour;
        *pixel = [red, green, blue, alpha];
    }
    Image::new_owned(rgba, drawn.width(), drawn.height())
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_state_has_a_shape_of_its_own() {
        let shapes: HashSet<Vec<u8>> = Indicator::ALL
            .into_iter()
            .map(|indicator| {
                let picture = picture(indicator);
                picture.rgba().iter().skip(3).step_by(4).copied().collect()
            })
            .collect();
        assert_eq!(shapes.len(), Indicator::ALL.len());
    }
}
