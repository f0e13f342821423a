-- SPDX-License-Identifier: MIT
-- SPDX-FileCopyrightText: 2026 The Hairpin Authors
--
-- What the program relies on, the database now refuses to break: ranges, lengths, flags, owners, and a log that only grows.
-- SQLite adds no CHECK to a table that exists, so each is made anew and takes over its rows. Parents and children are renamed together, or
-- dropping a parent would take its children's rows along.

ALTER TABLE generation RENAME TO old_generation;
ALTER TABLE hub RENAME TO old_hub;
ALTER TABLE departed_keys RENAME TO old_departed_keys;
ALTER TABLE observations RENAME TO old_observations;
ALTER TABLE traffic RENAME TO old_traffic;
ALTER TABLE device_sessions RENAME TO old_device_sessions;
ALTER TABLE one_time_links RENAME TO old_one_time_links;
ALTER TABLE awaited_confirmations RENAME TO old_awaited_confirmations;
ALTER TABLE accounts RENAME TO old_accounts;
ALTER TABLE sessions RENAME TO old_sessions;
ALTER TABLE pending_logins RENAME TO old_pending_logins;
ALTER TABLE totp RENAME TO old_totp;
ALTER TABLE recovery_codes RENAME TO old_recovery_codes;
ALTER TABLE passkeys RENAME TO old_passkeys;
ALTER TABLE api_tokens RENAME TO old_api_tokens;
ALTER TABLE setup_tokens RENAME TO old_setup_tokens;
ALTER TABLE login_attempts RENAME TO old_login_attempts;
ALTER TABLE access_rules RENAME TO old_access_rules;
ALTER TABLE secret_key RENAME TO old_secret_key;
ALTER TABLE audit_log RENAME TO old_audit_log;
ALTER TABLE audit_anchor RENAME TO old_audit_anchor;

CREATE TABLE generation (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    desired INTEGER NOT NULL CHECK (desired >= 0),
    applied INTEGER NOT NULL CHECK (applied BETWEEN 0 AND desired),
    applied_at INTEGER CHECK (applied_at >= 0),
    files_fetched INTEGER NOT NULL CHECK (files_fetched >= 0) -- counts what changes devices without a generation
) STRICT;

CREATE TABLE hub (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    name TEXT NOT NULL CHECK (name <> ''),
    public_key BLOB NOT NULL CHECK (length(public_key) = 32),
    private_key BLOB NOT NULL, -- sealed
    ipv4_network TEXT,
    ipv6_network TEXT,
    ipv4 BLOB CHECK (length(ipv4) = 4),
    ipv6 BLOB CHECK (length(ipv6) = 16),
    portal_url TEXT,
    revision INTEGER NOT NULL CHECK (revision >= 0)
) STRICT;

-- Keys that devices had until a generation took them away. Only as far back as the engine has not acknowledged.
CREATE TABLE departed_keys (
    generation INTEGER NOT NULL CHECK (generation >= 1),
    public_key BLOB NOT NULL CHECK (length(public_key) = 32),
    PRIMARY KEY (generation, public_key)
) STRICT, WITHOUT ROWID;

-- What the engine saw of each device's key. A new key starts with nothing. Timestamps are TAI64N.
CREATE TABLE observations (
    public_key BLOB PRIMARY KEY REFERENCES devices (public_key) ON DELETE CASCADE CHECK (length(public_key) = 32),
    endpoint TEXT,
    last_handshake_at INTEGER CHECK (last_handshake_at >= 0),
    greatest_timestamp BLOB CHECK (length(greatest_timestamp) = 12),
    timestamp_sent BLOB CHECK (length(timestamp_sent) = 12), -- of the hub's last initiation to the device, which accepts none before it
    received_bytes INTEGER NOT NULL CHECK (received_bytes >= 0),
    sent_bytes INTEGER NOT NULL CHECK (sent_bytes >= 0),
    last_seen_at INTEGER CHECK (last_seen_at >= 0),
    last_data_at INTEGER CHECK (last_data_at >= 0)
) STRICT, WITHOUT ROWID;

