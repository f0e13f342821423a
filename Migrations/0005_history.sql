-- SPDX-License-Identifier: MIT
-- SPDX-FileCopyrightText: 2026 The Hairpin Authors
--
-- What devices moved and from where, for the pages; and which part of a device's file changed when.

ALTER TABLE observations ADD COLUMN last_data_at INTEGER;

-- One ring for each device and width of a cell. A cell is four bytes: received and sent, each rounded to ten bits.
CREATE TABLE traffic (
    device_id TEXT NOT NULL REFERENCES devices (id) ON DELETE CASCADE,
    step INTEGER NOT NULL, -- seconds in a cell
    newest INTEGER NOT NULL, -- the number of the last cell: Unix seconds / step
    cells BLOB NOT NULL, -- oldest first
    PRIMARY KEY (device_id, step)
) STRICT, WITHOUT ROWID;

-- Stretches of time in which a device kept up its session from one endpoint. The newest few of each device.
CREATE TABLE device_sessions (
    device_id TEXT NOT NULL REFERENCES devices (id) ON DELETE CASCADE,
    began_at INTEGER NOT NULL,
    heard_at INTEGER NOT NULL,
    endpoint TEXT NOT NULL,
    PRIMARY KEY (device_id, began_at)
) STRICT, WITHOUT ROWID;

-- The generation that changed each part of the file last; the defaults have theirs. Together they are what config_revision was.
ALTER TABLE devices ADD COLUMN addresses_revision INTEGER NOT NULL DEFAULT 0;
ALTER TABLE devices ADD COLUMN key_revision INTEGER NOT NULL DEFAULT 0;
ALTER TABLE devices ADD COLUMN preshared_key_revision INTEGER NOT NULL DEFAULT 0;
ALTER TABLE devices ADD COLUMN allowed_ips_revision INTEGER NOT NULL DEFAULT 0;
ALTER TABLE devices ADD COLUMN dns_revision INTEGER NOT NULL DEFAULT 0;
ALTER TABLE devices ADD COLUMN endpoint_revision INTEGER NOT NULL DEFAULT 0;
ALTER TABLE devices ADD COLUMN persistent_keepalive_revision INTEGER NOT NULL DEFAULT 0;
ALTER TABLE devices ADD COLUMN mtu_revision INTEGER NOT NULL DEFAULT 0;

UPDATE devices SET
    addresses_revision = config_revision, key_revision = config_revision, preshared_key_revision = config_revision,
    allowed_ips_revision = config_revision, dns_revision = config_revision, endpoint_revision = config_revision,
    persistent_keepalive_revision = config_revision, mtu_revision = config_revision;

ALTER TABLE devices DROP COLUMN config_revision;

-- Numbers the fetches of files (generation.files_fetched), so that readers find the rows that one changed.
ALTER TABLE devices ADD COLUMN fetch_number INTEGER NOT NULL DEFAULT 0;
CREATE INDEX devices_by_fetch ON devices (fetch_number);
