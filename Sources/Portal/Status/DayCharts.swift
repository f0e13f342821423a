// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Net
import Store
import Synchronization
import Templates
import Words

/// The last 24 hours of the hub as curves that the server draws, for the template `_status_curves`.
struct DayCharts: TemplateModel {
    static var fields: [TemplateField<DayCharts>] { [.object("traffic", \.traffic), .object("online", \.online)] }

    private let traffic: Curve
    private let online: Curve

    init(_ day: HubDay, now: UnixTime) {
        let cells = day.traffic.indices.map { max(60, min(HubDay.step, now.seconds - day.start.seconds - Int64($0) * HubDay.step)) }
        // As devices see it: what the hub sent is their download.
        let down = zip(day.traffic, cells).map { Double($0.sent) / Double($1) }
        let up = zip(day.traffic, cells).map { Double($0.received) / Double($1) }
        let total = day.traffic.reduce((down: UInt64(0), up: UInt64(0))) { ($0.down &+ $1.sent, $0.up &+ $1.received) }
        let peak = max(down.max() ?? 0, up.max() ?? 0)
        traffic = Curve(
            area: down, line: up, start: day.start, scale: { Amount.rate($0) },
            summary: "↓ \(Amount.bytes(total.down)), ↑ \(Amount.bytes(total.up)); at most \(Amount.rate(peak))")
        let (least, most) = (day.online.min() ?? 0, day.online.max() ?? 0)
        online = Curve(
            area: day.online.map(Double.init), line: [], start: day.start, scale: { Amount.count(Int($0)) },
            summary: least == most ? "always \(Amount.count(most))" : "between \(Amount.count(least)) and \(Amount.count(most))")
    }

    /// One picture: an area and perhaps a line.
    struct Curve: TemplateModel {
        private static let (width, height) = (720, 120)
        private static let ticks = 5

        fileprivate let area: [Double]
        fileprivate let line: [Double]
        fileprivate let start: UnixTime
        fileprivate let scale: @Sendable (Double) -> Phrase
        fileprivate let summary: Phrase

        static var fields: [TemplateField<Curve>] {
            [
                .flag("any") { $0.peak > 0 }, .phrase("summary", \.summary), .phrase("most") { $0.scale($0.most) }, .number("width") { _ in width },
                .number("height") { _ in height }, .text("area") { "0 \(height) \($0.points($0.area)) \(width) \(height)" },
                .text("line") { $0.points($0.line) }, .phrases("ticks", \.times),
            ]
        }

        private var peak: Double { max(area.max() ?? 0, line.max() ?? 0) }
        /// The top of the scale: 1, 2 or 5 times a power of ten.
        private var most: Double { TrafficChart.roundedUp(peak) }

        private func points(_ values: [Double]) -> String {
            values.enumerated().map { place, value in
                let x = place * Self.width / max(1, values.count - 1)
                return "\(x) \(max(0, Self.height - Int((value / max(most, 1) * Double(Self.height)).rounded())))"
            }.joined(separator: " ")
        }

        private var times: [Phrase] {
            (0..<Self.ticks).map { start.adding(seconds: HubDay.step * Int64(HubDay.count) * Int64($0) / Int64(Self.ticks - 1)).clock }
        }
    }
}

/// Keeps the hub's day for a minute, because computing it reads all devices. Thread rule: any thread; one lock, held while the day is read.
final class DayCache: Sendable {
    private let kept = Mutex<(minute: Int64, day: HubDay)?>(nil)

    func day(at now: UnixTime, read: () throws -> HubDay) rethrows -> HubDay {
        try kept.withLock { kept in
            let minute = now.seconds / 60
            if let kept, kept.minute == minute { return kept.day }
            let day = try read()
            kept = (minute, day)
            return day
        }
    }
}
