// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Foundation
import Testing

@testable import HTTP

private let date = "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"

struct `A connection` {
    @Test func `answers and waits for the next request`() {
        var wire = Wire()
        wire.receive("GET /a HTTP/1.1\r\nHost: h\r\n\r\n")
        #expect(wire.take() == "HTTP/1.1 200 OK\r\n\(date)Content-Length: 8\r\n\r\nGET /a 0")
        #expect(wire.last == "read")
    }

    @Test(arguments: [
        ("/vpn/a/b?c", "/a/b", ["a", "b"]), ("/a/b?c", "/a/b", ["a", "b"]), ("/vpn", "/", []), ("/vpn/", "/", []), ("/vpnx", "/vpnx", ["vpnx"]),
        ("/vpn/vpn", "/vpn", ["vpn"]), ("/VPN/a", "/VPN/a", ["VPN", "a"]), ("/vpn/a%20b", "/a%20b", ["a b"]),
    ])
    func `removes the path of the site from its requests, if a proxy did not`(target: String, rawPath: String, path: [String]) throws {
        var application = Application.counting
        application.base = { "/vpn" }
        application.acceptsHost = { host, asked in asked == path }
        var wire = Wire(answers: false, application)
        wire.receive("GET \(target) HTTP/1.1\r\nHost: h\r\n\r\n")
        let request = try #require(wire.running.first)
        #expect(request.rawPath == rawPath && request.path == path && request.base == "/vpn")
    }

    @Test func `passes on one request at a time and reads no further`() {
        var wire = Wire(answers: false)
        wire.receive("GET /a HTTP/1.1\r\nHost: h\r\n\r\nGET /b HTTP/1.1\r\nHost: h\r\n\r\n")
        #expect(wire.running.map(\.rawPath) == ["/a"])
        #expect(wire.last == "wait")
        wire.answerFirst()
        #expect(wire.running.map(\.rawPath) == ["/b"])
    }

    @Test func `reads nothing while the client reads nothing`() {
        var wire = Wire()
        wire.takesOutput = false
        wire.receive("GET /a HTTP/1.1\r\nHost: h\r\n\r\nGET /b HTTP/1.1\r\nHost: h\r\n\r\n")
        #expect(wire.last == "write")
        wire.takesOutput = true
        wire.write()
        #expect(wire.take().components(separatedBy: "200 OK").count == 3)
    }

    @Test(arguments: ["close", "Close", "keep-alive, CLOSE", "x ,close"])
    func `ends when the client says close, and ignores what follows`(value: String) {
        var wire = Wire()
        wire.receive("GET /a HTTP/1.1\r\nHost: h\r\nConnection: \(value)\r\n\r\nGET /b HTTP/1.1\r\nHost: h\r\n\r\n")
        #expect(wire.take() == "HTTP/1.1 200 OK\r\n\(date)Content-Length: 8\r\nConnection: close\r\n\r\nGET /a 0<end>")
        wire.receive("GET /c HTTP/1.1\r\nHost: h\r\n\r\n")
        #expect(wire.take() == "")
        wire.peerEnds()
        #expect(wire.last == "close")
    }

