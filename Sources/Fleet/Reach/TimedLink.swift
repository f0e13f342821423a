// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Words

/// A link of two devices that ends by itself. It owns the prefixes that it added to their lists; its end removes these and nothing else.
public struct TimedLink: Hashable, Sendable, Identifiable {
    /// A prefix that the link added to the list of a device.
    public struct Addition: Hashable, Sendable {
        /// The device whose list has the prefix.
        public let deviceID: String
        public let prefix: IPPrefix
        /// The default list that the device followed until then; nil if it had a list of its own.
        public let followed: [IPPrefix]?

        public init(deviceID: String, prefix: IPPrefix, followed: [IPPrefix]?) {
            self.deviceID = deviceID
            self.prefix = prefix
            self.followed = followed
        }
    }

    /// 16 random characters. An id is never reused.
    public let id: String
    /// The ids of the two devices. One of them may have been removed since.
    public let first: String
    public let second: String
    /// The names of both when the link was granted.
    public let name: String
    /// Who granted the link, by the name that the audit log gives them.
    public let grantedBy: String
    /// Who asked for it; nil if nobody did.
    public let askedBy: String?
    /// Why; may be empty.
    public let reason: String
    public let grantedAt: UnixTime
    /// When the end was set last.
    public let setAt: UnixTime
    public let endsAt: UnixTime
    /// What the link owns now. Empty if it ended early: somebody removed all that it added.
    public let additions: [Addition]

    public init(
        id: String, first: String, second: String, name: String, grantedBy: String, askedBy: String?, reason: String, grantedAt: UnixTime,
        setAt: UnixTime, endsAt: UnixTime, additions: [Addition]
    ) {
        self.id = id
        self.first = first
        self.second = second
        self.name = name
        self.grantedBy = grantedBy
        self.askedBy = askedBy
        self.reason = reason
        self.grantedAt = grantedAt
        self.setAt = setAt
        self.endsAt = endsAt
        self.additions = additions
    }

    /// True while the link owns something.
    public var isRunning: Bool { !additions.isEmpty }

    /// True if this is a link between these two devices, in either order.
    public func joins(_ a: String, _ b: String) -> Bool { first == a && second == b || first == b && second == a }

    /// The longest time that a link may have, in seconds: 366 days.
    public static let longest: Int64 = 366 * 86_400
    /// The shortest one: a minute.
    public static let shortest: Int64 = 60
    /// The most timed links that run at once.
    public static let maximumRunning = 500
    /// The most pairs that one change may link for a time.
    public static let maximumPairs = 50
    /// The most characters of a reason.
    public static let maximumReasonLength = 200

    /// The reason why a link cannot end at `end`; nil if it can.
    public static func problem(withEnd end: UnixTime, now: UnixTime) -> Phrase? {
        let left = end.seconds(since: now)
        if left < shortest { return "The end is in the past or less than a minute away. Choose a later one." }
        return left > longest ? "The end is more than a year away. Choose an earlier one, or link the two without an end." : nil
    }

    /// What is wrong with the text of a reason; nil if it is valid.
    public static func problem(withReason text: String) -> Phrase? {
        let length = text.scalarCount
        if length > maximumReasonLength { return "The reason has \(length) characters. Give at most \(maximumReasonLength)." }
        return TextRules.hiddenCharacter(in: text).map { "The reason contains the invisible character \($0). Remove it." }
    }
}

/// What running timed links own in the lists of devices, all together.
public struct TimedPrefixes: Sendable {
    private var owners: [String: [IPPrefix: Int]] = [:]
    private var followed: [String: [IPPrefix]] = [:]

    /// What these links own. Links that ended early own nothing.
    public init(_ links: [TimedLink] = []) {
        for addition in links.lazy.flatMap(\.additions) {
            owners[addition.deviceID, default: [:]][addition.prefix, default: 0] += 1
            if let list = addition.followed { followed[addition.deviceID] = list }
        }
    }

    /// True if timed links own nothing.
    public var isEmpty: Bool { owners.isEmpty }

    /// True if the prefix is in the list of the device only because of a timed link.
    public func owns(_ prefix: IPPrefix, in deviceID: String) -> Bool { owners[deviceID]?[prefix] != nil }

    /// The device without what timed links added to its list.
    public func stripped(_ device: Device) -> Device {
        guard owners[device.id] != nil, case .own(let list) = device.overrides.allowedIPs else { return device }
        var device = device
        device.overrides.allowedIPs = .own(list.filter { !owns($0, in: device.id) })
        return device
    }

    /// The default list that the device would follow without timed links; nil if it has a list of its own. `defaults` is the current default.
    public func followedList(of device: Device, defaults: [IPPrefix]) -> [IPPrefix]? {
        device.overrides.allowedIPs.isInherited ? defaults : followed[device.id]
    }

    /// The allowed IPs of a device after the end of `link`. What other timed links own as well stays. If nothing but the default list is left, and
    /// the device followed it before, it does so again.
    public func allowedIPs(of device: Device, endingLink link: TimedLink) -> Setting<[IPPrefix]> {
        guard case .own(let list) = device.overrides.allowedIPs else { return .inherit }
        let additions = link.additions.filter { $0.deviceID == device.id }
        let leaving = Set(additions.map(\.prefix).filter { owners[device.id]?[$0] == 1 })
        let rest = list.filter { !leaving.contains($0) }
        return additions.contains { $0.followed == rest } ? .inherit : .own(rest)
    }
}
