-- Times are milliseconds since the Unix epoch. Hashes and salts are bytes, handles UUIDs; JSON is text, for JSONB reorders it.
-- Names are ordered by their bytes, whatever the locale of the system.

-- A rotation writes one row and no index: room is left in each page for the row's next version.
-- Rows above two kilobytes keep payload and data apart, so that a rotation does not copy them.
CREATE TABLE session (
    app_id           TEXT     COLLATE "C" NOT NULL,
    tenant_id        TEXT     COLLATE "C" NOT NULL,
    handle           UUID     NOT NULL,
    user_id          TEXT     COLLATE "C" NOT NULL,
    key_family       TEXT     NOT NULL, -- dynamic | static
    created_at_ms    BIGINT   NOT NULL,
    -- Not indexed: it changes at every rotation. Expired rows are swept along the primary key.
    expires_at_ms    BIGINT   NOT NULL,
    gen              BIGINT   NOT NULL,
    current_hash     BYTEA    NOT NULL,
    -- The parent of the current token: all of these are empty before the first rotation.
    retired_hash     BYTEA,
    retired_salt     BYTEA,
    retired_root     SMALLINT,
    retired_at_ms    BIGINT,
    retired_until_ms BIGINT,             -- empty until the current token was seen in use
    retired_reissues SMALLINT,
    payload          TEXT     NOT NULL,
    data             TEXT     NOT NULL,
    PRIMARY KEY (app_id, tenant_id, handle)
) WITH (fillfactor = 80, toast_tuple_target = 256);

CREATE INDEX session_by_user ON session (app_id, user_id);

CREATE TABLE signing_key (
    app_id        TEXT   COLLATE "C" NOT NULL,
    family        TEXT   COLLATE "C" NOT NULL, -- dynamic | static
    sequence      BIGINT NOT NULL,
    kid           TEXT   COLLATE "C" NOT NULL,
    algorithm     TEXT   NOT NULL,
    sealed        BYTEA  NOT NULL, -- the private key, encrypted
    created_at_ms BIGINT NOT NULL,
    PRIMARY KEY (app_id, family, sequence),
    UNIQUE (app_id, kid)
);

CREATE TABLE refresh_root (
    app_id TEXT     COLLATE "C" NOT NULL,
    id     SMALLINT NOT NULL,
    sealed BYTEA    NOT NULL, -- the root, encrypted
    PRIMARY KEY (app_id, id)
);

CREATE TABLE event (
    app_id    TEXT   COLLATE "C" NOT NULL,
    user_id   TEXT   COLLATE "C" NOT NULL, -- '' when it concerns the whole app
    at_ms     BIGINT NOT NULL,
    id        UUID   NOT NULL, -- tells events of one millisecond apart, in their order
    kind      TEXT   NOT NULL,
    tenant_id TEXT   COLLATE "C", -- with handle, or both are empty
    handle    UUID,
    actor     TEXT,
    reason    TEXT,
    PRIMARY KEY (app_id, user_id, at_ms, id)
);
