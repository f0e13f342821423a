// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import HTTP
import Testing
import Words

@testable import HTTP

struct `A form` {
    private func form(_ body: String, type: String = "application/x-www-form-urlencoded") throws -> Form {
        let head = "POST / HTTP/1.1\r\nHost: h\r\nContent-Type: \(type)\r\n\r\n"
        return try Form(try Request(text: head, body: Array(body.utf8)), names: ["name", "note"])
    }

    private func status(_ body: String, type: String = "application/x-www-form-urlencoded") -> Int? {
        do {
            _ = try form(body, type: type)
            return nil
        } catch {
            return (error as? HTTPError)?.status.code
        }
    }

    @Test func `is decoded once, with plus as space`() throws {
        let form = try form("name=a+b%2Bc%253D&note=%C3%A9")
        #expect(form["name"] == "a b+c%3D")
        #expect(form["note"] == "é")
    }

    @Test func `distinguishes an empty field from one that was not sent`() throws {
        #expect(try form("name=")["name"] == "")
        #expect(try form("name")["name"] == "")
        #expect(try form("")["name"] == nil)
    }

    @Test(arguments: [
        "name=a&name=b", "other=a", "name=%zz", "name=%2", "name=%00", "name=%ff", "name=\u{0}", "=a",
        "name=" + String(repeating: "a", count: 8193), String(repeating: "a", count: 65) + "=b",
    ])
    func `is refused if a field is ambiguous, unknown or cannot be decoded`(body: String) {
        #expect(status(body) == 400)
    }

    @Test func `has at most 200 pairs`() {
        #expect(status((0...200).map { "f\($0)=" }.joined(separator: "&")) == 400)
    }

    @Test func `has only one content type`() {
        #expect(status("name=a", type: "Application/X-WWW-Form-Urlencoded; charset=UTF-8") == nil)
        #expect(status("name=a", type: "text/plain") == 415)
        #expect(status("name=a", type: "application/x-www-form-urlencoded; charset=latin1") == 415)
        #expect(status("name=a", type: "application/x-www-form-urlencoded\r\nContent-Type: text/plain") == 415)
    }
}

struct `A query` {
    @Test func `keeps pairs in their order`() throws {
        let query = try Request(text: "GET /?a=1&b=&a=2&&c HTTP/1.1\r\nHost: h\r\n\r\n").query
        #expect(query["a"] == "1")
        #expect(query.all("a") == ["1", "2"])
        #expect(query.pairs.map(\.name) == ["a", "b", "a", "c"])
        #expect(query["d"] == nil)
    }

    @Test(arguments: ["a&", "&&&&&&&&a&"])
    func `is not split beyond its limit of pairs`(part: String) {
        let body = Array(String(repeating: part, count: (16 << 20) / part.utf8.count).utf8)
        let time = ContinuousClock().measure {
            #expect(throws: HTTPError.self) { try Query(decoding: body[...]) }
        }
        #expect(time < .milliseconds(300))
    }
}

@Suite struct `A body of JSON` {
    @Test func `of a request needs its content type`() throws {
        let head = "POST / HTTP/1.1\r\nHost: h\r\nContent-Type:"
        #expect(try Request(text: "\(head) application/json\r\n\r\n", body: Array("1".utf8)).json() == 1)
        let form = try Request(text: "\(head) text/plain\r\n\r\n", body: Array("1".utf8))
        #expect(throws: HTTPError.self) { try form.json() }
    }
}
