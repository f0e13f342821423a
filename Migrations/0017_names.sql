-- SPDX-License-Identifier: MIT
-- SPDX-FileCopyrightText: 2026 The Hairpin Authors
--
-- The names that the hub answers for: the domain of devices' names (NULL: none), and further names, each with the device or the addresses
-- that it stands for.
ALTER TABLE hub ADD COLUMN name_domain TEXT DEFAULT 'hairpin.internal' CHECK (name_domain <> '');
ALTER TABLE hub ADD COLUMN name_records TEXT NOT NULL DEFAULT '';
