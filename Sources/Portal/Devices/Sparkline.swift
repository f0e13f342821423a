// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Store
import Templates
import Words

/// The last 24 hours of a device's traffic as a small line chart, with the total in words.
struct Sparkline: TemplateModel {
    static var fields: [TemplateField<Sparkline>] { [.text("points", \.points), .phrase("label", \.label)] }

    private static let height = 16
    /// The ring has 15-minute cells.
    private static let cellsPerPoint = 4

    /// The points in SVG syntax.
    let points: String
    let label: Phrase

    /// Nil for a device without traffic on that day.
    init?(_ ring: TrafficRing?, now: UnixTime) {
        guard let cells = ring?.cells(96, upTo: now) else { return nil }
        let sums = stride(from: 0, to: cells.count, by: Self.cellsPerPoint).map { start in
            cells[start..<start + Self.cellsPerPoint].reduce(0) { $0 &+ $1.total }
        }
        guard let most = sums.max(), most > 0 else { return nil }
        var points = ""
        for (index, sum) in sums.enumerated() {
            if index > 0 { points += " " }
            points += String(index)
            points += " "
            points += String(Self.height - Int(Double(sum) / Double(most) * Double(Self.height)))
        }
        self.points = points
        let total = sums.reduce(0, &+)
        label = "\(Amount.bytes(total)) in the last 24 hours, at most \(Amount.rate(Double(most) / Double(900 * Self.cellsPerPoint)))"
    }
}
