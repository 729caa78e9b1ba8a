//! What each test was answered, written down: where the sessions are kept makes no difference to it. In the build's own folder,
//! `tmp/transcripts` has a folder of each test program, and that a file of each test.
//!
//! A secret that comes out another way each time has its kind and the number of its first appearance instead, and tokens that say
//! something show what they say. The rest is there as it was sent: the clock stands still, so times are the same as well.

use std::{
    collections::HashMap,
    fs::{File, create_dir_all},
    io::Write,
    path::Path,
    sync::{LazyLock, Mutex, PoisonError},
    thread,
};

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use regex::{Captures, Regex};

use super::Reply;

const FOLDER: &str = concat!(env!("CARGO_TARGET_TMPDIR"), "/transcripts/", env!("CARGO_CRATE_NAME"));

/// Access tokens and other JWTs, front tokens, refresh tokens, ids, hashes; anti-CSRF tokens and the numbers of public keys, which
/// are told by what is before them.
static SECRETS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r#"(?mx)
        (?<jwt> eyJ [A-Za-z0-9_-]+ =* \. [A-Za-z0-9_+/-]+ =* \. [A-Za-z0-9_+/-]+ =* )
        | (?<front> eyJ [A-Za-z0-9+/]+ =* )
        | (?<refresh> hp1_ [A-Za-z0-9_-]+ )
        | (?<id> [0-9a-f]{8} (?: - [0-9a-f]{4} ){3} - [0-9a-f]{12} )
        | (?<hash> [0-9a-f]{64} )
        | (?<before> "antiCsrfToken":" | ^anti-csrf:\x20 | "[xyn]":" ) (?<other> [A-Za-z0-9_-]+ )
        "#,
    )
    .expect("it is an expression")
});

static TRANSCRIPTS: LazyLock<Mutex<HashMap<String, Transcript>>> = LazyLock::new(Mutex::default);

struct Transcript {
    file: File,
    seen: Seen,
}

/// The secrets that have appeared so far, in their order.
#[derive(Default)]
struct Seen(HashMap<String, usize>);

impl Transcript {
    /// The transcript of a test; one of an earlier run is overwritten.
    fn of(test: &str) -> Self {
        create_dir_all(FOLDER).unwrap();
        Self { file: File::create(Path::new(FOLDER).join(test)).unwrap(), seen: Seen::default() }
    }

    fn add(&mut self, reply: &Reply) {
        let mut text = format!("{}\n", reply.status);
        let mut headers: Vec<_> = reply.headers.iter().collect();
        if !crate::IN_PROCESS {
            // the server there has another order each time, but for the values of one header
            headers.sort_by_key(|(name, _)| name.as_str());
        }
        for (name, value) in headers {
            // the time of a socket's server is not ours
            let value = if name == "date" { "…".into() } else { String::from_utf8_lossy(value.as_bytes()) };
            text += &format!("{name}: {value}\n");
        }
        let text = self.seen.hide(&format!("{text}\n{}\n", reply.body));
        writeln!(self.file, "{text}").unwrap();
    }
}

impl Seen {
    fn hide(&mut self, text: &str) -> String {
        SECRETS.replace_all(text, |found: &Captures<'_>| self.name(found)).into_owned()
    }

    fn name(&mut self, found: &Captures<'_>) -> String {
        let text = |kind: &str| found.name(kind).map(|found| found.as_str());
        if let Some(jwt) = text("jwt") {
            let said: String = jwt.split('.').take(2).map(|part| self.said(part)).collect();
            return format!("[jwt {}: {said}]", self.number(jwt));
        }
        if let Some(front) = text("front") {
            return format!("[{}]", self.said(front));
        }
        if let (Some(before), Some(other)) = (text("before"), text("other")) {
            return format!("{before}[{}]", self.number(other));
        }
        let kind = ["refresh", "id", "hash"].into_iter().find(|kind| text(kind).is_some()).expect("it is of some kind");
        format!("[{kind} {}]", self.number(&found[0]))
    }

    /// What a part of a token says.
    fn said(&mut self, part: &str) -> String {
        let said = URL_SAFE_NO_PAD.decode(part).or_else(|_| STANDARD.decode(part)).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        match said {
            Some(said) => self.hide(&said),
            None => format!("[{}]", self.number(part)),
        }
    }

    fn number(&mut self, secret: &str) -> usize {
        let next = self.0.len() + 1;
        *self.0.entry(secret.to_owned()).or_insert(next)
    }
}

/// Writes a reply into the transcript of the test whose thread this is.
pub(crate) fn note(reply: &Reply) {
    let thread = thread::current();
    let test = thread.name().expect("the threads of tests have their names").replace("it::", "").replace("::", ".");
    let mut transcripts = TRANSCRIPTS.lock().unwrap_or_else(PoisonError::into_inner);
    transcripts.entry(test.clone()).or_insert_with(|| Transcript::of(&test)).add(reply);
}
