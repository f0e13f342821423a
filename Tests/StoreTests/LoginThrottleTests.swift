// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Support
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
        let buckets: [LoginBucket] = [.codes(email: "ada@example.org"), .source("192.0.2.7/32")]
        for _ in 0..<5 { #expect(try hub.wait(buckets, at: 1_000) == nil) }
        #expect(try hub.wait([.codes(email: "ADA@example.org")], at: 1_000) == 1)
        #expect(try hub.wait([.source("192.0.2.7/32")], at: 1_000) == 1)
        #expect(try hub.wait([.codes(email: "eve@example.org"), .source("192.0.2.8/32")], at: 1_000) == nil)
        #expect(try hub.wait(buckets, at: 1_001) == nil)
        #expect(try hub.wait(buckets, at: 1_001) == 2)
    }

    /// Strangers share these, and one of them could keep everybody else out.
    @Test(arguments: [LoginBucket.account(email: "ada@example.org"), .network("192.0.2.0/24"), .network("2001:db8:1::/48")])
    func `makes nobody wait for what others did to an account or in a network, and counts it`(bucket: LoginBucket) throws {
        let hub = try TemporaryHub()
        for number in 0..<60 {
            let standing = try hub.write { try $0.takeLoginAttempt([bucket], at: 1_000) }
            #expect(standing.wait == 0)
            #expect(standing.failures[bucket, default: 0] == number)
        }
    }

    @Test func `does not count others' guesses against a known browser`() throws {
        let hub = try TemporaryHub()
        for _ in 0..<5 { _ = try hub.wait([.codes(email: "ada@example.org")], at: 1_000) }
        #expect(try hub.wait([.browser(email: "ada@example.org", id: "b1")], at: 1_000) == nil)
    }

    @Test func `forgets attempts after a sign-in, and on a command on the host`() throws {
        let hub = try TemporaryHub()
        let buckets: [LoginBucket] = [.browser(email: "ada@example.org", id: "b1")]
        for _ in 0..<5 { _ = try hub.wait(buckets, at: 1_000) }
        try hub.write { try $0.returnLoginAttempt(buckets) }
        for _ in 0..<5 { #expect(try hub.wait(buckets, at: 1_000) == nil) }
        try hub.write { try $0.unlock(email: "ada@example.org", by: .system, at: 1_000) }
        #expect(try hub.wait(buckets, at: 1_000) == nil)
    }

    @Test func `counts codes from all known browsers of an account together, until one of them signs in`() throws {
        let hub = try TemporaryHub()
        let codes: [LoginBucket] = [.browserCodes(email: "ada@example.org")]
        for _ in 0..<20 { #expect(try hub.wait(codes, at: 1_000) == nil) }
        #expect(try hub.wait([.browserCodes(email: "Ada@example.org")], at: 1_000) == 1)
        #expect(try hub.wait([.browserCodes(email: "eve@example.org")], at: 1_000) == nil)
        try hub.write { try $0.returnLoginAttempt(codes) }
        for _ in 0..<20 { #expect(try hub.wait(codes, at: 1_000) == nil) }
    }

    @Test func `takes back an attempt that was not made, and no other`() throws {
        let hub = try TemporaryHub()
        let buckets: [LoginBucket] = [.browser(email: "ada@example.org", id: "b1"), .source("192.0.2.7/32")]
        for _ in 0..<5 { #expect(try hub.wait(buckets, at: 1_000) == nil) }
        try hub.write { try $0.withdrawLoginAttempt(buckets) }
        #expect(try hub.wait(buckets, at: 1_000) == nil)
        #expect(try hub.wait(buckets, at: 1_000) == 1)
    }

    /// Otherwise somebody who has an account could guess at others' for ever.
    @Test func `does not forget what a source did when somebody signs in there`() throws {
        let hub = try TemporaryHub()
        let source: [LoginBucket] = [.source("192.0.2.7/32")]
        for _ in 0..<4 { _ = try hub.wait(source, at: 1_000) }
        for _ in 0..<3 {
            #expect(try hub.wait(source, at: 1_000) == nil)
            try hub.write { try $0.returnLoginAttempt(source) }
        }
        #expect(try hub.wait(source, at: 1_000) == nil)
        #expect(try hub.wait(source, at: 1_000) == 1)
    }

    @Test func `keeps keys of one size and a bounded number of rows, whatever strangers choose`() throws {
        let hub = try TemporaryHub()
        let long = String(repeating: "x", count: 7_900)
        for number in 0..<100 { #expect(try hub.wait([.account(email: "\(long)\(number)")], at: 1_000) == nil) }
        let count = { (condition: String) in
            try hub.read { try $0.connection.first("SELECT count(*) FROM login_attempts WHERE \(condition)") { try $0.integer() } } ?? 0
        }
        #expect(try (95...100).contains(count("length(key) = 16 AND slot BETWEEN 0 AND 65535")))
        #expect(try count("length(key) <> 16") == 0)
    }

    /// With a full table, an attempt costs what it costs with an empty one.
    @Test func `finds its rows without a scan`() throws {
        let hub = try TemporaryHub()
        try hub.write {
            try $0.connection.execute(
                """
                WITH RECURSIVE slots (slot) AS (SELECT 0 UNION ALL SELECT slot + 1 FROM slots WHERE slot < 65535)
                INSERT INTO login_attempts SELECT slot, randomblob(16), 7, 900 FROM slots
                """)
        }
        let plans = try hub.read { db in
            try ["SELECT failures FROM login_attempts WHERE slot = 1 AND key = x'00'", "DELETE FROM login_attempts WHERE slot = 1 AND key = x'00'"]
                .flatMap { sql in
                    try db.connection.all("EXPLAIN QUERY PLAN \(sql)") { row in
                        (try row.integer(), try row.integer(), try row.integer(), try row.text()).3
                    }
                }
        }
        #expect(plans.count == 2, "\(plans)")
        #expect(plans.allSatisfy { $0.hasPrefix("SEARCH login_attempts USING INTEGER PRIMARY KEY") }, "\(plans)")
        let buckets: [LoginBucket] = [.source("192.0.2.7/32"), .network("192.0.2.0/24"), .account(email: "ada@example.org")]
        #expect(try hub.wait(buckets, at: 1_000) == nil)
        #expect(try hub.read { try $0.connection.first("SELECT count(*) FROM login_attempts") { try $0.integer() } } == 65_536)
        #expect(try hub.write { try $0.takeLoginAttempt(buckets, at: 1_000) }.failures.values.allSatisfy { $0 == 1 })
    }

    @Test func `answers who must wait without the write lock`() throws {
        let hub = try TemporaryHub()
        let buckets: [LoginBucket] = [.source("192.0.2.7/32")]
        for _ in 0..<5 { _ = try hub.wait(buckets, at: 1_000) }
        #expect(try hub.read { try $0.loginWait(buckets, at: 1_000) } == 1)
        #expect(try hub.read { try $0.loginWait(buckets, at: 1_001) } == nil)
        // The clock was set back: the row has to be put right first.
        #expect(try hub.read { try $0.loginWait(buckets, at: 10) } == nil)
    }
}

extension TemporaryHub {
    /// Seconds to wait for an attempt; nil if it was counted.
    func wait(_ buckets: [LoginBucket], at now: UnixTime) throws -> Int64? {
        let wait = try write { try $0.takeLoginAttempt(buckets, at: now) }.wait
        return wait == 0 ? nil : wait
    }
}
