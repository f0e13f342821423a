// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import Net

extension ClientConfig {
    /// A file with every line that a device usually has.
    public static func sample(
        privateKey: PrivateKey? = PrivateKey(Array(repeating: 1, count: 32)), addresses: [String] = ["10.3.2.2", "fd00::3:2:2"],
        dns: [String] = [], mtu: Int? = nil, presharedKey: PresharedKey? = nil, allowedIPs: [String] = ["10.3.2.3"],
        endpoint: String? = "hub.example.org:51820", persistentKeepalive: UInt16 = 25
    ) -> ClientConfig {
        ClientConfig(
            privateKey: privateKey, addresses: addresses.compactMap { IPAddress($0) },
            settings: Settings(
                allowedIPs: allowedIPs.compactMap { IPPrefix($0) }, dns: dns.compactMap { DNSEntry($0) }, endpoint: endpoint.flatMap { HostPort($0) },
                persistentKeepalive: persistentKeepalive, mtu: mtu),
            hubKey: PublicKey(Array(repeating: 2, count: 32))!, hubPort: 51820, presharedKey: presharedKey)
    }
}
