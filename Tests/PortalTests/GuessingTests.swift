// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Foundation
import HTTP
import Net
import Store
import Synchronization
import Testing

@testable import Portal

/// Strangers guess while the owner of the account signs in from a browser that is new to the hub.
@Suite struct `Guesses of strangers` {
    private static let email = "ada@example.org"

    private func browser(_ hub: TestSite, at address: String) throws -> Browsing {
        let browser = Browsing(hub.site)
        browser.address = try #require(IPAddress(address))
        return browser
    }

    private func signIn(_ browser: Browsing, _ password: String) throws -> Answer {
        try browser.post("/login", ["email": Self.email, "password": password, "next": ""])
    }

    /// Wrong guesses as the hub has counted them, without the time that their hashes take.
    private func guess(_ hub: TestSite, from addresses: [String], times: Int) throws {
        for address in addresses {
            let address = try #require(IPAddress(address))
            let source = try #require(IPPrefix(address, length: address.isV4 ? 32 : 64))
            let network = try #require(IPPrefix(address, length: address.isV4 ? 24 : 48))
            let buckets: [LoginBucket] = [.source(source), .network(network), .account(email: Self.email)]
            try hub.database.write { for _ in 0..<times { _ = try $0.takeLoginAttempt(buckets, at: World.start) } }
        }
    }

    @Test(arguments: ["203.0.113.9", "198.51.100.200", "2001:db8:1:ffff::9"])
    func `never keep out the right password, not even from a network of theirs`(owner: String) throws {
        let hub = try TestSite(passwordHash: `Signing in`.hash)
        try guess(hub, from: (0..<60).map { "198.51.100.\($0)" } + (0..<60).map { "2001:db8:1:\($0)::1" }, times: 6)
        let began = ContinuousClock.now
        #expect(try signIn(browser(hub, at: owner), `Signing in`.password).status == 303)
        #expect(ContinuousClock.now - began < .seconds(5))
    }

    @Test func `cost their own source a wait, an IPv6 network of a customer as one`() throws {
        let hub = try TestSite(passwordHash: `Signing in`.hash)
        try guess(hub, from: ["198.51.100.7", "2001:db8:1:2::1"], times: 5)
        for address in ["198.51.100.7", "2001:db8:1:2::1", "2001:db8:1:2:ffff::9"] {
            let answer = try signIn(browser(hub, at: address), `Signing in`.password)
            #expect(answer.status == 429, "\(address)")
            #expect(answer.response.fields["Retry-After"] == "1", "\(address)")
        }
    }

    /// An insider signs in to an account of their own between guesses at another.
    @Test func `are not forgotten when their source signs in`() throws {
        let hub = try TestSite(passwordHash: `Signing in`.hash)
        try guess(hub, from: ["198.51.100.7"], times: 4)
        #expect(try signIn(browser(hub, at: "198.51.100.7"), `Signing in`.password).status == 303)
        #expect(try signIn(browser(hub, at: "198.51.100.7"), "wrong wrong wrong").status == 422)
        #expect(try signIn(browser(hub, at: "198.51.100.7"), "wrong wrong wrong").status == 429)
    }

    /// Somebody who knows the password guesses codes from many addresses.
    @Test func `at codes are counted for the account, and a recovery code works meanwhile`() throws {
        let hub = try TestSite(passwordHash: `Signing in`.hash)
        let (id, app) = (try hub.database.read { try $0.accounts()[0].id }, TOTP.generate())
        let codes = try hub.database.write {
            try $0.setTOTP(app, ofAccount: id, usedStep: 0, by: .system, at: World.start)
            return try $0.makeRecoveryCodes(ofAccount: id, by: .system, at: World.start)
        }
        for number in 0..<5 {
            let stranger = try browser(hub, at: "198.51.\(number).7")
            #expect(try signIn(stranger, `Signing in`.password).location?.hasPrefix("/login/code") == true)
            #expect(try stranger.post("/login/code", ["code": "000000"]).status == 422)
        }
        let owner = try browser(hub, at: "203.0.113.9")
        #expect(try signIn(owner, `Signing in`.password).location?.hasPrefix("/login/code") == true)
        let refused = try owner.post("/login/code", ["code": app.code(step: World.start.seconds / TOTP.period)])
        #expect(refused.status == 429)
        #expect(refused.response.fields["Retry-After"] == "1")
        #expect(try owner.post("/login/code", ["code": codes[0]]).status == 303)
    }

