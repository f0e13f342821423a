// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net

/// What one device moved, in four widths of time: a minute for an hour, up to three days for a year. A cell that is full becomes part of
/// the next wider ring, so that a device takes at most 1,592 bytes however long it is there.
public struct TrafficHistory: Hashable, Sendable {
    /// Those that were looked at; in a value read as a whole, all.
    private(set) var rings: [TrafficRing.Resolution: TrafficRing]
    /// Those that `add` has changed.
    private(set) var changed: Set<TrafficRing.Resolution> = []

    init(rings: [TrafficRing.Resolution: TrafficRing] = [:]) { self.rings = rings }

    /// Adds to the cell `number` of a ring; when that begins a new wider cell, the one before is added to the wider ring first. `load`
    /// reads a ring that is needed for it.
    mutating func add(
        _ cell: TrafficCell, at number: Int64, in resolution: TrafficRing.Resolution = .minute,
        load: (TrafficRing.Resolution) throws -> TrafficRing
    ) rethrows {
        var ring = try rings[resolution] ?? load(resolution)
        if let wider = resolution.wider, let open = ring.open, number / resolution.cellsInWider > open.number {
            try add(open.sum, at: open.number, in: wider, load: load)
        }
        ring.add(cell, at: number)
        rings[resolution] = ring
        changed.insert(resolution)
    }

    /// The same where every ring that there is was looked at.
    mutating func add(_ cell: TrafficCell, at number: Int64, in resolution: TrafficRing.Resolution = .minute) {
        add(cell, at: number, in: resolution) { TrafficRing($0) }
    }

    /// The newest cells of one width up to `now`, as many as are kept, oldest first; zero where nothing passed. The cell that is still
    /// open is among them.
    public func cells(_ resolution: TrafficRing.Resolution, upTo now: UnixTime) -> [TrafficCell] {
        var whole = self
        for finer in TrafficRing.Resolution.allCases where finer.rawValue < resolution.rawValue {
            guard let wider = finer.wider, let open = whole.rings[finer]?.open else { continue }
            whole.add(open.sum, at: open.number, in: wider)
        }
        return (whole.rings[resolution] ?? TrafficRing(resolution)).cells(resolution.capacity, upTo: now)
    }
}
