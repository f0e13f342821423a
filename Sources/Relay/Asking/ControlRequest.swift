// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Net

/// One request on the control socket.
enum ControlRequest: Equatable {
    case trace(PublicKey, count: Int)
    case next
    case peer(PublicKey)
    case probe(Probe)
    case outcome(UInt64)
    case changed(Int64)
    case hub

    /// Nil for any other text.
    init?(_ bytes: [UInt8]) {
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n").map { $0.split(separator: "=", maxSplits: 1).map { String($0) } }
        guard lines.allSatisfy({ $0.count == 2 }) else { return nil }
        let values = lines.map { $0[1] }
        switch lines.map({ $0[0] }) {
        case ["hub"] where values == ["1"]: self = .hub
        case ["next"] where values == ["1"]: self = .next
        case ["trace", "count"]:
            guard let key = PublicKey(base64: values[0]), let count = Int(values[1]), (1...Trace.limit).contains(count) else { return nil }
            self = .trace(key, count: count)
        case ["peer"]:
            guard let key = PublicKey(base64: values[0]) else { return nil }
            self = .peer(key)
        case ["probe", "source", "destination"], ["probe", "source", "destination", "size"]:
            guard let key = PublicKey(base64: values[0]), let source = IPAddress(values[1]), let destination = IPAddress(values[2]) else {
                return nil
            }
            let byteCount = values.count > 3 ? Int(values[3]) : nil
            guard values.count == 3 || byteCount != nil else { return nil }
            self = .probe(Probe(peer: key, source: source, destination: destination, byteCount: byteCount))
        case ["outcome"]:
            guard let id = UInt64(values[0]) else { return nil }
            self = .outcome(id)
        case ["changed"]:
            guard let generation = Int64(values[0]), generation >= 0 else { return nil }
            self = .changed(generation)
        default: return nil
        }
    }
}
