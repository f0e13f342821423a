// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

@testable import HTTP
import Testing

private func post(_ fields: String, _ body: String = "") -> String { "POST / HTTP/1.1\r\nHost: h\r\n\(fields)\r\n\r\n\(body)" }
private func chunked(_ body: String) -> String { post("Transfer-Encoding: chunked", body) }

struct `A body with a length` {
    @Test(arguments: [
        "+7", "-7", "-0", "0x7", "7_0", "7 0", "7.0", "7x", "\"7\"", "", "\u{B}7", "\u{A0}7", "18446744073709551623",
        "999999999999999999999999999999", "7, 0", "7, 7", "010",
    ])
    func `needs one plain number as its length`(length: String) {
        #expect(refusal(of: post("Content-Length: \(length)", "1234567")) == 400)
    }

    @Test(arguments: [
        "Content-Length: 3\r\nContent-Length: 3", "Content-Length: 3\r\nContent-Length: 4",
        "Content-Length: 3\r\nTransfer-Encoding: chunked", "Transfer-Encoding: chunked\r\nContent-Length: 3",
    ])
    func `is refused if it is framed twice`(fields: String) {
        #expect(refusal(of: post(fields, "abc")) == 400)
    }

    @Test func `ends after its bytes and the next request begins`() {
        let text = post("content-length: 3", "abc") + "GET /next HTTP/1.1\r\nHost: h\r\n\r\n"
        #expect(transcript(of: text) == ["POST / length(3)", "end abc", "GET /next none", "end "])
    }

    @Test func `beyond the limit is refused without waiting for it`() {
        #expect(transcript(of: post("Content-Length: 65537")) == ["POST / length(65537)", "413"])
        #expect(transcript(of: post("Content-Length: 65536")).last == "more")
    }

    @Test func `is not framed by field names with an underscore`() {
        #expect(transcript(of: post("Content_Length: 3\r\nTransfer_Encoding: chunked")) == ["POST / none", "end "])
    }

    @Test func `may be larger if the route allows it`() {
        var parser = RequestParser()
        var position = 0
        let head = Array(post("Content-Length: 100000").utf8), body = [UInt8](repeating: 7, count: 100_000)
        guard case .head? = parser.parse(head.span, from: &position) else { return #expect(Bool(false)) }
        parser.bodyLimit = 100_000
        position = 0
        guard case .end(let taken)? = parser.parse(body.span, from: &position) else { return #expect(Bool(false)) }
        #expect(taken == body)
    }
}

struct `A chunked body` {
    @Test(arguments: [
        ("gzip", 501), ("chunked, gzip", 400), ("chunked, chunked", 400), ("chunked;q=1", 400), ("", 400), ("\"chunked\"", 400),
        ("\u{B}chunked", 400), ("chunked\u{0}", 400), ("chunked\r\nTransfer-Encoding: chunked", 400),
        ("chunked\r\nTransfer-Encoding: identity", 400), ("\r\n chunked", 400), ("xchunked", 501),
    ])
    func `has chunked as its only coding`(coding: String, status: Int) {
        #expect(refusal(of: post("Transfer-Encoding: \(coding)", "0\r\n\r\n")) == status)
    }

    @Test func `is refused with HTTP 1.0`() {
        #expect(refusal(of: "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n") == 400)
    }

    @Test func `is joined and ends with the empty chunk`() {
        #expect(transcript(of: chunked("3\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n")) == ["POST / chunked", "end abc0123456789"])
        #expect(transcript(of: post("transfer-encoding: CHUNKED", "0\r\n\r\n")) == ["POST / chunked", "end "])
    }

    @Test(arguments: [
        "0x7\r\n", "+7\r\n", "-7\r\n", "0_7\r\n", " 7\r\n", "\r\n", "g\r\n", "00000000000000007\r\n", "3\r\nabcd\r\n", "3\r\nabc0\r\n",
        "3\rabc", "3\r\nabc\rX", "3\nabc\n", "3 \r\n", "3;\r\n", "3;a\u{0}\r\n", "3;a\n\r\n", "3; a\r\n", "3;a=\r\n", "3;a=\"x\r\n",
        "3;a=b c\r\n",
    ])
    func `is refused if a chunk is invalid`(chunk: String) {
        #expect(refusal(of: chunked(chunk)) == 400)
    }

    @Test func `may have extensions, which are ignored`() {
        #expect(transcript(of: chunked("3;a;b=c;d=\"e \\\" f\"\r\nabc\r\n0;x\r\n\r\n")) == ["POST / chunked", "end abc"])
    }

    @Test func `has only limited extensions and trailers`() {
        #expect(refusal(of: chunked("3;" + String(repeating: "a", count: 65_536))) == 400)
        let many = "1;" + String(repeating: "a", count: 1000) + "\r\nx\r\n"
        #expect(refusal(of: chunked(String(repeating: many, count: 5))) == 400)
        #expect(refusal(of: chunked("0\r\nA: " + String(repeating: "a", count: 65_536))) == 431)
        #expect(refusal(of: chunked("0\r\n" + String(repeating: "A: b\r\n", count: 101))) == 431)
    }

    @Test(arguments: ["ffffffffffffffff", "10001", "7fffffffffffffff"])
    func `beyond the limit is refused at its size line`(size: String) {
        #expect(refusal(of: chunked("\(size)\r\n")) == 413)
    }

    @Test func `beyond the total limit is refused`() {
        let half = "8000\r\n" + String(repeating: "x", count: 0x8000) + "\r\n"
        #expect(transcript(of: chunked(half + half + "0\r\n\r\n")).last?.hasPrefix("end") == true)
        #expect(refusal(of: chunked(half + half + "1\r\n")) == 413)
    }

    @Test func `drops its trailers and refuses invalid ones`() throws {
        let text = chunked("0\r\nContent-Length: 5\r\nAuthorization: x\r\n\r\n") + "GET /next HTTP/1.1\r\nHost: h\r\n\r\n"
        #expect(transcript(of: text) == ["POST / chunked", "end ", "GET /next none", "end "])
        #expect(refusal(of: chunked("0\r\nA B: c\r\n\r\n")) == 400)
    }
}