    /// The right password, while all places at the hash are taken.
    @Test func `do not count if the hub was too busy to check them`() throws {
        let hub = try TestSite(passwordHash: `Signing in`.hash)
        let crowd = Crowd(at: hub.site.gate)
        for number in 0..<10 { crowd.send("\(number)", debt: -1) }
        crowd.wait { crowd.count == 10 }
        for _ in 0..<6 { #expect(try signIn(browser(hub, at: "203.0.113.9"), `Signing in`.password).status == 503) }
        crowd.end(10)
        #expect(try signIn(browser(hub, at: "203.0.113.9"), `Signing in`.password).status == 303)
    }

    @Test func `that flood the log of audits are counted there`() throws {
        let hub = try TestSite()
        for number in 0..<40 {
            let browser = try browser(hub, at: "198.51.\(number).7")
            let junk = ["credential": "AAAA", "client_data": "AAAA", "authenticator_data": "AAAA", "signature": "AAAA", "next": ""]
            #expect(try browser.post("/login/passkey", on: "/login", junk).status == 422)
        }
        hub.site.stop()
        let entries = try hub.database.read { try $0.auditEntries(limit: 100) }
        #expect(entries.count { $0.action == "login.refused" } == RefusalTally.signInEntries)
        #expect(entries.first { $0.action == "request.refused" }?.after?.contains(#""sign_ins":"10""#) == true)
    }
}

/// Threads that hold a gate, and what became of them.
private final class Crowd: Sendable {
    private let gate: PasswordGate
    let passed = Mutex<[String]>([])
    let refused = Mutex<[String]>([])
    private let (leave, left) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))

    var count: Int { gate.count }

    init(pace: Duration = PasswordGate.pace) { gate = PasswordGate(pace: pace) }

    init(at gate: PasswordGate) { self.gate = gate }

    func send(_ name: String, debt: Int, paced: Set<LoginBucket> = [], holds: Bool = true) {
        send(name, PasswordGate.Claim(debt: debt, paced: paced), holds: holds)
    }

    func send(_ name: String, _ claim: PasswordGate.Claim, holds: Bool = true) {
        Thread.detachNewThread { [self] in
            do {
                try gate.pass(as: claim) {
                    passed.withLock { $0.append(name) }
                    if holds { leave.wait() }
                }
            } catch { refused.withLock { $0.append(name) } }
            left.signal()
        }
    }

    func wait(_ isDone: () -> Bool) { for _ in 0..<20_000 where !isDone() { Thread.sleep(forTimeInterval: 0.001) } }

    func end(_ count: Int) {
        for _ in 0..<count { leave.signal() }
        for _ in 0..<count { left.wait() }
    }
}

@Suite struct `The order at the password hash` {
    @Test func `puts somebody new before those who guessed, and turns one of them away`() throws {
        let crowd = Crowd()
        for number in 0..<2 { crowd.send("running \(number)", debt: 0) }
        crowd.wait { crowd.count == 2 }
        for number in 0..<8 { crowd.send("guesser \(number)", debt: 3) }
        crowd.wait { crowd.count == 10 }
        crowd.send("owner", debt: 0)
        crowd.wait { crowd.refused.withLock { $0.count } == 1 }
        crowd.send("late guesser", debt: 4)
        crowd.wait { crowd.refused.withLock { $0.count } == 2 }
        let refused = crowd.refused.withLock { $0 }
        try #require(refused.count == 2)
        #expect(refused[0].hasPrefix("guesser"))
        #expect(refused[1] == "late guesser")
        crowd.end(1)
        crowd.wait { crowd.passed.withLock { $0.count } == 3 }
        #expect(crowd.passed.withLock { $0.last } == "owner")
        crowd.end(11)
    }

    /// A viewer, or somebody with a stolen cookie, sends many sign-ins at once.
    @Test func `gives each account that the hub knows one place to run and one to wait`() {
        let crowd = Crowd()
        for number in 0..<4 { crowd.send("eve \(number)", .known(of: "eve@example.org")) }
        crowd.wait { crowd.refused.withLock { $0.count } == 2 }
        #expect(crowd.count == 2 && crowd.passed.withLock { $0.count } == 1)
        crowd.send("ada", .known(of: "ada@example.org"))
        crowd.wait { crowd.passed.withLock { $0.count } == 2 }
        #expect(crowd.passed.withLock { $0.last } == "ada")
        crowd.send("Eve", .known(of: "Eve@example.org"))
        crowd.wait { crowd.refused.withLock { $0.count } == 3 }
        crowd.end(6)
        #expect(crowd.refused.withLock { $0.count } == 3)
    }

    @Test func `keeps a place free of guessers`() {
        let crowd = Crowd()
        for number in 0..<4 { crowd.send("guesser \(number)", debt: 1) }
        crowd.wait { crowd.count == 4 }
        Thread.sleep(forTimeInterval: 0.05)
        #expect(crowd.passed.withLock { $0.count } == 1)
        crowd.send("owner", debt: 0)
        crowd.wait { crowd.passed.withLock { $0.count } == 2 }
        #expect(crowd.passed.withLock { $0.last } == "owner")
        crowd.end(5)
    }

    @Test func `lets one attempt in each pace through for an account that many guess at, the newest source first`() throws {
        let crowd = Crowd(pace: .milliseconds(300))
        let account: Set<LoginBucket> = [.account(email: "ada@example.org")]
        let began = ContinuousClock.now
        for number in 0..<4 { crowd.send("bot \(number)", debt: 2, paced: account, holds: false) }
        crowd.wait { crowd.passed.withLock { $0.count } == 1 }
        crowd.send("owner", debt: 0, paced: account, holds: false)
        crowd.send("bert", debt: 0, holds: false)
        crowd.wait { crowd.passed.withLock { $0.count } == 3 }
        let passed = crowd.passed.withLock { $0 }
        try #require(passed.count == 3, "\(passed)")
        #expect(passed[1...] == ["bert", "owner"], "\(passed)")
        #expect(ContinuousClock.now - began >= .milliseconds(300))
        crowd.wait { crowd.passed.withLock { $0.count } == 6 }
        #expect(ContinuousClock.now - began >= .milliseconds(1_200))
        crowd.end(6)
    }
}
