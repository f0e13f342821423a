// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Words

/// The hub's way to its host, and through it to other networks, on a hub that runs with `--tun`.
public struct Gateway: Equatable, Sendable {
    /// What can be wrong with the interface.
    public enum Trouble: Equatable, Sendable {
        /// Somebody deleted it.
        case gone
        /// The kernel tells nothing about it.
        case unknown
        /// The hub lacks the right for these commands.
        case notAllowed(commands: String)
        /// The kernel refused the first of these commands for another reason.
        case refused(command: String, error: String)
        /// The way out: the hub may not write rules of nf_tables, or the kernel refuses them.
        case noFilter(error: String)
        /// The hub's host does not forward, and the hub may not change that.
        case noForwarding(commands: String)
        /// A chain of another program drops what it does not accept.
        case droppedBy(chain: String)
    }

    /// The name of the TUN interface.
    public var tun: String
    /// The addresses with which devices leave to the Internet; nil for a family without a way out.
    public var egress4: IPAddress?
    public var egress6: IPAddress?
    /// What is wrong with the interface or the way out; nil while both work.
    public var trouble: Trouble?

    public init(tun: String, egress4: IPAddress? = nil, egress6: IPAddress? = nil, trouble: Trouble? = nil) {
        self.tun = tun
        self.egress4 = egress4
        self.egress6 = egress6
        self.trouble = trouble
    }

    /// What is wrong and what to do; nil while everything works.
    public var problem: Phrase? {
        switch trouble {
        case nil: nil
        case .gone: "The interface \(tun) is gone. Restart the hub."
        case .unknown: "The interface \(tun) cannot be set up: the kernel does not answer."
        case .notAllowed(let commands): "The hub may not set up the interface \(tun). Run as root: \(commands)"
        case .refused(let command, let error): "The kernel refuses a setting of the interface \(tun): \(command): \(error)"
        case .noFilter(let error):
            "Devices have no way to the Internet: the hub cannot write rules of nf_tables (\(error)). Give it CAP_NET_ADMIN, or start it with --egress off."
        case .noForwarding(let commands): "Devices have no way to the Internet: the hub's host does not forward packets. Run as root: \(commands)"
        case .droppedBy(let chain):
            "A firewall on the hub's host may keep devices from the Internet: \(chain) drops what it does not accept. Accept packets from and to \(tun) there."
        }
    }

    /// The address with which packets of this family leave; nil if they do not.
    public func egress(isV4: Bool) -> IPAddress? { isV4 ? egress4 : egress6 }

    /// Where packets go whose destination nobody owns, on a hub with these networks. Never to addresses that are part of the tunnel, or that
    /// mean something on one link only.
    public func ways(_ networks: [IPPrefix]) -> [IPPrefix: ForwardingTable.Way] {
        var ways: [IPPrefix: ForwardingTable.Way] = [:]
        for isV4 in [true, false] {
            let all = IPPrefix(isV4 ? .v4(.any) : .v6(.any), length: 0)
            if let all { ways[all] = egress(isV4: isV4) == nil ? .closed : .out }
        }
        for prefix in IPPrefix.unroutable + Self.linkLocal + networks { ways[prefix] = .nowhere }
        return ways
    }

    private static let linkLocal = ["169.254.0.0/16", "fe80::/10"].compactMap { IPPrefix($0) }
}
