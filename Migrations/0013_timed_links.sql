-- SPDX-License-Identifier: MIT
-- SPDX-FileCopyrightText: 2026 The Hairpin Authors

-- Links that end by themselves. They remember what they added to the lists of their two devices, because only that is removed at the end.
-- The devices are ids without a reference: when one is removed, the link still has to clear the list of the other.
CREATE TABLE timed_links (
    id TEXT PRIMARY KEY NOT NULL CHECK (length(id) = 16),
    first_device TEXT NOT NULL,
    second_device TEXT NOT NULL CHECK (second_device <> first_device),
    name TEXT NOT NULL CHECK (name <> ''), -- the names of both at the time of the grant, for the history
    granted_by TEXT NOT NULL CHECK (granted_by <> ''),
    asked_by TEXT CHECK (asked_by <> ''),
    reason TEXT NOT NULL CHECK (length(reason) <= 200),
    granted_at INTEGER NOT NULL,
    set_at INTEGER NOT NULL, -- when the end was set last
    ends_at INTEGER NOT NULL CHECK (ends_at > set_at)
) STRICT;

CREATE TABLE timed_link_prefixes (
    link_id TEXT NOT NULL REFERENCES timed_links (id) ON DELETE CASCADE,
    device_id TEXT NOT NULL REFERENCES devices (id) ON DELETE CASCADE, -- whose list has the prefix
    prefix TEXT NOT NULL CHECK (prefix <> ''),
    followed TEXT, -- the default list that the device followed until then; NULL: it had a list of its own
    released INTEGER CHECK (released >= 1), -- the change since which the link no longer owns the prefix; NULL: it does
    PRIMARY KEY (link_id, device_id, prefix)
) STRICT;

CREATE INDEX timed_link_prefixes_by_device ON timed_link_prefixes (device_id);
CREATE INDEX timed_link_prefixes_by_release ON timed_link_prefixes (released) WHERE released IS NOT NULL;

-- Who asked for a link of which two devices, and the answer.
CREATE TABLE link_requests (
    id TEXT PRIMARY KEY NOT NULL CHECK (length(id) = 16),
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    first_device TEXT NOT NULL REFERENCES devices (id) ON DELETE CASCADE,
    second_device TEXT NOT NULL REFERENCES devices (id) ON DELETE CASCADE CHECK (second_device <> first_device),
    seconds INTEGER NOT NULL CHECK (seconds BETWEEN 60 AND 31622400),
    reason TEXT NOT NULL CHECK (length(reason) BETWEEN 1 AND 200),
    asked_at INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'granted', 'refused')),
    answered_by TEXT CHECK ((answered_by IS NULL) = (state = 'waiting')),
    answered_at INTEGER CHECK ((answered_at IS NULL) = (state = 'waiting')),
    answer TEXT NOT NULL CHECK (length(answer) <= 200)
) STRICT;

CREATE INDEX link_requests_by_account ON link_requests (account_id);
CREATE INDEX link_requests_by_first_device ON link_requests (first_device);
CREATE INDEX link_requests_by_second_device ON link_requests (second_device);
