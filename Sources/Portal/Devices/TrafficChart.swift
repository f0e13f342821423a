// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Net
import Store
import Templates
import Words

/// A device's traffic in one range of time: a chart that the server draws, the changes made in that time, and the same numbers as a table.
struct TrafficChart: TemplateModel {
    static var fields: [TemplateField<TrafficChart>] {
        [
            .list("ranges") { chart in Range.allCases.map { Tab(id: chart.id, range: $0, isCurrent: $0 == chart.range) } },
            .phrase("summary", \.summary), .flag("any", \.isAnything), .phrase("most") { Amount.rate($0.most) },
            .phrase("half") { Amount.rate($0.most / 2) }, .text("down", \.downLine), .text("up", \.upLine),
            .number("width") { _ in width }, .number("height") { _ in height }, .list("marks", \.marks), .phrases("ticks", \.ticks),
            .list("rows") { $0.points.reversed().filter { $0.down + $0.up > 0 } }, .list("changes", \.named),
        ]
    }

    /// The ranges to choose from.
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
    /// The most changes to describe below the chart. All of them are marked on it.
    private static let namedChanges = 12

    let id: String
    let range: Range
    let changes: [AuditEntry]
    private let points: [Point]
    private let start: Int64
    private let end: Int64

    private let total: (down: UInt64, up: UInt64)
    /// Bytes per second in the busier direction.
    private let peak: Double

    private struct Point: TemplateModel {
        let at: Int64
        let down: UInt64
        let up: UInt64
        /// Seconds of the cell that have passed.
        let seconds: Int64

        static var fields: [TemplateField<Point>] {
            [
                .phrase("time") { UnixTime(seconds: $0.at).minute }, .phrase("down") { Amount.bytes($0.down) },
                .phrase("up") { Amount.bytes($0.up) },
            ]
        }

        var downRate: Double { Double(down) / Double(seconds) }
        var upRate: Double { Double(up) / Double(seconds) }
    }

    /// `changes` are audit entries, newest first. Entries outside the range are left out.
    init(id: String, history: TrafficHistory, range: Range, changes: [AuditEntry], now: UnixTime) {
        let step = range.resolution.step
        // A minute is written only when it is over.
        let last = range == .hour ? now.adding(seconds: -60) : now
        // As the device sees it: what the hub sent is the device's download.
        points = history.timedCells(range.resolution, upTo: last).map {
            Point(at: $0.seconds, down: $1.sent, up: $1.received, seconds: max(60, min(step, now.seconds - $0.seconds)))
        }
        total = (points.reduce(0) { $0 &+ $1.down }, points.reduce(0) { $0 &+ $1.up })
        peak = points.reduce(0) { max($0, $1.downRate, $1.upRate) }
        let (start, end) = (points.first?.at ?? 0, (points.last?.at ?? 0) + step)
        self.id = id
        self.range = range
        self.changes = changes.filter { $0.at.seconds >= start && $0.at <= now }
        self.start = start
        self.end = end
    }

    private struct Tab: TemplateModel {
        let id: String
        let range: Range
        let isCurrent: Bool

        static var fields: [TemplateField<Tab>] {
            [
                .phrase("label", \.range.label), .flag("current", \.isCurrent),
                .text("href") { PageAddress("/devices/\($0.id)").with("range", $0.range.rawValue).text + "#traffic" },
            ]
        }
    }

    /// A change as a line across the chart.
    struct Mark: TemplateModel {
        let x: Int64
        let label: Phrase

        static var fields: [TemplateField<Mark>] { [.number("x", \.x), .phrase("label", \.label)] }
    }

    /// A change in words.
    struct Change: TemplateModel {
        let entry: AuditEntry
        let at: Phrase

        static var fields: [TemplateField<Change>] {
            [
                .text("iso", \.entry.at.iso), .phrase("at", \.at), .phrase("what", \.entry.deed),
                .phrase("who", \.entry.author.phrase),
            ]
        }
    }

    var summary: Phrase {
        guard isAnything else { return "Nothing in the last \(range.label)." }
        return "Last \(range.label): ↓ \(Amount.bytes(total.down)), ↑ \(Amount.bytes(total.up)); at most \(Amount.rate(peak))."
    }

    /// True if there was any traffic in the range.
    var isAnything: Bool { total.down &+ total.up > 0 }
    /// The top of the scale.
    var most: Double { Self.roundedUp(peak) }
    var downLine: String { line(most, closed: true) { $0.downRate } }
    var upLine: String { line(most, closed: false) { $0.upRate } }
    var marks: [Mark] { changes.map { Mark(x: x($0.at.seconds), label: "\($0.at.phrase): \($0.deed)") } }
    var named: [Change] { changes.prefix(Self.namedChanges).map { Change(entry: $0, at: name(of: $0.at)) } }

    private var ticks: [Phrase] {
        (0..<Self.ticks).map { name(of: UnixTime(seconds: start + (end - start) * Int64($0) / Int64(Self.ticks - 1))) }
    }

    private func x(_ seconds: Int64) -> Int64 { min(Int64(Self.width), (seconds - start) * Int64(Self.width) / max(1, end - start)) }

    /// A line through the middle of each cell; closed along the base line for an area.
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

    /// Rounds up to 1, 2 or 5 times a power of ten, so that the scale is easy to read. Counts are rounded (`TrafficRing`), so a rate may exceed a
    /// step by 0.2 % without doubling the scale.
    static func roundedUp(_ rate: Double) -> Double {
        guard rate > 0 else { return 0 }
        var unit = 1.0
        while unit * 10 <= rate { unit *= 10 }
        return [1, 2, 5, 10].map { $0 * unit }.first { $0 * 1.002 >= rate } ?? rate
    }
}
