// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Testing

@testable import Crypto

struct `A secret box` {
    let box = SecretBox(key: [UInt8](repeating: 7, count: 32))!

    @Test func `opens what it sealed for the same place`() throws {
        let sealed = box.seal([1, 2, 3], for: "devices/a/private_key")
        #expect(try box.open(sealed, for: "devices/a/private_key") == [1, 2, 3])
    }

    @Test func `opens an empty secret`() throws {
        #expect(try box.open(box.seal([], for: "a"), for: "a") == [])
    }

    @Test func `seals the same secret differently each time`() {
        #expect(box.seal([1, 2, 3], for: "a") != box.seal([1, 2, 3], for: "a"))
    }

    @Test func `refuses a value that was moved elsewhere`() {
        let sealed = box.seal([1, 2, 3], for: "devices/a/private_key")
        #expect(throws: SecretBox.OpenError.damaged) { try box.open(sealed, for: "devices/b/private_key") }
    }

    @Test func `refuses a value with any byte changed`() {
        let sealed = box.seal([1, 2, 3], for: "a")
        for position in sealed.indices {
            var changed = sealed
            changed[position] ^= 1
            #expect(throws: SecretBox.OpenError.self) { try box.open(changed, for: "a") }
        }
    }

    @Test func `refuses a truncated value`() {
        let sealed = box.seal([1, 2, 3], for: "a")
        for length in sealed.indices {
            #expect(throws: SecretBox.OpenError.self) { try box.open(Array(sealed.prefix(length)), for: "a") }
        }
    }

    @Test func `names the key that another box used`() throws {
        let other = try #require(SecretBox(key: SecretBox.generateKey()))
        #expect(throws: SecretBox.OpenError.otherKey(id: other.keyID)) { try box.open(other.seal([1], for: "a"), for: "a") }
    }

    @Test func `accepts only a key of 32 bytes`() {
        #expect(SecretBox(key: [UInt8](repeating: 7, count: 31)) == nil)
        #expect(SecretBox(key: [UInt8](repeating: 7, count: 33)) == nil)
    }

    @Test func `prints no key`() {
        #expect("\(box)" == "SecretBox(key \(box.keyID))")
        #expect(box.keyID.count == 8)
    }
}