-- One ring for each device and width of a cell. A cell is four bytes: received and sent, each rounded to ten bits.
CREATE TABLE traffic (
    device_id TEXT NOT NULL REFERENCES devices (id) ON DELETE CASCADE,
    step INTEGER NOT NULL CHECK (step IN (60, 900, 21600, 259200)), -- seconds in a cell
    newest INTEGER NOT NULL CHECK (newest >= 0), -- the number of the last cell: Unix seconds / step
    cells BLOB NOT NULL CHECK (length(cells) % 4 = 0), -- oldest first
    PRIMARY KEY (device_id, step)
) STRICT, WITHOUT ROWID;

-- Stretches of time in which a device kept up its session from one endpoint. The newest few of each device.
CREATE TABLE device_sessions (
    device_id TEXT NOT NULL REFERENCES devices (id) ON DELETE CASCADE,
    began_at INTEGER NOT NULL CHECK (began_at >= 0),
    heard_at INTEGER NOT NULL CHECK (heard_at >= began_at),
    endpoint TEXT NOT NULL CHECK (endpoint <> ''),
    PRIMARY KEY (device_id, began_at)
) STRICT, WITHOUT ROWID;

CREATE TABLE one_time_links (
    id TEXT PRIMARY KEY CHECK (length(id) = 16), -- for lists and for revoking it; not the secret
    token_hash BLOB NOT NULL UNIQUE CHECK (length(token_hash) = 32),
    device_id TEXT NOT NULL REFERENCES devices (id) ON DELETE CASCADE,
    private_key BLOB, -- sealed; only where the device's row has none
    created_by TEXT NOT NULL,
    created_at INTEGER NOT NULL CHECK (created_at >= 0),
    expires_at INTEGER NOT NULL CHECK (expires_at >= created_at)
) STRICT, WITHOUT ROWID;

-- Changes that are taken back unless somebody confirms them.
CREATE TABLE awaited_confirmations (
    generation INTEGER PRIMARY KEY CHECK (generation >= 1),
    author TEXT NOT NULL,
    deadline INTEGER NOT NULL CHECK (deadline >= 0)
) STRICT;

CREATE TABLE accounts (
    id TEXT PRIMARY KEY CHECK (length(id) = 16),
    email TEXT NOT NULL CHECK (length(CAST(email AS BLOB)) BETWEEN 3 AND 254),
    email_key TEXT NOT NULL UNIQUE CHECK (email_key <> ''), -- the address folded for comparison
    password_hash TEXT NOT NULL CHECK (password_hash <> ''), -- Argon2id, PHC string
    role TEXT NOT NULL CHECK (role IN ('admin', 'viewer')),
    disabled INTEGER NOT NULL CHECK (disabled IN (0, 1)),
    created_at INTEGER NOT NULL CHECK (created_at >= 0)
) STRICT, WITHOUT ROWID;

