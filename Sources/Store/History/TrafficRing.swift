// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net

/// What passed in one step of time, in bytes of WireGuard messages.
public struct TrafficCell: Hashable, Sendable {
    /// Bytes that the hub received from the device.
    public var received: UInt64
    /// Bytes that the hub sent to the device.
    public var sent: UInt64

    public init(received: UInt64 = 0, sent: UInt64 = 0) {
        self.received = received
        self.sent = sent
    }

    /// Both directions.
    public var total: UInt64 { received &+ sent }

    static func + (a: Self, b: Self) -> Self {
        TrafficCell(received: a.received.addingSaturating(b.received), sent: a.sent.addingSaturating(b.sent))
    }
}

/// The newest cells of one width, each with a number: Unix seconds divided by the width.
public struct TrafficRing: Hashable, Sendable {
    /// How wide a cell is, and how many are kept.
    public enum Resolution: Int, CaseIterable, Sendable {
        /// An hour of minutes.
        case minute
        /// A day of quarters of an hour.
        case quarterHour
        /// Thirty days of quarters of a day.
        case quarterDay
        /// A year of three days.
        case threeDays

        /// Seconds in a cell. Each divides the next.
        public var step: Int64 { [60, 900, 21_600, 259_200][rawValue] }
        /// Cells that are kept.
        public var capacity: Int { [60, 96, 120, 122][rawValue] }

        /// The next wider one; nil for the widest.
        var wider: Resolution? { Resolution(rawValue: rawValue + 1) }
        /// Cells of this width in one of the next.
        var cellsInWider: Int64 { wider.map { $0.step / step } ?? 1 }
    }

    /// The width of its cells.
    public let resolution: Resolution
    /// The number of the last cell; nil while there is none.
    public private(set) var newest: Int64?
    /// Oldest first, at most as many as are kept; older ones were zero or are forgotten.
    public private(set) var cells: [TrafficCell] = []

    init(_ resolution: Resolution) { self.resolution = resolution }

    /// The last `count` cells up to the one of `now`, zero where nothing passed.
    public func cells(_ count: Int, upTo now: UnixTime) -> [TrafficCell] {
        let last = now.seconds / resolution.step
        return (0..<count).map { self[last - Int64(count - 1 - $0)] }
    }

    subscript(number: Int64) -> TrafficCell {
        guard let newest, number <= newest, newest - number < Int64(cells.count) else { return TrafficCell() }
        return cells[cells.count - 1 - Int(newest - number)]
    }

    /// Adds to the cell `number`, or to the newest one when that is later: a clock that went back loses nothing.
    mutating func add(_ cell: TrafficCell, at number: Int64) {
        guard let newest, !cells.isEmpty else {
            cells = [cell]
            self.newest = number
            return
        }
        let gap = max(0, number - newest)
        if gap >= Int64(resolution.capacity) {
            cells = []
        } else {
            cells += Array(repeating: TrafficCell(), count: Int(gap))
        }
        if cells.isEmpty { cells = [TrafficCell()] }
        cells[cells.count - 1] = cells[cells.count - 1] + cell
        self.newest = newest + gap
        cells.removeFirst(max(0, cells.count - resolution.capacity))
    }

    /// The sum of the cells that the wider cell of the newest one holds, and the wider cell's number: what the wider ring lacks.
    var open: (number: Int64, sum: TrafficCell)? {
        guard let newest else { return nil }
        let wide = newest / resolution.cellsInWider
        return (wide, (wide * resolution.cellsInWider...newest).reduce(TrafficCell()) { $0 + self[$1] })
    }
}

extension TrafficRing {
    /// As stored: four bytes a cell.
    var bytes: [UInt8] {
        cells.flatMap { cell in
            [RoundedCount.encode(cell.received), RoundedCount.encode(cell.sent)].flatMap { [UInt8($0 >> 8), UInt8($0 & 255)] }
        }
    }

    init(_ resolution: Resolution, newest: Int64, bytes: [UInt8]) {
        self.resolution = resolution
        self.newest = newest
        let count = { (at: Int) in RoundedCount.decode(UInt16(bytes[at]) << 8 | UInt16(bytes[at + 1])) }
        cells = stride(from: 0, to: bytes.count / 4 * 4, by: 4).map { TrafficCell(received: count($0), sent: count($0 + 2)) }
    }
}

extension UInt64 {
    fileprivate func addingSaturating(_ other: UInt64) -> UInt64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max : sum
    }
}