    @Test func `ends after HTTP 1.0`() {
        var wire = Wire()
        wire.receive("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
        #expect(wire.take().hasSuffix("Connection: close\r\n\r\nGET / 0<end>"))
    }

    @Test func `ignores an upgrade`() {
        var wire = Wire()
        wire.receive("GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n")
        #expect(wire.take().hasSuffix("GET / 0"))
        #expect(wire.last == "read")
    }

    @Test func `answers a refused request once and drops the rest`() {
        var wire = Wire()
        wire.receive("GET / HTTP/1.1\r\nHost: h\r\nA B: c\r\n\r\nGET /b HTTP/1.1\r\nHost: h\r\n\r\n")
        #expect(wire.take().components(separatedBy: "HTTP/1.1 ").count == 2)
        wire.receive("more")
        #expect(wire.take() == "")
    }

    @Test func `sends no body after HEAD, with 204 and with 304`() {
        var wire = Wire(Application { $0.path == ["none"] ? Response(.noContent) : .text(.ok, "text") })
        wire.receive("HEAD / HTTP/1.1\r\nHost: h\r\n\r\n")
        #expect(wire.take().hasSuffix("\r\n\r\n"))
        wire.receive("GET /none HTTP/1.1\r\nHost: h\r\n\r\n")
        #expect(wire.take() == "HTTP/1.1 204 No Content\r\n\(date)\r\n")
    }

    @Test func `sends 100 once, before the body, and only if the client waits for it`() {
        var wire = Wire()
        wire.receive("POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
        #expect(wire.take() == "HTTP/1.1 100 Continue\r\n\r\n")
        wire.receive("a")
        #expect(wire.take() == "")
        wire.receive("b")
        #expect(wire.take().hasSuffix("POST / 2"))
    }

    @Test func `sends no 100 if the body has begun or arrived or is too large, or the version is 1.0`() {
        var wire = Wire()
        wire.receive("POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\na")
        #expect(wire.take() == "")
        wire.receive("b")
        #expect(wire.take().hasPrefix("HTTP/1.1 200 "))
        wire.receive("POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nab")
        #expect(wire.take().hasPrefix("HTTP/1.1 200 "))
        wire.receive("POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 65537\r\n\r\n")
        #expect(wire.take().hasPrefix("HTTP/1.1 413 "))
        wire = Wire()
        wire.receive("POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
        #expect(wire.take() == "")
    }

    @Test func `refuses an unknown host before the body arrives`() {
        var application = Application.counting
        application.acceptsHost = { host, _ in host.host == "hub" }
        var wire = Wire(application)
        wire.receive("POST / HTTP/1.1\r\nHost: hub\r\n\r\n")
        #expect(wire.take().hasPrefix("HTTP/1.1 200 "))
        wire.receive("POST http://evil/ HTTP/1.1\r\nHost: hub\r\nContent-Length: 5\r\n\r\n")
        #expect(wire.take().hasPrefix("HTTP/1.1 421 "))
    }

    @Test func `accepts a larger body where the application allows it`() {
        var application = Application.counting
        application.bodyLimit = { _, path in path == ["restore"] ? 100_000 : nil }
        var wire = Wire(application)
        wire.receive("POST /restore HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\n" + String(repeating: "x", count: 100_000))
        #expect(wire.take().hasSuffix("POST /restore 100000"))
        wire.receive("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\n")
        #expect(wire.take().hasPrefix("HTTP/1.1 413 "))
    }

    @Test func `holds a limited number of large bodies, and accepts more once one is answered`() {
        var application = Application.counting
        application.bodyLimit = { _, _ in 100_000 }
        var capacity = Capacity()
        capacity.largeBodies = 2
        let service = Service(application: application, capacity: capacity)
        var wires = (0..<4).map { _ in Wire(answers: false, application, service: service) }
        let heads = ["Content-Length: 70000", "Transfer-Encoding: chunked", "Content-Length: 70000", "Content-Length: 3"]
        for index in wires.indices { wires[index].receive("POST / HTTP/1.1\r\nHost: h\r\n\(heads[index])\r\n\r\n") }
        #expect(wires.indices.map { String(wires[$0].take().prefix(12)) } == ["", "", "HTTP/1.1 503", ""])
        // Small bodies need no room, and an answer frees it.
        wires[3].receive("abc")
        #expect(wires[3].running.count == 1)
        wires[1].receive("0\r\n\r\n")
        var next = Wire(answers: false, application, service: service)
        next.receive("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 70000\r\n\r\n")
        #expect(next.take().hasPrefix("HTTP/1.1 503 "))
        wires[1].answerFirst()
        var last = Wire(answers: false, application, service: service)
        last.receive("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 70000\r\n\r\n")
        #expect(last.take() == "")
    }

    @Test func `reserves no room for a large body before its sender is admitted, and then sends 100`() {
        var application = Application.counting
        application.bodyLimit = { _, _ in 100_000 }
        application.admitLargeBody = { request in
            guard request.fields["Authorization"] == "yes", request.body.isEmpty else { throw HTTPError(.unauthorized, "Who are you?") }
            return "somebody"
        }
        var capacity = Capacity()
        capacity.largeBodies = 1
        let service = Service(application: application, capacity: capacity)
        for framing in ["Content-Length: 70000", "Transfer-Encoding: chunked"] {
            var stranger = Wire(answers: false, application, service: service)
            stranger.receive("POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\n\(framing)\r\n\r\n")
            let text = stranger.take()
            #expect(text.hasPrefix("HTTP/1.1 401 "))
            #expect(text.hasSuffix("<end>"))
            stranger.receive("more")
            #expect(stranger.running.isEmpty)
            #expect(stranger.take() == "")
        }
        var member = Wire(application, service: service)
        member.receive("POST / HTTP/1.1\r\nHost: h\r\nAuthorization: yes\r\nExpect: 100-continue\r\nContent-Length: 70000\r\n\r\n")
        #expect(member.take() == "HTTP/1.1 100 Continue\r\n\r\n")
        var other = Wire(application, service: service)
        other.receive("POST / HTTP/1.1\r\nHost: h\r\nAuthorization: yes\r\nContent-Length: 70000\r\n\r\n" + String(repeating: "x", count: 70_000))
        #expect(other.take().hasPrefix("HTTP/1.1 503 "))
        member.receive(String(repeating: "x", count: 70_000))
        #expect(member.take().hasSuffix("POST / 70000"))
        // With the body in the same bytes, and a small one that needs no admission.
        member.receive("POST / HTTP/1.1\r\nHost: h\r\nAuthorization: yes\r\nContent-Length: 70000\r\n\r\n" + String(repeating: "x", count: 70_000))
        #expect(member.take().hasSuffix("POST / 70000"))
        member.receive("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc")
        #expect(member.take().hasSuffix("POST / 3"))
    }

    @Test func `frees the room of a large body when its connection ends`() {
        var capacity = Capacity()
        capacity.largeBodies = 1
        let service = Service(application: .counting, capacity: capacity)
        do {
            let room = service.largeBodies.take(limit: 1, of: "a")
            #expect(room != nil)
            #expect(service.largeBodies.take(limit: 1, of: "b") == nil)
        }
        #expect(service.largeBodies.take(limit: 1, of: "b") != nil)
    }

    @Test func `answers OPTIONS for the server as a whole`() {
        var wire = Wire()
        wire.receive("OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n")
        #expect(wire.take().contains("204 No Content\r\n\(date)Allow: GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS\r\n"))
    }

    @Test func `writes its own framing and ignores the application's`() {
        var wire = Wire(
            Application { _ in
                Response(.ok, fields: ["content-length": "7", "Transfer-Encoding": "chunked", "Date": "now", "Connection": "x", "A": "b\r\nC: d"])
            })
        wire.receive("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
        #expect(wire.take() == "HTTP/1.1 200 OK\r\n\(date)Content-Length: 0\r\nA: b  C: d\r\n\r\n")
    }
}

struct `The clock of a connection` {
    @Test func `ends a silent connection without a response after 10 s`() {
        var wire = Wire()
        wire.pass(.milliseconds(9_999))
        #expect(wire.last == "read")
        wire.pass(.milliseconds(1))
        #expect(wire.last == "close")
        #expect(wire.take() == "")
    }

    @Test func `gives a head 10 s, however slowly it arrives`() {
        var wire = Wire()
        wire.receive("G")
        for _ in 0..<9 {
            wire.pass(.seconds(1))
            wire.receive("E")
        }
        #expect(wire.take() == "")
        wire.pass(.seconds(1))
        #expect(wire.take().hasPrefix("HTTP/1.1 408 Request Timeout\r\n"))
    }

    @Test func `gives a body 10 s and a second for each 10 KB, but at most 60 s`() {
        var wire = Wire()
        wire.receive("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 51200\r\n\r\n")
        wire.pass(.milliseconds(14_999))
        #expect(wire.take() == "")
        wire.pass(.milliseconds(1))
        #expect(wire.take().hasPrefix("HTTP/1.1 408 "))

        var application = Application.counting
        application.bodyLimit = { _, _ in 1 << 30 }
        wire = Wire(application)
        wire.receive("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1073741824\r\n\r\n")
        wire.pass(.milliseconds(59_999))
        #expect(wire.take() == "")
        wire.pass(.milliseconds(1))
        #expect(wire.take().hasPrefix("HTTP/1.1 408 "))
    }

    @Test func `gives a handler all the time it wants`() {
        var wire = Wire(answers: false)
        wire.receive("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
        wire.pass(.seconds(3600))
        #expect(wire.last == "wait")
    }

    @Test(arguments: [(false, 60), (true, 15)])
    func `ends an idle connection, sooner if the server is crowded`(isCrowded: Bool, seconds: Int) {
        var wire = Wire()
        wire.receive("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
        wire.pass(.seconds(seconds) - .milliseconds(1), isCrowded: isCrowded)
        #expect(wire.last == "read")
        wire.pass(.milliseconds(1), isCrowded: isCrowded)
        #expect(wire.last == "close")
    }

    @Test func `resets a client that reads nothing for 20 s`() {
        var wire = Wire()
        wire.takesOutput = false
        wire.receive("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
        wire.pass(.milliseconds(19_999))
        #expect(wire.last == "write")
        wire.pass(.milliseconds(1))
        #expect(wire.last == "reset")
    }

    @Test func `reads on for 1.5 s after the end if the client is still sending`() {
        var wire = Wire()
        wire.receive("bad\r\n\r\n")
        #expect(wire.take().hasSuffix("<end>"))
        wire.receive("more")
        wire.pass(.milliseconds(1499))
        #expect(wire.last == "read")
        wire.pass(.milliseconds(1))
        #expect(wire.last == "close")
    }
}

struct `A connection of a server that stops` {
    @Test func `ends at once when it is idle`() {
        var wire = Wire()
        wire.receive("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
        wire.stop()
        #expect(wire.last == "close")
    }

    @Test func `ends after the request in progress, and says so`() {
        var wire = Wire(answers: false)
        wire.receive("GET / HTTP/1.1\r\nHost: h\r\n\r\nGET /b HTTP/1.1\r\nHost: h\r\n\r\n")
        wire.stop()
        wire.answerFirst()
        #expect(wire.take().hasSuffix("Connection: close\r\n\r\nGET / 0<end>"))
        #expect(wire.running.isEmpty)
    }

    @Test func `still reads the rest of a request that has begun`() {
        var wire = Wire()
        wire.receive("GET / HT")
        wire.stop()
        wire.receive("TP/1.1\r\nHost: h\r\n\r\n")
        #expect(wire.take().hasSuffix("Connection: close\r\n\r\nGET / 0<end>"))
    }
}

struct `An event stream` {
    private static let application = Application { _ in .events(EventStream(key: "k", interval: .seconds(1)) { .idle }) }

    private func open(_ wire: inout Wire) {
        wire.receive("GET /events HTTP/1.1\r\nHost: h\r\n\r\n")
    }

    @Test func `begins with its head and the reconnection time, and asks its source at once`() {
        var wire = Wire(Self.application)
        open(&wire)
        #expect(
            wire.take() == """
                HTTP/1.1 200 OK\r\n\(date)Connection: close\r\nContent-Type: text/event-stream; charset=utf-8\r\n\
                Cache-Control: no-store\r\nX-Accel-Buffering: no\r\n\r\nretry: 3000\n\n
                """)
        #expect(wire.asked.count == 1)
    }

    @Test func `writes events line by line, one field to a line`() {
        var wire = Wire(Self.application)
        open(&wire)
        _ = wire.take()
        wire.step(.event(.init(id: "7\n8", name: "state", data: "a\nb\r\nc")))
        #expect(wire.take() == "id: 7 8\nevent: state\ndata: a\ndata: b\ndata: c\n\n")
    }

    @Test func `asks its source again after the interval, but never twice at once`() {
        var wire = Wire(Self.application)
        open(&wire)
        wire.pass(.seconds(10))
        #expect(wire.asked.count == 1)
        wire.step(.idle)
        wire.pass(.milliseconds(999))
        #expect(wire.asked.isEmpty)
        wire.pass(.milliseconds(1))
        #expect(wire.asked.count == 1)
    }

    @Test func `sends a beat every 15 s if there is nothing new`() {
        var wire = Wire(Self.application)
        open(&wire)
        _ = wire.take()
        for _ in 0..<31 {
            wire.step(.idle)
            wire.pass(.seconds(1))
        }
        #expect(wire.take() == "event: beat\ndata:\n\nevent: beat\ndata:\n\n")
    }

    @Test func `does not ask its source while the client is slow, and is reset after 20 s`() {
        var wire = Wire(Self.application)
        open(&wire)
        wire.takesOutput = false
        wire.step(.event(.init(data: "x")))
        wire.pass(.milliseconds(19_999))
        #expect(wire.asked.isEmpty)
        #expect(wire.last == "write")
        wire.pass(.milliseconds(1))
        #expect(wire.last == "reset")
    }

    @Test func `ends when its source says so`() {
        var wire = Wire(Self.application)
        open(&wire)
        _ = wire.take()
        wire.step(.end)
        #expect(wire.take() == "<end>")
    }

    @Test func `ends at an event larger than 64 KB`() {
        var wire = Wire(Self.application)
        open(&wire)
        _ = wire.take()
        wire.step(.event(.init(data: String(repeating: "x", count: 65_536))))
        #expect(wire.take() == "<end>")
    }

    @Test func `sends the reconnection time when the server ends it`() {
        var wire = Wire(Self.application)
        open(&wire)
        _ = wire.take()
        wire.stop()
        #expect(wire.take() == "retry: 3000\n\n<end>")
    }

    @Test func `ends when the client goes away`() {
        var wire = Wire(Self.application)
        open(&wire)
        wire.peerEnds()
        #expect(wire.last == "close")
    }

    @Test func `is only a head for HEAD`() {
        var wire = Wire(Self.application)
        wire.receive("HEAD /events HTTP/1.1\r\nHost: h\r\n\r\n")
        #expect(wire.take().hasSuffix("X-Accel-Buffering: no\r\n\r\n<end>"))
        #expect(wire.asked.isEmpty)
    }
}
