// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import HTTP
import Testing

struct `The fields of a request` {
    @Test(arguments: [
        "A : b", "A\t: b", ": b", "A", "X[A]: b", "X A: b", "é: b", "X\u{0}: b", "A: b\u{0}c", "A: b\u{1}", "A: b\u{7F}",
        "A: b\r\n folded", "A: b\r\n\tfolded", "A: b\rc", "A: b\nB: c", "A: b\r\r\n",
    ])
    func `are refused if a line is invalid`(lines: String) {
        #expect(refusal(of: "GET / HTTP/1.1\r\nHost: h\r\n\(lines)\r\n\r\n") == 400)
    }

    @Test(arguments: [
        "GET / HTTP/1.1\nHost: h\r\n\r\n", "GET / HTTP/1.1\r\nHost: h\n\r\n", "GET / HTTP/1.1\r\nHost: h\r\n\n",
        "GET / HTTP/1.1\rHost: h\r\r", "GET / HTTP/1.1\r\nHost: h\r\n\rX", "GET / HTTP/1.1\r\n Host: h\r\n\r\n",
        "GET / HTTP/1.1\r\n\tX: y\r\nHost: h\r\n\r\n",
    ])
    func `are refused if a line does not end in CRLF or begins with a space`(text: String) {
        #expect(refusal(of: text) == 400)
    }

    @Test func `keep order, duplicates and 8-bit bytes, but not the space around values`() throws {
        let request = try Request(text: "GET / HTTP/1.1\r\nHost:\th\t \r\nA:1\r\nb: é\r\na:\r\n\r\n")
        #expect(request.fields.lines.map(\.name.description) == ["Host", "A", "b", "a"])
        #expect(request.fields.all("A") == ["1", ""])
        #expect(request.fields["B"] == "é")
    }

    @Test func `are refused with 431 beyond their limits`() {
        let long = String(repeating: "x", count: 65_536)
        #expect(refusal(of: "GET / HTTP/1.1\r\nA: \(long)") == 431)
        #expect(refusal(of: "GET / HTTP/1.1\r\n\(long)") == 431)
        #expect(refusal(of: "GET / HTTP/1.1\r\n" + String(repeating: "A: b\r\n", count: 101)) == 431)
        #expect(refusal(of: "GET / HTTP/1.1\r\n" + String(repeating: "A: \(long.prefix(8000))\r\n", count: 5)) == 431)
    }

    @Test(arguments: [
        "", "Host: a\r\nHost: b\r\n", "Host: a\r\nHost: a\r\n", "Host:\r\n", "Host: u@h\r\n", "Host: h/x\r\n", "Host: a, b\r\n",
        "Host: a b\r\n", "Host: <b>\r\n", "Host: [::1\r\n", "Host: h:80x\r\n", "Host: h:99999\r\n", "Host: [1.2.3.4]\r\n",
    ])
    func `must name exactly one valid host`(host: String) {
        #expect(refusal(of: "GET / HTTP/1.1\r\n\(host)\r\n") == 400)
    }

    @Test func `of HTTP 1.0 need no host`() {
        #expect(transcript(of: "GET / HTTP/1.0\r\n\r\n") == ["GET / none", "end "])
    }

    @Test func `may expect only 100-continue`() {
        #expect(refusal(of: "POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-Continue\r\n\r\n") == nil)
        #expect(refusal(of: "POST / HTTP/1.1\r\nHost: h\r\nExpect: cake\r\n\r\n") == 417)
        #expect(refusal(of: "POST / HTTP/1.0\r\nExpect: cake\r\n\r\n") == nil)
    }
}

struct `An authority` {
    @Test(
        arguments: [
            ("Hub.Example.org", "hub.example.org", nil), ("h:8080", "h", 8080), ("h:", "h", nil), ("127.0.0.1:1", "127.0.0.1", 1),
            ("[0:0::1]:80", "::1", 80), ("a_b", "a_b", nil),
        ] as [(String, String, UInt16?)])
    func `is a host in lower case and an optional port`(text: String, host: String, port: UInt16?) {
        #expect(Authority(text)?.host == host)
        #expect(Authority(text)?.port == port)
    }
}
