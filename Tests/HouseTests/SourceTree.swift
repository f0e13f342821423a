// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Foundation

/// The checkout as text: what the house tests read.
enum SourceTree {
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// Every file under Sources and Tests with the ending, as paths from the root, sorted.
    static func files(under folders: [String] = ["Sources", "Tests"], ending: String = ".swift") -> [SourceFile] {
        folders.flatMap { folder in
            let paths = (try? FileManager.default.subpathsOfDirectory(atPath: root.appendingPathComponent(folder).path)) ?? []
            return paths.filter { $0.hasSuffix(ending) }.map { SourceFile(path: "\(folder)/\($0)") }
        }
        .sorted { $0.path < $1.path }
    }

    /// The Swift files of the product.
    static let sources = files(under: ["Sources"])
}

/// One file of the checkout.
struct SourceFile: CustomStringConvertible {
    /// From the root of the checkout.
    let path: String

    var description: String { path }
    var text: String { (try? String(contentsOf: SourceTree.root.appendingPathComponent(path), encoding: .utf8)) ?? "" }
    var lines: [String] { text.components(separatedBy: "\n") }
    /// `Sources/Portal/Devices/Show.swift` belongs to Portal.
    var target: String { String(path.split(separator: "/")[1]) }

    /// Modules that the file imports.
    var imports: [String] {
        lines.filter { $0.contains("import ") }.compactMap { line in
            line.firstMatch(of: /^(?:@\w+ )*(?:public |internal |private )?import (?:\w+ )?(\w+)/).map { String($0.1) }
        }
    }
}
