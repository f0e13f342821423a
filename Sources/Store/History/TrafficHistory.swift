// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net

/// The traffic of one device at four resolutions, from minutes for an hour to three-day cells for a year. Completed cells are added to the
/// next wider ring. A device therefore uses at most 1,592 bytes, however long it exists.
public struct TrafficHistory: Hashable, Sendable {
    /// The rings that have been loaded. In a value that was read as a whole, all rings.
    private(set) var rings: [TrafficRing.Resolution: TrafficRing]
    /// The rings that `add` has changed.
    private(set) var changed: Set<TrafficRing.Resolution> = []

    init(rings: [TrafficRing.Resolution: TrafficRing] = [:]) { self.rings = rings }

    /// Adds to cell `number` of a ring. If this starts a new wider cell, first adds the previous one to the wider ring. `load` reads a ring
    /// that has not been loaded yet.
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

    /// Adds to cell `number` of a ring when all existing rings have been loaded.
    mutating func add(_ cell: TrafficCell, at number: Int64, in resolution: TrafficRing.Resolution = .minute) {
        add(cell, at: number, in: resolution) { TrafficRing($0) }
    }

    /// The newest cells at one resolution up to `now`, oldest first, with zeros for times without traffic. Includes the cell that is still
    /// open.
    public func cells(_ resolution: TrafficRing.Resolution, upTo now: UnixTime) -> [TrafficCell] {
        var whole = self
        for finer in TrafficRing.Resolution.allCases where finer.rawValue < resolution.rawValue {
            guard let wider = finer.wider, let open = whole.rings[finer]?.open else { continue }
            whole.add(open.sum, at: open.number, in: wider)
        }
        return (whole.rings[resolution] ?? TrafficRing(resolution)).cells(resolution.capacity, upTo: now)
    }

    /// The same, each with the time at which it begins.
    public func timedCells(_ resolution: TrafficRing.Resolution, upTo now: UnixTime) -> [(at: UnixTime, cell: TrafficCell)] {
        let cells = cells(resolution, upTo: now)
        let first = now.seconds / resolution.step - Int64(cells.count - 1)
        return zip(first..., cells).map { (UnixTime(seconds: $0 * resolution.step), $1) }
    }
}
