// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Words

/// The addresses of one hub network. One belongs to the hub; the others are available to devices.
public struct AddressPool: Sendable {
    public let network: IPPrefix

    /// The hub's own address.
    public let hub: IPAddress?

    public init(_ network: IPPrefix, hub: IPAddress?) {
        self.network = network
        self.hub = hub
    }

    /// The reason why the hub's address is not valid; nil if it is valid.
    public var hubProblem: Phrase? {
        guard let hub, !holds(hub) else { return nil }
        return "The hub's address \(hub) is not a host address in \(network). Give one inside."
    }

    /// True if a device may have this address. IPv4 reserves the last address for broadcast (RFC 919); IPv6 does not.
    private func holds(_ address: IPAddress) -> Bool {
        network.contains(address) && address != network.address && !(address.isV4 && address == network.last)
    }

    /// The reason why no device may have this address; nil if one may. Does not check whether another device has it.
    public func problem(with address: IPAddress) -> Phrase? {
        let hint: Phrase = "Choose another, or leave the field empty for the lowest free one."
        if !network.contains(address) { return "\(address) is outside the hub's network \(network). \(hint)" }
        if address == hub { return "\(address) is the hub's own address. \(hint)" }
        if address == network.address { return "\(address) is the network address of \(network). \(hint)" }
        if !holds(address) { return "\(address) is the broadcast address of \(network). \(hint)" }
        return nil
    }

    /// The error if no address is free.
    public static func exhausted(_ network: IPPrefix) -> Phrase {
        "The network \(network) has no free address left. Remove a device, or give the hub a larger network."
    }

    /// The lowest address that is not the hub's, not in one of the ranges `routed` and not taken. Nil if no address is left.
    /// `forEachTaken` passes the addresses of devices in ascending order to its closure, and stops when the closure returns false.
    public func lowestFree(routed: [IPPrefix], forEachTaken: ((IPAddress) -> Bool) throws -> Void) rethrows -> IPAddress? {
        var candidate = network.firstHost
        var waiting = (routed + [hub].compactMap { $0.map(IPPrefix.init(host:)) }).sorted()[...]
        func skipRouted() {
            while let address = candidate, let range = waiting.first, range.address <= address {
                waiting.removeFirst()
                if range.contains(address) { candidate = range.last.advanced(by: 1) }
            }
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
    /// The first host address of the prefix.
    public var firstHost: IPAddress? { address.advanced(by: 1) }
}
