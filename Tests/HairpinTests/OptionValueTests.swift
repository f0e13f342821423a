// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Testing

@testable import hairpin

@Suite struct `An option` {
    @Test func `that does not fit says which it was and what would fit`() {
        #expect {
            try OptionValue.parse("99", "wireguard", example: "[::]:51820", fallback: nil) { Endpoint($0) }
        } throws: { error in
            (error as? Failure)?.code == 64 && (error as? Failure)?.text == "--wireguard: “99” does not fit. Give something like [::]:51820."
        }
    }

    @Test func `that is given nowhere has its default`() throws {
        #expect(try OptionValue.parse(nil, "no-such-option", example: "1", fallback: 7) { Int($0) } == 7)
    }

    @Test func `to listen on takes localhost for the loopback address`() {
        #expect(OptionValue.listen("localhost:8080") == Endpoint("127.0.0.1:8080"))
        #expect(OptionValue.listen("hub.example.org:8080") == nil)
    }
}
