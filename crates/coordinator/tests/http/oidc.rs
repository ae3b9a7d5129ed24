//! Signing in with a real OpenID Connect provider.
//!
//! `COORD_TEST_OIDC_PROVIDER` names its package; the whole test run sets it.
//! Without it there is nothing to test with, which is an error in CI.

use std::{collections::BTreeMap, path::PathBuf};

use reqwest::{StatusCode, header::HeaderMap};
use serde_json::{Value, json};
use tempfile::TempDir;
use testkit::identity::{CLIENT_SECRET, IdentityProvider};

use crate::support::{Client, EMAIL, TestServer, http, soon};

/// Most redirects of one sign-in.
const HOPS_MAX: usize = 20;

fn package() -> Option<PathBuf> {
    let package = std::env::var_os("COORD_TEST_OIDC_PROVIDER").map(PathBuf::from);
    assert!(
        package.is_some() || std::env::var_os("CI").is_none(),
        "COORD_TEST_OIDC_PROVIDER has to name the package of the provider; `cargo xtask test` installs it"
    );
    package
}

/// A coordinator and the provider that it knows.
struct Scene {
    server: TestServer,
    provider: IdentityProvider,
    _secret: TempDir,
}

impl Scene {
    /// None where there is no provider to test with.
    async fn new(settings: &str) -> Option<Self> {
        let provider = IdentityProvider::start(&package()?).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let secret = folder.path().join("secret");
        std::fs::write(&secret, format!("{CLIENT_SECRET}\n")).unwrap();
        let settings = format!(
            "[oidc]\nissuer = \"{}\"\nclient_id = \"coord\"\nclient_secret_file = \"{}\"\nname = \"Example\"\n{settings}",
            provider.issuer(),
            secret.display(),
        );
        let server = TestServer::start_with(&settings).await;
        Some(Self {
            server,
            provider,
            _secret: folder,
        })
    }

    /// Tells the provider who is there, and makes it begin anew, with other keys.
    async fn provider_knows(&self, person: Value, more: Value) {
        let mut setup = json!({
            "redirect_uri": format!("{}/auth/oidc/callback", self.server.url),
            "person": person,
        });
        for (key, value) in more.as_object().unwrap() {
            setup[key] = value.clone();
        }
        let url = format!("{}/_setup", self.provider.issuer());
        let answer = http().post(url).json(&setup).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::NO_CONTENT);
    }

    /// Signs a new browser in; says where in the app it ends, and as whom.
    async fn sign_in(&self, next: &str) -> (String, Client) {
        let mut browser = Browser::default();
        let start = format!("{}/api/v1/auth/oidc/start?next={next}", self.server.url);
        let end = soon("the end", browser.follow(start, &self.server.url)).await;
        let cookie = browser.cookie(&self.server.url, "coord_session");
        let client = self.server.client();
        let client = cookie.map_or(client.clone(), |cookie| client.with_cookie(&cookie));
        (end, client)
    }
}

fn ada(verified: bool) -> Value {
    json!({"sub": "ada-1", "email": "Ada@Example.com", "email_verified": verified, "name": "Ada L"})
}

/// Follows redirects and keeps cookies, those of each site apart.
#[derive(Default)]
struct Browser {
    cookies: BTreeMap<(String, String), String>,
}

impl Browser {
    /// Goes to an address, and on, until it is in the app; that address is returned.
    async fn follow(&mut self, mut url: String, app: &str) -> String {
        for _ in 0..HOPS_MAX {
            let site = site_of(&url).to_owned();
            let cookies: Vec<_> = self
                .cookies
                .iter()
                .filter(|((of, _), _)| *of == site)
                .map(|((_, name), value)| format!("{name}={value}"))
                .collect();
            let answer = http()
                .get(&url)
                .header("cookie", cookies.join("; "))
                .send()
                .await
                .unwrap();
            self.keep(&site, answer.headers());
            let status = answer.status();
            let to = answer
                .headers()
                .get("location")
                .map(|to| to.to_str().unwrap().to_owned());
            let Some(to) = to else {
                panic!("{status} at {url}: {}", answer.text().await.unwrap());
            };
            let is_done = url.contains("/auth/oidc/callback") || to.starts_with("/sign-in");
            if is_done {
                assert_eq!(site, site_of(app));
                return to;
            }
            url = if to.starts_with('/') {
                format!("{site}{to}")
            } else {
                to
            };
        }
        panic!("there is no end");
    }

    fn keep(&mut self, site: &str, headers: &HeaderMap) {
        for cookie in headers.get_all("set-cookie") {
            let cookie = cookie.to_str().unwrap();
            let (name, rest) = cookie.split_once('=').unwrap();
            let value = rest.split(';').next().unwrap();
            let key = (site.to_owned(), name.to_owned());
            if value.is_empty() || rest.contains("Max-Age=0") {
                self.cookies.remove(&key);
            } else {
                self.cookies.insert(key, value.to_owned());
            }
        }
    }

    fn cookie(&self, site: &str, name: &str) -> Option<String> {
        let value = self.cookies.get(&(site.to_owned(), name.to_owned()))?;
        Some(format!("{name}={value}"))
    }
}

/// Scheme, host and port of an address.
fn site_of(url: &str) -> &str {
    let from = url.find("://").unwrap() + 3;
    let to = url[from..].find('/').map_or(url.len(), |at| from + at);
    &url[..to]
}

