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
        let below = Cookie(name: "__Secure-sid", value: "abc", path: "/vpn", isSecure: true)
        #expect(below?.setting == "__Secure-sid=abc; Path=/vpn; HttpOnly; SameSite=Strict; Secure")
        #expect(Cookie(name: "sid", value: "abc", path: "/a;b", isSecure: true) == nil)
        let gone = Cookie(name: "sid", value: "", isSecure: false, sameSite: .lax, maximumAge: .zero)
        #expect(gone?.setting == "sid=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax")
    }

    @Test(arguments: ["a;b", "a b", "a\"", "a,b", "a\r\nb", "é"]) func `is not made with other characters`(value: String) {
        #expect(Cookie(name: "a", value: value, isSecure: true) == nil)
    }
}

struct `A date` {
    @Test(
        arguments: [
            (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),  // RFC 9110 5.6.7
            (0, "Thu, 01 Jan 1970 00:00:00 GMT"), (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"),
            (4_107_542_399, "Sun, 28 Feb 2100 23:59:59 GMT"), (4_107_542_400, "Mon, 01 Mar 2100 00:00:00 GMT"),
            (-1, "Wed, 31 Dec 1969 23:59:59 GMT"), (1_735_689_599, "Tue, 31 Dec 2024 23:59:59 GMT"),
        ] as [(Int64, String)])
    func `is written in the only form that servers may use`(seconds: Int64, text: String) {
        #expect(HTTPDate.format(seconds) == text)
    }
}
