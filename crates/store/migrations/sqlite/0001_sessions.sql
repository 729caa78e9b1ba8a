-- Times are milliseconds since the Unix epoch. Hashes, handles and salts are bytes; JSON is text.

CREATE TABLE session (
    app_id           TEXT    NOT NULL,
    tenant_id        TEXT    NOT NULL,
    handle           BLOB    NOT NULL, -- 16 bytes
    user_id          TEXT    NOT NULL,
    key_family       TEXT    NOT NULL, -- dynamic | static
    created_at_ms    INTEGER NOT NULL,
    -- Not indexed: it changes at every rotation. Expired rows are swept along the primary key.
    expires_at_ms    INTEGER NOT NULL,
    gen              INTEGER NOT NULL,
    current_hash     BLOB    NOT NULL,
    -- The parent of the current token: all of these are empty before the first rotation.
    retired_hash     BLOB,
    retired_salt     BLOB,
    retired_root     INTEGER,
    retired_at_ms    INTEGER,
    retired_until_ms INTEGER,          -- empty until the current token was seen in use
    retired_reissues INTEGER,
    payload          TEXT    NOT NULL,
    data             TEXT    NOT NULL,
    PRIMARY KEY (app_id, tenant_id, handle)
) STRICT;

CREATE INDEX session_by_user ON session (app_id, user_id);

CREATE TABLE signing_key (
    app_id        TEXT    NOT NULL,
    family        TEXT    NOT NULL, -- dynamic | static
    sequence      INTEGER NOT NULL,
    kid           TEXT    NOT NULL,
    algorithm     TEXT    NOT NULL,
    sealed        BLOB    NOT NULL, -- the private key, encrypted
    created_at_ms INTEGER NOT NULL,
    PRIMARY KEY (app_id, family, sequence),
    UNIQUE (app_id, kid)
) STRICT;

CREATE TABLE refresh_root (
    app_id TEXT    NOT NULL,
    id     INTEGER NOT NULL,
    sealed BLOB    NOT NULL, -- the root, encrypted
    PRIMARY KEY (app_id, id)
) STRICT;

CREATE TABLE event (
    app_id    TEXT    NOT NULL,
    user_id   TEXT    NOT NULL, -- '' when it concerns the whole app
    at_ms     INTEGER NOT NULL,
    id        BLOB    NOT NULL, -- 16 bytes: tells events of one millisecond apart, in their order
    kind      TEXT    NOT NULL,
    tenant_id TEXT,             -- with handle, or both are empty
    handle    BLOB,
    actor     TEXT,
    reason    TEXT,
    PRIMARY KEY (app_id, user_id, at_ms, id)
) STRICT, WITHOUT ROWID;
