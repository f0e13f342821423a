// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Testing

@testable import HTTP

/// What a connection does after each kind of refusal. The server does not know where a refused request ends, so the bytes behind it must never
/// be read as another one.
struct `After a refusal, a connection` {
    /// A refused request, and how long it takes to be refused.
    struct Refused: Sendable, CustomTestStringConvertible {
        let status: Int
        let request: String
        /// Seconds until the time for the request is over; 0 if it is refused at once.
        var seconds = 0
        var testDescription: String { "\(status) for \(request.prefix(60))" }
    }

    /// Refused while the head is read. The method may still be unknown, so even HEAD has a body.
    private static let heads = [
        Refused(status: 400, request: "METHOD / HTTP/1.1\r\nHost: h\r\nA B: c\r\n\r\n"),
        Refused(status: 400, request: "METHOD / HTTP/1.1\r\n\r\n"),
        Refused(status: 400, request: "METHOD / HTTP/1.1\r\nHost: h\r\nHost: h\r\n\r\n"),
        Refused(status: 400, request: "METHOD / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"),
        Refused(status: 400, request: "METHOD / HTTP/1.1\r\nHost: h\nA: b\r\n\r\n"), Refused(status: 400, request: "\r\n\r\n"),
        Refused(status: 414, request: "METHOD /\(String(repeating: "x", count: 8192)) HTTP/1.1\r\nHost: h\r\n\r\n"),
        Refused(status: 431, request: "METHOD / HTTP/1.1\r\nHost: h\r\nA: \(String(repeating: "x", count: 8192))\r\n\r\n"),
        Refused(status: 431, request: "METHOD / HTTP/1.1\r\nHost: h\r\n\(String(repeating: "A: b\r\n", count: 100))\r\n"),
        Refused(status: 408, request: "METHOD / HTTP/1.1\r\nHost: h\r\n", seconds: 10),
    ]

    /// Refused once the head is complete.
    private static let bodies = [
        Refused(status: 421, request: "METHOD / HTTP/1.1\r\nHost: evil\r\nContent-Length: 70\r\n\r\n"),
        Refused(status: 413, request: "METHOD / HTTP/1.1\r\nHost: h\r\nContent-Length: 65537\r\n\r\n"),
        Refused(status: 413, request: "METHOD / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n10001\r\n"),
        Refused(status: 400, request: "METHOD / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n"),
        Refused(status: 401, request: "METHOD /stranger HTTP/1.1\r\nHost: h\r\nContent-Length: 70000\r\n\r\n"),
        Refused(status: 503, request: "METHOD /full HTTP/1.1\r\nHost: h\r\nContent-Length: 70000\r\n\r\n"),
        Refused(status: 408, request: "METHOD / HTTP/1.1\r\nHost: h\r\nContent-Length: 70\r\n\r\nab", seconds: 20),
    ]

    private static let next = "GET /next HTTP/1.1\r\nHost: h\r\n\r\n"

    private func refuse(_ refused: Refused, method: String, followedBy rest: String = "") -> (wire: Wire, text: String) {
        var application = Application.counting
        application.acceptsHost = { host, _ in host.host == "h" }
        application.bodyLimit = { _, path in path.isEmpty ? nil : 100_000 }
        application.admitLargeBody = {
            if $0.path == ["stranger"] { throw HTTPError(.unauthorized, "Who are you?") }
            return "somebody"
        }
        var capacity = Capacity()
        capacity.largeBodies = 0
        var wire = Wire(application, service: Service(application: application, capacity: capacity))
        wire.receive(refused.request.replacing("METHOD", with: method) + rest)
        if refused.seconds > 0 { wire.pass(.seconds(refused.seconds)) }
        let text = wire.take()
        return (wire, text)
    }

    @Test(arguments: heads + bodies)
    func `says that it ends, ends, and reads nothing that follows`(refused: Refused) {
        var (wire, text) = refuse(refused, method: "POST")
        #expect(text.hasPrefix("HTTP/1.1 \(refused.status) "))
        #expect(text.contains("\r\nConnection: close\r\n"))
        #expect(text.hasSuffix("<end>"))
        wire.receive(Self.next)
        #expect(wire.take() == "")
        #expect(wire.running.isEmpty)
        wire.peerEnds()
        #expect(wire.last == "close")
    }

    @Test(arguments: (heads + bodies).filter { $0.seconds == 0 })
    func `drops what came in the same bytes`(refused: Refused) {
        let (_, text) = refuse(refused, method: "POST", followedBy: Self.next)
        #expect(text.hasPrefix("HTTP/1.1 \(refused.status) "))
        #expect(text.components(separatedBy: "HTTP/1.1 ").count == 2)
        #expect(!text.contains("/next"))
    }

    @Test(arguments: bodies)
    func `has sent no body to HEAD`(refused: Refused) {
        let (_, text) = refuse(refused, method: "HEAD")
        #expect(text.hasPrefix("HTTP/1.1 \(refused.status) "))
        #expect(text.hasSuffix("\r\n\r\n<end>"))
    }

    @Test(arguments: bodies.filter { $0.seconds == 0 })
    func `reads on for a while and discards it, but not for ever`(refused: Refused) {
        var (wire, _) = refuse(refused, method: "POST")
        wire.receive(String(repeating: "x", count: Connection.maximumLingerBytes))
        #expect(wire.last == "read")
        wire.receive("x")
        #expect(wire.last == "close")
    }
}
