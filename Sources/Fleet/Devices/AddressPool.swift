// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Words

/// The addresses of one of the hub's networks: one is the hub's, the others are for devices.
public struct AddressPool: Sendable {
    public let network: IPPrefix

    /// The hub's own address.
    public let hub: IPAddress?

    public init(_ network: IPPrefix, hub: IPAddress?) {
        self.network = network
        self.hub = hub
    }

    /// Why the hub may not have its address; nil when it may.
    public var hubProblem: Phrase? {
        guard let hub, !holds(hub) else { return nil }
        return "The hub's address \(hub) is not a host address in \(network). Give one inside."
    }

    /// The highest address a device may have: IPv4 keeps the last for broadcast (RFC 919), IPv6 has none.
    private func holds(_ address: IPAddress) -> Bool {
        network.contains(address) && address != network.address && !(address.isV4 && address == network.last)
    }

    /// Why a device may not have this address, whoever else has it; nil when it may.
    public func problem(with address: IPAddress) -> Phrase? {
        let hint: Phrase = "Choose another, or leave the field empty for the lowest free one."
        if !network.contains(address) { return "\(address) is outside the hub's network \(network). \(hint)" }
        if address == hub { return "\(address) is the hub's own address. \(hint)" }
        if address == network.address { return "\(address) is the network address of \(network). \(hint)" }
        if !holds(address) { return "\(address) is the broadcast address of \(network). \(hint)" }
        return nil
    }

    /// The lowest address that is neither the hub's nor in `routed` nor handed out by `forEachTaken`, which yields the addresses of
    /// devices in ascending order until it is told false. Nil when all are taken.
    public func lowestFree(routed: Set<IPAddress>, forEachTaken: ((IPAddress) -> Bool) throws -> Void) rethrows -> IPAddress? {
        var candidate = network.firstHost
        let routed = routed.union([hub].compactMap { $0 })
        func skipRouted() {
            while let address = candidate, routed.contains(address) { candidate = address.advanced(by: 1) }
        }
        skipRouted()
        try forEachTaken { taken in
            if taken == candidate {
                candidate = taken.advanced(by: 1)
                skipRouted()
            }
            return candidate.map { taken < $0 } ?? false
        }
        return candidate.flatMap { holds($0) ? $0 : nil }
    }
}

extension IPPrefix {
    /// The first address that a host may have.
    public var firstHost: IPAddress? { address.advanced(by: 1) }
}
