// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Testing

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
