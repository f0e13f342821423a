// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Foundation

/// `hairpin serve` as an ordinary user in a namespace of its own, at 203.0.113.N and 2001:db8:1::N.
final class Hub {
    let namespace: Namespace
    let addresses: PublicAddresses
    private let folder: URL
    private let data: URL
    private var process: BackgroundProcess?
    /// Words after `serve`; the same at every start.
    private let options: [String]

    /// A hub that serves. Its portal listens on 127.0.0.1:8080 of its namespace, as by default.
    init(in lab: Lab, _ options: String...) throws {
        (namespace, addresses) = try lab.publicHost("hub")
        folder = lab.folder
        data = lab.folder.appendingPathComponent("data")
        try FileManager.default.createDirectory(at: data, withIntermediateDirectories: true)
        try Command.expect(["chmod", "700", data.path])
        try Command.expect(["chown", "65534:65534", data.path])
        self.options = ["--endpoint", "\(addresses.v4):51820"] + options
        lab.atTearDown { [weak self] in self?.process?.kill() }
        try start()
    }

    var log: String { process?.log ?? "" }

    /// Starts `serve` and waits for its `ready` line.
    func start() throws {
        let words = try Installation.user + [Installation.program, "serve", "--root", Installation.root, "--data", data.path] + options
        let before = process?.output.count ?? 0
        let process = try BackgroundProcess("hub", namespace.words(words), folder: folder)
        self.process = process
        try wait("the ready line", upTo: .seconds(20)) {
            if !process.isRunning { throw LabError("the hub ended instead of getting ready: \(process.log.suffix(2000))") }
            return process.output.dropFirst(before).contains("ready http=127.0.0.1:8080 wireguard=[::]:51820 public_key=") ? true : nil
        }
    }

    /// SIGTERM: the hub drains, says nothing more on standard output, and ends with 0.
    func stop() throws {
        guard let process else { return }
        let status = try process.stop()
        guard status == 0 else { throw LabError("the hub ended with \(status) after SIGTERM: \(process.log.suffix(2000))") }
        let lines = process.output.split(separator: "\n")
        guard lines.allSatisfy({ $0.hasPrefix("ready ") }) else { throw LabError("more than the ready line on standard output: \(lines)") }
    }

    /// `kill -9`: no goodbye, nothing saved.
    func kill() {
        process?.kill()
    }

    /// The one-time URL that a hub without an admin logs.
    func setupURL() throws -> String {
        try wait("the set-up URL in the log") { log.matches(of: /http:\/\/[^\s"]*\/setup\?token=[^\s"]+/).last.map { String($0.0) } }
    }

    /// Another command of the program, beside the running server. Returns its standard output.
    @discardableResult
    func command(_ words: String..., input: String = "") throws -> String {
        try namespace.expect(Installation.user + [Installation.program] + words + ["--data", data.path], input: input)
    }
}
