// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Testing

@testable import Crypto

/// Made by argon2(1): `printf 'correct horse battery' | argon2 saltsaltsaltsalt -id -t 3 -k 65536 -p 1 -l 32 -e`.
private let made = "$argon2id$v=19$m=65536,t=3,p=1$c2FsdHNhbHRzYWx0c2FsdA$wgf0snOkDG2v9OTglUkCnfKB4az55YF6iShNano0Uwk"
/// The same with `-t 2 -k 19456`.
private let weaker = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$iPOQ5f2O21FsjnBvo1AiFcDuSXciCnKUrXFO+yfgNoM"

// One after the other: each hash takes 64 MiB.
@Suite(.serialized) struct `A password hash` {
    @Test func `made here names its parameters and verifies`() throws {
        let hash = try #require(PasswordHash.make("correct horse battery"))
        #expect(hash.hasPrefix("$argon2id$v=19$m=65536,t=3,p=1$"))
        #expect(PasswordHash.verify("correct horse battery", against: hash))
        #expect(!PasswordHash.needsRehash(hash))
    }

    @Test func `differs for the same password under another salt`() {
        #expect(PasswordHash.make("correct horse battery") != PasswordHash.make("correct horse battery"))
    }

    @Test func `made by argon2 on the command line verifies`() {
        #expect(PasswordHash.verify("correct horse battery", against: made))
        #expect(!PasswordHash.verify("correct horse batterz", against: made))
    }

    @Test func `with weaker parameters verifies and asks to be replaced`() {
        #expect(PasswordHash.verify("correct horse battery", against: weaker))
        #expect(PasswordHash.needsRehash(weaker))
    }

    @Test func `uses every byte of a long password`() throws {
        let long = String(repeating: "ä", count: 128)
        let hash = try #require(PasswordHash.make(long + "1"))
        #expect(PasswordHash.verify(long + "1", against: hash))
        #expect(!PasswordHash.verify(long + "2", against: hash))
    }

    @Test(arguments: ["", "$argon2id$", "plain", made + "x"])
    func `that is damaged verifies nothing`(hash: String) {
        #expect(!PasswordHash.verify("correct horse battery", against: hash))
    }

    /// Made by libsodium from the right password, with 12 and 13 passes over 8 KiB, and with one over 256 MiB and 1 KiB.
    @Test func `that costs more than four times ours verifies nothing, so that nobody can plant one that takes minutes`() {
        let hashes = [
            "$argon2id$v=19$m=8,t=12,p=1$6iL7axPzFIoERd6AhZ9ULw$evRLApcnYufddik01gJlNQdm5anIZEBOmTg4R3fUoUI",
            "$argon2id$v=19$m=8,t=13,p=1$RZkM6JudqYBbmwsjqelJ2w$JYwieA6a56SfwagLnSBm9mGZ5ZCsYoN6yyK3bM3VIhY",
            "$argon2id$v=19$m=262145,t=1,p=1$GpbmgmgpkgRG7BcFrAAENg$mz1kGxMroZ4n1bLML5iy+B+0fMSH/0fIqyofMLj9tgg",
        ]
        #expect(hashes.map { PasswordHash.verify("correct horse battery", against: $0) } == [true, false, false])
    }

    @Test func `of a missing account takes the same work and never verifies`() {
        #expect(!PasswordHash.needsRehash(PasswordHash.dummy))
        #expect(!PasswordHash.verifyDummy("correct horse battery"))
    }

    @Test func `of an empty password verifies only the empty password`() throws {
        let hash = try #require(PasswordHash.make(""))
        #expect(PasswordHash.verify("", against: hash))
        #expect(!PasswordHash.verify(" ", against: hash))
    }
}