#[tokio::test]
async fn somebody_whose_address_both_sides_vouch_for_is_signed_in() {
    let Some(scene) = Scene::new("").await else {
        return;
    };
    let instance = scene.server.client().get("/api/v1/instance").await.json();
    assert_eq!(instance["identity_provider"], "Example");
    scene.provider_knows(ada(true), json!({})).await;
    let (end, ada_there) = scene.sign_in("%2Fw%2Fteam%3Ftab%3Dall").await;
    assert_eq!(end, "/w/team?tab=all");
    let me = ada_there.get("/api/v1/me").await.expect(200).json();
    assert_eq!(me["account"]["email"], EMAIL);
    assert_eq!(me["workspaces"][0]["slug"], "team");
    // The provider begins anew with other keys, and the address has changed there.
    let moved = json!({"sub": "ada-1", "email": "ada@elsewhere.example", "email_verified": false});
    scene
        .provider_knows(moved, json!({"claims_apart": false}))
        .await;
    let (end, again) = scene.sign_in("https:%2F%2Fevil.example").await;
    assert_eq!(end, "/", "nobody is led elsewhere");
    let me = again.get("/api/v1/me").await.expect(200).json();
    assert_eq!(me["account"]["email"], EMAIL);
    let log = again.get("/api/v1/account/audit").await.expect(200).json();
    let actions: Vec<_> = log["entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| line["action"].as_str().unwrap())
        .collect();
    let signed_in = "account.signed_in";
    assert_eq!(actions, [signed_in, signed_in, "account.identity_linked"]);
}

#[tokio::test]
async fn an_address_that_is_merely_claimed_opens_no_account() {
    let Some(scene) = Scene::new("allow_sign_up = true\n").await else {
        return;
    };
    scene.provider_knows(ada(false), json!({})).await;
    let (end, nobody) = scene.sign_in("/").await;
    assert_eq!(end, "/sign-in?problem=email_taken");
    nobody.get("/api/v1/me").await.refused(401, "not_signed_in");
}

#[tokio::test]
async fn somebody_new_gets_an_account_only_where_that_is_allowed() {
    let eve =
        json!({"sub": "eve", "email": "eve@example.com", "email_verified": true, "name": "Eve"});
    for (settings, allowed) in [("", false), ("allow_sign_up = true\n", true)] {
        let Some(scene) = Scene::new(settings).await else {
            return;
        };
        // Both ways of showing the client's secret are spoken.
        let method = if allowed {
            "client_secret_post"
        } else {
            "client_secret_basic"
        };
        scene
            .provider_knows(eve.clone(), json!({"auth_method": method}))
            .await;
        let (end, browser) = scene.sign_in("/").await;
        if !allowed {
            assert_eq!(end, "/sign-in?problem=sign_up_closed");
            continue;
        }
        assert_eq!(end, "/");
        let me = browser.get("/api/v1/me").await.expect(200).json();
        assert_eq!(me["account"]["name"], "Eve");
        assert_eq!(me["workspaces"], json!([]));
        // Who has just signed in there may set a first password.
        let password = json!({"new": "another horse battery"});
        browser
            .put_json("/api/v1/account/password", password)
            .await
            .expect(204);
        let mut by_password = scene.server.client();
        by_password
            .sign_in("eve@example.com", "another horse battery")
            .await
            .expect(200);
    }
}

#[tokio::test]
async fn a_refusal_there_and_a_provider_that_is_gone_are_told() {
    let Some(scene) = Scene::new("").await else {
        return;
    };
    scene
        .provider_knows(ada(true), json!({"refuses": true}))
        .await;
    let (end, _) = scene.sign_in("/").await;
    assert_eq!(end, "/sign-in?problem=provider_failed");
    let Some(Scene {
        server,
        provider,
        _secret,
    }) = Scene::new("").await
    else {
        return;
    };
    drop(provider);
    let client = server.client();
    let back = client.get("/auth/oidc/callback?code=x&state=y").await;
    assert_eq!(
        back.expect(303).header("location"),
        "/sign-in?problem=link_invalid"
    );
    let start = client.get("/api/v1/auth/oidc/start").await;
    assert_eq!(
        start.expect(303).header("location"),
        "/sign-in?problem=provider_failed"
    );
}

#[tokio::test]
async fn only_the_browser_that_left_can_come_back() {
    let Some(scene) = Scene::new("").await else {
        return;
    };
    scene.provider_knows(ada(true), json!({})).await;
    let start = format!("{}/api/v1/auth/oidc/start", scene.server.url);
    let left = http().get(start).send().await.unwrap();
    assert_eq!(left.status(), StatusCode::SEE_OTHER);
    let to = left.headers()["location"].to_str().unwrap().to_owned();
    assert!(to.contains("code_challenge_method=S256"), "{to}");
    assert!(to.contains("nonce=") && to.contains("state="), "{to}");
    let mut other = Browser::default();
    let end = soon("the end", other.follow(to, &scene.server.url)).await;
    assert_eq!(end, "/sign-in?problem=link_invalid");
    assert_eq!(other.cookie(&scene.server.url, "coord_session"), None);
}

#[tokio::test]
async fn without_a_provider_there_is_no_such_way() {
    let server = TestServer::start().await;
    let client = server.client();
    let instance = client.get("/api/v1/instance").await.json();
    assert!(instance.get("identity_provider").is_none());
    client
        .get("/api/v1/auth/oidc/start")
        .await
        .refused(404, "not_found");
}
