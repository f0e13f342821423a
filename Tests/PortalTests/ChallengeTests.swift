// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Testing

@testable import Portal

@Suite struct `A challenge` {
    private let challenges = Challenges(signer: Signer(hubKey: .generate()))

    @Test func `is valid once, for its owner, and for five minutes`() {
        let challenge = challenges.make(for: "a", at: World.start)
        #expect(!challenges.spend(challenge, for: "b", at: World.start))
        #expect(!challenges.spend(challenge, for: "a", at: World.start.adding(seconds: 301)))
        #expect(!challenges.spend(challenge, for: "a", at: World.start.adding(seconds: -1)))
        #expect(challenges.spend(challenge, for: "a", at: World.start.adding(seconds: 300)))
        #expect(!challenges.spend(challenge, for: "a", at: World.start.adding(seconds: 300)))
    }

    @Test func `cannot be made up`() {
        let challenge = challenges.make(for: "a", at: World.start)
        for position in challenge.indices {
            var changed = challenge
            changed[position] ^= 1
            #expect(!challenges.spend(changed, for: "a", at: World.start))
        }
        #expect(!challenges.spend([], for: "a", at: World.start))
        #expect(!Challenges(signer: Signer(hubKey: .generate())).spend(challenge, for: "a", at: World.start))
    }
}
