//! JWTs of a core at a distance.

use hallpass_engine::{
    core::{CoreError, TokenText},
    jwt::NewJwt,
    keys::Algorithm,
    session::KeyFamily,
};
use hallpass_wire::{answer::Answer, jwt::CreateJwt};

use super::{RemoteCore, unexpected, unreadable};

/// What is tried when the caller leaves it to the core: first what every core knows.
const USUAL: [Algorithm; 3] = [Algorithm::Rs256, Algorithm::Es256, Algorithm::EdDsa];

impl RemoteCore {
    /// Makes a JWT. `None`: no key of that family signs with that algorithm.
    pub(super) async fn make_jwt(&self, new: NewJwt) -> Result<Option<TokenText>, CoreError> {
        let algorithms = new.algorithm.map_or(USUAL.to_vec(), |algorithm| vec![algorithm]);
        for algorithm in algorithms {
            let request = CreateJwt {
                payload: new.payload.clone(),
                algorithm: algorithm.as_str().to_owned(),
                jwks_domain: new.issuer.clone(),
                validity: i64::try_from(new.validity.as_secs()).unwrap_or(i64::MAX),
                use_static_signing_key: Some(new.family == KeyFamily::Static),
            };
            let body = self.post(&new.app, "/recipe/jwt", &request).await?;
            let answer = Answer::new(&body);
            match answer.status().map_err(unreadable)? {
                "OK" => return Ok(Some(answer.text("jwt").map_err(unreadable)?.into())),
                "UNSUPPORTED_ALGORITHM_ERROR" => {}
                other => return Err(unexpected(other)),
            }
        }
        Ok(None)
    }
}
