-- SPDX-License-Identifier: MIT
-- SPDX-FileCopyrightText: 2026 The Hairpin Authors
--
-- Between which devices packets passed lately, so that a preview can say which of them a change would cut.

-- Each pair once, the smaller id first. A row is written at most once an hour.
CREATE TABLE spoken_pairs (
    first TEXT NOT NULL REFERENCES devices (id) ON DELETE CASCADE,
    second TEXT NOT NULL REFERENCES devices (id) ON DELETE CASCADE,
    last_at INTEGER NOT NULL,
    PRIMARY KEY (first, second),
    CHECK (first < second)
) STRICT, WITHOUT ROWID;

CREATE INDEX spoken_pairs_by_second ON spoken_pairs (second);

-- Since when the table above has been complete. No row before the hub first ran with it, and after a restore.
CREATE TABLE spoken_pairs_since (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    at INTEGER NOT NULL
) STRICT;
