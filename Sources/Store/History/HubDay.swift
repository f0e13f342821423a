// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net

/// The traffic of all devices and the number of connected ones, in each quarter of an hour of one day.
public struct HubDay: Sendable {
    /// The width of a cell in seconds, and the number of cells.
    public static let (step, count): (Int64, Int) = (TrafficRing.Resolution.quarterHour.step, TrafficRing.Resolution.quarterHour.capacity)

    /// The number of the first cell: Unix seconds divided by `step`.
    private let first: Int64
    /// Oldest first.
    public private(set) var traffic = [TrafficCell](repeating: TrafficCell(), count: count)
    /// How many devices were heard in each cell, oldest first.
    public private(set) var online = [Int](repeating: 0, count: count)

    /// The beginning of the first cell.
    public var start: UnixTime { UnixTime(seconds: first * Self.step) }

    fileprivate init(upTo now: UnixTime) { first = now.seconds / Self.step - Int64(Self.count - 1) }

    fileprivate mutating func add(_ ring: TrafficRing) {
        switch ring.resolution {
        // The widths that are summed up already, and the minutes that are not yet.
        case .quarterHour: for place in traffic.indices { traffic[place] = traffic[place] + ring[first + Int64(place)] }
        case .minute:
            guard let open = ring.open, (first..<first + Int64(Self.count)).contains(open.number) else { return }
            traffic[Int(open.number - first)] = traffic[Int(open.number - first)] + open.sum
        case .quarterDay, .threeDays: break
        }
    }

    /// Counts a device in the cells from `began` to `heard`, but not in cells up to `counted`. Returns the last cell.
    fileprivate mutating func count(from began: UnixTime, to heard: UnixTime, after counted: Int) -> Int {
        let (start, last) = (max(place(of: began), counted + 1), place(of: heard))
        guard start <= last else { return counted }
        for cell in start...last { online[cell] += 1 }
        return last
    }

    /// The cell of a time; the first or the last one for a time outside the day.
    private func place(of time: UnixTime) -> Int { Int(max(0, min(Int64(Self.count - 1), time.seconds / Self.step - first))) }
}

extension ReadTransaction {
    /// The day that ends now. Reads the traffic and the sessions of all devices, so keep the result for a while.
    public func hubDay(upTo now: UnixTime) throws -> HubDay {
        var day = HubDay(upTo: now)
        for resolution in [TrafficRing.Resolution.minute, .quarterHour] {
            try connection.forEach(
                "SELECT newest, cells FROM traffic WHERE step = ? AND newest >= ?",
                [.integer(resolution.step), .integer(day.start.seconds / resolution.step)]
            ) {
                day.add(try TrafficRing(resolution, newest: $0.integer(), bytes: $0.blob()))
                return true
            }
        }
        var (device, counted) = ("", -1)
        try connection.forEach(
            "SELECT device_id, began_at, heard_at FROM device_sessions WHERE heard_at >= ? ORDER BY device_id, began_at", [.time(day.start)]
        ) {
            let (id, began, heard) = (try $0.text(), try $0.time(), try $0.time())
            if id != device { (device, counted) = (id, -1) }
            counted = day.count(from: began, to: heard, after: counted)
            return true
        }
        return day
    }
}
