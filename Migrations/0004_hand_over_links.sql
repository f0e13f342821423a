-- SPDX-License-Identifier: MIT
-- SPDX-FileCopyrightText: 2026 The Hairpin Authors
--
-- Links get a name to be listed and revoked by, and carry the private key that the hub does not keep otherwise. Those of before live for
-- minutes only and are not taken over.

DROP TABLE one_time_links;

CREATE TABLE one_time_links (
    id TEXT PRIMARY KEY, -- for lists and for revoking it; not the secret
    token_hash BLOB NOT NULL UNIQUE,
    device_id TEXT NOT NULL REFERENCES devices (id) ON DELETE CASCADE,
    private_key BLOB, -- sealed; only where the device's row has none
    created_by TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;

CREATE INDEX one_time_links_by_device ON one_time_links (device_id);
