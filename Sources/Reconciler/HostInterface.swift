// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Linux
import Logging
import Net
import Synchronization

/// Keeps the hub's TUN interface as the Store describes the hub: up, with the hub's addresses and no others. It looks again at each change of the
/// host's network, so an interface that somebody changed, or that a killed run left behind, is put right.
///
/// Needs CAP_NET_ADMIN. Without it, an administrator must do what is missing, and `gateway` names the commands.
public final class HostInterface: Sendable {
    /// 1500 less the largest overhead of WireGuard, as in wg-quick.
    private static let mtu = 1420

    /// One of the hub's addresses, with the length of its network's prefix.
    private struct Place: Hashable {
        var address: IPAddress
        var prefixLength: Int
        var description: String { "\(address)/\(prefixLength)" }
    }

    private struct State: ~Copyable {
        var wanted: Set<Place> = []
        var networks: [IPPrefix] = []
        var gateway: Gateway
        var wayOut: WayOut?
    }

    /// The name of the interface.
    public var name: String { device.name }

    private let device: TUNDevice
    private let logger: Logger
    private let state: Mutex<State>
    private let lead: @Sendable ([IPPrefix: ForwardingTable.Way]) -> Void

    /// With `hasEgress`, devices may leave to the Internet through the host. `lead` gets the ways of packets whose destination nobody owns,
    /// whenever they may have changed.
    public init(
        _ device: TUNDevice, hasEgress: Bool = false, logger: Logger, lead: @escaping @Sendable ([IPPrefix: ForwardingTable.Way]) -> Void = { _ in }
    ) {
        self.device = device
        self.logger = logger
        self.lead = lead
        state = Mutex(State(gateway: Gateway(tun: device.name), wayOut: hasEgress ? WayOut(tun: device.name) : nil))
    }

    /// What pages and the API show.
    public var gateway: Gateway { state.withLock { $0.gateway } }

    /// Gives the interface the addresses of the hub, if it has others.
    func follow(_ hub: Hub) {
        let wanted = [(hub.ipv4, hub.ipv4Network), (hub.ipv6, hub.ipv6Network)].compactMap { address, network in
            address.flatMap { address in network.map { Place(address: address, prefixLength: $0.length) } }
        }
        state.withLock { state in
            guard state.wanted != Set(wanted) || state.networks != hub.networks else { return }
            state.wanted = Set(wanted)
            state.networks = hub.networks
            correct(&state)
        }
    }

    /// Looks at the interface and corrects it. Call when links or addresses of the host changed.
    public func look() { state.withLock { if !$0.wanted.isEmpty { correct(&$0) } } }

    /// Removes the addresses from an interface that stays. Any other disappears when its last queue is closed.
    public func stop() {
        state.withLock { state in
            state.wanted = []
            state.wayOut?.close()
            guard let link = try? NetworkLink(named: name), link.tun?.isPersistent == true else { return }
            _ = correction(of: link, wanted: [])
        }
    }

    private func correct(_ state: inout State) {
        var gateway = Gateway(tun: name)
        gateway.trouble = (try? NetworkLink(named: name)).map { correction(of: $0, wanted: state.wanted) } ?? .gone
        if gateway.trouble == nil, let found = state.wayOut?.look() {
            (gateway.egress4, gateway.egress6, gateway.trouble) = (found.egress4, found.egress6, found.trouble)
        }
        lead(gateway.ways(state.networks))
        let before = state.gateway
        state.gateway = gateway
        if gateway.egress4 != before.egress4 || gateway.egress6 != before.egress6 {
            logger.notice(
                "the way to the Internet",
                metadata: ["ipv4": "\(gateway.egress4?.description ?? "none")", "ipv6": "\(gateway.egress6?.description ?? "none")"])
        }
        guard gateway.trouble != before.trouble else { return }
        if let problem = gateway.problem {
            logger.warning("the gateway does not work as it should", metadata: ["interface": "\(name)", "reason": "\(problem)"])
        } else {
            logger.notice("the gateway works again", metadata: ["interface": "\(name)"])
        }
    }

    /// Does what is missing, and returns what could not be done. Nil if nothing is left to do.
    private func correction(of link: NetworkLink, wanted: Set<Place>) -> Gateway.Trouble? {
        guard var changes = try? InterfaceChanges(interface: link.index), let all = try? InterfaceAddress.all() else {
            return .unknown
        }
        let there = Set(
            all.filter { $0.interfaceIndex == link.index && $0.scope != .link }
                .map { Place(address: $0.address, prefixLength: $0.prefixLength) })
        var refused: [(command: String, error: Errno)] = []
        func attempt(_ command: String, _ change: (inout InterfaceChanges) throws(Errno) -> Void) {
            do throws(Errno) { try change(&changes) } catch { refused.append((command, error)) }
        }
        for place in there.subtracting(wanted) {
            attempt("ip address delete \(place.description) dev \(name)") { changes throws(Errno) in
                try changes.remove(place.address, prefixLength: place.prefixLength)
            }
        }
        if !link.isUp {
            // Fails where there is no IPv6, and then nothing needs it.
            try? changes.makeNoLinkAddresses()
            attempt("ip link set \(name) up mtu \(Self.mtu)") { changes throws(Errno) in try changes.bringUp(mtu: Self.mtu) }
        }
        for place in wanted.subtracting(there) {
            attempt("ip address add \(place.description) dev \(name)") { changes throws(Errno) in
                try changes.add(place.address, prefixLength: place.prefixLength)
            }
        }
        guard let first = refused.first else { return nil }
        let commands = refused.map(\.command).joined(separator: " && ")
        return refused.allSatisfy { $0.error == .notPermitted }
            ? .notAllowed(commands: commands) : .refused(command: first.command, error: first.error.description)
    }
}
