//! Names: of apps, tenants, sessions and users.

use std::{fmt, str::FromStr, sync::Arc};

use uuid::{Builder, Uuid};

use crate::random::Random;

const MAX_NAME: usize = 64;
const MAX_USER: usize = 512;
const PUBLIC: &str = "public";

/// Why a text is no name of an app or tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an app or tenant id is 1 to 64 characters from a-z, 0-9 and '-'")]
pub struct InvalidName;

macro_rules! name {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Arc<str>);

        impl $name {
            /// The one that exists without being created, named `public`.
            pub fn public() -> Self {
                Self(PUBLIC.into())
            }

            /// Whether this is the one named `public`.
            pub fn is_public(&self) -> bool {
                &*self.0 == PUBLIC
            }

            /// The name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = InvalidName;

            fn from_str(text: &str) -> Result<Self, InvalidName> {
                let fits = (1..=MAX_NAME).contains(&text.len());
                let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
                if fits && text.bytes().all(allowed) { Ok(Self(text.into())) } else { Err(InvalidName) }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

name!(
    /// An isolated world: its own keys, users and sessions.
    AppId
);
name!(
    /// A customer inside an app.
    TenantId
);

/// A tenant with its app: no query may forget half of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tenant {
    /// The app.
    pub app: AppId,
    /// The tenant inside the app.
    pub tenant: TenantId,
}

impl Tenant {
    /// The public tenant of the public app.
    pub fn public() -> Self {
        Self { app: AppId::public(), tenant: TenantId::public() }
    }
}

/// The public id of a session; not a secret. Text form: a UUID, and `_` with the tenant unless that is `public`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionHandle {
    id: [u8; 16],
    tenant: TenantId,
}

impl SessionHandle {
    /// A new handle: a random UUID (version 4).
    pub fn generate(tenant: TenantId, random: &dyn Random) -> Self {
        let id = Builder::from_random_bytes(random.bytes()).into_uuid().into_bytes();
        Self { id, tenant }
    }

    /// The handle made of these parts.
    pub fn from_parts(id: [u8; 16], tenant: TenantId) -> Self {
        Self { id, tenant }
    }

    /// The UUID's bytes.
    pub fn id(&self) -> &[u8; 16] {
        &self.id
    }

    /// The tenant that the session belongs to.
    pub fn tenant(&self) -> &TenantId {
        &self.tenant
    }
}

/// Why a text is no session handle. Whoever looks such a session up finds none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a session handle is a UUID, followed by `_` and the tenant unless that is public")]
pub struct InvalidHandle;

impl FromStr for SessionHandle {
    type Err = InvalidHandle;

    fn from_str(text: &str) -> Result<Self, InvalidHandle> {
        let (id, tenant) = match text.split_once('_') {
            Some((id, tenant)) => (id, tenant.parse().map_err(|_| InvalidHandle)?),
            None => (text, TenantId::public()),
        };
        let uuid = Uuid::try_parse(id).map_err(|_| InvalidHandle)?;
        // one spelling per session: an upper-case or braced UUID names none, nor does one with the tenant that needs no name
        let is_spelt = uuid.hyphenated().encode_lower(&mut Uuid::encode_buffer()) == id && (tenant.is_public() == (id == text));
        if is_spelt { Ok(Self { id: uuid.into_bytes(), tenant }) } else { Err(InvalidHandle) }
    }
}

impl fmt::Display for SessionHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", Uuid::from_bytes(self.id).hyphenated())?;
        if self.tenant.is_public() { Ok(()) } else { write!(f, "_{}", self.tenant) }
    }
}

/// Where a session is stored: the key of its row.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionKey {
    /// The app.
    pub app: AppId,
    /// The handle, which knows its tenant.
    pub handle: SessionHandle,
}

impl fmt::Display for SessionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.app, self.handle)
    }
}

/// A user, as the application names it: any text of at most 512 bytes without U+0000, the empty one included; taken as it is.
///
/// A session is not created for another; looking one up finds nothing.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UserId(Arc<str>);

impl UserId {
    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether every database can store it and find it again.
    pub fn is_storable(&self) -> bool {
        self.0.len() <= MAX_USER && !self.0.contains('\0')
    }
}

impl<T: Into<Arc<str>>> From<T> for UserId {
    fn from(id: T) -> Self {
        Self(id.into())
    }
}

impl fmt::Display for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handle_has_one_spelling() {
        let text = "0f8fad5b-d9cb-469f-a165-70867728950e";
        assert_eq!(text.parse::<SessionHandle>().unwrap().to_string(), text);
        let tenanted = format!("{text}_t-1");
        let handle: SessionHandle = tenanted.parse().unwrap();
        assert_eq!((handle.to_string(), handle.tenant().as_str()), (tenanted, "t-1"));
        for wrong in ["", "random", &text.to_uppercase(), &format!("{text}_"), &format!("{text}_public"), &format!("{text}_A")] {
            assert_eq!(wrong.parse::<SessionHandle>(), Err(InvalidHandle), "{wrong}");
        }
    }

    #[test]
    fn names_are_short_and_lower_case() {
        for right in ["public", "t1", "a-b", &"x".repeat(64)] {
            assert_eq!(right.parse::<AppId>().unwrap().as_str(), right);
        }
        for wrong in ["", "A", "a_b", "a b", "ä", &"x".repeat(65)] {
            assert_eq!(wrong.parse::<TenantId>(), Err(InvalidName), "{wrong}");
        }
    }
}
