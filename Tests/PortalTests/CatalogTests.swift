// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Foundation
import HTTP
import Net
import Testing

@testable import Portal
@testable import Templates
import Words

struct `The German texts` {
    private static let catalog = try? String(contentsOfFile: TestSite.root + "/Templates/texts.de", encoding: .utf8)

    /// The texts that templates look up in a catalog, by file.
    private static func asked() throws -> [(file: String, text: String)] {
        var asked: [(file: String, text: String)] = []
        for (file, source) in try TestSite.templates().sorted(by: { $0.key < $1.key }) where file.hasSuffix(".html") {
            _ = TemplateTexts.replace(in: source) {
                asked.append((file, $0))
                return nil
            }
        }
        return asked
    }

    /// The literals of the targets whose words can appear on a page. The API and errors that stop the start stay in English.
    private static func literals() throws -> [SourceLiterals.Literal] {
        let targets = ["Words", "Fleet", "HTTP", "WebAuthn", "Store", "Portal"].map { TestSite.root + "/Sources/\($0)" }
        let english = [
            "/Portal/API/", "/Words/JSON/", "/HTTP/Content/Request+JSON",
            "/Status/Health.swift", "/HTTP/Server/Server.swift",
        ]
        var literals: [SourceLiterals.Literal] = []
        for target in targets {
            for path in try FileManager.default.subpathsOfDirectory(atPath: target).sorted() where path.hasSuffix(".swift") {
                let file = "\(target)/\(path)"
                guard !english.contains(where: file.contains) else { continue }
                literals += SourceLiterals(try String(contentsOfFile: file, encoding: .utf8)).literals
            }
        }
        return literals
    }

    @Test func `are in the catalog for everything that people read`() throws {
        let entries = Catalog.entries(try #require(Self.catalog))
        let known = Set(entries.map(\.text))
        let asked = try Self.asked().filter { !known.contains($0.text) && !known.contains("\($0.file): \($0.text)") }.map(\.text)
        let spoken = try Self.literals().filter(\.isForPeople).map(\.text).filter { !known.contains($0) }
        var seen: Set<String> = []
        let missing = (asked + spoken).filter { seen.insert($0).inserted }
        #expect(missing.isEmpty, "Templates/texts.de lacks:\n\(missing.prefix(20).joined(separator: "\n    …\n"))")
    }

    @Test func `keep the placeholders, tags and names of the English`() throws {
        for entry in Catalog.entries(try #require(Self.catalog)) {
            #expect(Catalog.fits(entry.translation, entry.text), "\(entry.text)")
        }
    }

    @Test func `are each given once, and only for texts in use`() throws {
        let entries = Catalog.entries(try #require(Self.catalog))
        let asked = try Self.asked()
        var said = Set(asked.map(\.text) + asked.map { "\($0.file): \($0.text)" })
        said.formUnion(try Self.literals().map(\.text))
        var seen: Set<String> = []
        for entry in entries {
            #expect(seen.insert(entry.text).inserted, "twice: \(entry.text)")
            #expect(said.contains(entry.text) || Self.derived.contains(entry.text), "said nowhere: \(entry.text)")
        }
    }

    /// "Verbinden" is what a device does with the hub; a link between two devices is a "Verknüpfung".
    @Test func `say Verknüpfung for every link between devices`() throws {
        for entry in Catalog.entries(try #require(Self.catalog)) where entry.text.contains(/\b[Ll]inks?\b/) {
            #expect(!entry.translation.contains("erbindung"), "\(entry.text)")
        }
    }

    /// Words made from names: roles, scopes, numbers and times.
    private static let derived: Set<String> = [
        "admin", "viewer", "read", "devices", "settings", "metrics", "1,204", "{1},{2}", "{1}.{2}", "{1}-{2}-{3} {4}",
    ]
}
