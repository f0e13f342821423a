// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Testing

@testable import Store

struct `A secret token` {
    @Test func `has the form hub, kind, 43 digits and a checksum of 6`() throws {
        let text = SecretToken.generate(.api).reveal()
        #expect(text.wholeMatch(of: /hub_api_[0-9A-Za-z]{49}/) != nil)
        #expect(SecretToken(text, kind: .api)?.reveal() == text)
        #expect(SecretToken.generate(.api).reveal() != text)
    }

    @Test func `of one kind is not valid as another`() {
        #expect(SecretToken(SecretToken.generate(.session).reveal(), kind: .api) == nil)
    }

    @Test func `with any character changed is invalid`() {
        let text = Array(SecretToken.generate(.link).reveal())
        for position in text.indices {
            var changed = text
            changed[position] = changed[position] == "a" ? "b" : "a"
            guard changed != text else { continue }
            #expect(SecretToken(String(changed), kind: .link) == nil, "position \(position)")
        }
        #expect(SecretToken(String(text.dropLast()), kind: .link) == nil)
        #expect(SecretToken("", kind: .link) == nil)
        #expect(SecretToken("hub_link_é", kind: .link) == nil)
    }

    @Test func `prints nothing but its kind`() {
        #expect("\(SecretToken.generate(.setup))" == "SecretToken(setup, hidden)")
    }

    // 2^256 - 1 and 62 by hand, and the check value of the CRC catalogue.
    @Test func `counts in base 62 and checks with CRC-32`() {
        #expect(SecretToken.base62([0, 62], digitCount: 3) == "010")
        #expect(SecretToken.base62([UInt8](repeating: 0, count: 32), digitCount: 43) == String(repeating: "0", count: 43))
        #expect(SecretToken.base62([UInt8](repeating: 255, count: 4), digitCount: 6) == "4gfFC3")
        #expect(CRC32.checksum("123456789".utf8) == 0xCBF4_3926)
    }
}
