// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Words

/// The individual steps of the doctor. `end` is the sender or the receiver of the packet.
struct PairChecks: Sendable {
    typealias Check = Doctor.Check
    typealias End = (device: Device, role: String)

    /// Seconds for which a drop counts against the pair.
    private static let recentSeconds: Int64 = 300
    /// Drops that also occur on a working link: path MTU discovery, traceroute, late packets and the rate limit on errors.
    private static let harmless: Set<DropReason> = [.tooBig, .hopLimitExceeded, .icmpSuppressed, .replayDuplicate, .replayTooOld]
    /// The smallest MTU that IPv6 allows on a link, in bytes (RFC 8200 5).
    private static let leastIPv6MTU = 1280
    /// The MTU that `wg-quick` sets if the file has none: 1500 minus the largest overhead, 80 bytes.
    private static let usualMTU = 1420

    let from: Device
    let to: Device
    let overview: Overview
    let reachability: Reachability
    let reaches: Bool
    let test: LinkTest?

    /// False if there is no working engine to ask.
    private var isLive: Bool { overview.status.problem == nil }

    func enabled(_ end: End) -> Check {
        Check(
            name: "\(end.role)_enabled", title: "\(end.device.name) is enabled", ok: end.device.enabled,
            detail: end.device.enabled ? "The hub answers it." : DeviceState.disabled.rule,
            remedy: end.device.enabled ? nil : .edit(device: end.device.id, field: "enabled"))
    }

    func notExpired(_ end: End) -> Check {
        let ok = !end.device.isExpired(at: overview.now)
        return Check(
            name: "\(end.role)_not_expired", title: "\(end.device.name) has not expired", ok: ok,
            detail: ok ? end.device.expiresAt.map { "It expires on \($0.phrase) UTC." } ?? "It has no expiry date." : DeviceState.expired.rule,
            remedy: ok ? nil : .edit(device: end.device.id, field: "expires_at"))
    }

    func keySeen(_ end: End) -> Check {
        let ok = overview.sight(of: end.device).heard != nil
        return Check(
            name: "\(end.role)_key_seen", title: "\(end.device.name) has connected with its key", ok: ok,
            detail: ok
                ? "The hub knows this key from a handshake."
                : "Nobody has connected with this key yet: the device does not have its file, or cannot reach the endpoint in it.",
            remedy: ok ? nil : .file(device: end.device.id))
    }

    /// The age of the last handshake, and whether two machines use the key.
    func handshake(_ end: End) -> [Check] {
        let sight = overview.sight(of: end.device)
        let title: Phrase = "\(end.device.name) is connected"
        guard let heard = sight.heard else {
            return [Check(name: "\(end.role)_handshake", title: title, ok: nil, detail: "It has had no handshake yet.")]
        }
        let last = heard.relative(to: overview.now)
        let ages: Phrase =
            sight.handshake.map { "Last handshake \($0.relative(to: overview.now)), heard from \(last)." }
            ?? "No handshake in memory, heard from \(last)."
        let ok = sight.state == .online || sight.state == .idle
        let isOff = sight.state == .disabled || sight.state == .expired
        var checks = [
            Check(name: "\(end.role)_handshake", title: title, ok: isOff ? nil : ok, detail: ok ? ages : "\(ages) \(sight.state.rule)")
        ]
        if let endpoints = overview.status.contestedKeys[end.device.publicKey] {
            checks.append(
                Check(
                    name: "\(end.role)_key_single", title: "One machine uses the key of \(end.device.name)", ok: false,
                    detail: ContestedKey(device: end.device, endpoints: endpoints).sentence))
        }
        return checks
    }

    var commonFamily: Check {
        let pairs = reachability.pairs(from, to)
        return Check(
            name: "common_family", title: "Both have an address of the same family", ok: !pairs.isEmpty,
            detail: pairs.isEmpty
                ? "One has only IPv4 and the other only IPv6: no packet fits both."
                : pairs.map { Phrase("\($0.source) to \($0.destination)") }.joined(separator: ", "),
            remedy: pairs.isEmpty ? .edit(device: to.id, field: "ipv4") : nil)
    }

    func ownership(_ device: Device, _ name: String) -> Check {
        let addresses = reachability.pairs(device, device.id == from.id ? to : from).map(\.source)
        let foreign = addresses.compactMap { address in
            reachability.owner(of: address).flatMap { $0.id == device.id ? nil : (address, $0) }
        }
        return Check(
            name: name, title: "These addresses belong to \(device.name)", ok: foreign.isEmpty,
            detail: foreign.isEmpty
                ? Phrase(verbatim: addresses.map(\.description).joined(separator: ", "))
                : foreign.map { Phrase("\($0) belongs to \($1.name).") }.joined(),
            remedy: foreign.first.map { .edit(device: $0.1.id, field: "routes") })
    }

