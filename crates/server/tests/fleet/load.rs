//! Many honest clients at once.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::{
    task::JoinSet,
    time::{Instant, sleep},
};

use crate::{
    caller::eventually,
    honest::{Honest, Seen},
    node::Node,
};

pub(crate) struct Load {
    clients: JoinSet<Honest>,
    stop: Arc<AtomicBool>,
    pub(crate) seen: Arc<Seen>,
}

impl Load {
    pub(crate) fn start(clients: usize, nodes: &[Node]) -> Self {
        let nodes: Vec<SocketAddr> = nodes.iter().map(|node| node.address).collect();
        let (stop, seen) = (Arc::<AtomicBool>::default(), Arc::<Seen>::default());
        let live = |number| Honest::new(number, nodes.clone(), seen.clone()).live(stop.clone());
        let clients = (0..clients).map(live).collect();
        Self { clients, stop, seen }
    }

    /// Waits until so many more calls have succeeded.
    pub(crate) async fn goes_on(&self, calls: u64) {
        let until = *self.seen.done.lock().unwrap() + calls;
        let is_so = async || *self.seen.done.lock().unwrap() >= until;
        eventually("clients go on", is_so).await;
    }

    /// Nobody sees a server fail from `quiet` after now until so many more calls have succeeded.
    pub(crate) async fn goes_on_undisturbed(&self, quiet: Duration, calls: u64) {
        sleep(quiet).await;
        let from = Instant::now();
        self.goes_on(calls).await;
        let mishaps = self.seen.mishaps.lock().unwrap();
        let late: Vec<_> = mishaps.iter().filter(|(at, _)| *at > from).map(|(_, what)| what).collect();
        assert!(late.is_empty(), "{late:?}");
    }

    /// Ends the load and looks whether all that was acknowledged is there, and nobody was taken for a thief.
    pub(crate) async fn settle(self) -> Arc<Seen> {
        self.stop.store(true, Ordering::Relaxed);
        let clients = self.clients.join_all().await;
        let settling: JoinSet<()> = clients.into_iter().map(Honest::settle).collect();
        settling.join_all().await;
        assert_eq!(*self.seen.wrongs.lock().unwrap(), Vec::<String>::new());
        self.seen
    }
}
