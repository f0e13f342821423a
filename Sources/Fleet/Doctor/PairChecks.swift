// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Words

/// The steps of the doctor that depend only on the hub's settings.
struct PairChecks: Sendable {
    typealias Check = Doctor.Check
    typealias End = (device: Device, role: String)
    typealias Pair = (source: IPAddress, destination: IPAddress)

    /// The smallest MTU that IPv6 allows on a link, in bytes (RFC 8200 5).
    private static let leastIPv6MTU = 1280

    let from: Device
    let to: Device?
    let address: IPAddress?
    let overview: Overview
    let reachability: Reachability
    /// The source and destination of a packet, for each address family that fits.
    let pairs: [Pair]
    /// The pairs for which the hub forwards a packet.
    let passing: [Pair]

    init(from: Device, to: Device?, address: IPAddress?, overview: Overview) {
        (self.from, self.to, self.address, self.overview) = (from, to, address, overview)
        let reachability = overview.reachability
        self.reachability = reachability
        if let address {
            pairs = (address.isV4 ? from.ipv4 : from.ipv6).map { [($0, address)] } ?? []
        } else {
            pairs = to.map { reachability.pairs(from, $0) } ?? []
        }
        let owner = address.flatMap { reachability.owner(of: $0) }
        let isElsewhere = address != nil && to != nil && owner?.id != to?.id
        passing = isElsewhere ? [] : pairs.filter { reachability.refusal(from: from, source: $0.source, destination: $0.destination) == nil }
    }

    /// True if the hub forwards the packet in at least one address family.
    var passes: Bool { !passing.isEmpty }
    /// False if there is no working engine to ask.
    var isLive: Bool { overview.status.problem == nil }

    /// The receiver in words: its name, or the address that no device owns.
    private var target: String { to?.name ?? address?.description ?? "" }

    func enabled(_ end: End) -> Check {
        Check(
            name: "\(end.role)_enabled", title: "\(end.device.name) is enabled", ok: end.device.enabled,
            detail: end.device.enabled ? "The hub answers it." : "\(end.device.name) is disabled: the hub does not answer it. Enable it.",
            remedy: end.device.enabled ? nil : .edit(device: end.device.id, field: "enabled"))
    }

    func notExpired(_ end: End) -> Check {
        let ok = !end.device.isExpired(at: overview.now)
        let date = end.device.expiresAt?.phrase
        return Check(
            name: "\(end.role)_not_expired", title: "\(end.device.name) has not expired", ok: ok,
            detail: ok
                ? date.map { "It expires on \($0) UTC." } ?? "It has no expiry date."
                : "\(end.device.name) expired on \(date ?? "") UTC: the hub does not answer it. Change the date.",
            remedy: ok ? nil : .edit(device: end.device.id, field: "expires_at"))
    }

    /// What a packet and its answer need from the rules, in the order in which the hub looks.
    var rules: [Check] {
        guard let to else { return [commonFamily, destinationOwned, serviceRules, decision, wayOut].compactMap { $0 } }
        return [
            commonFamily, sourceOwned, destinationOwned, listing(from, to, \.destination, "in_allowed_ips"),
            listing(to, from, \.source, "in_receivers_allowed_ips"), sameFamily, serviceRules, decision, mtu,
        ].compactMap { $0 }
    }

    private var commonFamily: Check {
        let detail: Phrase =
            if !pairs.isEmpty {
                pairs.map { Phrase("\($0.source) to \($0.destination)") }.joined(separator: ", ")
            } else if let address {
                "\(from.name) has no \(address.isV4 ? "IPv4" : "IPv6") address, so it cannot send to \(address). Give it one."
            } else {
                "\(from.name) and \(target) have no address of the same family: no packet fits both. Give one of them a second address."
            }
        return Check(
            name: "common_family", title: "Both have an address of the same family", ok: !pairs.isEmpty, detail: detail,
            remedy: pairs.isEmpty ? .edit(device: from.id, field: address?.isV4 == false ? "ipv6" : "ipv4") : nil)
    }

    private var sourceOwned: Check {
        let foreign = pairs.map(\.source).compactMap { address in
            reachability.owner(of: address).flatMap { $0.id == from.id ? nil : (address, $0) }
        }
        return Check(
            name: "source_owned", title: "These addresses belong to \(from.name)", ok: foreign.isEmpty,
            detail: foreign.isEmpty
                ? Phrase(verbatim: pairs.map(\.source.description).joined(separator: ", "))
                : foreign.map { Phrase("\($0) belongs to \($1.name). Remove it from the routes of \($1.name).") }.joined(),
            remedy: foreign.first.map { .edit(device: $0.1.id, field: "routes") })
    }

