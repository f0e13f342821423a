// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Words

/// Why the hub and one device have no working session. Reads what was heard of the device, its refused and unanswered handshakes, and a test
/// if there was one. What the test proved beats everything else.
public struct SessionDiagnosis: Sendable {
    /// A cause in words.
    struct Fault {
        let sentence: Phrase
        var remedy: Doctor.Check.Remedy?
        var isGuess = false
    }

    /// What a test showed.
    private enum Proof {
        case none
        /// The device answered.
        case alive
        /// It was heard meanwhile, but did not answer.
        case heard
        case silent
    }

    /// Seconds for which a refused handshake counts.
    static let recentSeconds: Int64 = 300
    /// Seconds after which an unanswered handshake of the hub means something: a retry was not answered either.
    private static let patience: Int64 = 6
    /// The longest keepalive, in seconds, that nearly every NAT endures.
    private static let safeKeepalive: Int64 = 25
    /// Seconds that a keepalive may be late.
    private static let tolerance: Int64 = 3

    let device: Device
    let overview: Overview
    let sight: DeviceSight
    private let attempts: Evidence.Attempts
    private let proof: Proof
    private var now: UnixTime { overview.now }

    /// `test` holds the results of probes; nil if none were sent.
    public init(of device: Device, in overview: Overview, test: LinkTest? = nil) {
        self.device = device
        self.overview = overview
        sight = overview.sight(of: device)
        attempts = overview.status.evidence?.attempts[device.publicKey] ?? Evidence.Attempts()
        let outcomes = test?.results(into: device) ?? []
        proof =
            if outcomes.contains(where: \.isIn) {
                .alive
            } else if outcomes.contains(where: { $0.outcome == .noAnswer }) {
                .heard
            } else {
                outcomes.contains { $0.outcome == .noSession } ? .silent : .none
            }
    }

    /// The cause in a sentence; empty if nothing is known to be wrong.
    public var sentence: Phrase { fault?.sentence ?? "" }

    /// The cause in a sentence if it is proved; empty otherwise.
    public var provedSentence: Phrase { device.isActive(at: now) ? fault.flatMap { $0.isGuess ? nil : $0.sentence } ?? "" : "" }

    // MARK: The steps of the doctor

    func checks(_ role: String) -> [Doctor.Check] {
        let fault = device.isActive(at: now) ? fault : nil
        let isSeen = isKeySeen
        var checks = [
            Doctor.Check(
                name: "\(role)_key_seen", title: "\(device.name) has connected with its key", ok: isSeen || fault != nil ? isSeen : nil,
                detail: isSeen ? "The hub knows this key from a handshake." : fault?.sentence ?? "Nobody has connected with this key yet.",
                remedy: isSeen ? nil : fault?.remedy, isGuess: fault?.isGuess ?? false)
        ]
        if let contested = ContestedKey(device, in: overview) {
            checks.append(
                Doctor.Check(
                    name: "\(role)_key_single", title: "One machine uses the key of \(device.name)", ok: false,
                    detail: contested.sentence))
        }
        let isFailed = isSeen && fault != nil
        let isKnown = sight.heard != nil && device.isActive(at: now)
        checks.append(
            Doctor.Check(
                name: "\(role)_handshake", title: "\(device.name) is connected", ok: isFailed ? false : isKnown ? true : nil,
                detail: isFailed ? fault?.sentence ?? "" : ages, remedy: isFailed ? fault?.remedy : nil,
                isGuess: isFailed && fault?.isGuess == true))
        return checks
    }

    /// True if anyone was ever heard with this key, even if no session came of it.
    private var isKeySeen: Bool {
        sight.heard != nil || attempts.answered > 0 || refused(.badHandshakeTag) != nil || refused(.timestampReplay) != nil
    }

    private var ages: Phrase {
        guard let heard = sight.heard?.relative(to: now) else { return "It has had no handshake yet." }
        return sight.handshake.map { "Last handshake \($0.relative(to: now)), heard from \(heard)." }
            ?? "No handshake in memory, heard from \(heard)."
    }

    // MARK: The cause

    /// Nil if nothing is known to be wrong.
    var fault: Fault? {
        switch proof {
        case .alive: return nil
        // It can speak to the hub, and perhaps the hub cannot speak to it.
        case .heard: return hostFault
        case .silent, .none: break
        }
        if let fault = refusedHandshake ?? hostFault ?? unconfirmed ?? strangersFile { return fault }
        return sight.heard == nil ? neverHeard : (silence.map { wrongEndpoint ?? $0 })
    }

    /// Handshakes that the hub refused, with a reason that names the cause.
    private var refusedHandshake: Fault? {
        if refused(.badHandshakeTag) != nil { return otherPresharedKey }
        guard refused(.timestampReplay) != nil else { return nil }
        let ahead = overview.status.peers[device.publicKey]?.newestClock.map { $0.seconds(since: now) } ?? 0
        return Fault(
            sentence: ahead > 60
                ? "Handshakes of \(device.name) are refused: its clock was ahead by \(Amount.age(ahead)) once. Forget that time, or rotate its key."
                : "Handshakes of \(device.name) are refused: its clock went back. Set its clock, or forget the time of its last handshake.",
            remedy: .forgetTime(device: device.id))
    }

