// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Words

/// Finds out why one device does not reach another, or an address behind it: a list of checks. What the hub's own settings prevent comes
/// first, then the sessions of both devices, then what tests show. The page, the API and `hairpin doctor` all show this list.
public struct Doctor: Sendable {
    /// One step of the list.
    public struct Check: Sendable, Equatable {
        /// Where to fix a failed step.
        public enum Remedy: Sendable, Equatable {
            case edit(device: String, field: String)
            /// Links both devices in one action.
            case link(from: String, to: String)
            /// The same question about another receiver.
            case ask(from: String, to: String)
            /// The page that adds devices.
            case add
            /// The current file of the device.
            case file(device: String)
            /// Forgets the newest handshake time of the device.
            case forgetTime(device: String)
            case status
            /// The rules of the hub.
            case rules
        }

        /// The name in the API.
        public let name: String
        /// The title for people.
        public let title: Phrase
        /// Nil if the step was not checked.
        public let ok: Bool?
        /// The finding. For a failure, the cause and how to fix it, with at most two alternatives.
        public let detail: Phrase
        /// The finding in a few words, if `detail` is long: for the first line of a page. Nil if `detail` says it best.
        public var headline: Phrase?
        public var remedy: Remedy?
        /// True for a failure that is likely but not proved. Proved failures come first.
        public var isGuess = false
    }

    /// The sender and the receiver. The receiver is nil if no device owns the address.
    public let from: Device
    public let to: Device?
    /// The address behind the receiver; nil if the question is about its own addresses.
    public let address: IPAddress?
    public let checks: [Check]
    /// The hub's decision, from the same table as the packet loop's.
    public let reaches: Bool
    /// The link test; nil if none was run.
    public let test: LinkTest?

    /// The cause: the first failure that is proved, otherwise the first one that is likely. Nil if no step failed.
    public var firstFailure: Check? { failures.first }

    /// All failures: the proved ones, then the likely ones, each in the order of the list.
    public var failures: [Check] {
        let failed = checks.filter { $0.ok == false }
        return failed.filter { !$0.isGuess } + failed.filter(\.isGuess)
    }

    /// Runs all checks. Without `to`, the receiver is the device that owns `address`; give at least one of them. `test` holds the results of
    /// the probes; nil if none were sent.
    public init(from: Device, to: Device?, address: IPAddress? = nil, in overview: Overview, test: LinkTest? = nil) {
        let reachability = overview.reachability
        let owner = address.flatMap { reachability.owner(of: $0) }
        self.from = from
        self.to = to ?? owner
        self.address = address
        self.test = test
        let pair = PairChecks(from: from, to: to ?? owner, address: address, overview: overview)
        reaches = from.id != self.to?.id && pair.passes
        let path = PathChecks(pair: pair, test: test, overview: overview)
        let ends = [(from, "sender")] + (self.to.map { [($0, "receiver")] } ?? [])
        checks =
            ends.map(pair.enabled) + ends.map(pair.notExpired) + pair.rules + [pair.applied, pair.listening]
            + ends.flatMap { SessionDiagnosis(of: $0.0, in: overview, test: test).checks($0.1) } + path.checks
            + [self.to.flatMap { NameCheck(from: from, to: $0, pair: pair, overview: overview).check }].compactMap { $0 }
    }
}
