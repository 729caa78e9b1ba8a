//! Tells the engine which new tokens have reached their clients, in the background.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
};

use hallpass_engine::{
    core::{Core, Delivered},
    id::{AppId, SessionHandle},
    refresh_token::RefreshHash,
};
use tokio::{
    runtime::Handle,
    sync::mpsc::{Receiver, Sender, channel},
};

/// How many confirmations may wait. More are dropped: the next request of the same client brings them again.
const QUEUE: usize = 4096;
/// How many are told at once.
const BATCH: usize = 256;
/// How many are remembered, twice over, so that each is told once.
const REMEMBERED: usize = 16 * 1024;

/// The queue of confirmations. Its task ends when the last handle is gone and everything is told.
pub(crate) struct Confirmations {
    queue: Sender<Delivered>,
    told: Arc<Mutex<Told>>,
}

impl Confirmations {
    pub(crate) fn start(runtime: &Handle, core: Arc<dyn Core>, app: AppId) -> Self {
        let (queue, waiting) = channel(QUEUE);
        let told = Arc::new(Mutex::new(Told::default()));
        runtime.spawn(tell(core, app, waiting, Arc::clone(&told)));
        Self { queue, told }
    }

    /// Hands over a confirmation. Never waits.
    pub(crate) fn add(&self, delivered: Delivered) {
        let mut told = lock(&self.told);
        if told.contains(&delivered) {
            return;
        }
        // what finds no room is not remembered, and so comes again
        if self.queue.try_send(delivered.clone()).is_ok() {
            told.insert(&delivered);
        }
    }
}

async fn tell(core: Arc<dyn Core>, app: AppId, mut waiting: Receiver<Delivered>, told: Arc<Mutex<Told>>) {
    let mut batch = Vec::with_capacity(BATCH);
    while waiting.recv_many(&mut batch, BATCH).await > 0 {
        if let Err(error) = core.session_confirm(&app, &batch).await {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "refresh tokens could not be confirmed; their clients' next requests try again"
            );
            let mut told = lock(&told);
            batch.iter().for_each(|delivered| told.forget(delivered));
        }
        batch.clear();
    }
}

fn lock(told: &Mutex<Told>) -> std::sync::MutexGuard<'_, Told> {
    told.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A bounded memory: when the newer half is full, the older one is forgotten. No token is in it.
#[derive(Default)]
struct Told {
    newer: HashSet<(SessionHandle, RefreshHash)>,
    older: HashSet<(SessionHandle, RefreshHash)>,
}

impl Told {
    fn contains(&self, delivered: &Delivered) -> bool {
        let delivered = named(delivered);
        self.newer.contains(&delivered) || self.older.contains(&delivered)
    }

    fn insert(&mut self, delivered: &Delivered) {
        if self.newer.len() >= REMEMBERED {
            self.older = std::mem::take(&mut self.newer);
        }
        self.newer.insert(named(delivered));
    }

    fn forget(&mut self, delivered: &Delivered) {
        let delivered = named(delivered);
        self.newer.remove(&delivered);
        self.older.remove(&delivered);
    }
}

fn named(delivered: &Delivered) -> (SessionHandle, RefreshHash) {
    (delivered.handle.clone(), delivered.child)
}

#[cfg(test)]
mod tests {
    use hallpass_engine::id::TenantId;

    use super::*;

    fn delivered(n: u32) -> Delivered {
        let mut id = [0; 16];
        id[..4].copy_from_slice(&n.to_be_bytes());
        Delivered { handle: SessionHandle::from_parts(id, TenantId::public()), child: RefreshHash::from_bytes([0; 32]), token: None }
    }

    #[test]
    fn the_memory_is_bounded_and_keeps_the_latest() {
        let mut told = Told::default();
        let count = u32::try_from(3 * REMEMBERED).unwrap();
        (0..count).for_each(|n| told.insert(&delivered(n)));
        assert!(told.newer.len() + told.older.len() <= 2 * REMEMBERED);
        assert!(told.contains(&delivered(count - 1)));
        assert!(!told.contains(&delivered(0)));
        told.forget(&delivered(count - 1));
        assert!(!told.contains(&delivered(count - 1)));
    }

    #[test]
    fn a_full_queue_drops_and_does_not_remember() {
        let (queue, _waiting) = channel(1);
        let confirmations = Confirmations { queue, told: Arc::default() };
        confirmations.add(delivered(1));
        confirmations.add(delivered(1));
        confirmations.add(delivered(2));
        assert!(lock(&confirmations.told).contains(&delivered(1)));
        assert!(!lock(&confirmations.told).contains(&delivered(2)));
    }
}
