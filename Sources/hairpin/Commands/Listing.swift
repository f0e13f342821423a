// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import HTTP
import Linux
import Words

/// Prints lists: as columns for people, or as JSON with `--json`.
enum Listing {
    typealias Row = [(name: String, value: JSON)]

    /// Prints a value as one line of JSON.
    static func print(_ json: JSON) { StandardStreams.output(line(of: json)) }

    /// One line of JSON. Characters that could affect a terminal are written as JSON escapes, which mean the same to a program.
    static func line(of json: JSON) -> String {
        String(decoding: json.bytes, as: UTF8.self).unicodeScalars.map { scalar in
            // Such characters occur only in strings, and their code points have at most four hex digits.
            scalar.isHarmless ? String(scalar) : "\\u" + String(String(0x10000 + scalar.value, radix: 16).dropFirst())
        }.joined()
    }

    static func print(_ rows: [Row], json: Bool) {
        if json {
            return print(JSON.array(rows.map { .object($0.map { ($0.name, $0.value) }) }))
        }
        let cells = rows.map { $0.map { text($0.value).harmless } }
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
