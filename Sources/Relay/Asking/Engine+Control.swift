// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Linux
import Net

/// The requests that other commands send to a running hub, over the control socket in its data folder. Requests have the form of the
/// configuration protocol: lines of `key=value`, then an empty line. Answers end with `errno=` and an empty line. Every answer comes at
/// once; the client polls for the results of probes and traces.
///
/// | request | answer |
/// |---|---|
/// | `trace=` public key in Base64, `count=` 1…10000 | `errno=0`; EBUSY while another trace runs, ENOENT for an unknown peer |
/// | `next=1` | `packet=` lines (`TracedPacket`) since the last request, `done=true` after the last one |
/// | `peer=` public key | the lines of `PeerReport`; ENOENT for an unknown peer |
/// | `probe=` public key, `source=` and `destination=` address, and perhaps `size=` bytes | `id=` of the started probe, or its `outcome=` (`ProbeOutcome`) |
/// | `outcome=` id | `outcome=` when the probe has ended |
/// | `changed=` generation that another process committed | `applied=` the generation that the engine has applied |
/// | `hub=1` | `listen_port=` the UDP port of WireGuard |
extension Engine {
    /// Answers one request; nil for any other text. Calls `lookForChanges` when another process says that it committed a generation that the
    /// engine does not have yet.
    public func answer(control request: [UInt8], lookForChanges: () -> Void = {}) -> [UInt8]? {
        var lines = UAPIText.Lines()
        var failure: Errno?
        switch ControlRequest(request) {
        case .trace(let key, let count): failure = startTrace(of: key, count: count)
        case .next:
            let (packets, isDone) = traced()
            for packet in packets { lines.add("packet", packet) }
            if isDone { lines.add("done", true) }
        case .peer(let key):
            if let report = PeerReport(key, status(of: .keys([key]))) { report.write(to: &lines) } else { failure = .noSuchFile }
        case .probe(let probe):
            switch start([probe])[0] {
            case .underWay(let id): lines.add("id", id)
            case .over(let outcome): lines.add("outcome", outcome)
            }
        case .outcome(let id): if let outcome = outcome(ofProbe: id) { lines.add("outcome", outcome) }
        case .changed(let generation):
            let applied = appliedGeneration
            if applied < generation { lookForChanges() }
            lines.add("applied", applied)
        case .hub: lines.add("listen_port", listen.port)
        case nil: return nil
        }
        lines.add("errno", failure?.code ?? 0)
        return lines.ended
    }
}
