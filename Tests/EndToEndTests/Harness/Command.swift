// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Foundation

/// A command that ran to its end.
struct CommandOutput {
    var status: Int32
    var output: String
    var errors: String
}

/// Why the lab could not do what a test asked for: the command or the wait, and what it said.
struct LabError: Error, CustomStringConvertible {
    var description: String

    init(_ description: String) {
        self.description = description
    }
}

enum Command {
    /// Runs the words and waits for the end. `input` is given on standard input.
    static func run(_ words: [String], input: String = "") throws -> CommandOutput {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = words
        let input = Data(input.utf8)
        let (inputPipe, outputPipe, errorPipe) = (Pipe(), Pipe(), Pipe())
        process.standardInput = inputPipe
        process.standardOutput = outputPipe
        process.standardError = errorPipe
        try process.run()

        // Each pipe is served by its own thread: a full one would stop the command for ever.
        DispatchQueue.global().async {
            try? inputPipe.fileHandleForWriting.write(contentsOf: input)
            try? inputPipe.fileHandleForWriting.close()
        }
        let errors = Promise<Data>()
        DispatchQueue.global().async { errors.fulfil(errorPipe.fileHandleForReading.readDataToEndOfFile()) }
        let output = outputPipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return CommandOutput(
            status: process.terminationStatus,
            output: String(decoding: output, as: UTF8.self),
            errors: String(decoding: errors.value, as: UTF8.self))
    }

    /// Like `run`, but any status other than 0 is an error. Returns standard output.
    @discardableResult
    static func expect(_ words: [String], input: String = "") throws -> String {
        let result = try run(words, input: input)
        guard result.status == 0 else {
            throw LabError("`\(words.joined(separator: " "))` ended with \(result.status): \(result.output)\(result.errors)")
        }
        return result.output
    }
}

/// A value that another thread delivers.
private final class Promise<Value: Sendable>: @unchecked Sendable {
    private let done = DispatchSemaphore(value: 0)
    private var stored: Value?

    func fulfil(_ value: Value) {
        stored = value
        done.signal()
    }

    /// Waits for the value; to be read once.
    var value: Value {
        done.wait()
        return stored!
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

/// Blocks the test; the lab's other processes go on.
func sleep(_ duration: Duration) {
    Thread.sleep(forTimeInterval: duration / .seconds(1))
}
