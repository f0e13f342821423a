// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Words

/// Devices to add, from pasted lines: a name and tags, with commas, semicolons or tabs between them, as in a CSV file.
public struct DeviceLines: Sendable {
    /// One device.
    public struct Line: Equatable, Sendable {
        /// The number of the line in the text, from 1.
        public let number: Int
        public let name: String
        public let tags: [Tag]
    }

    /// The most devices to add at once.
    public static let maximum = 200

    /// The devices, in the order of the text.
    public private(set) var lines: [Line] = []
    /// What is wrong, one sentence for each line with an error.
    public private(set) var errors: [Phrase] = []

    /// Reads the text. Skips empty lines, and a first line that names the columns.
    public init(_ text: String) {
        var seen: [String: Int] = [:]
        for (number, line) in zip(1..., text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)) {
            let cells = Self.cells(line.trimmed())
            guard let name = cells.first, cells.contains(where: { !$0.isEmpty }) else { continue }
            if lines.isEmpty, errors.isEmpty, name.lowercased() == "name" { continue }
            guard lines.count < Self.maximum else {
                errors.append("These are too many lines. Add at most \(Self.maximum) devices at once.")
                return
            }
            if let first = seen[name.lowercased()] {
                errors.append(Self.error(number, "\(name) is in line \(first) too."))
                continue
            }
            seen[name.lowercased()] = number
            switch Entry.tags(cells.dropFirst().joined(separator: " ")) {
            case .success(let tags): lines.append(Line(number: number, name: name, tags: tags))
            case .failure(let refusal): errors.append(Self.error(number, refusal.message))
            }
        }
        if lines.isEmpty, errors.isEmpty { errors.append("Write at least one name.") }
    }

    /// An error with its line.
    public static func error(_ line: Int, _ message: Phrase) -> Phrase { "Line \(line): \(message)" }

    /// The cells of a line. The separator is a tab, if there is one, otherwise the first comma or semicolon outside of quotes. A cell in double
    /// quotes may contain it (RFC 4180 2).
    private static func cells(_ line: String) -> [String] {
        let separator: Character = line.contains("\t") ? "\t" : line.first { $0 == "," || $0 == ";" } ?? ","
        var (cells, cell, isQuoted): ([String], String, Bool) = ([], "", false)
        var rest = line[...]
        while let character = rest.popFirst() {
            switch character {
            case "\"" where isQuoted && rest.first == "\"":
                cell.append(character)
                rest.removeFirst()
            case "\"" where isQuoted || cell.trimmed().isEmpty: isQuoted.toggle()
            case separator where !isQuoted:
                cells.append(cell.trimmed())
                cell = ""
            default: cell.append(character)
            }
        }
        return cells + [cell.trimmed()]
    }
}
