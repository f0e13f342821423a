// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Net
import Store
import Words

/// What a device moved in one range of time: a curve that the server draws, the changes made meanwhile, and the same numbers as a table.
struct TrafficChart {
    static let shape = """
        ranges[label href current] summary any most half down up width height
        marks[x label] ticks[] rows[time down up] changes[iso at what who]
        """

    /// What can be looked at.
    enum Range: String, CaseIterable {
        case hour = "1h"
        case day = "24h"
        case month = "30d"
        case year = "1y"

        var resolution: TrafficRing.Resolution {
            switch self {
            case .hour: .minute
            case .day: .quarterHour
            case .month: .quarterDay
            case .year: .threeDays
            }
        }

        var label: Phrase {
            switch self {
            case .hour: "1 hour"
            case .day: "24 hours"
            case .month: "30 days"
            case .year: "1 year"
            }
        }
    }

    private static let width = 720
    private static let height = 160
    private static let ticks = 5
    /// Changes that are told below the curve; all have their mark on it.
    private static let namedChanges = 12

    let id: String
    let range: Range
    let changes: [AuditEntry]
    private let points: [Point]
    private let start: Int64
    private let end: Int64

    private struct Point {
        let at: Int64
        let down: UInt64
        let up: UInt64
        /// Seconds of the cell that are over.
        let seconds: Int64

        var downRate: Double { Double(down) / Double(seconds) }
        var upRate: Double { Double(up) / Double(seconds) }
    }

    /// `changes` are entries of the audit log, the newest first; those outside the range are left out.
    init(id: String, history: TrafficHistory, range: Range, changes: [AuditEntry], now: UnixTime) {
        let step = range.resolution.step
        // A minute is written when it is over.
        let last = range == .hour ? now.adding(seconds: -60) : now
        let cells = history.cells(range.resolution, upTo: last)
        let newest = last.seconds / step
        points = cells.enumerated().map { index, cell in
            let at = (newest - Int64(cells.count - 1 - index)) * step
            // As the device sees it: what the hub sent comes down.
            return Point(at: at, down: cell.sent, up: cell.received, seconds: max(60, min(step, now.seconds - at)))
        }
        let (start, end) = ((newest - Int64(cells.count - 1)) * step, (newest + 1) * step)
        self.id = id
        self.range = range
        self.changes = changes.filter { $0.at.seconds >= start && $0.at <= now }
        self.start = start
        self.end = end
    }

    var value: TemplateValue {
        let down = points.reduce(0) { $0 &+ $1.down }
        let up = points.reduce(0) { $0 &+ $1.up }
        let peak = points.reduce(0) { max($0, $1.downRate, $1.upRate) }
        let most = Self.roundedUp(peak)
        return [
            "ranges": .list(
                Range.allCases.map {
                    [
                        "label": .phrase($0.label), "href": .text(Link("/devices/\(id)").with("range", $0.rawValue).text + "#traffic"),
                        "current": .flag($0 == range),
                    ]
                }),
            "summary": .phrase(
                down &+ up == 0
                    ? "Nothing in the last \(range.label)."
                    : "Last \(range.label): ↓ \(Amount.bytes(down)), ↑ \(Amount.bytes(up)); at most \(Amount.rate(peak))."),
            "any": .flag(down &+ up > 0), "most": .phrase(Amount.rate(most)), "half": .phrase(Amount.rate(most / 2)),
            "down": .text(line(most, closed: true) { $0.downRate }), "up": .text(line(most, closed: false) { $0.upRate }),
            "width": .number(Self.width), "height": .number(Self.height),
            "marks": .list(changes.map { ["x": .number(x($0.at.seconds)), "label": .phrase("\($0.at.phrase): \(AuditWords.deed($0))")] }),
            "ticks": .list(
                (0..<Self.ticks).map { .phrase(name(of: UnixTime(seconds: start + (end - start) * Int64($0) / Int64(Self.ticks - 1)))) }),
            "rows": .list(
                points.reversed().filter { $0.down + $0.up > 0 }.map {
                    [
                        "time": .phrase(UnixTime(seconds: $0.at).minute), "down": .phrase(Amount.bytes($0.down)),
                        "up": .phrase(Amount.bytes($0.up)),
                    ]
                }),
            "changes": .list(
                changes.prefix(Self.namedChanges).map {
                    [
                        "iso": .text($0.at.iso), "at": .phrase(name(of: $0.at)), "what": .phrase(AuditWords.deed($0)),
                        "who": .phrase(AuditFields.author($0.author.name)),
                    ]
                }),
        ]
    }

    private func x(_ seconds: Int64) -> Int64 { min(Int64(Self.width), (seconds - start) * Int64(Self.width) / max(1, end - start)) }

    /// Each cell at its middle; closed to the ground for an area.
    private func line(_ most: Double, closed: Bool, _ rate: (Point) -> Double) -> String {
        guard most > 0 else { return "" }
        let step = range.resolution.step
        let corners = points.map { point in
            "\(x(point.at + step / 2)) \(max(0, Self.height - Int((rate(point) / most * Double(Self.height)).rounded())))"
        }
        let ground = { (at: Int64) in "\(x(at)) \(Self.height)" }
        return (closed ? [ground(start + step / 2)] + corners + [ground(end - step / 2)] : corners).joined(separator: " ")
    }

    private func name(of time: UnixTime) -> Phrase {
        switch range {
        case .hour, .day: time.clock
        case .month, .year: time.monthAndDay
        }
    }

    /// 1, 2 or 5 times a power of ten: a scale that people read. Counts are rounded (`TrafficRing`), and that must not double the scale.
    private static func roundedUp(_ rate: Double) -> Double {
        guard rate > 0 else { return 0 }
        var unit = 1.0
        while unit * 10 <= rate { unit *= 10 }
        return [1, 2, 5, 10].map { $0 * unit }.first { $0 * 1.002 >= rate } ?? rate
    }
}
