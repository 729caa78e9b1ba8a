//! Where sessions are kept: by an engine in this process.

use std::sync::Arc;

use hallpass::Core;
use hallpass_engine::engine::{Config, Engine, Environment};

/// Who keeps the sessions of a world.
pub(crate) struct Home {
    /// The engine itself, for what happens behind the app's back.
    pub(crate) engine: Arc<Engine>,
    /// What the app talks to.
    pub(crate) core: Arc<dyn Core>,
    /// What signs a JWT of the app's own unless the app chooses: what is configured where the engine is, what every core knows at
    /// a distance.
    #[allow(dead_code, reason = "not every test program asks for JWTs")]
    pub(crate) jwt_algorithm: &'static str,
}

pub(crate) async fn open(environment: Environment, config: Config) -> Home {
    let engine = Arc::new(Engine::new(environment, config));
    Home { core: Arc::clone(&engine) as Arc<dyn Core>, engine, jwt_algorithm: "ES256" }
}
