// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Foundation
import Net
import Testing

@testable import HTTP

struct `A PROXY header` {
    private static let signature: [UInt8] = [0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A]

    /// Reads the header from a stream as the event loop does. Also returns what is left of the stream.
    private func read(_ stream: [UInt8]) -> (ProxyHeader.Progress, rest: [UInt8]) {
        var bytes: [UInt8] = []
        while true {
            let progress = ProxyHeader.read(bytes)
            guard case .needs(let count) = progress, bytes.count < stream.count else { return (progress, Array(stream.dropFirst(bytes.count))) }
            bytes += stream.dropFirst(bytes.count).prefix(count)
        }
    }

    /// A header of version 2 with its length.
    private func version2(_ command: UInt8, _ family: UInt8, _ rest: [UInt8]) -> [UInt8] {
        Self.signature + [command, family, UInt8(rest.count >> 8), UInt8(rest.count & 0xFF)] + rest
    }

    @Test(arguments: [
        ("PROXY TCP4 192.0.2.1 198.51.100.1 56324 443\r\n", "192.0.2.1:56324"),
        ("PROXY TCP6 2001:db8::1 2001:db8::2 56324 443\r\n", "[2001:db8::1]:56324"),
        ("PROXY TCP6 ::ffff:192.0.2.1 ::ffff:198.51.100.1 1 2\r\n", "192.0.2.1:1"),
        ("PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n", "255.255.255.255:65535"),
        ("PROXY UNKNOWN\r\n", nil),
        ("PROXY UNKNOWN ffff:f...f:ffff ffff:f...f:ffff 65535 65535\r\n", nil),
    ])
    func `of version 1 names the client and takes nothing of the request`(header: String, client: String?) {
        let (progress, rest) = read(Array((header + "GET / HTTP/1.1\r\n").utf8))
        #expect(progress == .complete(ProxyHeader(client: client.flatMap { Endpoint($0) })))
        #expect(String(decoding: rest, as: UTF8.self) == "GET / HTTP/1.1\r\n")
    }

    @Test func `of version 2 names the client, and whether its connection is encrypted`() {
        let v4: [UInt8] = [192, 0, 2, 1, 198, 51, 100, 1, 0xDC, 0x04, 0x01, 0xBB]
        let v6: [UInt8] = [0x20, 0x01, 0x0D, 0xB8] + [UInt8](repeating: 0, count: 11) + [1] + [UInt8](repeating: 0, count: 16) + [0, 80, 1, 0xBB]
        let tls: [UInt8] = [0x03, 0, 4, 1, 2, 3, 4, 0x20, 0, 5, 0x01, 0, 0, 0, 0]
        let client = Endpoint("192.0.2.1:56324")
        let get = Array("GET /".utf8)
        for (header, expected) in [
            (version2(0x21, 0x11, v4), ProxyHeader(client: client)), (version2(0x21, 0x11, v4 + tls), ProxyHeader(client: client, isTLS: true)),
            (version2(0x21, 0x11, v4 + [0x20, 0, 5, 0, 0, 0, 0, 0]), ProxyHeader(client: client)),
            (version2(0x21, 0x21, v6), ProxyHeader(client: Endpoint("[2001:db8::1]:80"))),
            // LOCAL, an unknown family and a unix socket name nobody.
            (version2(0x20, 0x11, v4), ProxyHeader()), (version2(0x20, 0x00, []), ProxyHeader()), (version2(0x21, 0x00, []), ProxyHeader()),
            (version2(0x21, 0x31, [UInt8](repeating: 0, count: 216)), ProxyHeader()),
        ] {
            let (progress, rest) = read(header + get)
            #expect(progress == .complete(expected))
            #expect(rest == get)
        }
    }

    @Test(arguments: [
        "GET / HTTP/1.1\r\nHost: h\r\n\r\n", "PROXY TCP4 192.0.2.1 198.51.100.1 56324\r\n", "PROXY TCP4 2001:db8::1 2001:db8::2 1 2\r\n",
        "PROXY TCP4 192.0.2.1 198.51.100.1 65536 443\r\n", "PROXY TCP4  192.0.2.1 198.51.100.1 1 2\r\n", "PROXY UDP4 192.0.2.1 198.51.100.1 1 2\r\n",
        "PROXY UNKNOWNX\r\n", "PROXY TCP4 192.0.2.1 198.51.100.1 1 2 " + String(repeating: "x", count: 100) + "\r\n",
    ])
    func `is nothing else`(text: String) { #expect(read(Array(text.utf8)).0 == .invalid) }

    @Test func `of version 2 is refused when it is longer than it says, or of another version`() {
        let v4: [UInt8] = [192, 0, 2, 1, 198, 51, 100, 1, 0xDC, 0x04, 0x01, 0xBB]
        for header in [
            version2(0x31, 0x11, v4), version2(0x22, 0x11, v4), version2(0x21, 0x11, Array(v4.dropLast())), version2(0x21, 0x11, v4 + [0x20, 0]),
            version2(0x21, 0x11, v4 + [0x20, 0, 9, 1]), version2(0x21, 0x11, v4 + [UInt8](repeating: 0, count: 2049)),
        ] {
            #expect(read(header).0 == .invalid)
        }
    }

    @Test func `that is cut is waited for`() {
        let text = Array("PROXY TCP4 192.0.2.1 198.51.100.1 56324 443\r\n".utf8)
        for count in 0..<text.count {
            guard case .needs(let more) = read(Array(text[..<count])).0 else {
                Issue.record("\(count)")
                continue
            }
            #expect(more >= 1)
            #expect(more <= text.count - count)
        }
    }

    @Test(.timeLimit(.minutes(1))) func `gives a server the client, over plain and in pieces`() throws {
        let application = Application { request in .text(.ok, "\(request.client) \(request.isTLS);") }
        let server = try LoopbackServer(
            {
                $0.trustedProxies = ["127.0.0.0/8", "192.0.2.8/32"].compactMap { IPPrefix($0) }
                $0.expectsProxyHeader = true
            }, application: application)
        func answer(_ parts: String...) throws -> String? {
            let client = try LoopbackClient(server.server)
            for part in parts { client.send(part) }
            client.send("GET / HTTP/1.1\r\nHost: h\r\nX-Forwarded-For: 6.6.6.6\r\nX-Forwarded-Proto: https\r\nConnection: close\r\n\r\n")
            return client.readToEnd().flatMap { $0.components(separatedBy: "\r\n\r\n").dropFirst().first }
        }
        // The fields count only from a trusted proxy: here it is the one whose address the header names.
        #expect(try answer("PROXY TCP4 192.0.2.7 127.0.0.1 4711 80\r\n") == "192.0.2.7 true;")
        #expect(try answer("PROXY TC", "P4 192.0.2.8 127.0.0.1 47", "11 80\r\n") == "6.6.6.6 true;")
        #expect(try answer("PROXY UNKNOWN\r\n") == "6.6.6.6 true;")
        #expect(try answer() == nil)
    }
}
