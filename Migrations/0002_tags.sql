-- SPDX-License-Identifier: MIT
-- SPDX-FileCopyrightText: 2026 The Hairpin Authors
--
-- Words that group devices, in order, with commas between them.

ALTER TABLE devices ADD COLUMN tags TEXT NOT NULL DEFAULT '';
