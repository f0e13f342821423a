// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import HTTP
import Linux
import Words

/// How lists are printed: columns for people, JSON with `--json`.
enum Listing {
    typealias Row = [(name: String, value: JSON)]

    static func print(_ rows: [Row], json: Bool) {
        if json {
            StandardStreams.output(String(decoding: JSON.array(rows.map { .object($0.map { ($0.name, $0.value) }) }).bytes, as: UTF8.self))
            return
        }
        let cells = rows.map { $0.map { text($0.value) } }
        let columns = cells.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in cells.map { $0[column].count }.max() ?? 0 }
        for row in cells {
            let line = zip(row, widths).map { cell, width in cell + String(repeating: " ", count: width - cell.count) }.joined(separator: "  ")
            StandardStreams.output(String(line.reversed().drop { $0 == " " }.reversed()))
        }
    }

    private static func text(_ value: JSON) -> String {
        switch value {
        case .null: "-"
        case .bool(let value): value ? "yes" : "no"
        case .integer(let value): String(value)
        case .string(let value): value.isEmpty ? "-" : value
        case .array(let values): values.isEmpty ? "-" : values.map(text).joined(separator: ",")
        case .object(let members): members.map { "\($0.0)=\(text($0.1))" }.joined(separator: ",")
        }
    }
}
