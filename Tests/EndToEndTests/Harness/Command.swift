// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Foundation

/// A finished command.
struct CommandOutput {
    var status: Int32
    var output: String
    var errors: String
}

/// Why the lab could not do what a test requested: the command or the wait, and its output.
struct LabError: Error, CustomStringConvertible {
    var description: String

    init(_ description: String) {
        self.description = description
    }
}

enum Command {
    /// Runs the command and waits for its end. Throws if it takes longer than a minute. `input` goes to standard input.
    static func run(_ words: [String], input: String = "") throws -> CommandOutput {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("hairpin-lab-\(getpid())-command-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let files = ["input", "output", "errors"].map(folder.appendingPathComponent)
        try Data(input.utf8).write(to: files[0])
        let process = try ChildProcess(words, input: files[0].path, output: files[1].path, errors: files[2].path)
        let status = try process.wait(upTo: .seconds(60))
        let texts = try files.map { String(decoding: try Data(contentsOf: $0), as: UTF8.self) }
        return CommandOutput(status: status, output: texts[1], errors: texts[2])
    }

    /// Like `run`, but any status other than 0 is an error. Returns standard output. `folder` is the working folder, if it matters.
    @discardableResult
    static func expect(_ words: [String], input: String = "", in folder: String? = nil) throws -> String {
        let result = try run((folder.map { ["env", "--chdir=\($0)"] } ?? []) + words, input: input)
        guard result.status == 0 else {
            throw LabError("`\(words.joined(separator: " "))` ended with \(result.status): \(result.output)\(result.errors)")
        }
        return result.output
    }
}

/// Asks again until the answer is there; throws when `limit` is over.
@discardableResult
func wait<Value>(
    _ what: String, upTo limit: Duration = .seconds(10), every pause: Duration = .milliseconds(20),
    for answer: () throws -> Value?
) throws -> Value {
    let start = ContinuousClock.now
    while true {
        if let value = try answer() { return value }
        guard ContinuousClock.now - start < limit else { throw LabError("waited \(limit) for \(what)") }
        sleep(pause)
    }
}

/// Blocks the test; the lab's other processes continue.
func sleep(_ duration: Duration) {
    Thread.sleep(forTimeInterval: duration / .seconds(1))
}
