-- SPDX-License-Identifier: MIT
-- SPDX-FileCopyrightText: 2026 The Hairpin Authors
--
-- What linked devices may send each other: an ordered list, in which the first rule that matches decides.

-- A rule keeps its id while it stays the same, so that the engine goes on counting its hits. No id is used twice. The sides are "any", "hub",
-- "internet", "tag:" with a tag, "device:" with an id, or a prefix. A rule stays when its device is removed, and then matches nothing.
CREATE TABLE service_rules (
    position INTEGER PRIMARY KEY CHECK (position BETWEEN 1 AND 1000),
    id INTEGER NOT NULL UNIQUE CHECK (id > 0),
    action TEXT NOT NULL CHECK (action IN ('allow', 'deny', 'reset')),
    sender TEXT NOT NULL CHECK (length(sender) BETWEEN 1 AND 100),
    receiver TEXT NOT NULL CHECK (length(receiver) BETWEEN 1 AND 100),
    service TEXT NOT NULL CHECK (length(service) BETWEEN 1 AND 1000),
    note TEXT NOT NULL CHECK (length(note) <= 200),
    enabled INTEGER NOT NULL CHECK (enabled IN (0, 1))
) STRICT;

-- What the list does at its end. No row before somebody changed the rules.
CREATE TABLE service_rule_list (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    end_action TEXT NOT NULL CHECK (end_action IN ('allow', 'deny')),
    next_id INTEGER NOT NULL CHECK (next_id > 0),
    revision INTEGER NOT NULL
) STRICT;
