// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Linux
import Net

/// Writes answers of the configuration protocol (WG-U-4, WG-U-5, WG-U-8).
enum UAPIText {
    /// The answer to `get=1`. Allowed IPs have the meaning they have for `wg`: the peer's own addresses. Disabled peers are left out,
    /// because `wg` cannot show that state.
    static func get(_ status: EngineStatus, privateKey: PrivateKey) -> [UInt8] {
        var text = Lines()
        text.reserve(byteCount: 512 * (status.peers.count + 1))
        text.add("private_key", key: privateKey.bytes)
        text.add("listen_port", status.listen.port)
        for peer in status.peers where peer.configuration.isEnabled {
            text.add("public_key", key: peer.publicKey.bytes)
            text.add("preshared_key", key: peer.configuration.presharedKey?.bytes ?? Bytes32(repeating: 0))
            text.add("protocol_version", 1)
            if let endpoint = peer.endpoint { text.add("endpoint", endpoint) }
            text.add("last_handshake_time_sec", peer.lastHandshake ?? 0)
            text.add("last_handshake_time_nsec", 0)
            text.add("tx_bytes", peer.sentBytes)
            text.add("rx_bytes", peer.receivedBytes)
            text.add("persistent_keepalive_interval", peer.configuration.persistentKeepalive.components.seconds)
            for prefix in peer.configuration.ownedPrefixes { text.add("allowed_ip", prefix) }
        }
        text.add("errno", 0)
        return text.ended
    }

    /// The end of the answer to a failed request. `wg show` accepts only digits; `wg set` expects a negative number (WG-U-8).
    static func failure(_ error: Errno, ofSet: Bool) -> [UInt8] {
        var text = Lines()
        text.add("errno", ofSet ? -error.code : error.code)
        return text.ended
    }

    /// Collects lines of `key=value`.
    struct Lines {
        private var bytes: [UInt8] = []

        mutating func reserve(byteCount: Int) { bytes.reserveCapacity(byteCount) }

        mutating func add(_ name: StaticString, _ value: some CustomStringConvertible) {
            begin(name)
            bytes += value.description.utf8
            bytes.append(UInt8(ascii: "\n"))
        }

        /// A key in lower-case hexadecimal digits.
        mutating func add(_ name: StaticString, key: Bytes32) {
            begin(name)
            for index in key.indices {
                bytes.append(Self.digit(key[index] >> 4))
                bytes.append(Self.digit(key[index] & 15))
            }
            bytes.append(UInt8(ascii: "\n"))
        }

        /// The lines and the final empty line.
        var ended: [UInt8] { bytes + [UInt8(ascii: "\n")] }

        private mutating func begin(_ name: StaticString) {
            bytes += name.description.utf8
            bytes.append(UInt8(ascii: "="))
        }

        private static func digit(_ value: UInt8) -> UInt8 { value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10 }
    }
}
