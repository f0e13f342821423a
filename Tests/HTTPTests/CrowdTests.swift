// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import HTTP
import Linux
import Net
import Testing

/// Ways to hold a connection without a request in progress.
enum Hold: String, CaseIterable {
    case silence = ""
    case halfHead = "GET / HTTP/1.1\r\nHost: h\r\n"
    case halfBody = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\nhalf"
    case slowReader = "GET /large HTTP/1.1\r\nHost: h\r\n\r\n"
}

@Suite(.timeLimit(.minutes(1)))
struct `A crowded server` {
    private static let large = [UInt8](repeating: 0x78, count: 16 << 20)

    private static let application = Application { request in
        if request.path == ["large"] { return Response(.ok, body: .bytes(large)) }
        var response = Response.text(.ok, "\(request.rawPath) \(request.body.count);")
        response.knowsClient = request.path == ["signed-in"]
        return response
    }

    private func ask(_ client: LoopbackClient, _ path: String, _ fields: String = "") -> Bool {
        client.send("GET \(path) HTTP/1.1\r\nHost: h\r\n\(fields)\r\n")
        return client.read(until: "\(path) 0;")?.hasPrefix("HTTP/1.1 200 ") ?? false
    }

    /// Nine addresses that together hold ten connections more than there is room for, and one address per connection.
    @Test(arguments: Hold.allCases, [9, 200])
    func `serves a new visitor and one who is signed in`(hold: Hold, sources: Int) throws {
        let server = try LoopbackServer(
            {
                $0.capacity.connections = 80
                $0.capacity.knownConnections = 4
            }, application: Self.application)
        let member = try LoopbackClient(server.server, from: 0x0201)
        #expect(ask(member, "/signed-in"))
        var attackers: [LoopbackClient] = []
        for round in 0..<2 {
            for number in 0..<90 {
                let attacker = try LoopbackClient(server.server, from: 0x0100 + UInt32((round * 90 + number) % sources))
                attacker.send(hold.rawValue)
                attackers.append(attacker)
            }
            #expect(try ask(LoopbackClient(server.server, from: 0x0202), "/visitor"), "\(round)")
            #expect(ask(member, "/signed-in"), "\(round)")
        }
    }

    @Test func `counts each client of a trusted proxy, so that none of them crowds out others`() throws {
        let server = try LoopbackServer(
            {
                $0.capacity.connections = 30
                $0.trustedProxies = ["127.0.0.1/32"].compactMap { IPPrefix($0) }
            }, application: Self.application)
        let upload = try LoopbackClient(server.server)
        upload.send("POST /upload HTTP/1.1\r\nHost: h\r\nX-Forwarded-For: 192.0.2.1\r\nContent-Length: 4\r\n\r\nab")
        let attackers = try (0..<60).map { _ in
            let attacker = try LoopbackClient(server.server)
            attacker.send("POST / HTTP/1.1\r\nHost: h\r\nX-Forwarded-For: 6.6.6.6\r\nContent-Length: 100\r\n\r\nhalf")
            // So that the server knows its client before the next one arrives.
            Linux::Thread.sleep(.milliseconds(2))
            return attacker
        }
        #expect(try ask(LoopbackClient(server.server), "/visitor", "X-Forwarded-For: 192.0.2.2\r\n"))
        upload.send("cd")
        #expect(upload.read(until: "/upload 4;") != nil)
        withExtendedLifetime(attackers) {}
    }

    @Test func `gives a forwarded client no more connections than one address`() throws {
        let server = try LoopbackServer(
            {
                $0.capacity.connectionsPerAddress = 2
                $0.trustedProxies = ["127.0.0.1/32"].compactMap { IPPrefix($0) }
            }, application: Self.application)
        let field = "X-Forwarded-For: 2001:db8::1\r\n", neighbour = "X-Forwarded-For: [2001:db8::2]:99\r\n", other = "X-Forwarded-For: 192.0.2.9\r\n"
        let clients = try (0..<3).map { _ in try LoopbackClient(server.server) }
        #expect(ask(clients[0], "/0", field))
        #expect(ask(clients[1], "/1", other))
        #expect(ask(clients[2], "/2", neighbour))
        // The third connection of a /64 closes its oldest one; others stay.
        let third = try LoopbackClient(server.server)
        #expect(ask(third, "/3", field))
        #expect(clients[0].readToEnd() == "")
        #expect(ask(clients[1], "/1", other))
        #expect(ask(clients[2], "/2", neighbour))
    }

    @Test func `forgets the client of a proxy's connection as soon as another client uses it`() throws {
        let server = try LoopbackServer(
            {
                $0.capacity.connections = 2
                $0.trustedProxies = ["127.0.0.1/32"].compactMap { IPPrefix($0) }
            }, application: Self.application)
        let shared = try LoopbackClient(server.server)
        #expect(ask(shared, "/signed-in", "X-Forwarded-For: 192.0.2.1\r\n"))
        #expect(ask(shared, "/", "X-Forwarded-For: 192.0.2.2\r\n"))
        let others = try (0..<2).map { _ in try LoopbackClient(server.server) }
        for other in others { #expect(ask(other, "/")) }
        #expect(shared.readToEnd() == "")
    }
}
