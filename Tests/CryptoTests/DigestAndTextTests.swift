// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Testing

@testable import Crypto

struct `Base64 text` {
    /// RFC 4648 section 10.
    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"),
        ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"),
    ])
    func `is encoded and decoded`(plain: String, encoded: String) {
        #expect(Base64.encode(Array(plain.utf8)) == encoded)
        #expect(Base64.decode(encoded) == Array(plain.utf8))
    }

    @Test(arguments: [
        "Zg", "Zg=", "Zg===", "=", "====", "Z===",  // wrong padding
        "Zh==", "Zm9=",  // bits that are lost
        "Zm9-", "Zm_v", "Zm9\u{E9}", "Zm\u{0}v",  // characters outside the alphabet
        " Zm9v", "Zm9v\n", "Zm9v    ", "Zg==Zg==",  // anything around it
    ])
    func `is refused in any other spelling`(text: String) {
        #expect(Base64.decode(text) == nil)
    }
}

struct `A SHA-256 digest` {
    // FIPS 180-4 examples: "abc" and the empty message.
    @Test func `of abc matches the standard`() {
        #expect(hex(Digest.sha256("abc")) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    }

    @Test func `of the empty message matches the standard`() {
        #expect(hex(Digest.sha256([])) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    }

    private func hex(_ bytes: [UInt8]) -> String {
        bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }
}
