// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Foundation
import HTTP
import Linux
import Logging
import Net

/// A server at a free port of the loopback, for as long as a test holds it.
final class LoopbackServer {
    let server: Server

    init(_ change: (inout Server.Configuration) -> Void = { _ in }, application: Application) throws {
        var configuration = Server.Configuration(endpoint: Endpoint(address: .v4(.loopback), port: 0))
        change(&configuration)
        server = try Server(configuration, application: application, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    deinit { server.stop() }
}

/// A client of literal text over a blocking socket; gives up after ten seconds.
final class LoopbackClient {
    private let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)

    init(_ server: Server) throws {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = server.endpoint.port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var patience = timeval(tv_sec: 10, tv_usec: 0)
        setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(socket, __CONST_SOCKADDR_ARG(__sockaddr__: $0), socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { throw Errno(errno) }
    }

    deinit { close(socket) }

    func send(_ text: String) {
        let bytes = Array(text.utf8)
        _ = Glibc.send(socket, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }

    func endWriting() { shutdown(socket, Int32(SHUT_WR)) }

    /// Everything up to the end of the connection, or nil after ten seconds of silence.
    func readToEnd() -> String? {
        var all: [UInt8] = []
        while let part = readOnce() {
            if part.isEmpty { return String(decoding: all, as: UTF8.self) }
            all += part
        }
        return nil
    }

    /// Everything up to and with `mark`, nil when the connection ends before.
    func read(until mark: String) -> String? {
        var all: [UInt8] = []
        while let part = readOnce(), !part.isEmpty {
            all += part
            let text = String(decoding: all, as: UTF8.self)
            if text.contains(mark) { return text }
        }
        return nil
    }

    private func readOnce() -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = recv(socket, &buffer, buffer.count, 0)
        return count < 0 ? nil : Array(buffer.prefix(count))
    }
}
