// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Store
import Words

/// The last hour of a device as a small line: its shape, and in words how much it was.
enum Sparkline {
    private static let height = 16
    private static let minutesPerPoint = 3

    /// False for a device that moved nothing in that hour.
    static func value(_ ring: TrafficRing?, now: UnixTime) -> TemplateValue {
        // The minute that runs is written when it is over.
        guard let cells = ring?.cells(60, upTo: now.adding(seconds: -60)) else { return false }
        let sums = stride(from: 0, to: cells.count, by: minutesPerPoint).map { start in
            cells[start..<start + minutesPerPoint].reduce(0) { $0 &+ $1.total }
        }
        guard let most = sums.max(), most > 0 else { return false }
        let points = sums.enumerated().map { index, sum in "\(index) \(height - Int(Double(sum) / Double(most) * Double(height)))" }
        let total = sums.reduce(0, &+)
        return [
            "points": .text(points.joined(separator: " ")),
            "label": .phrase("\(Amount.bytes(total)) in the last hour, at most \(Amount.rate(Double(most) / Double(60 * minutesPerPoint)))"),
        ]
    }
}
