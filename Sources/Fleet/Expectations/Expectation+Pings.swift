// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net

/// How an expectation is tested with pings through the tunnels of both devices. Only for what must be reached: the hub itself keeps everything
/// else apart, which a ping could not show.
public struct ExpectationPings: Sendable {
    /// Two devices to test, with their echoes.
    public struct Pair: Sendable {
        let from: String
        let to: String
        /// The echoes to send.
        public let echoes: [LinkTest.Echo]
    }

    /// The most pairs of one expectation.
    static let maximumPairs = 20

    /// The pairs to test.
    public let pairs: [Pair]
    /// Pairs that are left out, because there are too many.
    private let skipped: Int

    /// Nil for an expectation that cannot be tested.
    public init?(_ expectation: Expectation, in overview: Overview) {
        guard expectation.isReached else { return nil }
        let devices = { (side: Expectation.Side) -> [Device] in
            switch side {
            case .device(let id): overview.index[id].map { [$0] } ?? []
            case .tag(let tag): overview.devices.filter { $0.tags.contains(tag) && $0.isActive(at: overview.now) }
            case .address(let address): overview.reachability.owner(of: address).map { [$0] } ?? []
            }
        }
        var address: IPAddress?
        if case .address(let wanted) = expectation.to { address = wanted }
        var (pairs, count): ([Pair], Int) = ([], 0)
        let to = devices(expectation.to)
        for from in devices(expectation.from) {
            for to in to where to.id != from.id {
                count += 1
                guard pairs.count < Self.maximumPairs else { continue }
                let echoes = LinkTest.echoes(between: from, and: to, address: address, over: overview.defaults).map {
                    LinkTest.Echo(key: $0.key, source: $0.source, destination: $0.destination)
                }
                pairs.append(Pair(from: from.name, to: address?.description ?? to.name, echoes: echoes))
            }
        }
        self.pairs = pairs
        skipped = count - pairs.count
    }

    /// The result of the echoes of all pairs, in order.
    public func result(_ outcomes: [[ProbeOutcome]], at now: UnixTime) -> Expectation.Test {
        var test = Expectation.Test(at: now)
        test.untested = skipped
        for (pair, outcomes) in zip(pairs, outcomes) {
            let results = LinkTest(pair.echoes, outcomes).results
            if results.isEmpty || results.contains(where: { $0.isUnsent }) {
                test.untested += 1
            } else if results.allSatisfy(\.isIn) {
                test.passed += 1
            } else {
                test.failed += 1
                if test.firstFailure == nil { test.firstFailure = (pair.from, pair.to) }
            }
        }
        return test
    }
}

extension LinkTest.Result {
    /// True if the echo says nothing about the link, because the device was not connected or the engine was busy.
    fileprivate var isUnsent: Bool {
        switch outcome {
        case .noSession, .noEndpoint, .limited, .notInForce: true
        default: false
        }
    }
}
