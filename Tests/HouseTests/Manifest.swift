// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Foundation

/// Package.swift as the package manager reads it.
struct Manifest: Decodable {
    struct Target: Decodable {
        let name: String
        /// `regular`, `executable`, `system` or `test`.
        let type: String
        /// Nil for a target of Sources or Tests that has its folder's name.
        let path: String?
        private let dependencies: [Dependency]

        /// Targets and products that it may import.
        var imports: Set<String> { Set(dependencies.map(\.name)) }
        var isModuleOfC: Bool { path?.hasPrefix("Sources/Libraries/") == true }
        /// True if it is part of the program. Everything else is for developers and is under Tests.
        var ships: Bool { type != "test" && path?.hasPrefix("Tests/") != true }
    }

    /// `{"byName": ["Net", null]}` or `{"product": ["Logging", "swift-log", null, null]}`.
    private struct Dependency: Decodable {
        enum Kind: String, CodingKey { case byName, product, target }
        let name: String

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: Kind.self)
            guard let kind = container.allKeys.first else {
                throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: "an unknown kind of dependency"))
            }
            var fields = try container.nestedUnkeyedContainer(forKey: kind)
            name = try fields.decode(String.self)
        }
    }

    let targets: [Target]

    /// The program's own targets, without the modules of C libraries.
    var layers: [Target] { targets.filter { $0.ships && !$0.isModuleOfC } }

    /// Everything that `name` imports, directly or through others.
    func reach(of name: String) -> Set<String> {
        var reached: Set<String> = []
        var waiting = [name]
        while let next = waiting.popLast() {
            for module in targets.first(where: { $0.name == next })?.imports ?? [] where reached.insert(module).inserted { waiting.append(module) }
        }
        return reached
    }

    /// `swift test` holds the lock of its build folder while tests run, so the package manager gets another folder here. Otherwise it would
    /// wait forever.
    /// `dump-package` evaluates the manifest only and writes nothing there.
    static let house = Result {
        let scratch = FileManager.default.temporaryDirectory.appendingPathComponent("hairpin-manifest-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: scratch) }
        let swift = Process()
        swift.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        swift.arguments = ["swift", "package", "--package-path", SourceTree.root.path, "--scratch-path", scratch.path, "dump-package"]
        let output = Pipe()
        swift.standardOutput = output
        try swift.run()
        let json = output.fileHandleForReading.readDataToEndOfFile()
        swift.waitUntilExit()
        return try JSONDecoder().decode(Manifest.self, from: json)
    }
}
