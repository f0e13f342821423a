// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Foundation
import Glibc

/// A command that runs beside the test, its two outputs kept in files.
final class BackgroundProcess {
    let name: String
    private let process = Process()
    private let outputFile: URL
    private let errorFile: URL

    /// Starts the words. `folder` takes `NAME.out` and `NAME.log`; both are appended to, so a restart keeps what was said before.
    init(_ name: String, _ words: [String], environment: [String: String] = [:], folder: URL) throws {
        self.name = name
        outputFile = folder.appendingPathComponent("\(name).out")
        errorFile = folder.appendingPathComponent("\(name).log")
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = words
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try Self.appending(to: outputFile)
        process.standardError = try Self.appending(to: errorFile)
        try process.run()
    }

    deinit {
        kill()
    }

    var isRunning: Bool { process.isRunning }
    var id: Int32 { process.processIdentifier }
    var output: String { (try? String(contentsOf: outputFile, encoding: .utf8)) ?? "" }
    var log: String { (try? String(contentsOf: errorFile, encoding: .utf8)) ?? "" }

    /// Sends the signal and waits for the end; returns the exit status, or the signal's number below zero.
    @discardableResult
    func stop(signal: Int32 = SIGTERM, within limit: Duration = .seconds(10)) throws -> Int32 {
        if process.isRunning { Glibc.kill(id, signal) }
        try wait("\(name) to end after signal \(signal); it said: \(log.suffix(2000))", upTo: limit) {
            process.isRunning ? nil : true
        }
        return process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus
    }

    /// `kill -9`: no goodbye.
    func kill() {
        guard process.isRunning else { return }
        Glibc.kill(id, SIGKILL)
        process.waitUntilExit()
    }

    private static func appending(to file: URL) throws -> FileHandle {
        if !FileManager.default.fileExists(atPath: file.path) {
            try Data().write(to: file)
        }
        let handle = try FileHandle(forWritingTo: file)
        try handle.seekToEnd()
        return handle
    }
}
