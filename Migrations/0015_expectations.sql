-- SPDX-License-Identifier: MIT
-- SPDX-FileCopyrightText: 2026 The Hairpin Authors
--
-- What must reach what, and what must not. Each change is checked against them, and each night they are tested with pings.

CREATE TABLE expectations (
    id TEXT PRIMARY KEY NOT NULL CHECK (length(id) = 16),
    from_device TEXT REFERENCES devices (id) ON DELETE CASCADE,
    from_tag TEXT,
    to_device TEXT REFERENCES devices (id) ON DELETE CASCADE,
    to_tag TEXT,
    to_address BLOB CHECK (length(to_address) IN (4, 16)),
    is_reached INTEGER NOT NULL CHECK (is_reached IN (0, 1)), -- 1: must reach, 0: must never reach
    created_at INTEGER NOT NULL,
    broken_since INTEGER, -- when the hub noticed that it does not hold; NULL: it holds
    -- The last test with pings: pairs that passed, that failed, and that could not be tested, and the first that failed.
    tested_at INTEGER,
    passed INTEGER NOT NULL DEFAULT 0 CHECK (passed >= 0),
    failed INTEGER NOT NULL DEFAULT 0 CHECK (failed >= 0),
    untested INTEGER NOT NULL DEFAULT 0 CHECK (untested >= 0),
    failed_from TEXT,
    failed_to TEXT,
    CHECK ((from_device IS NULL) <> (from_tag IS NULL)),
    CHECK ((to_device IS NOT NULL) + (to_tag IS NOT NULL) + (to_address IS NOT NULL) = 1)
) STRICT;

CREATE INDEX expectations_by_from_device ON expectations (from_device);
CREATE INDEX expectations_by_to_device ON expectations (to_device);
