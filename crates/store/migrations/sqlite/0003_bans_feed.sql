-- Bans, and what verifiers of access tokens have to know before the tokens expire: the feed is a part of the events.

CREATE TABLE ban (
    app_id    TEXT    NOT NULL,
    user_id   TEXT    NOT NULL,
    tenant_id TEXT    NOT NULL, -- '' is everywhere
    at_ms     INTEGER NOT NULL,
    until_ms  INTEGER,          -- empty: for good
    by        TEXT,
    reason    TEXT,
    PRIMARY KEY (app_id, user_id, tenant_id)
) STRICT, WITHOUT ROWID;

-- From here on an event without a handle may have a tenant: the one that a ban or a role is of.
-- How long verifiers have to know of it; empty: they need not.
ALTER TABLE event ADD COLUMN felt_until_ms INTEGER;

CREATE INDEX event_feed ON event (at_ms) WHERE felt_until_ms IS NOT NULL;
