// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net

/// The networks behind a device, which are its routes: what its system must do so that packets get there and back, and which linked devices
/// do not list them yet (Documentation/networks.md).
public struct NetworksBehind: Sendable {
    /// A linked device whose allowed IPs lack networks that it could reach.
    public struct Offer: Sendable {
        public let device: Device
        public let missing: [IPPrefix]
    }

    /// Routes that stand for the whole Internet are not among them: an exit needs other commands.
    public let networks: [IPPrefix]
    private let device: Device
    private let tunnel: [IPPrefix]

    /// Nil for a device without networks behind it.
    public init?(_ device: Device, hub: Hub) {
        networks = device.routes.filter { !$0.isInternetWide }
        guard !networks.isEmpty else { return nil }
        self.device = device
        tunnel = hub.networks
    }

    private func has(_ isV4: Bool) -> Bool { networks.contains { $0.address.isV4 == isV4 } }

    /// The commands that let a Linux system pass packets on, until it starts again.
    public var forwarding: [String] {
        [has(true) ? "sysctl -w net.ipv4.ip_forward=1" : nil, has(false) ? "sysctl -w net.ipv6.conf.all.forwarding=1" : nil].compactMap { $0 }
    }

    /// The commands that let the device send into its networks under its own address there, so that the machines there need no route back.
    /// They make a table of their own and change no other.
    public var masquerade: [String] {
        [
            "nft add table inet hairpin_lan",
            "nft 'add chain inet hairpin_lan postrouting { type nat hook postrouting priority srcnat; }'",
        ]
            + networks.map { network in
                let family = network.address.isV4 ? "ip" : "ip6"
                return "nft add rule inet hairpin_lan postrouting \(family) saddr != \(network) \(family) daddr \(network) masquerade"
            }
    }

    /// The networks to which the machines behind the device send back: those of the tunnel, in the families of the device's networks, without
    /// what other devices have behind them.
    public var returning: [IPPrefix] { tunnel.filter { has($0.address.isV4) } }

    /// The linked devices that do not list all networks, in the order of `overview`.
    public func offers(in overview: Overview) -> [Offer] {
        let reachability = overview.reachability
        return overview.devices.compactMap { other in
            guard other.id != device.id, reachability.relation(device, other) == .both, let list = reachability.allowed(other) else { return nil }
            // A packet between them needs a family that both have.
            let missing = networks.filter { network in
                [device, other].allSatisfy { $0.addresses.contains { $0.isV4 == network.address.isV4 } }
                    && !list.contains { $0.contains(network) }
            }
            return missing.isEmpty ? nil : Offer(device: other, missing: missing)
        }
    }
}
