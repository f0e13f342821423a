// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Testing

/// The tables of the rules and of the tests that check them.
@Suite struct `The table of coverage` {
    /// One row: `| id | state | how |`, and optionally a description after the id.
    private struct Row {
        let id: String
        let state: String
        let how: String
    }

    /// The files, and the minimum number of rows of each.
    static let tables = [("Tests/protocol-coverage.md", 200), ("Tests/http-coverage.md", 110)]
    private static let states: Set = ["covered", "in part", "not covered", "does not apply"]

    private func rows(of path: String) -> [Row] {
        SourceFile(path: path).lines.compactMap { line in
            guard let match = line.wholeMatch(of: /\| ((?:WG|HTTP)-[A-Z]-\d+b?) \|(?: [^|]+ \|)? ([^|]+) \| (.*) \|/) else { return nil }
            return Row(id: String(match.1), state: String(match.2), how: String(match.3))
        }
    }

    @Test(arguments: tables)
    func `names each id once, with its state`(path: String, count: Int) {
        let rows = rows(of: path)
        #expect(rows.count > count)
        #expect(Set(rows.map(\.id)).count == rows.count)
        #expect(rows.filter { !Self.states.contains($0.state) }.map(\.id) == [])
        #expect(rows.filter(\.how.isEmpty).map(\.id) == [])
    }

    @Test(arguments: tables)
    func `names tests for each rule that it calls covered`(path: String, count: Int) {
        let tests = Set(SourceTree.files(under: ["Tests"]).flatMap { $0.text.matches(of: /func `([^`]+)`/).map { String($0.1) } })
        for row in rows(of: path) where row.state == "covered" || row.state == "in part" {
            let names = row.how.prefix { $0 != ";" }.matches(of: /`([^`]+)`/).map { String($0.1) }
            #expect(!names.isEmpty, "\(row.id) names no test")
            #expect(names.filter { !tests.contains($0) } == [], "\(row.id) names tests that do not exist")
        }
    }
}
