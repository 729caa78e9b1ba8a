//! Facts about the interface of frontends that are easy to miss, each by its number in a list of 54.
//!
//! A fact that another file is about has its test there, under its number all the same.

#[cfg(feature = "remote")]
mod keys;
mod requests;
mod responses;
mod tokens;

/// The facts that say nothing of this SDK, and why not.
const OF_OTHERS: [(u8, &str); 1] = [(51, "it is about what the SDK of another language lacks")];

#[test]
fn every_fact_has_a_test() {
    let mut sources = String::new();
    let mut folders = vec![std::path::PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../hallpass/tests"))];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                sources.push_str(&std::fs::read_to_string(path).unwrap());
            }
        }
    }
    let is_untold = |fact: &u8| !sources.contains(&format!("fn gotcha_{fact}_")) && OF_OTHERS.iter().all(|(other, _)| other != fact);
    let untold: Vec<u8> = (1..=54).filter(is_untold).collect();
    assert!(untold.is_empty(), "{untold:?}");
}
