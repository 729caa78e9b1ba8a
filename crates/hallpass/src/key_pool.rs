//! Private keys made ahead, on a thread of their own.

use std::{
    io,
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{Receiver, Sender, channel},
    },
    thread,
};

use async_trait::async_trait;
use futures_channel::oneshot;
use hallpass_engine::{
    key_source::KeySource,
    keys::{Algorithm, NewKey, SigningFailed},
};

/// Keeps some RSA keys in stock, so that no request waits for one to be made (60 to 150 ms each); keys of other algorithms
/// cost next to nothing and are made when they are asked for. Its thread ends with the pool.
pub struct KeyPool {
    stock: Arc<Mutex<Vec<NewKey>>>,
    orders: Sender<Order>,
}

enum Order {
    /// Somebody took a key from the stock.
    Refill,
    /// Somebody found none, and waits.
    Now(oneshot::Sender<Result<NewKey, SigningFailed>>),
}

impl KeyPool {
    /// A pool that keeps `size` keys of this algorithm in stock if such keys are slow to make.
    ///
    /// # Errors
    /// When the operating system gives no more threads.
    pub fn start(algorithm: Algorithm, size: usize) -> io::Result<Self> {
        let (orders, ordered) = channel();
        let stock = Arc::new(Mutex::new(Vec::new()));
        let size = if algorithm.is_slow_to_generate() { size } else { 0 };
        let maker = Maker { stock: Arc::clone(&stock), size };
        thread::Builder::new().name("hallpass-keys".into()).spawn(move || maker.run(&ordered))?;
        Ok(Self { stock, orders })
    }
}

struct Maker {
    stock: Arc<Mutex<Vec<NewKey>>>,
    size: usize,
}

impl Maker {
    /// Those who wait come first; then the stock.
    fn run(&self, orders: &Receiver<Order>) {
        loop {
            while let Ok(order) = orders.try_recv() {
                Self::serve(order);
            }
            if lock(&self.stock).len() < self.size
                && let Ok(key) = NewKey::generate(Algorithm::Rs256)
            {
                lock(&self.stock).push(key);
                continue;
            }
            match orders.recv() {
                Ok(order) => Self::serve(order),
                Err(_pool_is_gone) => return,
            }
        }
    }

    fn serve(order: Order) {
        if let Order::Now(waiting) = order {
            let _ = waiting.send(NewKey::generate(Algorithm::Rs256)); // whoever waited may have gone away
        }
    }
}

fn lock(stock: &Mutex<Vec<NewKey>>) -> std::sync::MutexGuard<'_, Vec<NewKey>> {
    stock.lock().unwrap_or_else(PoisonError::into_inner)
}

#[async_trait]
impl KeySource for KeyPool {
    fn ready(&self, algorithm: Algorithm) -> Option<NewKey> {
        if !algorithm.is_slow_to_generate() {
            return NewKey::generate(algorithm).ok();
        }
        let key = lock(&self.stock).pop();
        if key.is_some() {
            let _ = self.orders.send(Order::Refill);
        }
        key
    }

    async fn next(&self, algorithm: Algorithm) -> Result<NewKey, SigningFailed> {
        if let Some(key) = self.ready(algorithm) {
            return Ok(key);
        }
        let (waiting, made) = oneshot::channel();
        self.orders.send(Order::Now(waiting)).map_err(|_| SigningFailed)?;
        made.await.unwrap_or(Err(SigningFailed))
    }
}

impl std::fmt::Debug for KeyPool {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeyPool").field("in_stock", &lock(&self.stock).len()).finish()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn keys_are_made_ahead_and_on_demand_when_the_stock_is_empty() {
        let pool = KeyPool::start(Algorithm::Rs256, 1).unwrap();
        for _ in 0..3 {
            assert_eq!(pool.next(Algorithm::Rs256).await.unwrap().algorithm(), Algorithm::Rs256);
        }
        for algorithm in [Algorithm::Es256, Algorithm::EdDsa] {
            assert_eq!(pool.ready(algorithm).unwrap().algorithm(), algorithm);
        }
    }

    #[tokio::test]
    async fn a_pool_without_stock_still_makes_keys() {
        let pool = KeyPool::start(Algorithm::Es256, 4).unwrap();
        assert!(pool.ready(Algorithm::Rs256).is_none());
        assert_eq!(pool.next(Algorithm::Rs256).await.unwrap().algorithm(), Algorithm::Rs256);
    }
}
