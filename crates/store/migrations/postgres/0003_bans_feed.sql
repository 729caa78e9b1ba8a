-- Bans, and what verifiers of access tokens have to know before the tokens expire: the feed is a part of the events.

CREATE TABLE ban (
    app_id    TEXT   COLLATE "C" NOT NULL,
    user_id   TEXT   COLLATE "C" NOT NULL,
    tenant_id TEXT   COLLATE "C" NOT NULL, -- '' is everywhere
    at_ms     BIGINT NOT NULL,
    until_ms  BIGINT, -- empty: for good
    by        TEXT,
    reason    TEXT,
    PRIMARY KEY (app_id, user_id, tenant_id)
);

-- Whoever bans a user waits here for sign-ins of that user that have begun, and those that begin later wait for the ban.
CREATE FUNCTION lock_of_user(app TEXT, of_user TEXT) RETURNS BIGINT
LANGUAGE SQL IMMUTABLE AS $$ SELECT hashtextextended(app || '/' || of_user, 0) $$;

-- Whether a user may not sign in. A function, for each of its statements sees what was committed before that statement began:
-- a ban that was waited for is seen, though the statement that asks began before it was there.
CREATE FUNCTION may_not_sign_in(app TEXT, of_user TEXT, tenant TEXT, now_ms BIGINT) RETURNS BOOLEAN
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(lock_of_user(app, of_user));
    RETURN EXISTS (
        SELECT FROM ban WHERE app_id = app AND user_id = of_user AND tenant_id IN ('', tenant) AND (until_ms IS NULL OR until_ms > now_ms)
    );
END $$;

-- From here on an event without a handle may have a tenant: the one that a ban or a role is of.
-- How long verifiers have to know of it; empty: they need not.
ALTER TABLE event ADD COLUMN felt_until_ms BIGINT;

CREATE INDEX event_feed ON event (at_ms) WHERE felt_until_ms IS NOT NULL;
