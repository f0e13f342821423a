// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Store
import Templates
import Words

/// The last hour of a device's traffic as a small line chart, with the total in words.
struct Sparkline: TemplateModel {
    static var fields: [TemplateField<Sparkline>] { [.text("points", \.points), .phrase("label", \.label)] }

    private static let height = 16
    private static let minutesPerPoint = 3

    /// The points in SVG syntax.
    let points: String
    let label: Phrase

    /// Nil for a device without traffic in that hour.
    init?(_ ring: TrafficRing?, now: UnixTime) {
        // The current minute is written only when it is over.
        guard let cells = ring?.cells(60, upTo: now.adding(seconds: -60)) else { return nil }
        let sums = stride(from: 0, to: cells.count, by: Self.minutesPerPoint).map { start in
            cells[start..<start + Self.minutesPerPoint].reduce(0) { $0 &+ $1.total }
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
        label = "\(Amount.bytes(total)) in the last hour, at most \(Amount.rate(Double(most) / Double(60 * Self.minutesPerPoint)))"
    }
}
