// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import HTTP
import Net
import Words

/// An endpoint that devices can connect to, and who can reach it.
struct EndpointSuggestion {
    /// The most suggestions. A host with many interfaces offers only the likeliest ones.
    static let maximum = 4

    let endpoint: HostPort

    /// Endpoints at which devices may reach this hub: the host in the browser's address bar, then the host's own addresses, each with the port
    /// where the hub listens.
    static func all(_ engine: HubStatus, browsed: Authority?) -> [EndpointSuggestion] {
        let typed = browsed.map(\.host).flatMap { $0 == "localhost" || IPAddress($0)?.isLoopback == true ? nil : $0 }
        var hosts: [String] = []
        for host in [typed].compactMap({ $0 }) + engine.hostAddresses.map(\.description) where !hosts.contains(host) { hosts.append(host) }
        return hosts.compactMap { HostPort($0)?.host }.prefix(maximum).map {
            EndpointSuggestion(endpoint: HostPort(host: $0, port: engine.hubPort))
        }
    }

    /// Who can reach the endpoint, judging by the address.
    var reach: Phrase {
        guard let address = IPAddress(endpoint.host) else { return "a name: if its address changes, devices need no new files" }
        if address.isLoopback { return "this host only: no other machine can connect to it" }
        if address.isUnspecified || address.isMulticast { return "not a machine's address: nothing can connect to it" }
        if address.isPrivate { return "private: reachable from the same network only, not from the Internet" }
        return "public: reachable from the Internet unless something blocks the UDP port"
    }
}
