//! The app's window, driven through WebDriver.

use std::{path::Path, time::Duration};

use anyhow::Context as _;
use fantoccini::{Client, ClientBuilder, Locator, elements::Element};
use serde_json::{Map, json};
use tokio::time::sleep;

use crate::{
    desk::{Desk, eventually},
    stopping::signal,
};

/// The window of the app, as WebDriver sees it.
pub(crate) struct Window {
    client: Client,
    driver: usize,
}

impl Window {
    /// Opens the window as a process of its own.
    pub(crate) async fn open(desk: &mut Desk, arguments: &[&str]) -> anyhow::Result<Self> {
        let port = free_port()?;
        let program = desk
            .system("WebKitWebDriver")?
            .argument(format!("--port={port}"))
            .environment([("TAURI_WEBVIEW_AUTOMATION", "true")]);
        let driver = desk.start("webdriver", &program)?;
        let app = desk.app_path()?;
        let mut wishes = Map::new();
        let arguments: Vec<&str> = [&["window"], arguments].concat();
        wishes.insert(
            "webkitgtk:browserOptions".to_owned(),
            json!({"binary": app, "args": arguments}),
        );
        let address = format!("http://127.0.0.1:{port}");
        let client = eventually("the window can be driven", async || {
            let connector = hyper_util::client::legacy::connect::HttpConnector::new();
            let client = ClientBuilder::new(connector)
                .capabilities(wishes.clone())
                .connect(&address)
                .await?;
            Ok(Some(client))
        })
        .await?;
        Ok(Self { client, driver })
    }

    /// Closes the window, and the driver with it.
    pub(crate) async fn close(self, desk: &mut Desk) -> anyhow::Result<()> {
        // The window may be closed already, and the session with it.
        let _ = self.client.close().await;
        desk.end(self.driver).await
    }

    /// Kills the window, and the driver with it: neither can put anything in order.
    pub(crate) async fn kill(self, desk: &Desk) -> anyhow::Result<()> {
        let driver = desk.pid(self.driver)?;
        let of = process::Identity::of(driver).context("a driver that runs")?;
        for kin in process::descendants(of) {
            // One may have ended with another.
            drop(signal(desk, "-KILL", kin.pid).await);
        }
        drop(signal(desk, "-KILL", driver).await);
        // Whoever opens the next one too early would be sent to this one.
        let address = std::fs::read_to_string(desk.data().join("control.address"))?;
        let seat = Path::new(address.trim()).with_file_name("window.lock");
        eventually("the window is gone", async || {
            let seat = std::fs::File::open(&seat)?;
            Ok(seat.try_lock().is_ok().then_some(()))
        })
        .await
    }

    /// Everything that can be read in the window.
    pub(crate) async fn text(&self) -> anyhow::Result<String> {
        let body = self.client.find(Locator::Css("body")).await?;
        Ok(body.text().await?)
    }

    /// Waits until `wanted` can be read.
    pub(crate) async fn reads(&self, wanted: &str) -> anyhow::Result<()> {
        let mut last = String::new();
        let found = eventually(&format!("the window says {wanted:?}"), async || {
            let text = self.text().await?;
            Ok(text.contains(wanted).then_some(()))
        })
        .await;
        if found.is_err() {
            last = self.text().await.unwrap_or_default();
        }
        found.with_context(|| format!("the window says:\n{last}"))
    }

    /// Waits until `unwanted` can be read no more.
    pub(crate) async fn lacks(&self, unwanted: &str) -> anyhow::Result<()> {
        eventually(
            &format!("the window no longer says {unwanted:?}"),
            async || Ok((!self.text().await?.contains(unwanted)).then_some(())),
        )
        .await
    }

    /// Waits until a screen reader is told `wanted`; what is shown beside it may be gone soon.
    pub(crate) async fn says(&self, wanted: &str) -> anyhow::Result<()> {
        let path = format!("//*[@role='status'][contains(., '{wanted}')]");
        self.element(Locator::XPath(&path)).await.map(drop)
    }

    /// The button with this name, once it is there; a key that is shown in it is no part of that.
    pub(crate) async fn button(&self, name: &str) -> anyhow::Result<Element> {
        let without_key = "normalize-space(substring-before(concat(., '|'), concat(kbd, '|')))";
        let path = format!(
            "//*[self::button or @role='menuitem'][normalize-space(.)='{name}' or @aria-label='{name}' \
             or kbd[@aria-hidden='true'] and {without_key}='{name}']"
        );
        self.element(Locator::XPath(&path)).await
    }

    /// Presses the button with this name.
    pub(crate) async fn press(&self, name: &str) -> anyhow::Result<()> {
        eventually(&format!("{name:?} can be pressed"), async || {
            self.button(name).await?.click().await?;
            Ok(Some(()))
        })
        .await
    }

    /// Presses the button that closes the window, which may be gone before it can answer.
    pub(crate) async fn press_last(&self, name: &str) -> anyhow::Result<()> {
        let button = self.button(name).await?;
        // Whether the press arrived is seen by what it does.
        drop(button.click().await);
        Ok(())
    }

    /// The control that this label names.
    pub(crate) async fn field(&self, label: &str) -> anyhow::Result<Element> {
        let path = format!("//*[@id=//label[normalize-space(.)='{label}']/@for]");
        self.element(Locator::XPath(&path)).await
    }

    /// Writes into the control that this label names, in place of what stands there.
    pub(crate) async fn write(&self, label: &str, text: &str) -> anyhow::Result<()> {
        let field = self.field(label).await?;
        field.clear().await?;
        field.send_keys(text).await?;
        Ok(())
    }

    /// The element, once it is there.
    pub(crate) async fn element(&self, locator: Locator<'_>) -> anyhow::Result<Element> {
        let found = self
            .client
            .wait()
            .at_most(Duration::from_secs(20))
            .for_element(locator)
            .await;
        found.with_context(|| format!("{locator:?} is not in the window"))
    }

    /// Sends keys to whatever has the focus.
    pub(crate) async fn keys(&self, keys: &str) -> anyhow::Result<()> {
        let body = self.client.find(Locator::Css("body")).await?;
        body.send_keys(keys).await?;
        Ok(())
    }

    /// Runs a script in the page and gives its result.
    pub(crate) async fn script(&self, script: &str) -> anyhow::Result<serde_json::Value> {
        Ok(self.client.execute(script, Vec::new()).await?)
    }

    /// Keeps a picture of the page in the folder that `COORD_TEST_PICTURES` names.
    pub(crate) async fn picture(&self, name: &str) -> anyhow::Result<()> {
        let Some(folder) = std::env::var_os("COORD_TEST_PICTURES") else {
            return Ok(());
        };
        // A picture lags behind the page; for people only, so no test waits on it.
        sleep(Duration::from_millis(700)).await;
        let picture = self.client.screenshot().await?;
        let file = Path::new(&folder).join(format!("{name}.png"));
        Ok(std::fs::write(file, picture)?)
    }
}

/// A port that nobody listens on now.
pub(crate) fn free_port() -> anyhow::Result<u16> {
    let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    Ok(listener.local_addr()?.port())
}