    private var destinationOwned: Check {
        let (sentence, remedy) = addressFault ?? ("", nil)
        let own: Phrase =
            if let address, reachability.isHub(address) {
                overview.status.gateway == nil
                    ? "It is the hub's own address. The hub answers pings and questions for names there, and nothing else."
                    : "It is the hub's own address. Packets to it go to the hub's host."
            } else {
                leaving ?? Phrase(verbatim: pairs.map(\.destination.description).joined(separator: ", "))
            }
        return Check(
            name: "destination_owned", title: "These addresses belong to \(target)", ok: sentence.isEmpty, detail: sentence.isEmpty ? own : sentence,
            remedy: remedy)
    }

    /// What happens to a packet for which the hub's way out is open; nil if somebody owns its destination.
    private var leaving: Phrase? {
        guard let address, let own = overview.status.gateway?.egress(isV4: address.isV4), reachability.isOutside(address) else { return nil }
        return "No device owns it. The hub's host sends it on, with its own address \(own) as the sender."
    }

    /// The way out as far as the hub sees it. Nil for what does not leave.
    private var wayOut: Check? {
        guard leaving != nil, let gateway = overview.status.gateway else { return nil }
        return Check(
            name: "way_out", title: "The hub's host lets it out", ok: gateway.problem == nil ? true : nil,
            detail: gateway.problem ?? "It forwards packets, and no firewall is known to drop them.", remedy: nil)
    }

    /// Why a packet to one of the destinations does not go to the receiver, and where to fix that.
    private var addressFault: (Phrase, Check.Remedy?)? {
        for destination in address.map({ [$0] }) ?? pairs.map(\.destination) where !reachability.isHub(destination) {
            guard let owner = reachability.owner(of: destination) else {
                if to == nil, leaving != nil { continue }
                return unowned(destination)
            }
            guard let to, owner.id != to.id else { continue }
            let route = owner.routes.filter { $0.contains(destination) }.max { $0.length < $1.length }
            let through: Phrase = route.map { ", through its route \($0)" } ?? ""
            let sentence: Phrase = "\(destination) belongs to \(owner.name)\(through), not to \(to.name)."
            guard let route else { return ([sentence, "Ask about \(owner.name) instead."].joined(), .ask(from: from.id, to: owner.id)) }
            return (
                [sentence, "If that is wrong, remove \(route) from the routes of \(owner.name)."].joined(), .edit(device: owner.id, field: "routes")
            )
        }
        return nil
    }

    private func unowned(_ address: IPAddress) -> (Phrase, Check.Remedy?) {
        guard !overview.hub.networks.contains(where: { $0.contains(address) }) else {
            return (["No device has the address \(address).", "Add a device with it, or ask about the address of one."].joined(), .add)
        }
        let network = IPPrefix(address, length: address.isV4 ? 24 : 64).map { "\($0)" } ?? ""
        if let to {
            return (
                "No device owns \(address). If it is behind \(to.name), add \(network) to the routes of \(to.name).",
                .edit(device: to.id, field: "routes")
            )
        }
        guard !address.isPrivate else {
            return ("No device owns \(address). If it is behind a device, add \(network) to the routes of that device.", nil)
        }
        let everything = overview.reachability.allowed(from)?.first { $0.length == 0 && $0.address.isV4 == address.isV4 }
        let advice: Phrase =
            everything.map { "Take \($0) out of the allowed IPs of \(from.name): it sends its Internet traffic here." }
            ?? "Let \(from.name) send there without the tunnel."
        return (
            ["No device owns \(address), and this hub has no exit to the Internet.", overview.status.gateway?.problem ?? "", advice]
                .filter { !$0.isEmpty }.joined(),
            everything == nil ? nil : .edit(device: from.id, field: "allowed_ips")
        )
    }

    /// `side` is the address that the list of `device` must hold.
    private func listing(_ device: Device, _ other: Device, _ side: (Pair) -> IPAddress, _ name: String) -> Check {
        let addresses = pairs.map(side)
        let held = addresses.filter { reachability.holds(device, $0) }
        let (list, missing) = (Phrase.all(of: held.map(\.description)), addresses.filter { !held.contains($0) }.map(\.description))
        let ok = !held.isEmpty
        let isLinkable = addresses.allSatisfy { other.ipv4 == $0 || other.ipv6 == $0 }
        let detail: Phrase =
            if ok {
                missing.isEmpty ? "Its allowed IPs hold \(list)." : "Its allowed IPs hold \(list), but not \(Phrase.any(of: missing))."
            } else if addresses.isEmpty {
                "Its allowed IPs hold no address of \(other.name): nothing passes. Add one to \(device.name)."
            } else {
                "The allowed IPs of \(device.name) do not hold \(Phrase.any(of: missing)): nothing passes. Add it to \(device.name)."
            }
        return Check(
            name: name, title: "\(device.name) lists \(other.name)", ok: ok, detail: detail,
            headline: ok || !isLinkable ? nil : "\(device.name) does not list \(other.name).",
            remedy: ok
                ? nil
                : addresses.isEmpty || !isLinkable
                    ? .edit(device: device.id, field: "allowed_ips")
                    : .link(from: from.name, to: device.id == from.id ? other.name : device.name))
    }

