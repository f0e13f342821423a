-- SPDX-License-Identifier: MIT
-- SPDX-FileCopyrightText: 2026 The Hairpin Authors

-- Which key seals secrets: of the keys in the key file it is the one that counts, also while a rotation writes the file and the rows.
CREATE TABLE secret_key (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    key_id TEXT NOT NULL
) STRICT;

-- Days that audit entries are kept; 0 is for ever.
ALTER TABLE access_rules ADD COLUMN audit_days INTEGER NOT NULL DEFAULT 0;

-- The last entry that was taken away by age: the chain of the rest goes on from its hash.
CREATE TABLE audit_anchor (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    number INTEGER NOT NULL,
    hash BLOB NOT NULL
) STRICT;