    private var otherPresharedKey: Fault {
        let isOld = device.lacks(device.fileRevisions.presharedKey)
        let sentence: Phrase =
            device.hasPresharedKey
            ? "\(device.name) has another preshared key than the hub, or none: its handshakes are answered and never confirmed."
            : "\(device.name) has a preshared key, and the hub has none for it: its handshakes are answered and never confirmed."
        return Fault(
            sentence: [sentence, isOld ? "Put its new file on it." : "Set the same one on both."].joined(),
            remedy: isOld ? .file(device: device.id) : .edit(device: device.id, field: "preshared_key"))
    }

    /// What the hub's own host refuses to send.
    private var hostFault: Fault? {
        let place = sight.endpoint.map { "\($0)" } ?? ""
        if isUnsendable(.sendNotPermitted) {
            return Fault(sentence: "The hub's host does not permit sending to \(place), where \(device.name) is. Check its firewall.")
        }
        guard isUnsendable(.endpointUnreachable) else { return nil }
        return Fault(sentence: "The hub's host has no route to \(place), where \(device.name) is. Check its network.")
    }

    /// True if the last message to the device failed for this reason. What is heard from the device does not disprove it.
    private func isUnsendable(_ reason: DropReason) -> Bool {
        let last = overview.status.pairDrops.filter { $0.reason == reason && $0.to == device.publicKey }.map(\.lastAt).max()
        let limit = max(15, Int64(sight.settings.persistentKeepalive) + Self.tolerance)
        return last.map { now.seconds(since: $0) <= limit && $0 >= device.updatedAt } ?? false
    }

    /// Initiations of the device that the hub answered, and no packet under the new keys came back.
    private var unconfirmed: Fault? {
        guard attempts.answered >= (proof == .silent ? 1 : 2), let at = attempts.answeredAt, counts(at) else { return nil }
        let isDeaf = attempts.called > 0 && attempts.calledSince.map { now.seconds(since: $0) >= 2 } ?? false
        let times: Phrase = .counting(attempts.answered, "1 handshake was | \(Amount.count(attempts.answered)) handshakes were")
        return Fault(
            sentence: isDeaf
                ? "The network of \(device.name) drops our answers: \(times) answered, and nothing came back. Check its firewall or router."
                : "\(device.name) has another preshared key than the hub, or its network drops our answers: \(times) answered and never confirmed.",
            remedy: isDeaf ? nil : .edit(device: device.id, field: "preshared_key"))
    }

    /// Handshakes for another hub or with an unknown key, from where the device was last.
    private var strangersFile: Fault? {
        guard let place = sight.endpoint?.address else { return nil }
        let here = (overview.status.evidence?.strangers ?? []).filter { $0.source.address == place && counts($0.at) }
        guard let stranger = here.max(by: { $0.at < $1.at }) else { return nil }
        return Fault(
            sentence: stranger.reason == .badMac1
                ? "Handshakes from \(place), where \(device.name) was last, use another hub's key. Put its file from this hub on it."
                : "Handshakes from \(place), where \(device.name) was last, use a key that no device has. Put its newest file on it.",
            remedy: .file(device: device.id))
    }

    private var neverHeard: Fault? {
        if let fault = wrongEndpoint { return fault }
        if device.lacks(device.fileRevisions.key) || device.fileRevisions.isKeyReplaced {
            return Fault(
                sentence: "\(device.name) got a new key and has not connected with it yet. Put its new file on it.",
                remedy: .file(device: device.id))
        }
        if let fault = movedHub { return fault }
        let endpoint = sight.settings.endpoint.map { "\($0)" } ?? ""
        if let evidence = overview.status.evidence, evidence.lastDatagramAt == nil {
            return Fault(
                sentence:
                    "Nothing has reached UDP port \(overview.hubPort) of the hub since it started: a firewall blocks it, or no device dials \(endpoint).",
                remedy: .file(device: device.id), isGuess: true)
        }
        return Fault(
            sentence: "Nobody has connected with the key of \(device.name) yet: it does not have its file, or it cannot reach \(endpoint).",
            remedy: .file(device: device.id), isGuess: proof != .silent)
    }

    /// An endpoint in the device's file that cannot be the hub's.
    private var wrongEndpoint: Fault? {
        guard let endpoint = sight.settings.endpoint else {
            return Fault(
                sentence: "The file of \(device.name) names no endpoint: it cannot find the hub. Set its endpoint.",
                remedy: .edit(device: device.id, field: "endpoint"))
        }
        guard let listen = overview.status.listen, let address = IPAddress(endpoint.host), overview.status.hostAddresses.contains(address),
            let port = endpoint.port, port != listen.port
        else { return nil }
        return Fault(
            sentence: "The file of \(device.name) names port \(port), but the hub listens on port \(listen.port). Change its endpoint.",
            remedy: .edit(device: device.id, field: "endpoint"))
    }

