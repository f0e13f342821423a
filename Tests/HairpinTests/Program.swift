// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Foundation
import Testing

/// Runs the built program in a folder of its own, with an environment that a test chooses.
final class Program {
    struct Result {
        let status: Int32
        let output: String
        let error: String
    }

    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path
    private static let file = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        .appendingPathComponent("hairpin")

    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("hairpin-\(UUID().uuidString)").path
    /// The data folder of `run`.
    var data: String { "\(folder)/data" }

    init() throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    /// Runs a command with the data folder of this value and nothing in its environment but `environment` and what the tests were started with
    /// to find their libraries.
    func run(_ arguments: String..., environment: [String: String] = [:], input: String = "") throws -> Result {
        try runAlone(arguments + ["--data", data, "--root", Self.root], environment: environment, input: input)
    }

    /// Runs a command with exactly these arguments.
    func runAlone(_ arguments: [String], environment: [String: String] = [:], input: String = "") throws -> Result {
        let process = Process()
        process.executableURL = Self.file
        process.arguments = arguments
        process.currentDirectoryURL = URL(fileURLWithPath: folder)
        let kept = ProcessInfo.processInfo.environment.filter { name, _ in
            name == "PATH" || name == "LD_LIBRARY_PATH" || name.hasPrefix("HAIRPIN_FAULT")
        }
        process.environment = kept.merging(environment) { $1 }
        let (output, error, standardInput) = (Pipe(), Pipe(), Pipe())
        (process.standardOutput, process.standardError, process.standardInput) = (output, error, standardInput)
        try process.run()
        try? standardInput.fileHandleForWriting.write(contentsOf: Data(input.utf8))
        try standardInput.fileHandleForWriting.close()
        // Both are far smaller than a pipe.
        let texts = [output, error].map { String(decoding: $0.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self) }
        process.waitUntilExit()
        return Result(status: process.terminationStatus, output: texts[0], error: texts[1])
    }

    /// Writes a file and returns its path.
    func write(_ text: String, to name: String) throws -> String {
        try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
        return "\(folder)/\(name)"
    }
}
