// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Words

/// The numbered checks for one pair of devices: what a packet from one to the other needs, in the order in which it passes. The page, the
/// API and `hairpin doctor` all show this list.
public struct Doctor: Sendable {
    /// One step of the list.
    public struct Check: Sendable, Equatable {
        /// Where to fix a failed step.
        public enum Remedy: Sendable, Equatable {
            case edit(device: String, field: String)
            /// Links both devices in one action.
            case link(from: String, to: String)
            /// The current file of the device.
            case file(device: String)
            case status
        }

        /// The name in the API.
        public let name: String
        /// The title for people.
        public let title: Phrase
        /// Nil if the step was not checked.
        public let ok: Bool?
        /// The finding. For a failure, also how to fix it.
        public let detail: Phrase
        public var remedy: Remedy?
    }

    /// The pair, and the steps in order.
    public let from: Device
    public let to: Device
    public let checks: [Check]
    /// The hub's decision, from the same table as the packet loop's.
    public let reaches: Bool
    /// The link test; nil if none was run.
    public let test: LinkTest?

    /// The first step that keeps the link from working; nil if no step failed.
    public var firstFailure: Check? { checks.first { $0.ok == false } }

    /// Runs all checks. `test` holds the results of the probes; nil if none were sent.
    public init(from: Device, to: Device, in overview: Overview, test: LinkTest? = nil) {
        let reachability = overview.reachability
        self.from = from
        self.to = to
        self.test = test
        reaches = from.id != to.id && reachability.reaches(from, to)
        let pair = PairChecks(from: from, to: to, overview: overview, reachability: reachability, reaches: reaches, test: test)
        let ends = [(from, "sender"), (to, "receiver")]
        checks =
            ends.map(pair.enabled) + ends.map(pair.notExpired) + ends.map(pair.keySeen) + ends.flatMap(pair.handshake)
            + [
                pair.commonFamily, pair.ownership(from, "source_owned"), pair.ownership(to, "destination_owned"),
                pair.listing(from, to, "in_allowed_ips"), pair.listing(to, from, "in_receivers_allowed_ips"), pair.decision, pair.applied,
                pair.mtu, pair.lastDrop, pair.probe(into: to, from: from, "probe_into_receiver"),
                pair.probe(into: from, from: to, "probe_into_sender"),
            ]
    }
}