    /// An endpoint in the device's file that was the hub's before it moved. Only if nobody connects: otherwise something may translate the address.
    private var movedHub: Fault? {
        guard let endpoint = sight.settings.endpoint, !overview.status.isHeard(at: now),
            let own = overview.status.address(insteadOf: endpoint, at: now)
        else { return nil }
        return Fault(
            sentence: "The file of \(device.name) names \(endpoint), but the hub's host has no such address. It has \(own). Change the endpoint.",
            remedy: .edit(device: device.id, field: "endpoint"), isGuess: true)
    }

    // MARK: Silence

    /// A device that was heard and is silent now.
    private var silence: Fault? {
        guard let heard = sight.heard else { return nil }
        let age = heard.relative(to: now)
        let keepalive = Self.keepalive(of: device, overview)
        let isOverdue = Self.isOverdue(device, overview)
        let isUnanswered = attempts.calledSince.map { now.seconds(since: $0) >= Self.patience && counts($0) } ?? false
        guard proof == .silent || isOverdue || isUnanswered || sight.state == .stale else { return nil }
        let isGuess = proof != .silent
        if let fault = movedHub { return fault }
        if isOverdue || proof == .silent, let deafness = hubsSilence { return deafness }
        if keepalive > 0, now.seconds(since: heard) > keepalive + Self.tolerance {
            return Fault(
                sentence: "\(device.name) is off or cut off: it was last heard \(age), and should send something every \(keepalive) s.",
                isGuess: isGuess)
        }
        if sight.state == .stale { return Fault(sentence: "\(device.name) is off or cut off: it was last heard \(age).", isGuess: isGuess) }
        guard keepalive > 0 else {
            return Fault(
                sentence:
                    "\(device.name) was heard \(age) and does not answer: its keepalive is off and a NAT or firewall has closed the way back, or it is off. Set its keepalive to \(Self.safeKeepalive).",
                remedy: .edit(device: device.id, field: "persistent_keepalive"), isGuess: isGuess)
        }
        let better = keepalive > Self.safeKeepalive ? Self.safeKeepalive : max(1, keepalive / 2)
        return Fault(
            sentence:
                "\(device.name) was heard \(age) and does not answer: a NAT or firewall closes the way back before its keepalive of \(keepalive) s, or it was switched off. Set its keepalive to \(better) or less.",
            remedy: .edit(device: device.id, field: "persistent_keepalive"), isGuess: isGuess)
    }

    /// The hub hears nobody: then no single device is the cause.
    private var hubsSilence: Fault? {
        guard let last = overview.status.evidence?.lastDatagramAt, let heard = sight.heard else { return nil }
        let others = overview.devices.filter { other in
            other.id != device.id && overview.heard(other).map { now.seconds(since: $0) < 3600 } ?? false && Self.keepalive(of: other, overview) > 0
        }
        let limit = 2 * max(Self.keepalive(of: device, overview), 1) + Self.tolerance
        guard !others.isEmpty, others.allSatisfy({ Self.isOverdue($0, overview) }), now.seconds(since: last) > limit, last >= heard else {
            return nil
        }
        return Fault(
            sentence:
                "No device has reached UDP port \(overview.hubPort) of the hub for \(Amount.age(now.seconds(since: last))): a firewall blocks the port, or the hub is cut off."
        )
    }

    /// The seconds between the keepalives that the device's file asks for; 0 if they are off, or if the device does not have that file.
    private static func keepalive(of device: Device, _ overview: Overview) -> Int64 {
        guard device.fetchedConfigRevision != nil, !device.lacks(device.fileRevisions.settings[.persistentKeepalive]) else { return 0 }
        return Int64(device.settings(over: overview.defaults).persistentKeepalive)
    }

    /// True if the device missed two keepalives.
    private static func isOverdue(_ device: Device, _ overview: Overview) -> Bool {
        let keepalive = keepalive(of: device, overview)
        guard keepalive > 0, let heard = overview.heard(device) else { return false }
        return overview.now.seconds(since: heard) > 2 * keepalive + tolerance
    }

    // MARK: What counts

    /// When a message of the device was last refused for this reason. Nil if that does not count.
    private func refused(_ reason: DropReason) -> UnixTime? {
        let drops = overview.status.pairDrops.filter { $0.reason == reason && $0.from == device.publicKey && $0.to == nil }
        return drops.map(\.lastAt).max().flatMap { counts($0) ? $0 : nil }
    }

    /// True for a recent event after which neither the device was heard nor its settings changed.
    private func counts(_ at: UnixTime) -> Bool {
        now.seconds(since: at) <= Self.recentSeconds && at >= sight.heard ?? at && at >= device.updatedAt
    }
}
