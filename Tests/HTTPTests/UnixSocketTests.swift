// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Foundation
import HTTP
import Loopback
import Testing

@Suite(.timeLimit(.minutes(1)))
final class `A server at a unix socket` {
    private let folder = FileManager.default.temporaryDirectory.appendingPathComponent("hairpin-\(UUID().uuidString.prefix(8))").path
    private var path: String { folder + "/portal.sock" }

    init() throws { try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true) }
    deinit { try? FileManager.default.removeItem(atPath: folder) }

    private func serve(at path: String, _ change: (inout Server.Configuration) -> Void = { _ in }) throws -> LoopbackServer {
        try LoopbackServer(
            {
                $0.address = .unix(path)
                change(&$0)
            }, application: Application { request in .text(.ok, "\(request.client) \(request.isTLS);") })
    }

    private func answer(_ fields: String, after start: String = "") throws -> String? {
        let client = try BlockingConnection(path: path)
        client.send(start + "GET / HTTP/1.1\r\nHost: h\r\n\(fields)Connection: close\r\n\r\n")
        return client.readToEnd().flatMap { $0.components(separatedBy: "\r\n\r\n").dropFirst().first }
    }

    @Test func `believes what the proxy says of its clients`() throws {
        let server = try serve(at: path)
        #expect(server.server.address.description == "unix:\(path)")
        #expect(try answer("") == "127.0.0.1 false;")
        #expect(try answer("X-Forwarded-For: 6.6.6.6, 192.0.2.7\r\nX-Forwarded-Proto: https\r\n") == "192.0.2.7 true;")
    }

    @Test func `reads a PROXY header if asked to`() throws {
        let server = try serve(at: path) { $0.expectsProxyHeader = true }
        #expect(try answer("X-Forwarded-For: 6.6.6.6\r\n", after: "PROXY TCP4 192.0.2.7 127.0.0.1 4711 80\r\n") == "192.0.2.7 false;")
        #expect(try answer("") == nil || answer("") == "")
        _ = server
    }

    @Test func `lets only its owner and group connect, and removes its file`() throws {
        let server = try serve(at: path)
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o660)
        server.server.stop()
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test func `says why it cannot listen there`() throws {
        func complaint(_ path: String) -> String? {
            let error = #expect(throws: ServerError.self) { _ = try serve(at: path) }
            return error?.description
        }
        let server = try serve(at: path)
        #expect(complaint(path) == "\(path) is in use by another process, or is not a socket. Choose another path with --http.")
        _ = server
        try Data("text".utf8).write(to: URL(fileURLWithPath: folder + "/file"))
        #expect(complaint(folder + "/file")?.contains("is not a socket") == true)
        #expect(complaint(folder + "/none/s") == "The folder of \(folder)/none/s does not exist. Create it, or choose another path with --http.")
    }

    @Test(arguments: ["unix:", "unix:portal.sock", "unix:/run/", "unix:/" + String(repeating: "x", count: 107), "/run/portal.sock", "8080"])
    func `has an absolute path`(text: String) {
        #expect(ListenAddress(text) == nil)
        #expect(ListenAddress("unix:/run/portal.sock") == .unix("/run/portal.sock"))
    }
}
