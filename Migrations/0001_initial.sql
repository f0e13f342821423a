-- SPDX-License-Identifier: MIT
-- SPDX-FileCopyrightText: 2026 The Hairpin Authors
--
-- Times are Unix seconds, addresses and keys are their bytes, sealed columns hold ciphertext bound to table, row and column.

CREATE TABLE generation (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    desired INTEGER NOT NULL,
    applied INTEGER NOT NULL,
    applied_at INTEGER,
    files_fetched INTEGER NOT NULL -- counts what changes devices without a generation
) STRICT;

INSERT INTO generation (one, desired, applied, files_fetched) VALUES (1, 0, 0, 0);

CREATE TABLE hub (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    name TEXT NOT NULL,
    public_key BLOB NOT NULL,
    private_key BLOB NOT NULL, -- sealed
    ipv4_network TEXT,
    ipv6_network TEXT,
    ipv4 BLOB,
    ipv6 BLOB,
    portal_url TEXT,
    revision INTEGER NOT NULL
) STRICT;

-- Lists are text with commas between the entries. Each *_revision is the generation that changed that default last.
CREATE TABLE defaults (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    allowed_ips TEXT NOT NULL,
    dns TEXT NOT NULL,
    endpoint TEXT NOT NULL, -- empty: left out
    persistent_keepalive INTEGER NOT NULL, -- 0: off
    mtu INTEGER NOT NULL, -- 0: left out
    revision INTEGER NOT NULL,
    allowed_ips_revision INTEGER NOT NULL,
    dns_revision INTEGER NOT NULL,
    endpoint_revision INTEGER NOT NULL,
    persistent_keepalive_revision INTEGER NOT NULL,
    mtu_revision INTEGER NOT NULL
) STRICT;

INSERT INTO defaults VALUES (1, '', '', '', 25, 0, 0, 0, 0, 0, 0, 0);

CREATE TABLE devices (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL UNIQUE, -- the name folded for comparison
    description TEXT NOT NULL,
    enabled INTEGER NOT NULL,
    expires_at INTEGER,
    public_key BLOB NOT NULL UNIQUE,
    private_key BLOB, -- sealed
    preshared_key BLOB, -- sealed
    ipv4 BLOB UNIQUE,
    ipv6 BLOB UNIQUE,
    -- The five settings: NULL follows the default, otherwise as in the table defaults.
    allowed_ips TEXT,
    dns TEXT,
    endpoint TEXT,
    persistent_keepalive INTEGER,
    mtu INTEGER,
    revision INTEGER NOT NULL,
    config_revision INTEGER NOT NULL,
    fetched_config_revision INTEGER,
    fetched_at INTEGER,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

CREATE INDEX devices_by_revision ON devices (revision);

-- Keys that devices had until a generation took them away. Only as far back as the engine has not acknowledged.
CREATE TABLE departed_keys (
    generation INTEGER NOT NULL,
    public_key BLOB NOT NULL,
    PRIMARY KEY (generation, public_key)
) STRICT, WITHOUT ROWID;

CREATE TABLE device_routes (
    address BLOB NOT NULL,
    length INTEGER NOT NULL,
    device_id TEXT NOT NULL REFERENCES devices (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    PRIMARY KEY (address, length)
) STRICT;

CREATE INDEX device_routes_by_device ON device_routes (device_id, position);

-- What the engine saw of each device's key. A new key starts with nothing.
CREATE TABLE observations (
    public_key BLOB PRIMARY KEY REFERENCES devices (public_key) ON DELETE CASCADE,
    endpoint TEXT,
    last_handshake_at INTEGER,
    greatest_timestamp BLOB, -- TAI64N, 12 bytes
    received_bytes INTEGER NOT NULL,
    sent_bytes INTEGER NOT NULL,
    last_seen_at INTEGER
) STRICT;

CREATE TABLE accounts (
    id TEXT PRIMARY KEY,
    email TEXT NOT NULL,
    email_key TEXT NOT NULL UNIQUE, -- the address folded for comparison
    password_hash TEXT NOT NULL, -- Argon2id, PHC string
    role TEXT NOT NULL CHECK (role IN ('admin', 'viewer')),
    disabled INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE setup_tokens (
    token_hash BLOB PRIMARY KEY,
    expires_at INTEGER NOT NULL
) STRICT;

CREATE TABLE sessions (
    id TEXT PRIMARY KEY, -- for lists and for ending it; not the secret
    token_hash BLOB NOT NULL UNIQUE,
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    csrf_secret BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    active_at INTEGER NOT NULL,
    confirmed_at INTEGER NOT NULL,
    address TEXT NOT NULL,
    user_agent TEXT NOT NULL
) STRICT;

CREATE INDEX sessions_by_account ON sessions (account_id);

CREATE TABLE login_attempts (
    bucket TEXT PRIMARY KEY,
    failures INTEGER NOT NULL,
    last_at INTEGER NOT NULL
) STRICT;

CREATE TABLE api_tokens (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    token_hash BLOB NOT NULL UNIQUE,
    hint TEXT NOT NULL, -- the last four characters, to tell tokens apart
    scopes TEXT NOT NULL,
    created_by TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    used_at INTEGER,
    used_from TEXT
) STRICT;

CREATE TABLE one_time_links (
    token_hash BLOB PRIMARY KEY,
    device_id TEXT NOT NULL REFERENCES devices (id) ON DELETE CASCADE,
    created_by TEXT NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;

CREATE INDEX one_time_links_by_device ON one_time_links (device_id);

-- Append only. Each hash covers the row and the hash of the row before it.
CREATE TABLE audit_log (
    number INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    author TEXT NOT NULL,
    address TEXT,
    action TEXT NOT NULL,
    target TEXT NOT NULL,
    before TEXT, -- JSON objects without secrets
    after TEXT,
    hash BLOB NOT NULL
) STRICT;

CREATE INDEX audit_log_by_target ON audit_log (target, number);
