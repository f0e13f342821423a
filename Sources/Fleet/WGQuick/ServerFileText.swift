// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Net

extension ServerFile {
    /// The file for `wg-quick`, with all its secrets. Parsing it gives the same values. Disabled peers are written as PiVPN does it, so that
    /// `wg-quick` ignores them.
    public var text: String {
        var lines = ["[Interface]", "PrivateKey = \(privateKey.revealBase64())"]
        if !addresses.isEmpty { lines.append("Address = " + addresses.map(\.text).joined(separator: ", ")) }
        if let listenPort { lines.append("ListenPort = \(listenPort)") }
        for peer in peers {
            lines.append("")
            lines += peer.isEnabled ? peer.lines : peer.lines.map { "#[disabled]" + $0 }
        }
        return lines.joined(separator: "\n") + "\n"
    }
}

extension ServerFile.Address {
    fileprivate var text: String { "\(address)/\(network.length)" }
}

extension ServerFile.ServerPeer {
    fileprivate var lines: [String] {
        // A line end in a name would begin a line that `wg-quick` obeys.
        var lines = name.map { name in ["# Name: " + String(name.map { $0.isNewline ? " " : $0 })] } ?? []
        lines += ["[Peer]", "PublicKey = \(publicKey.base64)"]
        if let presharedKey { lines.append("PresharedKey = \(presharedKey.revealBase64())") }
        if !allowedIPs.isEmpty { lines.append("AllowedIPs = " + allowedIPs.map(\.text).joined(separator: ", ")) }
        if let endpoint { lines.append("Endpoint = \(endpoint)") }
        if let persistentKeepalive { lines.append("PersistentKeepalive = \(persistentKeepalive)") }
        return lines
    }
}
