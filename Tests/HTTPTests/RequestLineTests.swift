// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import HTTP
import Testing

struct `A request line` {
    @Test(arguments: [
        ("GET\t/\tHTTP/1.1", 400), (" GET / HTTP/1.1", 400), ("GET HTTP/1.1", 400), ("GET  / HTTP/1.1", 400),
        ("GET /  HTTP/1.1", 400), ("GET / HTTP/1.1 ", 400), ("GET /", 400), ("GET / ", 400),
        ("GET / http/1.1", 400), ("GET / HTTP/1", 400), ("GET / HTTP/01.1", 400), ("GET / HTTP/1.10", 400),
        ("GET / HTTP/1.1x", 400), ("GET / HTTP/99999999999.1", 400), ("GET / HTTP/2.0", 505), ("PRI * HTTP/2.0", 505),
        ("GET /\u{0} HTTP/1.1", 400), ("GET /\u{1} HTTP/1.1", 400), ("GET /\u{7F} HTTP/1.1", 400), ("GET /é HTTP/1.1", 400),
        ("GET /#x HTTP/1.1", 400), ("GET /a b HTTP/1.1", 400), ("GET /\\ HTTP/1.1", 400),
        ("GET /%zz HTTP/1.1", 400), ("GET /%2 HTTP/1.1", 400), ("GET /%00 HTTP/1.1", 400), ("GET /?%zz HTTP/1.1", 400),
        ("GET /%c0%ae HTTP/1.1", 400), ("GET /a%2fb HTTP/1.1", 400), ("GET /a%5cb HTTP/1.1", 400), ("GET /%0a HTTP/1.1", 400),
        ("GET /../x HTTP/1.1", 400), ("GET /a/%2e%2E/ HTTP/1.1", 400), ("GET /a/./b HTTP/1.1", 400),
        ("get / HTTP/1.1", 501), ("GE(T / HTTP/1.1", 400), ("CONNECT h:443 HTTP/1.1", 501), ("BREW / HTTP/1.1", 501),
        ("GET * HTTP/1.1", 400), ("GET host:80 HTTP/1.1", 400), ("GET x/y HTTP/1.1", 400),
        ("GET http:// HTTP/1.1", 400), ("GET http://a@b/ HTTP/1.1", 400), ("GET ftp://h/ HTTP/1.1", 400),
    ])
    func `that is invalid is refused`(line: String, status: Int) {
        #expect(refusal(of: "\(line)\r\nHost: h\r\n\r\n") == status)
    }

    @Test(arguments: ["TRACE /", "QUERY /", "OPTIONS *", "DELETE /a/", "GET /?a=%20+", "GET /%252e", "GET //evil/..x", "PATCH /a%20b"])
    func `that is valid is accepted`(start: String) {
        #expect(refusal(of: "\(start) HTTP/1.1\r\nHost: h\r\n\r\n") == nil)
    }

    @Test func `of an unknown minor version is read as 1.1`() {
        #expect(transcript(of: "GET / HTTP/1.7\r\nHost: h\r\n\r\n") == ["GET / none", "end "])
    }

    @Test func `may have 8192 bytes and not one more`() {
        let start = "GET /", end = " HTTP/1.1"
        let fitting = start + String(repeating: "a", count: 8192 - start.utf8.count - end.utf8.count) + end
        #expect(refusal(of: "\(fitting)\r\nHost: h\r\n\r\n") == nil)
        #expect(refusal(of: "\(start)a\(fitting.dropFirst(5))\r\n") == 414)
    }

    @Test func `that is too long is refused before it ends`() {
        #expect(refusal(of: "GET /" + String(repeating: "a", count: 65_536)) == 414)
    }

    @Test func `may come after one empty line, not after two`() {
        #expect(refusal(of: "\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n") == nil)
        #expect(refusal(of: "\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n") == 400)
    }

    @Test func `of a TLS client is refused with its first byte`() {
        #expect(refusal(of: [0x16, 0x03, 0x01]) == 400)
    }
}

struct `A path` {
    @Test func `is split first and decoded once afterwards`() throws {
        #expect(try Request(text: "GET /a%20b/%C3%A9/%252e HTTP/1.1\r\nHost: h\r\n\r\n").path == ["a b", "é", "%2e"])
        #expect(try Request(text: "GET / HTTP/1.1\r\nHost: h\r\n\r\n").path == [])
        #expect(try Request(text: "GET //evil/ HTTP/1.1\r\nHost: h\r\n\r\n").path == ["", "evil", ""])
    }

    @Test func `of the absolute form is the same as of the origin form`() throws {
        let request = try Request(text: "GET HTTP://Other.Example:8080/a?b=c HTTP/1.1\r\nHost: h\r\n\r\n")
        #expect(request.path == ["a"])
        #expect(request.query["b"] == "c")
        #expect(request.authority == Authority("other.example:8080"))
    }

    @Test func `may be missing in the absolute form`() throws {
        #expect(try Request(text: "GET http://h HTTP/1.1\r\nHost: h\r\n\r\n").path == [])
        #expect(try Request(text: "GET http://h?q=1 HTTP/1.1\r\nHost: h\r\n\r\n").query["q"] == "1")
    }
}