    /// Both lists must match in one family: each may hold an address of the other, and yet no packet fits both. Nil if a list is wrong.
    private var sameFamily: Check? {
        guard let to else { return nil }
        let there = pairs.filter { reachability.holds(from, $0.destination) }.map(\.source.isV4)
        let back = pairs.filter { reachability.holds(to, $0.source) }.map(\.source.isV4)
        guard !there.isEmpty, !back.isEmpty else { return nil }
        let ok = there.contains { back.contains($0) }
        let name = { (isV4: Bool) in isV4 ? "IPv4" : "IPv6" }
        return Check(
            name: "lists_match", title: "Both lists match in one family", ok: ok,
            detail: ok
                ? Phrase.all(of: there.filter { back.contains($0) }.map(name))
                : [
                    "\(from.name) lists \(to.name) in \(name(there[0])) only, and \(to.name) lists \(from.name) in \(name(back[0])) only: no packet fits both lists.",
                    "Link the two.",
                ].joined(),
            remedy: ok ? nil : .link(from: from.name, to: to.name))
    }

    /// What the rules let the two start. Nil without rules, and if the lists let nothing pass.
    private var serviceRules: Check? {
        guard reachability.hasRules else { return nil }
        let linked = pairs.filter { pair in
            [nil, .ruleRefused].contains(reachability.refusal(from: from, source: pair.source, destination: pair.destination))
        }
        guard !linked.isEmpty else { return nil }
        let there = linked.reduce(ServiceSet.none) { $0.union(reachability.services(from: from, $1.source, $1.destination)) }
        let back = to.map { to in linked.reduce(ServiceSet.none) { $0.union(reachability.services(from: to, $1.destination, $1.source)) } }
        let other: Phrase = to.flatMap { to in back.map { "\(to.name) may start \($0.phrase), and what one starts, the other may answer." } } ?? ""
        let own: Phrase = "\(from.name) may start \(there.phrase)."
        return Check(
            name: "rules", title: "The rules let \(from.name) start something", ok: !there.isEmpty, detail: [own, other].joined(),
            headline: there.isEmpty ? "The rules let \(from.name) start nothing at \(target)." : nil, remedy: there.isEmpty ? .rules : nil)
    }

    private var decision: Check {
        let refusal = pairs.first.flatMap { reachability.refusal(from: from, source: $0.source, destination: $0.destination) }
        return Check(
            name: "decision", title: "The hub forwards the packet", ok: passes,
            detail: passes
                ? "The hub sends it on to \(target), and the answer back."
                : [
                    refusal.map { "The hub drops it: \($0.name). \($0.explanation)" } ?? "The hub sends it elsewhere.",
                    to == nil ? "" : "Compare the allowed IPs and routes of both.",
                ].filter { !$0.isEmpty }.joined())
    }

    var applied: Check {
        let ok = overview.generation.applied >= overview.generation.desired
        return Check(
            name: "applied", title: "The newest change is applied", ok: isLive ? ok : nil,
            detail: isLive
                ? (ok
                    ? "The engine runs what the portal shows."
                    : "A change is waiting; until it is applied, the engine may decide otherwise. Wait a few seconds, then look at the status.")
                : overview.status.problem ?? "", remedy: isLive && !ok ? .status : nil)
    }

    /// A hub that listens on a loopback address hears only this host.
    var listening: Check {
        let listen = overview.status.listen
        let isLocal = listen?.address.isLoopback ?? false
        let isHeard = [from, to].compactMap { $0 }.allSatisfy { overview.state(of: $0) == .online }
        let ok = !isLocal || isHeard
        return Check(
            name: "listening", title: "The hub listens where devices can reach it", ok: isLive && listen != nil ? ok : nil,
            detail: listen.map {
                ok
                    ? Phrase(verbatim: "\($0)")
                    : "The hub's WireGuard listens on \($0) only, which no other machine can reach. Start it with --wireguard [::]:\($0.port)."
            } ?? overview.status.problem ?? "", remedy: nil)
    }

    /// Packets larger than the other device's MTU are answered with "too big", which tells senders the limit. Only IPv6 has a minimum size.
    private var mtu: Check {
        let sizes = [from, to].compactMap { $0 }.map { ($0, LinkTest.packetByteCount(of: $0, over: overview.defaults)) }
        let tooSmall = sizes.first { $0.0.ipv6 != nil && $0.1 < Self.leastIPv6MTU }
        let list = sizes.map { "\($0.0.name) \($0.1)" }.joined(separator: ", ")
        return Check(
            name: "mtu", title: "Packets fit", ok: tooSmall == nil,
            detail: tooSmall.map { "IPv6 needs an MTU of 1280 or more, and \($0.0.name) has \($0.1): IPv6 does not work there. Set its MTU to 1280." }
                ?? "MTU: \(list). A larger packet is answered with the size that fits.",
            remedy: tooSmall.map { .edit(device: $0.0.id, field: "mtu") })
    }
}
