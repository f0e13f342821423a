// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Foundation
import Testing

/// The rules of the engine and the server are in Documentation. Comments and tests may cite them by id.
@Suite struct `A cited rule` {
    /// The documents with the prefix of their ids, and the minimum number of rules of each.
    private static let documents = [("Documentation/protocol.md", "WG-", 200), ("Documentation/http.md", "HTTP-", 110)]
    /// The files that are searched for ids. The documents cite their own rules too.
    private static let texts =
        SourceTree.files() + SourceTree.files(under: ["Tests", "Documentation"], ending: ".md")
        + ["README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"].map(SourceFile.init)

    /// Ids at the beginning of a list's line or in a table's first column.
    private func definitions(in path: String, prefix: String) -> [String] {
        SourceFile(path: path).lines.flatMap { line -> [String] in
            guard line.hasPrefix("| " + prefix) || line.hasPrefix("- **" + prefix) else { return [] }
            return line.firstMatch(of: /(?:WG|HTTP)-[A-Z]-\d+b?/).map { [String($0.output)] } ?? []
        }
    }

    private var defined: Set<String> {
        Set(Self.documents.flatMap { definitions(in: $0.0, prefix: $0.1) })
    }

    @Test(arguments: documents.indices)
    func `is defined once`(index: Int) {
        let (path, prefix, count) = Self.documents[index]
        let ids = definitions(in: path, prefix: prefix)
        #expect(ids.count > count)
        #expect(Dictionary(grouping: ids) { $0 }.filter { $1.count > 1 }.keys.sorted() == [])
    }

    @Test func `exists`() {
        let defined = defined
        let unknown = Self.texts.flatMap { file in
            file.text.matches(of: /\b(?:WG|HTTP)-[A-Z]+-\d+b?/).map { String($0.output) }.filter { !defined.contains($0) }.map { "\(file): \($0)" }
        }
        #expect(unknown == [])
    }

    @Test func `has its prefix`() throws {
        // Letters of both documents. Path data such as `M-58.8` are not meant.
        let bare = /(?:^|[^\w\-])([A-FHILMNQS-XZ]-\d{1,2}b?)(?![\w\-]|\.\d)/
        let found = Self.texts.flatMap { file in
            file.lines.enumerated().flatMap { number, line in
                line.matches(of: bare).map { "\(file):\(number + 1): \($0.1)" }
            }
        }
        #expect(found == [])
    }

    @Test func `is also explained in words`() {
        let alone = /^\s*\/\/+[\s(]*(?:(?:WG|HTTP)-[A-Z]-\d+b?[\s,;.)]*(?:and |to )?)+$/
        let found = SourceTree.files().flatMap { file in
            file.lines.enumerated().filter { number, line in
                // An id that ends a sentence may wrap into a line of its own.
                line.contains(alone) && !(number > 0 && file.lines[number - 1].trimmingCharacters(in: .whitespaces).hasPrefix("//"))
            }
            .map { "\(file):\($0.offset + 1)" }
        }
        #expect(found == [])
    }

    @Test func `is in a document that exists`() {
        let places = Self.texts.flatMap { file in
            file.text.matches(of: /Documentation\/[\w\-]+\.md/).map { (file, String($0.output)) }
        }
        #expect(places.count > 20)
        #expect(
            places.filter { !FileManager.default.fileExists(atPath: SourceTree.root.appendingPathComponent($0.1).path) }.map { "\($0): \($1)" } == [])
        let loose = SourceTree.files().flatMap { file in
            file.text.matches(of: /(?:^|[^\w\/\-])(?:protocol|contract|engine|http-and-security|design|portal)\.md/).map { "\(file): \($0.output)" }
        }
        #expect(loose == [])
    }
}
