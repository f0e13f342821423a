// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import HTTP
import Linux
import Net
import Store
import Synchronization
import Words

/// The only way to Argon2id. One run takes a quarter of a second and 64 MiB, so a flood of sign-ins would exhaust processor and memory: two
/// run at once, and eight wait.
///
/// Those who wait go in the order of their claims, not of their arrival: people the hub knows first, then strangers by the failed attempts of
/// their source. When all eight places are taken, the worst claim is refused. So a flood of wrong guesses displaces itself, and somebody new
/// with the right password goes next. People the hub knows have one place to run and one to wait for each account, so none of them can take all
/// places. Thread rule: any worker thread; blocks while it waits.
final class PasswordGate: Sendable {
    static let maximumRunning = 2
    static let maximumWaiting = 8
    /// The time between two checks for an account or a network with many failures. Limits what many sources can guess together to 1,800 an
    /// hour for each account.
    static let pace: Duration = .seconds(2)

    /// Who asks, for the order of those who wait.
    struct Claim {
        /// Failed attempts of the source; negative for people whom the hub knows. The lowest goes first.
        var debt: Int
        /// What has had many failures. Only one claim in each `pace` passes for each of these.
        var paced: Set<LoginBucket> = []
        /// The account of somebody whom the hub knows. One claim of each account runs at a time, and one waits.
        var account: String?

        /// Somebody who holds the set-up link.
        static let known = Claim(debt: -1)

        /// Somebody who is signed in to this account, or signs in to it with a browser that did before.
        static func known(of email: String) -> Claim { Claim(debt: -1, account: FoldedName.of(email)) }
    }

    private struct Waiter {
        let number: Int
        let claim: Claim
        let turn: Turn
    }

    /// How a thread learns that it may run, or that it must give way.
    private final class Turn: Sendable {
        enum Answer { case run, giveWay }
        let signal: EventDescriptor
        let answer = Mutex<Answer?>(nil)

        init() throws(Errno) { signal = try EventDescriptor() }

        func give(_ answer: Answer) {
            self.answer.withLock { $0 = answer }
            signal.signal()
        }
    }

    private struct State {
        var running = 0
        /// Of those, strangers with failed attempts. One place is kept free of them.
        var indebted = 0
        /// Of those, the accounts of people whom the hub knows.
        var accounts: Set<String> = []
        var arrivals = 0
        var waiting: [Waiter] = []
        var nextTurn: [LoginBucket: ContinuousClock.Instant] = [:]

        func mayRun(_ claim: Claim, at now: ContinuousClock.Instant) -> Bool {
            running < maximumRunning && (claim.debt <= 0 || indebted < maximumRunning - 1)
                && claim.paced.allSatisfy { nextTurn[$0].map { $0 <= now } ?? true }
                && claim.account.map { !accounts.contains($0) } ?? true
        }

        mutating func start(_ claim: Claim, at now: ContinuousClock.Instant, pace: Duration) {
            running += 1
            if claim.debt > 0 { indebted += 1 }
            if let account = claim.account { accounts.insert(account) }
            nextTurn = nextTurn.filter { $0.value > now }
            for bucket in claim.paced { nextTurn[bucket] = now.advanced(by: pace) }
        }
    }

    private let state = Mutex(State())
    private let pace: Duration

    init(pace: Duration = PasswordGate.pace) { self.pace = pace }

    /// How many run or wait.
    var count: Int { state.withLock { $0.running + $0.waiting.count } }

    /// Throws 503, before any work, if all places are taken by better claims or those of the claim's account are taken.
    func pass<Result>(as claim: Claim, _ work: () -> Result) throws(HTTPError) -> Result {
        try enter(claim)
        defer { leave(claim) }
        return work()
    }

    /// The hash of a new password. Throws 503 if there is no place or memory is short.
    func hash(_ password: String, as claim: Claim) throws(HTTPError) -> String {
        guard let hash = try pass(as: claim, { PasswordHash.make(password) }) else {
            throw .busy("There is not enough memory to protect the password. Try again in a moment.")
        }
        return hash
    }

    private func enter(_ claim: Claim) throws(HTTPError) {
        let busy = HTTPError.busy("Too many people are signing in at once. Try again in a few seconds.", retryAfter: 5)
        guard let turn = try? Turn() else { throw busy }
        let isAdmitted = state.withLock { state in
            guard claim.account == nil || !state.waiting.contains(where: { $0.claim.account == claim.account }) else { return false }
            state.arrivals += 1
            state.waiting.append(Waiter(number: state.arrivals, claim: claim, turn: turn))
            letNextRun(&state)
            if state.waiting.count > Self.maximumWaiting {
                state.waiting.remove(at: Self.worst(of: state.waiting)).turn.give(.giveWay)
            }
            return true
        }
        guard isAdmitted else { throw busy }
        while true {
            // A paced claim looks again by itself, because nobody may leave at the moment when its time has come.
            turn.signal.wait(atMost: claim.paced.isEmpty ? nil : .milliseconds(50))
            switch turn.answer.withLock({ $0 }) {
            case .run: return
            case .giveWay: throw busy
            case nil: state.withLock { letNextRun(&$0) }
            }
        }
    }

    private func leave(_ claim: Claim) {
        state.withLock { state in
            state.running -= 1
            if claim.debt > 0 { state.indebted -= 1 }
            if let account = claim.account { state.accounts.remove(account) }
            letNextRun(&state)
        }
    }

    private func letNextRun(_ state: inout State) {
        let now = ContinuousClock.now
        while let next = state.waiting.indices.filter({ state.mayRun(state.waiting[$0].claim, at: now) })
            .min(by: { Self.goesBefore(state.waiting[$0], state.waiting[$1]) })
        {
            let waiter = state.waiting.remove(at: next)
            state.start(waiter.claim, at: now, pace: pace)
            waiter.turn.give(.run)
        }
    }

    private static func goesBefore(_ a: Waiter, _ b: Waiter) -> Bool { (a.claim.debt, a.number) < (b.claim.debt, b.number) }

    /// The waiter that must give way. Among people whom the hub knows it is the last one. Among strangers with the same debt chance decides;
    /// otherwise those who came first could hold all places.
    private static func worst(of waiting: [Waiter]) -> Int {
        let debt = waiting.map(\.claim.debt).max() ?? 0
        let worst = waiting.indices.filter { waiting[$0].claim.debt == debt }
        return (debt < 0 ? worst.last : worst.randomElement()) ?? waiting.count - 1
    }
}
