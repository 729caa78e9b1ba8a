//! What tells the process to stop: SIGTERM, or Ctrl-C.

/// Ends when the process is told to stop.
pub(super) async fn stop() {
    Told::listen().again().await;
}

/// Ends when the process is told so twice: whoever tells it does not want to wait for requests under way.
pub(super) async fn insist() {
    let mut told = Told::listen();
    told.again().await;
    told.again().await;
}

/// Listens from its making on: nothing is missed between two calls. What cannot be listened for is never told.
#[cfg(unix)]
struct Told([Option<tokio::signal::unix::Signal>; 2]);

#[cfg(unix)]
impl Told {
    fn listen() -> Self {
        use tokio::signal::unix::{SignalKind, signal};
        Self([SignalKind::interrupt(), SignalKind::terminate()].map(|kind| signal(kind).ok()))
    }

    async fn again(&mut self) {
        async fn told(signal: &mut Option<tokio::signal::unix::Signal>) {
            let heard = match signal {
                Some(signal) => signal.recv().await,
                None => None,
            };
            if heard.is_none() {
                std::future::pending().await
            }
        }
        let [interrupted, terminated] = &mut self.0;
        tokio::select! {
            () = told(interrupted) => {}
            () = told(terminated) => {}
        }
    }
}

#[cfg(not(unix))]
struct Told;

#[cfg(not(unix))]
impl Told {
    fn listen() -> Self {
        Self
    }

    async fn again(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
