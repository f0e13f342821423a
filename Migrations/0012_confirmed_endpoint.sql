-- SPDX-License-Identifier: MIT
-- SPDX-FileCopyrightText: 2026 The Hairpin Authors
--
-- An administrator may confirm that an endpoint that the Internet does not route is the right one. Pages then no longer ask.

ALTER TABLE defaults ADD COLUMN confirmed_endpoint TEXT CHECK (length(confirmed_endpoint) BETWEEN 1 AND 300);
