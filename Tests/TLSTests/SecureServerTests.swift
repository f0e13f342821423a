// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Foundation
import HTTP
import Linux
import Logging
import Net
import Synchronization
import Testing

private func get(_ path: String, _ fields: String = "") -> String { "GET \(path) HTTP/1.1\r\nHost: h\r\n\(fields)\r\n" }
private let last = "Connection: close\r\n"

@Suite(.timeLimit(.minutes(1)))
struct `A server with a certificate` {
    private let files: TestCertificate
    private let certificate: ServerCertificate

    init() throws {
        files = try TestCertificate(name: "first.example.org")
        certificate = try ServerCertificate(certificateFile: files.certificateFile, keyFile: files.keyFile)
    }

    private func serve(_ change: (inout Server.Configuration) -> Void = { _ in }, _ application: Application? = nil) throws -> Server {
        var configuration = Server.Configuration(.tcp(Endpoint(address: .v4(.loopback), port: 0)))
        configuration.certificate = certificate
        change(&configuration)
        let echo = Application { request in
            .text(.ok, "\(request.method.rawValue) \(request.rawPath) \(request.body.count) \(request.isTLS);")
        }
        return try Server(configuration, application: application ?? echo, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    @Test func `answers pipelined requests, knows that they came over TLS, and sends a close notification`() throws {
        let server = try serve()
        defer { server.stop() }
        let client = try SecureClient(server)
        client.send(get("/1") + get("/2"))
        client.send(get("/3", last))
        let text = try #require(client.readToEnd())
        #expect(text.matches(of: /GET \/. 0 true;/).map { String($0.0) } == ["GET /1 0 true;", "GET /2 0 true;", "GET /3 0 true;"])
    }

    @Test(arguments: ["", "GET / HT", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nhalf"])
    func `serves a new visitor while nine addresses hold all its connections`(hold: String) throws {
        let server = try serve { $0.capacity.connections = 40 }
        defer { server.stop() }
        let attackers = try (0..<45).map { number in
            let attacker = try SecureClient(server, shakesHands: !hold.isEmpty, from: 0x0100 + UInt32(number % 9))
            if hold.isEmpty { attacker.sendRaw("\u{16}\u{3}\u{1}") } else { attacker.send(hold) }
            return attacker
        }
        let visitor = try SecureClient(server, from: 0x0201)
        visitor.send(get("/", last))
        #expect(visitor.readToEnd()?.hasSuffix("GET / 0 true;") == true)
        withExtendedLifetime(attackers) {}
    }

    @Test func `tells a client of plain HTTP to use HTTPS, with the header fields of every response`() throws {
        let application = Application(
            respond: { _ in .text(.ok, "never") }, finish: { _, response in response.fields.set("X-Content-Type-Options", "nosniff") })
        let server = try serve({ _ in }, application)
        defer { server.stop() }
        let client = try SecureClient(server, shakesHands: false)
        client.sendRaw(get("/"))
        let text = try #require(client.readRaw())
        #expect(text.hasPrefix("HTTP/1.1 400 ") && text.contains("This port speaks HTTPS. Begin the address with https://"))
        #expect(text.contains("\r\nX-Content-Type-Options: nosniff\r\n") && text.contains("\r\nConnection: close\r\n"))
        #expect(text.contains(/\r\nDate: [^\r]+ GMT\r\n/) && text.contains("\r\nContent-Length: "))
    }

    @Test func `accepts a body of many records, and requests byte by byte`() throws {
        let server = try serve { $0.limits.bodyBytes = 1 << 20 }
        defer { server.stop() }
        let client = try SecureClient(server)
        client.send("POST /large HTTP/1.1\r\nHost: h\r\nContent-Length: 500000\r\n\r\n" + String(repeating: "x", count: 500_000))
        #expect(client.read(until: "true;")?.hasSuffix("POST /large 500000 true;") == true)
        for character in get("/slow", last).unicodeScalars { client.send(String(character)) }
        #expect(client.readToEnd()?.hasSuffix("GET /slow 0 true;") == true)
    }

    @Test func `writes a large answer to a slow reader and then the next one`() throws {
        let large = String(repeating: "0123456789abcdef", count: 1 << 19)
        let server = try serve({ _ in }, Application { request in .text(.ok, request.path == [] ? large : "small") })
        defer { server.stop() }
        let client = try SecureClient(server)
        client.send(get("/") + get("/small", last))
        Linux::Thread.sleep(.milliseconds(200))
        let text = try #require(client.readToEnd())
        #expect(text.contains(large))
        #expect(text.hasSuffix("\r\n\r\nsmall"))
    }

    @Test func `carries event streams`() throws {
        let server = try serve(
            { _ in }, Application { _ in .events(EventStream(key: "k", interval: .milliseconds(5)) { .event(.init(data: "state")) }) })
        defer { server.stop() }
        let client = try SecureClient(server)
        client.send(get("/events"))
        #expect(client.read(until: "data: state\n\ndata: state\n\n") != nil)
    }

    @Test func `counts the handshake towards the time limit of the head`() throws {
        let server = try serve { $0.timeouts.head = .milliseconds(200) }
        defer { server.stop() }
        let silent = try SecureClient(server, shakesHands: false), slow = try SecureClient(server, shakesHands: false)
        // The start of a ClientHello.
        slow.sendRaw("\u{16}\u{3}\u{1}\u{1}")
        #expect(silent.readRaw() == "")
        #expect(slow.readRaw() == "")
    }

    @Test func `answers others while handshakes stall`() throws {
        let server = try serve()
        defer { server.stop() }
        let begun = try (0..<20).map { _ in try SecureClient(server, shakesHands: false) }
        for client in begun { client.sendRaw("\u{16}\u{3}\u{1}") }
        let client = try SecureClient(server)
        client.send(get("/", last))
        #expect(client.readToEnd()?.hasSuffix("GET / 0 true;") == true)
        withExtendedLifetime(begun) {}
    }

    @Test func `tells a client without TLS to use it`() throws {
        let server = try serve()
        defer { server.stop() }
        let client = try SecureClient(server, shakesHands: false)
        client.sendRaw(get("/"))
        let text = try #require(client.readRaw())
        #expect(text.hasPrefix("HTTP/1.1 400 Bad Request\r\n"))
        #expect(text.contains("https://"))
    }

    @Test func `closes the oldest idle connection for a new one, or the new one if all have a request in progress`() throws {
        let isOpen = Atomic(false)
        let server = try serve(
            { $0.capacity.connections = 2 },
            Application { request in
                while request.path == ["slow"], !isOpen.load(ordering: .acquiring) { Linux::Thread.sleep(.milliseconds(1)) }
                return .text(.ok, "true;")
            })
        defer { server.stop() }
        defer { isOpen.store(true, ordering: .releasing) }
        let idle = try SecureClient(server)
        idle.send(get("/"))
        #expect(idle.read(until: "true;") != nil)
        let busy = try (0..<2).map { _ in try SecureClient(server) }
        for client in busy { client.send(get("/slow")) }
        #expect(idle.readToEnd() == "")
        Linux::Thread.sleep(.milliseconds(100))
        #expect(throws: SecureClient.Refused.self) { try SecureClient(server) }
    }

    @Test func `sends a close notification to idle connections when it stops`() throws {
        let server = try serve()
        let client = try SecureClient(server)
        client.send(get("/"))
        #expect(client.read(until: "true;") != nil)
        server.stop()
        #expect(client.readToEnd() == "")
    }

    @Test func `loads a new certificate without dropping connections, and keeps the old one if the new one is invalid`() throws {
        let server = try serve()
        defer { server.stop() }
        let open = try SecureClient(server)
        #expect(open.certificateName == "first.example.org")
        try files.renew(name: "second.example.org")
        #expect(try SecureClient(server).certificateName == "first.example.org")
        try certificate.reload()
        #expect(try SecureClient(server).certificateName == "second.example.org")

        let other = try TestCertificate(name: "third.example.org")
        try Data(other.certificate).write(to: URL(fileURLWithPath: files.certificateFile))
        let error = #expect(throws: CertificateError.self) { try certificate.reload() }
        #expect(error?.description.contains("does not belong to the certificate") == true)
        #expect(try SecureClient(server).certificateName == "second.example.org")

        open.send(get("/still", last))
        #expect(open.readToEnd()?.hasSuffix("GET /still 0 true;") == true)
    }

    @Test func `refuses files that cannot be used, and says which and why`() throws {
        func problem(_ certificate: String, _ key: String) -> String? {
            do throws(CertificateError) {
                _ = try ServerCertificate(certificateFile: certificate, keyFile: key)
                return nil
            } catch {
                return error.description
            }
        }
        #expect(problem("/nowhere/cert.pem", files.keyFile)?.hasPrefix("/nowhere/cert.pem: open: No such file") == true)
        #expect(problem(files.keyFile, files.keyFile)?.hasPrefix("\(files.keyFile) holds no certificate") == true)
        #expect(problem(files.certificateFile, files.certificateFile)?.hasPrefix("\(files.certificateFile) ") == true)
        chmod(files.keyFile, 0o644)
        #expect(problem(files.certificateFile, files.keyFile)?.contains("everybody may open it. Run: chmod o= ") == true)
        chmod(files.keyFile, 0o640)
        // Tools that renew certificates use symbolic links.
        let link = files.folder.appendingPathComponent("link.pem").path
        symlink(files.keyFile, link)
        #expect(problem(files.certificateFile, link) == nil)
    }
}
