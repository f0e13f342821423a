// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Linux
import Net

/// What other commands ask a running hub, over the control socket in its data folder. Requests have the form of the configuration protocol:
/// lines of `key=value` and an empty line; answers end with `errno=` and an empty line.
///
/// | request | answer |
/// |---|---|
/// | `trace=` public key in Base64, `count=` 1…10000 | `errno=0`; EBUSY while another trace is under way, ENOENT for a peer that the engine does not have |
/// | `next=1` | `packet=` lines (`TracedPacket`) since the last look, `done=true` after the last one |
extension Engine {
    /// Answers one request; nil for what is none.
    public func answer(control request: [UInt8]) -> [UInt8]? {
        var lines = UAPIText.Lines()
        switch ControlRequest(request) {
        case .trace(let key, let count): lines.add("errno", startTrace(of: key, count: count)?.code ?? 0)
        case .next:
            let (packets, isDone) = traced()
            for packet in packets { lines.add("packet", packet) }
            if isDone { lines.add("done", true) }
            lines.add("errno", 0)
        case nil: return nil
        }
        return lines.ended
    }
}

/// One request on the control socket.
enum ControlRequest: Equatable {
    case trace(PublicKey, count: Int)
    case next

    /// Nil for anything else.
    init?(_ bytes: [UInt8]) {
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
        if lines == ["next=1"] {
            self = .next
        } else if lines.count == 2, lines[0].hasPrefix("trace="), lines[1].hasPrefix("count="), let key = PublicKey(base64: lines[0].dropFirst(6)),
            let count = Int(lines[1].dropFirst(6)), (1...Trace.limit).contains(count)
        {
            self = .trace(key, count: count)
        } else {
            return nil
        }
    }
}
