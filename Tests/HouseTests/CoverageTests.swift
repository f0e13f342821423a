// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Testing

/// `Tests/protocol-coverage.md`: what the checklist of the engine asks for, and the tests that hold it to it.
@Suite struct `The table of coverage` {
    private struct Row {
        let id: String
        let state: String
        let how: String
    }

    private let rows = SourceFile(path: "Tests/protocol-coverage.md").lines.compactMap { line -> Row? in
        guard let match = line.wholeMatch(of: /\| ([A-Z]-\d+b?) \| ([^|]+) \| (.*) \|/) else { return nil }
        return Row(id: String(match.1), state: String(match.2), how: String(match.3))
    }

    @Test func `names each id once, with its state`() {
        #expect(rows.count > 200)
        #expect(Set(rows.map(\.id)).count == rows.count)
        #expect(rows.filter { !["covered", "in part", "not covered", "does not apply"].contains($0.state) }.map(\.id) == [])
        #expect(rows.filter(\.how.isEmpty).map(\.id) == [])
    }

    @Test func `calls covered only what a test is named for`() {
        let tests = Set(SourceTree.files(under: ["Tests"]).flatMap { $0.text.matches(of: /func `([^`]+)`/).map { String($0.1) } })
        for row in rows where row.state == "covered" || row.state == "in part" {
            let names = row.how.matches(of: /`([^`]+)`/).map { String($0.1) }
            #expect(!names.isEmpty, "\(row.id) names no test")
            #expect(names.filter { !tests.contains($0) } == [], "\(row.id) names tests that are not there")
        }
    }
}