CREATE TABLE sessions (
    id TEXT PRIMARY KEY CHECK (length(id) = 16), -- for lists and for ending it; not the secret
    token_hash BLOB NOT NULL UNIQUE CHECK (length(token_hash) = 32),
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    csrf_secret BLOB NOT NULL CHECK (length(csrf_secret) = 32),
    created_at INTEGER NOT NULL CHECK (created_at >= 0),
    active_at INTEGER NOT NULL CHECK (active_at >= 0),
    confirmed_at INTEGER NOT NULL CHECK (confirmed_at >= 0),
    address TEXT NOT NULL,
    user_agent TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Somebody who gave the right password and still owes the second factor.
CREATE TABLE pending_logins (
    token_hash BLOB PRIMARY KEY CHECK (length(token_hash) = 32),
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    expires_at INTEGER NOT NULL CHECK (expires_at >= 0)
) STRICT, WITHOUT ROWID;

CREATE TABLE totp (
    account_id TEXT PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    secret BLOB NOT NULL, -- sealed
    last_step INTEGER NOT NULL CHECK (last_step >= 0), -- the step used last; none counts twice
    created_at INTEGER NOT NULL CHECK (created_at >= 0),
    used_at INTEGER CHECK (used_at >= 0)
) STRICT, WITHOUT ROWID;

CREATE TABLE recovery_codes (
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    code_hash BLOB NOT NULL CHECK (length(code_hash) = 32),
    PRIMARY KEY (account_id, code_hash)
) STRICT, WITHOUT ROWID;

CREATE TABLE passkeys (
    id TEXT PRIMARY KEY CHECK (length(id) = 16), -- for lists and for removing it
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    credential_id BLOB NOT NULL UNIQUE CHECK (length(credential_id) BETWEEN 1 AND 1023),
    relying_party TEXT NOT NULL CHECK (relying_party <> ''), -- the host name that it was made for
    algorithm INTEGER NOT NULL CHECK (algorithm IN (-7, -8)), -- COSE: -7 ES256, -8 EdDSA
    public_key BLOB NOT NULL CHECK (length(public_key) = iif(algorithm = -7, 64, 32)), -- x and y, or one key
    counter INTEGER NOT NULL CHECK (counter BETWEEN 0 AND 4294967295),
    name TEXT NOT NULL CHECK (name <> ''),
    created_at INTEGER NOT NULL CHECK (created_at >= 0),
    used_at INTEGER CHECK (used_at >= 0)
) STRICT, WITHOUT ROWID;

-- A token belongs to the account that made it and goes with it. Only what the command line and the hub itself made belongs to nobody.
CREATE TABLE api_tokens (
    id TEXT PRIMARY KEY CHECK (length(id) = 16),
    name TEXT NOT NULL CHECK (name <> ''),
    token_hash BLOB NOT NULL UNIQUE CHECK (length(token_hash) = 32),
    hint TEXT NOT NULL CHECK (length(hint) = 4), -- the last four characters, to tell tokens apart
    account_id TEXT REFERENCES accounts (id) ON DELETE CASCADE,
    created_by TEXT, -- who made it, where that is no account
    created_at INTEGER NOT NULL CHECK (created_at >= 0),
    expires_at INTEGER CHECK (expires_at >= 0),
    used_at INTEGER CHECK (used_at >= 0),
    used_from TEXT,
    CHECK ((account_id IS NULL) <> (created_by IS NULL)),
    CHECK ((used_at IS NULL) = (used_from IS NULL))
) STRICT, WITHOUT ROWID;

CREATE TABLE api_token_scopes (
    token_id TEXT NOT NULL REFERENCES api_tokens (id) ON DELETE CASCADE,
    scope TEXT NOT NULL CHECK (scope IN ('read', 'devices', 'settings', 'metrics')),
    PRIMARY KEY (token_id, scope)
) STRICT, WITHOUT ROWID;

CREATE TABLE setup_tokens (
    token_hash BLOB PRIMARY KEY CHECK (length(token_hash) = 32),
    expires_at INTEGER NOT NULL CHECK (expires_at >= 0)
) STRICT, WITHOUT ROWID;

CREATE TABLE login_attempts (
    bucket TEXT PRIMARY KEY CHECK (bucket <> ''),
    failures INTEGER NOT NULL CHECK (failures >= 1),
    last_at INTEGER NOT NULL CHECK (last_at >= 0)
) STRICT, WITHOUT ROWID;

CREATE TABLE access_rules (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    second_factor_required INTEGER NOT NULL CHECK (second_factor_required IN (0, 1)),
    audit_days INTEGER NOT NULL DEFAULT 0 CHECK (audit_days BETWEEN 0 AND 36500) -- days that audit entries are kept; 0 is for ever
) STRICT;

-- Which key seals secrets: of the keys in the key file it is the one that counts, also while a rotation writes the file and the rows.
CREATE TABLE secret_key (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    key_id TEXT NOT NULL CHECK (length(key_id) = 8 AND key_id NOT GLOB '*[^0-9a-f]*')
) STRICT;

-- Each hash covers the row and the hash of the row before it.
CREATE TABLE audit_log (
    number INTEGER PRIMARY KEY CHECK (number >= 1),
    at INTEGER NOT NULL,
    author TEXT NOT NULL,
    address TEXT,
    action TEXT NOT NULL CHECK (action <> ''),
    target TEXT NOT NULL,
    before TEXT, -- JSON objects without secrets
    after TEXT,
    generation INTEGER CHECK (generation >= 1), -- NULL: no change of desired state, or from before this column
    hash BLOB NOT NULL CHECK (length(hash) = 32)
) STRICT;

-- The last entry that was taken away by age: the chain of the rest goes on from its hash.
CREATE TABLE audit_anchor (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    number INTEGER NOT NULL CHECK (number >= 1),
    hash BLOB NOT NULL CHECK (length(hash) = 32)
) STRICT;

INSERT INTO generation SELECT one, desired, applied, applied_at, files_fetched FROM old_generation;
INSERT INTO hub SELECT one, name, public_key, private_key, ipv4_network, ipv6_network, ipv4, ipv6, portal_url, revision FROM old_hub;
INSERT INTO departed_keys SELECT generation, public_key FROM old_departed_keys;
INSERT INTO observations
    SELECT public_key, endpoint, last_handshake_at, greatest_timestamp, timestamp_sent, received_bytes, sent_bytes, last_seen_at, last_data_at
    FROM old_observations;
INSERT INTO traffic SELECT device_id, step, newest, cells FROM old_traffic;
INSERT INTO device_sessions SELECT device_id, began_at, heard_at, endpoint FROM old_device_sessions;
INSERT INTO one_time_links SELECT id, token_hash, device_id, private_key, created_by, created_at, expires_at FROM old_one_time_links;
INSERT INTO awaited_confirmations SELECT generation, author, deadline FROM old_awaited_confirmations;
INSERT INTO accounts SELECT id, email, email_key, password_hash, role, disabled, created_at FROM old_accounts;
INSERT INTO sessions
    SELECT id, token_hash, account_id, csrf_secret, created_at, active_at, confirmed_at, address, user_agent FROM old_sessions;
INSERT INTO pending_logins SELECT token_hash, account_id, expires_at FROM old_pending_logins;
INSERT INTO totp SELECT account_id, secret, last_step, created_at, used_at FROM old_totp;
INSERT INTO recovery_codes SELECT account_id, code_hash FROM old_recovery_codes;
INSERT INTO passkeys
    SELECT id, account_id, credential_id, relying_party, algorithm, public_key, counter, name, created_at, used_at FROM old_passkeys;
INSERT INTO api_tokens
    SELECT old.id, old.name, old.token_hash, old.hint, owner.id, iif(owner.id IS NULL, old.created_by, NULL), old.created_at, old.expires_at,
        old.used_at, old.used_from
    FROM old_api_tokens AS old LEFT JOIN old_accounts AS owner ON owner.email = old.created_by;
INSERT INTO api_token_scopes
    SELECT old.id, scope.word FROM old_api_tokens AS old
    JOIN (SELECT 'read' AS word UNION SELECT 'devices' UNION SELECT 'settings' UNION SELECT 'metrics') AS scope
    ON instr(' ' || old.scopes || ' ', ' ' || scope.word || ' ') > 0;
INSERT INTO setup_tokens SELECT token_hash, expires_at FROM old_setup_tokens;
INSERT INTO login_attempts SELECT bucket, failures, last_at FROM old_login_attempts;
INSERT INTO access_rules SELECT one, second_factor_required, audit_days FROM old_access_rules;
INSERT INTO secret_key SELECT one, key_id FROM old_secret_key;
INSERT INTO audit_log SELECT number, at, author, address, action, target, before, after, generation, hash FROM old_audit_log;
INSERT INTO audit_anchor SELECT one, number, hash FROM old_audit_anchor;

DROP TABLE old_generation;
DROP TABLE old_hub;
DROP TABLE old_departed_keys;
DROP TABLE old_observations;
DROP TABLE old_traffic;
DROP TABLE old_device_sessions;
DROP TABLE old_one_time_links;
DROP TABLE old_awaited_confirmations;
DROP TABLE old_sessions;
DROP TABLE old_pending_logins;
DROP TABLE old_totp;
DROP TABLE old_recovery_codes;
DROP TABLE old_passkeys;
DROP TABLE old_api_tokens;
DROP TABLE old_accounts;
DROP TABLE old_setup_tokens;
DROP TABLE old_login_attempts;
DROP TABLE old_access_rules;
DROP TABLE old_secret_key;
DROP TABLE old_audit_log;
DROP TABLE old_audit_anchor;

CREATE INDEX one_time_links_by_device ON one_time_links (device_id);
CREATE INDEX sessions_by_account ON sessions (account_id);
CREATE INDEX pending_logins_by_account ON pending_logins (account_id);
CREATE INDEX passkeys_by_account ON passkeys (account_id);
CREATE INDEX api_tokens_by_account ON api_tokens (account_id) WHERE account_id IS NOT NULL;
CREATE INDEX audit_log_by_target ON audit_log (target, number);
CREATE INDEX audit_log_by_generation ON audit_log (generation) WHERE generation IS NOT NULL;

-- The audit log grows at its end, and INSERT OR REPLACE is no way around that.
CREATE TRIGGER audit_log_grows_at_its_end BEFORE INSERT ON audit_log
WHEN NEW.number IS NOT coalesce((SELECT max(number) FROM audit_log), (SELECT number FROM audit_anchor), 0) + 1
BEGIN SELECT RAISE(ABORT, 'the audit log grows at its end only'); END;

CREATE TRIGGER audit_log_never_changes BEFORE UPDATE ON audit_log
BEGIN SELECT RAISE(ABORT, 'entries of the audit log are never changed'); END;

-- What goes is what the anchor vouches for. Retention moves the anchor first, in the same transaction.
CREATE TRIGGER audit_log_loses_only_its_beginning BEFORE DELETE ON audit_log
WHEN OLD.number > coalesce((SELECT number FROM audit_anchor), 0)
BEGIN SELECT RAISE(ABORT, 'entries of the audit log go by age alone'); END;

-- The anchor moves forward only, to an entry that is there with this hash, and never to the newest.
CREATE TRIGGER audit_anchor_begins_at_an_entry BEFORE INSERT ON audit_anchor
WHEN EXISTS (SELECT 1 FROM audit_anchor)
    OR NOT EXISTS (SELECT 1 FROM audit_log WHERE number = NEW.number AND hash = NEW.hash)
    OR NOT EXISTS (SELECT 1 FROM audit_log WHERE number > NEW.number)
BEGIN SELECT RAISE(ABORT, 'the anchor of the audit log is one of its entries'); END;

CREATE TRIGGER audit_anchor_moves_forward BEFORE UPDATE ON audit_anchor
WHEN NEW.number <= OLD.number
    OR NOT EXISTS (SELECT 1 FROM audit_log WHERE number = NEW.number AND hash = NEW.hash)
    OR NOT EXISTS (SELECT 1 FROM audit_log WHERE number > NEW.number)
BEGIN SELECT RAISE(ABORT, 'the anchor of the audit log moves forward only'); END;

CREATE TRIGGER audit_anchor_stays BEFORE DELETE ON audit_anchor
BEGIN SELECT RAISE(ABORT, 'the anchor of the audit log stays'); END;
