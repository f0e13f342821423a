-- SPDX-License-Identifier: MIT
-- SPDX-FileCopyrightText: 2026 The Hairpin Authors

CREATE TABLE totp (
    account_id TEXT PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    secret BLOB NOT NULL, -- sealed
    last_step INTEGER NOT NULL, -- the step used last; none counts twice
    created_at INTEGER NOT NULL,
    used_at INTEGER
) STRICT;

CREATE TABLE recovery_codes (
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    code_hash BLOB NOT NULL,
    PRIMARY KEY (account_id, code_hash)
) STRICT, WITHOUT ROWID;

CREATE TABLE passkeys (
    id TEXT PRIMARY KEY, -- for lists and for removing it
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    credential_id BLOB NOT NULL UNIQUE,
    relying_party TEXT NOT NULL, -- the host name that it was made for
    algorithm INTEGER NOT NULL, -- COSE: -7 ES256, -8 EdDSA
    public_key BLOB NOT NULL, -- 64 bytes x and y, or 32 bytes
    counter INTEGER NOT NULL,
    name TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    used_at INTEGER
) STRICT;

CREATE INDEX passkeys_by_account ON passkeys (account_id);

-- Somebody who gave the right password and still owes the second factor.
CREATE TABLE pending_logins (
    token_hash BLOB PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    expires_at INTEGER NOT NULL
) STRICT;

CREATE TABLE access_rules (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    second_factor_required INTEGER NOT NULL
) STRICT;

INSERT INTO access_rules (one, second_factor_required) VALUES (1, 0);
