// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Testing

@testable import Store

struct `The sign-in throttle` {
    @Test(arguments: [(0, 0), (4, 0), (5, 1), (6, 2), (7, 4), (8, 8), (9, 16), (10, 32), (11, 60), (12, 60), (1_000_000, 60)] as [(Int, Int64)])
    func `asks for a wait that doubles after five attempts, up to a minute`(failures: Int, delay: Int64) {
        #expect(LoginThrottle(failures: failures, lastAt: 1_000).delay(at: 1_000) == delay)
    }

    @Test func `counts the time that has passed, and forgets after an hour`() {
        let throttle = LoginThrottle(failures: 11, lastAt: 1_000)
        #expect(throttle.delay(at: 1_059) == 1)
        #expect(throttle.delay(at: 1_060) == 0)
        #expect(throttle.delay(at: 4_600) == 0)
    }

    @Test func `does not keep anybody out for longer when the clock is set back`() {
        #expect(LoginThrottle(failures: 11, lastAt: 1_000_000).delay(at: 0) == 60)
    }

    @Test func `counts each attempt before it is made, in all its buckets`() throws {
        let hub = try TemporaryHub()
        let buckets: [LoginBucket] = [.account(email: "ada@example.org"), .address("192.0.2.7")]
        for _ in 0..<5 { #expect(try hub.write { try $0.takeLoginAttempt(buckets, at: 1_000) } == nil) }
        #expect(try hub.write { try $0.takeLoginAttempt([.account(email: "ADA@example.org")], at: 1_000) } == 1)
        #expect(try hub.write { try $0.takeLoginAttempt([.address("192.0.2.7")], at: 1_000) } == 1)
        #expect(try hub.write { try $0.takeLoginAttempt([.account(email: "eve@example.org"), .address("192.0.2.8")], at: 1_000) } == nil)
        #expect(try hub.write { try $0.takeLoginAttempt(buckets, at: 1_001) } == nil)
        #expect(try hub.write { try $0.takeLoginAttempt(buckets, at: 1_001) } == 2)
    }

    @Test func `does not count others' guesses against a known browser`() throws {
        let hub = try TemporaryHub()
        for _ in 0..<5 { _ = try hub.write { try $0.takeLoginAttempt([.account(email: "ada@example.org")], at: 1_000) } }
        #expect(
            try hub.write { try $0.takeLoginAttempt([.knownBrowser(email: "ada@example.org", browser: "b1")], at: 1_000) } == nil)
    }

    @Test func `forgets attempts after a sign-in, and on a command on the host`() throws {
        let hub = try TemporaryHub()
        let buckets: [LoginBucket] = [
            .account(email: "ada@example.org"), .knownBrowser(email: "ada@example.org", browser: "b1"), .address("192.0.2.7"),
        ]
        for _ in 0..<5 { _ = try hub.write { try $0.takeLoginAttempt(buckets, at: 1_000) } }
        try hub.write { try $0.clearLoginAttempts(buckets) }
        for _ in 0..<5 { #expect(try hub.write { try $0.takeLoginAttempt(buckets, at: 1_000) } == nil) }
        try hub.write { try $0.unlock(email: "ada@example.org", by: .system, at: 1_000) }
        #expect(try hub.write { try $0.takeLoginAttempt(buckets, at: 1_000) } == nil)
    }
}
