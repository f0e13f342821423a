-- SPDX-License-Identifier: MIT
-- SPDX-FileCopyrightText: 2026 The Hairpin Authors
--
-- Strangers choose what attempts to sign in are counted by. A key is therefore a hash of fixed size, and the table has a fixed number of slots:
-- a part of the hash selects the slot, and a new key replaces the one in its slot.

DROP TABLE login_attempts;

CREATE TABLE login_attempts (
    slot INTEGER PRIMARY KEY CHECK (slot BETWEEN 0 AND 65535),
    key BLOB NOT NULL CHECK (length(key) = 16),
    failures INTEGER NOT NULL CHECK (failures >= 1),
    last_at INTEGER NOT NULL CHECK (last_at >= 0)
) STRICT;

-- Hashed with every key, so that nobody can choose keys that share a slot.
CREATE TABLE login_salt (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    salt BLOB NOT NULL CHECK (length(salt) = 32)
) STRICT;

INSERT INTO login_salt (one, salt) VALUES (1, randomblob(32));
