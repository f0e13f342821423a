-- SPDX-License-Identifier: MIT
-- SPDX-FileCopyrightText: 2026 The Hairpin Authors
--
-- Which change an audit entry belongs to, and which changes are taken back unless somebody confirms them.

ALTER TABLE audit_log ADD COLUMN generation INTEGER; -- NULL: no change of desired state, or from before this column

CREATE INDEX audit_log_by_generation ON audit_log (generation) WHERE generation IS NOT NULL;

CREATE TABLE awaited_confirmations (
    generation INTEGER PRIMARY KEY,
    author TEXT NOT NULL,
    deadline INTEGER NOT NULL
) STRICT;
