// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net

/// The traffic in one time interval, in bytes of WireGuard messages.
public struct TrafficCell: Hashable, Sendable {
    /// Bytes that the hub received from the device.
    public var received: UInt64
    /// Bytes that the hub sent to the device.
    public var sent: UInt64

    public init(received: UInt64 = 0, sent: UInt64 = 0) {
        self.received = received
        self.sent = sent
    }

    /// Bytes in both directions.
    public var total: UInt64 { received &+ sent }

    static func + (a: Self, b: Self) -> Self {
        TrafficCell(received: a.received.addingSaturating(b.received), sent: a.sent.addingSaturating(b.sent))
    }
}

/// The newest cells at one resolution. A cell's number is Unix seconds divided by the width of a cell.
public struct TrafficRing: Hashable, Sendable {
    /// The width of a cell and the number of cells kept.
    public enum Resolution: Int, CaseIterable, Sendable {
        /// One-minute cells for an hour.
        case minute
        /// 15-minute cells for a day.
        case quarterHour
        /// Six-hour cells for 30 days.
        case quarterDay
        /// Three-day cells for a year.
        case threeDays

        /// The width of a cell in seconds. Each width is a multiple of the one before.
        public var step: Int64 { [60, 900, 21_600, 259_200][rawValue] }
        /// The maximum number of cells.
        public var capacity: Int { [60, 96, 120, 122][rawValue] }

        /// The next wider resolution; nil for the widest.
        var wider: Resolution? { Resolution(rawValue: rawValue + 1) }
        /// The number of cells in a cell of the next resolution.
        var cellsInWider: Int64 { wider.map { $0.step / step } ?? 1 }
    }

    /// The width of the cells.
    public let resolution: Resolution
    /// The number of the newest cell; nil if there are no cells.
    public private(set) var newest: Int64?
    /// The cells, oldest first, up to the maximum number. Cells before the first one are zero or were removed.
    public private(set) var cells: [TrafficCell] = []

    init(_ resolution: Resolution) { self.resolution = resolution }

    /// The last `count` cells up to the cell of `now`, with zeros for times without traffic.
    public func cells(_ count: Int, upTo now: UnixTime) -> [TrafficCell] {
        let last = now.seconds / resolution.step
        return (0..<count).map { self[last - Int64(count - 1 - $0)] }
    }

    subscript(number: Int64) -> TrafficCell {
        guard let newest, number <= newest, newest - number < Int64(cells.count) else { return TrafficCell() }
        return cells[cells.count - 1 - Int(newest - number)]
    }

    /// Adds to cell `number`, or to the newest cell if that is later. If the clock was set back, no traffic is lost.
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

    /// The open cell of the wider resolution: its number, and the sum of the newest cells that belong to it. The wider ring does not
    /// contain it yet.
    var open: (number: Int64, sum: TrafficCell)? {
        guard let newest else { return nil }
        let wide = newest / resolution.cellsInWider
        return (wide, (wide * resolution.cellsInWider...newest).reduce(TrafficCell()) { $0 + self[$1] })
    }
}

extension TrafficRing {
    /// The cells as stored, four bytes each.
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

/// A byte count in 16 bits: a 10-bit number and a 6-bit power of two. The error is at most one in a thousand. Exact below 1024.
enum RoundedCount {
    private static let digits = 10

    static func encode(_ count: UInt64) -> UInt16 {
        let width = UInt64.bitWidth - count.leadingZeroBitCount
        guard width > digits else { return UInt16(count) }
        var power = width - digits
        var number = (count >> power) + (count >> (power - 1) & 1)
        if number >> digits != 0 {
            number >>= 1
            power += 1
        }
        return UInt16(power) << digits | UInt16(number)
    }

    static func decode(_ code: UInt16) -> UInt64 {
        let number = UInt64(code & (1 << digits - 1))
        let power = code >> digits
        return number.leadingZeroBitCount >= power ? number << power : .max
    }
}
