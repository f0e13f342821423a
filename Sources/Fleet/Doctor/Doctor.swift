// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Words

/// The numbered list of checks for one pair: what a packet from one device to another needs and meets, in that order. Page, API and
/// `hairpin doctor` all show this one.
public struct Doctor: Sendable {
    /// One step.
    public struct Check: Sendable, Equatable {
        /// Where a failed step is mended.
        public enum Remedy: Sendable, Equatable {
            case edit(device: String, field: String)
            /// One action on both sides.
            case link(from: String, to: String)
            /// The file that the device should have.
            case file(device: String)
            case status
        }

        /// As in the API.
        public let name: String
        /// For people.
        public let title: Phrase
        /// Nil when it was not looked at.
        public let ok: Bool?
        /// What was found, and for a failure what to do.
        public let detail: Phrase
        public var remedy: Remedy?
    }

    /// The pair, and the steps in their order.
    public let from: Device
    public let to: Device
    public let checks: [Check]
    /// The hub's decision, by the table the packet loop uses.
    public let reaches: Bool
    /// What was tested, if anything was.
    public let test: LinkTest?

    /// The step that keeps the link from working; nil when nothing was found.
    public var firstFailure: Check? { checks.first { $0.ok == false } }

    /// `test` is what came of probes, nil when none were made.
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
