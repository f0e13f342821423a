// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import HTTP
import Testing

struct `A cookie` {
    private func request(_ lines: String...) throws -> Request {
        try Request(text: "GET / HTTP/1.1\r\nHost: h\r\n\(lines.map { "Cookie: \($0)\r\n" }.joined())\r\n")
    }

    @Test func `is found by its exact name`() throws {
        #expect(try request("a=1; __Host-sid=x=y ;b=").cookie("__Host-sid") == "x=y")
        #expect(try request("SID=1").cookie("sid") == nil)
        #expect(try request("sid").cookie("sid") == nil)
    }

    @Test func `that occurs twice is ignored`() throws {
        #expect(try request("sid=1; sid=2").cookie("sid") == nil)
        #expect(try request("sid=1", "sid=1").cookie("sid") == nil)
    }

    @Test func `is set for the whole site and hidden from scripts`() {
        let cookie = Cookie(name: "__Host-sid", value: "abc", isSecure: true)
        #expect(cookie?.setting == "__Host-sid=abc; Path=/; HttpOnly; SameSite=Strict; Secure")
        let gone = Cookie(name: "sid", value: "", isSecure: false, sameSite: .lax, maximumAge: .zero)
        #expect(gone?.setting == "sid=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax")
    }

    @Test(arguments: ["a;b", "a b", "a\"", "a,b", "a\r\nb", "é"]) func `is not made with other characters`(value: String) {
        #expect(Cookie(name: "a", value: value, isSecure: true) == nil)
    }
}
