// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Testing

struct `A key` {
    @Test func `that is private is clamped on load`() {
        let key = PrivateKey([UInt8](repeating: 0xFF, count: 32))
        #expect(key.map { Array($0.bytes) } == [0xF8] + Array(repeating: 0xFF, count: 30) + [0x7F])
        let zero = PrivateKey([UInt8](repeating: 0, count: 32))
        #expect(zero.map { Array($0.bytes) } == Array(repeating: 0, count: 31) + [0x40])
    }

    @Test func `is read from the text that wg(8) prints, and written in the same way`() {
        // Printed by `wg genkey` and `wg pubkey`.
        let key = PrivateKey(base64: "wKm7K56bOntFGSRaLXbTSSV738Ej2dEVPkk+moHhPXo=")
        #expect(key?.revealBase64() == "wKm7K56bOntFGSRaLXbTSSV738Ej2dEVPkk+moHhPXo=")
        #expect(key?.publicKey.base64 == "QYovln8lorc7b7nWf80HqIm/IrNnMtfEJQZiWjZbhnk=")
        #expect(key?.publicKey == PublicKey(base64: "QYovln8lorc7b7nWf80HqIm/IrNnMtfEJQZiWjZbhnk="))
    }

    @Test(arguments: [0, 31, 33])
    func `has exactly 32 bytes`(byteCount: Int) {
        let bytes = counting(byteCount)
        #expect(PrivateKey(bytes) == nil)
        #expect(PublicKey(bytes) == nil)
        #expect(PresharedKey(bytes) == nil)
        #expect(PublicKey(base64: Base64.encode(bytes)) == nil)
    }

    @Test func `that is secret is never printed`() {
        let privateKey = PrivateKey(counting(32))!
        let presharedKey = PresharedKey(counting(32))!
        var text = "\(privateKey) \([presharedKey]) \(String(reflecting: privateKey))"
        dump([privateKey], to: &text)
        dump(presharedKey, to: &text)
        #expect(text.contains("PrivateKey(hidden)"))
        #expect(text.contains("PresharedKey(hidden)"))
        // Both keys hold the byte 17.
        #expect(!text.contains("17"))
    }

    @Test func `differs from a key with one bit changed`() {
        for index in 0..<32 {
            var other = counting(32)
            other[index] ^= 0x20
            #expect(PublicKey(other) != PublicKey(counting(32)))
            #expect(PresharedKey(other) != PresharedKey(counting(32)))
            #expect(PrivateKey(other) != PrivateKey(counting(32)))
        }
    }

    @Test func `that is generated is different each time`() {
        #expect(PrivateKey.generate() != PrivateKey.generate())
        #expect(PresharedKey.generate() != PresharedKey.generate())
    }

    @Test func `that is public is ordered by its bytes`() {
        let low = PublicKey([UInt8](repeating: 0, count: 31) + [0xFF])!
        let high = PublicKey([1] + [UInt8](repeating: 0, count: 31))!
        #expect(low < high)
        #expect(!(high < low))
    }
}
