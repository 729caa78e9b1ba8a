-- Tenants, roles and what is kept about users. Texts compare byte by byte.

CREATE TABLE tenant (
    app_id        TEXT   COLLATE "C" NOT NULL,
    tenant_id     TEXT   COLLATE "C" NOT NULL,
    settings      TEXT   NOT NULL,
    revision      BIGINT NOT NULL, -- one more with every change
    created_at_ms BIGINT NOT NULL,
    PRIMARY KEY (app_id, tenant_id)
);

CREATE TABLE role (
    app_id TEXT COLLATE "C" NOT NULL,
    role   TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (app_id, role)
);

CREATE TABLE role_permission (
    app_id     TEXT COLLATE "C" NOT NULL,
    role       TEXT COLLATE "C" NOT NULL,
    permission TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (app_id, role, permission)
);

CREATE TABLE user_role (
    app_id    TEXT COLLATE "C" NOT NULL,
    tenant_id TEXT COLLATE "C" NOT NULL,
    user_id   TEXT COLLATE "C" NOT NULL,
    role      TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (app_id, tenant_id, user_id, role)
);

-- Who has a role: in one tenant, or in all when it is deleted.
CREATE INDEX user_role_by_role ON user_role (app_id, role, tenant_id, user_id);

CREATE TABLE user_metadata (
    app_id   TEXT COLLATE "C" NOT NULL,
    user_id  TEXT COLLATE "C" NOT NULL,
    metadata TEXT NOT NULL,
    PRIMARY KEY (app_id, user_id)
);

CREATE TABLE user_activity (
    app_id         TEXT   COLLATE "C" NOT NULL,
    user_id        TEXT   COLLATE "C" NOT NULL,
    -- Not indexed: it changes with every visit, and is counted seldom.
    last_active_ms BIGINT NOT NULL,
    PRIMARY KEY (app_id, user_id)
) WITH (fillfactor = 80);
