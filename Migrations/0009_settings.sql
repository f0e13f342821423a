-- SPDX-License-Identifier: MIT
-- SPDX-FileCopyrightText: 2026 The Hairpin Authors
--
-- Settings are rows, so that a new one needs no new column; and the ranges that the program relies on are checked.
-- Values are text as it stands in a form: lists with commas between the entries, the empty text for "left out".

CREATE TABLE default_settings (
    key TEXT PRIMARY KEY CHECK (length(key) BETWEEN 1 AND 64),
    value TEXT NOT NULL,
    revision INTEGER NOT NULL CHECK (revision >= 0), -- the generation that changed it last
    CHECK (key <> 'persistent_keepalive' OR (CAST(CAST(value AS INTEGER) AS TEXT) = value AND CAST(value AS INTEGER) BETWEEN 0 AND 65535)),
    CHECK (key <> 'mtu' OR value = '' OR (CAST(CAST(value AS INTEGER) AS TEXT) = value AND CAST(value AS INTEGER) BETWEEN 576 AND 1500))
) STRICT, WITHOUT ROWID;

INSERT INTO default_settings (key, value, revision)
SELECT 'allowed_ips', allowed_ips, allowed_ips_revision FROM defaults
UNION ALL SELECT 'persistent_keepalive', CAST(persistent_keepalive AS TEXT), persistent_keepalive_revision FROM defaults
UNION ALL SELECT 'endpoint', endpoint, endpoint_revision FROM defaults
UNION ALL SELECT 'dns', dns, dns_revision FROM defaults
UNION ALL SELECT 'mtu', iif(mtu = 0, '', CAST(mtu AS TEXT)), mtu_revision FROM defaults;

CREATE TABLE device_settings (
    device_id TEXT NOT NULL REFERENCES devices (id) ON DELETE CASCADE,
    key TEXT NOT NULL CHECK (length(key) BETWEEN 1 AND 64),
    value TEXT, -- NULL: it follows the default again
    revision INTEGER NOT NULL CHECK (revision >= 0), -- the generation that changed it last
    PRIMARY KEY (device_id, key),
    CHECK (key <> 'persistent_keepalive' OR (CAST(CAST(value AS INTEGER) AS TEXT) = value AND CAST(value AS INTEGER) BETWEEN 0 AND 65535)),
    CHECK (key <> 'mtu' OR value = '' OR (CAST(CAST(value AS INTEGER) AS TEXT) = value AND CAST(value AS INTEGER) BETWEEN 576 AND 1500))
) STRICT, WITHOUT ROWID;

-- A device that has no row for a setting follows the default, and made_revision is when that began.
CREATE TABLE checked_devices (
    id TEXT PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 64),
    name TEXT NOT NULL CHECK (length(CAST(name AS BLOB)) BETWEEN 1 AND 512), -- 64 characters of at most 8 bytes
    name_key TEXT NOT NULL UNIQUE CHECK (length(name_key) > 0), -- the name folded for comparison
    description TEXT NOT NULL CHECK (length(CAST(description AS BLOB)) <= 8000), -- 1,000 characters
    tags TEXT NOT NULL, -- words that group devices, in order, with commas between them
    enabled INTEGER NOT NULL CHECK (enabled IN (0, 1)),
    expires_at INTEGER,
    public_key BLOB NOT NULL UNIQUE CHECK (length(public_key) = 32),
    private_key BLOB CHECK (length(private_key) > 32), -- ciphertext
    preshared_key BLOB CHECK (length(preshared_key) > 32), -- ciphertext
    ipv4 BLOB UNIQUE CHECK (length(ipv4) = 4),
    ipv6 BLOB UNIQUE CHECK (length(ipv6) = 16),
    revision INTEGER NOT NULL CHECK (revision >= 0),
    -- The generations that made the file and that changed its parts last.
    made_revision INTEGER NOT NULL CHECK (made_revision >= 0),
    addresses_revision INTEGER NOT NULL CHECK (addresses_revision >= 0),
    key_revision INTEGER NOT NULL CHECK (key_revision >= 0),
    preshared_key_revision INTEGER NOT NULL CHECK (preshared_key_revision >= 0),
    fetched_config_revision INTEGER CHECK (fetched_config_revision >= 0),
    fetched_at INTEGER,
    fetch_number INTEGER NOT NULL DEFAULT 0 CHECK (fetch_number >= 0), -- of generation.files_fetched
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

INSERT INTO checked_devices (id, name, name_key, description, tags, enabled, expires_at, public_key, private_key, preshared_key, ipv4, ipv6,
    revision, made_revision, addresses_revision, key_revision, preshared_key_revision, fetched_config_revision, fetched_at, fetch_number,
    created_at, updated_at)
SELECT id, name, name_key, description, tags, enabled, expires_at, public_key, private_key, preshared_key, ipv4, ipv6, revision,
    min(addresses_revision, key_revision, preshared_key_revision, allowed_ips_revision, dns_revision, endpoint_revision,
        persistent_keepalive_revision, mtu_revision),
    addresses_revision, key_revision, preshared_key_revision, fetched_config_revision, fetched_at, fetch_number, created_at, updated_at
FROM devices;

INSERT INTO device_settings (device_id, key, value, revision)
SELECT id, old.key, old.value, old.revision FROM (
    SELECT id, 'allowed_ips' AS key, allowed_ips AS value, allowed_ips_revision AS revision FROM devices
    UNION ALL
    SELECT id, 'persistent_keepalive', CAST(persistent_keepalive AS TEXT), persistent_keepalive_revision FROM devices
    UNION ALL
    SELECT id, 'endpoint', endpoint, endpoint_revision FROM devices
    UNION ALL
    SELECT id, 'dns', dns, dns_revision FROM devices
    UNION ALL
    SELECT id, 'mtu', iif(mtu = 0, '', CAST(mtu AS TEXT)), mtu_revision FROM devices
) AS old JOIN checked_devices USING (id)
WHERE old.value IS NOT NULL OR old.revision > made_revision;

-- Migrations run without foreign keys: nothing that points to a device goes with the old table.
DROP TABLE devices;
ALTER TABLE checked_devices RENAME TO devices;
CREATE INDEX devices_by_revision ON devices (revision);
CREATE INDEX devices_by_fetch ON devices (fetch_number);

CREATE TABLE checked_defaults (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    revision INTEGER NOT NULL CHECK (revision >= 0) -- the generation that changed any of them last
) STRICT;

INSERT INTO checked_defaults (one, revision) SELECT one, revision FROM defaults;
DROP TABLE defaults;
ALTER TABLE checked_defaults RENAME TO defaults;

CREATE TABLE checked_routes (
    address BLOB NOT NULL CHECK (length(address) IN (4, 16)),
    length INTEGER NOT NULL CHECK (length BETWEEN 0 AND 8 * length(address)),
    device_id TEXT NOT NULL REFERENCES devices (id) ON DELETE CASCADE,
    position INTEGER NOT NULL CHECK (position >= 0),
    PRIMARY KEY (address, length)
) STRICT;

INSERT INTO checked_routes (address, length, device_id, position) SELECT address, length, device_id, position FROM device_routes;
DROP TABLE device_routes;
ALTER TABLE checked_routes RENAME TO device_routes;
CREATE INDEX device_routes_by_device ON device_routes (device_id, position);
