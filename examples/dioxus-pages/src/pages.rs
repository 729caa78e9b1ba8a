//! What the pages look like. Whatever stands in braces is escaped.

use axum::response::Html;
use dioxus::prelude::*;

/// The page for everybody: who you are, or how to sign in.
pub(crate) fn home(user: Option<&str>) -> Html<String> {
    page(match user {
        Some(user) => rsx! {
            h1 { "Hello, {user}" }
            p {
                a { href: "/account", "Your account" }
            }
            SignOut {}
        },
        None => rsx! {
            h1 { "Sign in" }
            form { method: "post", action: "/sign-in",
                label {
                    "Name "
                    input { name: "user", required: true, autofocus: true }
                }
                button { "Sign in" }
            }
        },
    })
}

/// The page for those who are signed in.
pub(crate) fn account(user: &str, devices: usize) -> Html<String> {
    page(rsx! {
        h1 { "The account of {user}" }
        p { "You are signed in on {devices} device(s)." }
        SignOut {}
    })
}

/// Where an access token has expired: without a script, the user has to ask for the next one.
pub(crate) fn renew() -> Html<String> {
    page(rsx! {
        h1 { "Welcome back" }
        form { method: "post", action: "/auth/session/refresh",
            button { autofocus: true, "Continue" }
        }
    })
}

#[component]
fn SignOut() -> Element {
    rsx! {
        form { method: "post", action: "/sign-out",
            button { "Sign out" }
        }
    }
}

fn page(content: Element) -> Html<String> {
    let content = dioxus_ssr::render_element(content);
    Html(format!(
        "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>Sessions with Hallpass</title><body>{content}</body></html>\n"
    ))
}
