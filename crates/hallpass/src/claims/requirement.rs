//! What routes demand of a session.

use super::Validator;

/// What a route demands of a session: the parameter of [`Require`](crate::Require).
///
/// ```
/// # use hallpass::{Requirement, claims::Validator, roles::has_role};
/// struct Admin;
///
/// impl Requirement for Admin {
///     fn validators() -> Vec<Validator> {
///         vec![has_role("admin")]
///     }
/// }
/// ```
///
/// A pair of requirements is one too: `Require<(Admin, Verified)>` demands both.
pub trait Requirement: 'static {
    /// All of them must be fulfilled.
    fn validators() -> Vec<Validator>;

    /// What becomes here of the validators that the app demands of every session: by default they are demanded too.
    fn global(validators: Vec<Validator>) -> Vec<Validator> {
        validators
    }
}

impl<A: Requirement, B: Requirement> Requirement for (A, B) {
    fn validators() -> Vec<Validator> {
        let mut validators = A::validators();
        validators.extend(B::validators());
        validators
    }

    fn global(validators: Vec<Validator>) -> Vec<Validator> {
        B::global(A::global(validators))
    }
}
