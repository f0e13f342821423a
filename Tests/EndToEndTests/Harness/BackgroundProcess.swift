// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Foundation

/// A named process that runs beside the test: a hub, a client, a ping.
final class BackgroundProcess {
    let name: String
    private let process: ChildProcess
    private let outputFile: URL
    private let errorFile: URL

    /// Starts the command. Its output goes to `NAME.out` and `NAME.log` in `folder`; a restart appends to them.
    init(_ name: String, _ words: [String], folder: URL) throws {
        self.name = name
        outputFile = folder.appendingPathComponent("\(name).out")
        errorFile = folder.appendingPathComponent("\(name).log")
        process = try ChildProcess(words, output: outputFile.path, errors: errorFile.path)
    }

    var isRunning: Bool { process.isRunning }
    var id: Int32 { process.id }
    var output: String { (try? String(contentsOf: outputFile, encoding: .utf8)) ?? "" }
    var log: String { (try? String(contentsOf: errorFile, encoding: .utf8)) ?? "" }

    /// Sends the signal and waits for the end. Returns the exit status, or the negative number of the signal that ended it.
    @discardableResult
    func stop(signal: Int32 = SIGTERM) throws -> Int32 {
        process.send(signal: signal)
        return try process.wait(upTo: .seconds(10))
    }

    /// Sends the signal and does not wait.
    func send(signal: Int32) {
        process.send(signal: signal)
    }

    /// `kill -9`: no clean-up.
    func kill() {
        process.kill()
    }
}
