//! What can be seen and done on the screen.

use anyhow::ensure;

use super::Desk;

impl Desk {
    /// Addresses that the app has opened in the browser.
    pub(crate) fn opened(&self) -> Vec<String> {
        let text = std::fs::read_to_string(self.home.path().join("opened")).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    /// Titles of the windows that can be seen.
    pub(crate) async fn windows(&self) -> anyhow::Result<Vec<String>> {
        let list = self.system("wmctrl")?.arguments(["-l"]);
        let (_, text) = self.run(&list).await?;
        let titles = text.lines().filter_map(|line| line.splitn(4, ' ').nth(3));
        Ok(titles
            .filter_map(|rest| rest.trim_start().split_once(' ').map(|(_, title)| title))
            .map(str::to_owned)
            .collect())
    }

    /// Title of the window that has the keyboard.
    pub(crate) async fn active_window(&self) -> anyhow::Result<String> {
        let ask = self
            .system("xdotool")?
            .arguments(["getactivewindow", "getwindowname"]);
        Ok(self.run(&ask).await?.1.trim().to_owned())
    }

    /// Closes the app's window as its person would.
    pub(crate) async fn close_window(&self) -> anyhow::Result<()> {
        let close = self.system("wmctrl")?.arguments(["-c", "Coord Runner"]);
        ensure!(self.run(&close).await?.0, "the window could not be closed");
        Ok(())
    }
}
