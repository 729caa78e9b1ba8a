//! The Rust code of the manual, which runs as documentation tests of this crate.

#[cfg(feature = "actix")]
#[doc = include_str!("../../../docs/manual/actix.md")]
mod actix {}

#[cfg(all(feature = "axum", feature = "sqlite"))]
mod embedded {
    macro_rules! pages {
        ($($page:ident: $file:literal)*) => {
            $(#[doc = include_str!(concat!("../../../docs/manual/", $file))] mod $page {})*
        };
    }

    pages! {
        axum: "axum.md"
        bans: "bans.md"
        claims: "claims.md"
        cookies: "cookies.md"
        csrf: "csrf.md"
        devices: "devices.md"
        hardening: "hardening.md"
        hooks: "hooks.md"
        hosts: "hosts.md"
        pages: "pages.md"
        protect: "protect.md"
        roles: "roles.md"
        safari: "safari.md"
        sign_out: "sign-out.md"
        testing: "testing.md"
        theft: "theft.md"
        tower: "tower.md"
    }
}
