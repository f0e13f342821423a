-- SPDX-License-Identifier: MIT
-- SPDX-FileCopyrightText: 2026 The Hairpin Authors

-- TAI64N, 12 bytes: of the hub's last initiation to a device, which accepts none before it (protocol.md T-5).
ALTER TABLE observations ADD COLUMN timestamp_sent BLOB;
