// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Words

/// An endpoint that devices can connect to, and who can reach it.
public struct EndpointSuggestion: Sendable {
    /// The most suggestions. A host with many interfaces offers only the likeliest ones.
    private static let maximum = 4

    /// The host and the port where the hub listens.
    public let endpoint: HostPort

    public init(_ endpoint: HostPort) { self.endpoint = endpoint }

    /// Endpoints at which devices may reach this hub: the host under which the portal was opened (`browsed`), then the host's own addresses,
    /// each with the port where the hub listens. If it listens on one address, the host's others are left out.
    public static func all(_ engine: HubStatus, browsed: String?) -> [EndpointSuggestion] {
        let only = engine.listen.flatMap { $0.address.isUnspecified ? nil : $0.address }
        let typed = browsed.flatMap { $0 == "localhost" || IPAddress($0)?.isLoopback == true || only?.isLoopback == true ? nil : $0 }
        let addresses = only.map { [$0] } ?? engine.hostAddresses
        var hosts: [String] = []
        for host in [typed].compactMap({ $0 }) + addresses.map(\.description) where !hosts.contains(host) { hosts.append(host) }
        return hosts.compactMap { HostPort($0)?.host }.prefix(maximum).map {
            EndpointSuggestion(HostPort(host: $0, port: engine.hubPort))
        }
    }

    /// Who can reach the endpoint, judging by the address.
    public var reach: Phrase {
        guard let address = IPAddress(endpoint.host) else { return "a name: if its address changes, devices need no new files" }
        if address.isLoopback { return "this host only: no other machine can connect to it" }
        if address.isUnspecified || address.isMulticast { return "not a machine's address: nothing can connect to it" }
        if address.isReserved { return "reserved for documentation and tests: no machine on the Internet has it" }
        if address.isPrivate { return "private: reachable from the same network only, not from the Internet" }
        return "public: reachable from the Internet unless something blocks the UDP port"
    }
}
