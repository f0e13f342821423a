// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Words

extension Effect {
    /// Counts, and the ids of the devices; `generation` is null for what was not saved or changed nothing.
    public func json(generation: Int64?) -> JSON {
        let ids = { (devices: [Device]) -> JSON in .array(devices.map { .string($0.id) }) }
        return [
            "generation": generation.map { .integer($0) } ?? .null,
            "changed": ids(fields.compactMap(\.device).reduce(into: []) { if $0.last?.id != $1.id { $0.append($1) } }),
            "links_gained": counts.map { .integer(Int64($0.gained)) } ?? .null, "links_lost": counts.map { .integer(Int64($0.lost)) } ?? .null,
            "sessions_ended": ids(ended), "files_outdated": ids(stale.map(\.device)),
        ]
    }
}
