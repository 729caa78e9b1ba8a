-- Tenants, roles and what is kept about users. Texts compare byte by byte.

CREATE TABLE tenant (
    app_id        TEXT    NOT NULL,
    tenant_id     TEXT    NOT NULL,
    settings      TEXT    NOT NULL,
    revision      INTEGER NOT NULL, -- one more with every change
    created_at_ms INTEGER NOT NULL,
    PRIMARY KEY (app_id, tenant_id)
) STRICT;

CREATE TABLE role (
    app_id TEXT NOT NULL,
    role   TEXT NOT NULL,
    PRIMARY KEY (app_id, role)
) STRICT, WITHOUT ROWID;

CREATE TABLE role_permission (
    app_id     TEXT NOT NULL,
    role       TEXT NOT NULL,
    permission TEXT NOT NULL,
    PRIMARY KEY (app_id, role, permission)
) STRICT, WITHOUT ROWID;

CREATE TABLE user_role (
    app_id    TEXT NOT NULL,
    tenant_id TEXT NOT NULL,
    user_id   TEXT NOT NULL,
    role      TEXT NOT NULL,
    PRIMARY KEY (app_id, tenant_id, user_id, role)
) STRICT, WITHOUT ROWID;

-- Who has a role: in one tenant, or in all when it is deleted.
CREATE INDEX user_role_by_role ON user_role (app_id, role, tenant_id, user_id);

CREATE TABLE user_metadata (
    app_id   TEXT NOT NULL,
    user_id  TEXT NOT NULL,
    metadata TEXT NOT NULL,
    PRIMARY KEY (app_id, user_id)
) STRICT;

CREATE TABLE user_activity (
    app_id         TEXT    NOT NULL,
    user_id        TEXT    NOT NULL,
    -- Not indexed: it changes with every visit, and is counted seldom.
    last_active_ms INTEGER NOT NULL,
    PRIMARY KEY (app_id, user_id)
) STRICT, WITHOUT ROWID;