    func listing(_ device: Device, _ other: Device, _ name: String) -> Check {
        let ok = reachability.lists(device, other)
        let list = Phrase.any(of: reachability.pairs(device, other).map(\.destination.description))
        return Check(
            name: name, title: "\(device.name) lists \(other.name)", ok: ok,
            detail: ok
                ? "Its allowed IPs hold \(list)."
                : list.isEmpty
                    ? "Its allowed IPs hold no address of \(other.name): nothing passes. Add one to \(device.name)."
                    : "Its allowed IPs do not hold \(list): nothing passes. Add it to \(device.name).",
            remedy: ok ? nil : list.isEmpty ? .edit(device: device.id, field: "allowed_ips") : .link(from: from.name, to: to.name))
    }

    var decision: Check {
        Check(
            name: "decision", title: "The hub forwards the packet", ok: reaches,
            detail: reaches
                ? "The packet loop sends it on to \(to.name), and the answer back."
                : "The packet loop drops it because of the first failed step above.")
    }

    var applied: Check {
        let ok = overview.generation.applied >= overview.generation.desired
        return Check(
            name: "applied", title: "The newest change is applied", ok: isLive ? ok : nil,
            detail: isLive
                ? (ok ? "The engine runs what the portal shows." : "A change is waiting; until it is applied, the engine may decide otherwise.")
                : overview.status.problem ?? "", remedy: isLive && !ok ? .status : nil)
    }

    /// Packets larger than the other device's MTU are answered with "too big", which tells senders the limit. Only IPv6 has a minimum size.
    var mtu: Check {
        let sizes = [from, to].map { ($0, $0.settings(over: overview.defaults).mtu ?? Self.usualMTU) }
        let tooSmall = sizes.first { $0.0.ipv6 != nil && $0.1 < Self.leastIPv6MTU }
        let list = sizes.map { "\($0.0.name) \($0.1)" }.joined(separator: ", ")
        return Check(
            name: "mtu", title: "Packets fit", ok: tooSmall == nil,
            detail: tooSmall.map { "IPv6 needs an MTU of 1280 or more, and \($0.0.name) has \($0.1): IPv6 does not work there." }
                ?? "MTU: \(list). A larger packet is answered with the size that fits.",
            remedy: tooSmall.map { .edit(device: $0.0.id, field: "mtu") })
    }

    /// The last drop between the two devices, in either direction. The newest change may have fixed the cause of a drop that occurred
    /// before it was applied.
    var lastDrop: Check {
        let title: Phrase = "Nothing was dropped between them lately"
        guard isLive else { return Check(name: "last_drop", title: title, ok: nil, detail: overview.status.problem ?? "") }
        let keys = Set([from.publicKey, to.publicKey])
        let between = overview.status.pairDrops.filter { drop in
            Set([drop.from, drop.to].compactMap { $0 }) == keys || (drop.from == from.publicKey && drop.to == nil && drop.reason == .sourceNotAllowed)
        }
        guard let last = between.max(by: { $0.lastAt < $1.lastAt }) else {
            return Check(name: "last_drop", title: title, ok: true, detail: "Nothing since the hub started.")
        }
        let at = last.lastAt
        let isOld = overview.now.seconds(since: at) > Self.recentSeconds || overview.generation.appliedAt.map { at < $0 } ?? false
        let ok = isOld || Self.harmless.contains(last.reason)
        let sender = last.from == from.publicKey ? from : to
        let times: Phrase = .counting(Int(clamping: last.count), "once | \(Amount.count(last.count)) times")
        return Check(
            name: "last_drop", title: title, ok: ok,
            detail: "From \(sender.name), \(at.relative(to: overview.now)), \(times): \(last.reason.name). \(last.reason.explanation)",
            remedy: ok || last.reason != .sourceNotAllowed ? nil : .edit(device: sender.id, field: "routes"))
    }

    /// Checks whether the file on the device itself allows the other device.
    func probe(into device: Device, from other: Device, _ name: String) -> Check {
        let title: Phrase = "\(device.name) answers \(other.name)"
        guard let test else {
            return Check(
                name: name, title: title, ok: nil,
                detail: isLive ? "Not tested yet." : "Not tested: no hub is running with this data.")
        }
        let results = test.results(into: device)
        let sentence = LinkTest.Result.sentence(results, into: device, from: Phrase(verbatim: other.name))
        guard let failure = results.first(where: { !$0.isIn }) else {
            return Check(
                name: name, title: title, ok: results.isEmpty ? nil : true, detail: results.isEmpty ? "There is no address to test." : sentence)
        }
        let needsFile = failure.outcome == .noAnswer || failure.outcome == .noSession || failure.outcome == .noEndpoint
        return Check(
            name: name, title: title, ok: failure.outcome == .limited ? nil : false,
            detail: sentence,
            remedy: needsFile ? .file(device: device.id) : nil)
    }
}
