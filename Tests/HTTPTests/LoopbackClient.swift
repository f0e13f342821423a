// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import HTTP
import Logging
import Loopback
import Net

/// A server at a free loopback port, which runs as long as a test holds it.
final class LoopbackServer {
    let server: Server

    init(_ change: (inout Server.Configuration) -> Void = { _ in }, application: Application) throws {
        var configuration = Server.Configuration(.tcp(Endpoint(address: .v4(.loopback), port: 0)))
        change(&configuration)
        server = try Server(configuration, application: application, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    deinit { server.stop() }
}

/// A client of literal text over a blocking socket; gives up after ten seconds.
final class LoopbackClient: Sendable {
    private let connection: BlockingConnection

    /// `from` is the host's part of the client's own loopback address.
    init(_ server: Server, from host: UInt32 = 1) throws { connection = try BlockingConnection(port: server.address.port ?? 0, from: host) }

    func send(_ text: String) { connection.send(text) }

    func endWriting() { connection.endWriting() }

    /// Everything up to the end of the connection; nil after ten seconds of silence.
    func readToEnd() -> String? { connection.readToEnd() }

    /// Everything up to and including `mark`; nil if the connection ends before it.
    func read(until mark: String) -> String? {
        var all: [UInt8] = []
        while let part = connection.receive(), !part.isEmpty {
            all += part
            let text = String(decoding: all, as: UTF8.self)
            if text.contains(mark) { return text }
        }
        return nil
    }
}
