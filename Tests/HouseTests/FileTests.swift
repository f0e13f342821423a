// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Foundation
import Testing

/// Rules for every file. Each test lists the violations.
struct `Every file` {
    @Test func `begins with the licence`() {
        let licence = ["// SPDX-License-Identifier: MIT", "// SPDX-FileCopyrightText: 2026 The Hairpin Authors"]
        let without = (SourceTree.files() + [SourceFile(path: "Package.swift")]).filter { file in
            Array(file.lines.drop { $0.hasPrefix("// swift-tools-version") }.prefix(2)) != licence
        }
        #expect(without.map(\.path) == [])
    }

    @Test func `of the product has one idea and at most 500 lines`() {
        let long = SourceTree.sources.filter { $0.lines.count > 500 }
        #expect(long.map(\.path) == [])
    }

    @Test func `has no unfinished marks and no path of a workplace`() throws {
        // Split, so that the test does not find this file.
        let marks = try Regex(["TO" + "DO", "FIX" + "ME", "not yet " + "implemented", "/work" + "/", "/tmp" + "/h/"].joined(separator: "|"))
        let folders = ["Sources", "Templates", "Public", "Migrations", "Documentation"]
        let texts = [".html", ".css", ".js", ".sql", ".md"].flatMap { SourceTree.files(under: folders, ending: $0) }
        let found = (SourceTree.files() + texts).flatMap { file in
            file.lines.enumerated().filter { $1.contains(marks) }.map { "\(file):\($0 + 1): \($1)" }
        }
        #expect(found == [])
    }

    @Test func `documents each public declaration`() {
        #expect(SourceTree.sources.flatMap(\.undocumentedPublicDeclarations) == [])
    }
}

extension SourceFile {
    /// Public declarations without a `///` above them. A run of neighbours without a blank line shares the first one's comment,
    /// and requirements of the standard library's protocols need no comment.
    fileprivate var undocumentedPublicDeclarations: [String] {
        let declaration = /^\s*(?:@[\w(), ]+ )*public (?:static |final |mutating |consuming |borrowing |nonisolated |indirect )*(\w+)\b ?`?([\w=<]*)/
        let explained: Set = ["description", "debugDescription", "hash", "==", "<", "rawValue", "next", "makeIterator"]
        var found: [String] = []
        var documented = false
        for (number, line) in lines.enumerated() {
            let text = line.trimmingCharacters(in: .whitespaces)
            if text.isEmpty {
                documented = false
            } else if text.hasPrefix("///") {
                documented = true
            } else if line.contains("public "), let match = line.firstMatch(of: declaration), match.1 != "import", match.1 != "extension" {
                let isMemberwise = match.1 == "init" && match.2.isEmpty && line.contains("init(")
                if !documented && !isMemberwise && !explained.contains(String(match.2)) {
                    found.append("\(path):\(number + 1): \(text)")
                }
            }
        }
        return found
    }
}
