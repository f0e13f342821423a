// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Linux
import Net

/// The local addresses from which peers are answered (WG-E-5, WG-E-6).
extension Control {
    /// The paths of these peers that have a local address or avoid an interface, and the slot of each.
    func sources(of keys: ArraySlice<PublicKey>) -> [(slot: UInt32, path: Path)] {
        keys.compactMap { key in
            guard let slot = peers[key]?.slot else { return nil }
            let path = shared.peers.at(slot).pointee.path.load()
            return path.local == UDPLocalAddress() || path.remote.isUnset ? nil : (slot, path)
        }
    }

    /// Replaces the local addresses of peers whose path is still the given one.
    func replaceSources(_ changes: [(slot: UInt32, path: Path, local: UDPLocalAddress)]) {
        for change in changes {
            shared.peers.at(change.slot).pointee.path.replaceLocal { $0 == change.path ? change.local : $0.local }
        }
    }
}

extension Engine {
    /// Call when routes, links or addresses of the host changed. Where the route to a peer now uses another interface than its packets come
    /// in on, or the local address is gone, the kernel chooses the address from which the peer is answered (WG-E-6). Costs one or two
    /// queries of the kernel for each pair of remote and local address.
    public func networkChanged() {
        guard var routes = try? RouteQueries() else { return }
        var judged: [Source: UDPLocalAddress?] = [:]
        var changes: [(slot: UInt32, path: Path, local: UDPLocalAddress)] = []
        for (slot, path) in inPieces(keys(of: .all), { control.sources(of: $0) }) {
            guard let remote = path.remote.endpoint else { continue }
            let source = Source(remote: remote.address, hasScope: remote.scope != 0, local: path.local)
            let replacement = judged[source] ?? source.replacement(&routes)
            judged[source] = .some(replacement)
            if let replacement { changes.append((slot, path, replacement)) }
        }
        control.locked { control.replaceSources(changes) }
    }
}

/// How a peer is answered.
private struct Source: Hashable {
    let remote: IPAddress
    /// Whether the remote address names its interface itself.
    let hasScope: Bool
    let local: UDPLocalAddress

    /// The local address to use from now on; nil if it stays.
    func replacement(_ routes: inout RouteQueries) -> UDPLocalAddress? {
        guard let address = local.address(isV4: remote.isV4) else {
            let route = try? routes.lookup(to: remote)
            return route?.interfaceIndex == local.interface ? UDPLocalAddress() : nil
        }
        guard routes.isLocal(address) else { return UDPLocalAddress() }
        guard !hasScope, local.interface != 0 else { return nil }
        let route = try? routes.lookup(to: remote, from: address)
        return route?.interfaceIndex == local.interface ? nil : UDPLocalAddress(avoiding: local.interface)
    }
}
