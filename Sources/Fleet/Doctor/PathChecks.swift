// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Words

/// The steps of the doctor that look at packets between the two devices: the last drop, and the results of a test.
struct PathChecks: Sendable {
    typealias Check = Doctor.Check

    /// Seconds for which a drop counts against the pair.
    private static let recentSeconds: Int64 = 300
    /// Drops that also occur on a working link: path MTU discovery, traceroute, late packets and the rate limit on errors.
    private static let harmless: Set<DropReason> = [.tooBig, .hopLimitExceeded, .icmpSuppressed, .replayDuplicate, .replayTooOld]
    /// Drops by the rules. The steps above judge the rules as they are now.
    private static let ruled: Set<DropReason> = [
        .sourceNotAllowed, .noRouteToPeer, .notInAllowedIPs, .notInReceiversAllowedIPs, .peerDisabled, .hubServiceUnknown,
    ]

    /// Drops for want of a session. The steps above judge the sessions, and a device that was heard since has one.
    private static let unconnected: Set<DropReason> = [.noEndpoint, .keyExpired, .stagedOverflow, .stagedPurged]

    let pair: PairChecks
    let test: LinkTest?
    let overview: Overview

    var checks: [Check] {
        guard let to = pair.to else { return [] }
        return [
            lastDrop(to), probe(into: to, from: pair.from, "probe_into_receiver"), probe(into: pair.from, from: to, "probe_into_sender"),
            whole(to, "large_into_receiver"), whole(pair.from, "large_into_sender"),
        ].compactMap { $0 }
    }

    /// The last drop between the two devices, in either direction, that can be the cause. The newest change may have fixed the cause of a drop
    /// that occurred before it was applied, and a test that passed has proved it gone.
    private func lastDrop(_ to: Device) -> Check {
        let title: Phrase = "Nothing was dropped between them recently"
        guard pair.isLive else { return Check(name: "last_drop", title: title, ok: nil, detail: overview.status.problem ?? "") }
        let keys = Set([pair.from.publicKey, to.publicKey])
        let between = overview.status.pairDrops.filter { Set([$0.from, $0.to].compactMap { $0 }) == keys && !Self.ruled.contains($0.reason) }
        let serious = between.filter(isSerious)
        guard let last = (serious.isEmpty ? between : serious).max(by: { $0.lastAt < $1.lastAt }) else {
            return Check(name: "last_drop", title: title, ok: true, detail: "Nothing since the hub started.")
        }
        let sender = last.from == pair.from.publicKey ? pair.from : to
        let times: Phrase = .counting(Int(clamping: last.count), "once | \(Amount.count(last.count)) times")
        return Check(
            name: "last_drop", title: title, ok: serious.isEmpty,
            detail: "From \(sender.name), \(last.lastAt.relative(to: overview.now)), \(times): \(last.reason.name). \(last.reason.explanation)",
            isGuess: Self.unconnected.contains(last.reason))
    }

    private func isSerious(_ drop: HubStatus.PairDrop) -> Bool {
        let isOld = overview.now.seconds(since: drop.lastAt) > Self.recentSeconds || overview.generation.appliedAt.map { drop.lastAt < $0 } ?? false
        let isDisproved = test.map { !$0.results.isEmpty && $0.results.allSatisfy(\.isIn) } ?? false
        let receiver = [pair.from, pair.to].compactMap { $0 }.first { $0.publicKey == drop.to }
        let isConnected = drop.reason == .noEndpoint && receiver.flatMap { overview.heard($0) }.map { $0 >= drop.lastAt } ?? false
        return !isOld && !isDisproved && !isConnected && !Self.harmless.contains(drop.reason)
    }

    /// The results in the families in which the hub forwards packets, or all if it forwards none.
    private func results(into device: Device) -> [LinkTest.Result] {
        let all = test?.results(into: device) ?? []
        let passing = all.filter { result in pair.passing.contains { $0.source.isV4 == result.echo.source.isV4 } }
        return passing.isEmpty ? all : passing
    }

    /// Checks whether the file on the device itself allows the other device.
    private func probe(into device: Device, from other: Device, _ name: String) -> Check {
        let title: Phrase = "\(device.name) answers \(other.name)"
        guard test != nil else {
            return Check(
                name: name, title: title, ok: nil,
                detail: pair.isLive ? "Not tested yet." : "Not tested: no hub is running with this data.")
        }
        let results = results(into: device)
        guard let failure = results.first(where: { !$0.isIn }) else {
            let sentence = LinkTest.Result.sentence(results, into: device, from: Phrase(verbatim: other.name))
            return Check(
                name: name, title: title, ok: results.isEmpty ? nil : true, detail: results.isEmpty ? "There is no address to test." : sentence)
        }
        let isOver = failure.outcome == .limited || failure.outcome == .notInForce
        let behind = pair.address.flatMap { address in
            results.contains { $0.echo.destination != address && $0.isIn } && failure.echo.destination == address ? address : nil
        }
        let sentence: Phrase =
            if let behind {
                "\(device.name) answers, but \(behind) behind it does not: it is off, or \(device.name) does not forward to it."
            } else {
                LinkTest.Result.sentence(results, into: device, from: Phrase(verbatim: other.name))
            }
        let isSilence = failure.outcome == .noSession || failure.outcome == .noEndpoint
        return Check(
            name: name, title: title, ok: isOver ? nil : false, detail: sentence,
            remedy: failure.outcome == .noAnswer && behind == nil ? .file(device: device.id) : nil,
            // The session's own step above names the cause.
            isGuess: isSilence)
    }

    /// Checks whether packets of the full size pass between the hub and the device.
    private func whole(_ device: Device, _ name: String) -> Check? {
        guard let result = results(into: device).first(where: { $0.echo.byteCount != nil && $0.isIn }) else { return nil }
        let title: Phrase = "Large packets reach \(device.name)"
        guard case .largeLost(_, let largest, let tried) = result.outcome else {
            return Check(name: name, title: title, ok: true, detail: "\(result.echo.byteCount ?? 0) bytes pass.")
        }
        let field = Check.Remedy.edit(device: device.id, field: "mtu")
        guard let largest else {
            return Check(
                name: name, title: title, ok: false,
                detail: "Packets of 576 bytes do not pass between the hub and \(device.name), small ones do: its network drops large packets.")
        }
        return Check(
            name: name, title: title, ok: false,
            detail:
                "Packets of \(Amount.count(tried)) bytes do not pass between the hub and \(device.name), \(Amount.count(largest)) do: set its MTU to \(largest).",
            remedy: field)
    }
}
