// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net

extension Zone {
    /// Seconds for which an answer may be remembered. A new rule or address takes at most that long to arrive.
    static let timeToLive: UInt32 = 60
    /// The same for the answer that there is no such name, which ends when somebody adds a device.
    static let negativeTimeToLive: UInt32 = 10

    /// Whether the one who asks may reach an address, and so may know its name.
    public enum Permission: UInt8, Comparable, Sendable {
        case granted
        /// The allowed IPs of the other side lack the one who asks.
        case ownerDoesNotList
        /// The allowed IPs of the one who asks lack the address.
        case askerDoesNotList
        case ownerDisabled
        /// The one who asks has no address of that family.
        case noCommonFamily
        /// No device owns the address.
        case notOwned

        public static func < (a: Permission, b: Permission) -> Bool { a.rawValue < b.rawValue }

        /// What is missing, in front of the name and behind it.
        fileprivate var text: (before: StaticString, after: StaticString) {
            switch self {
            case .granted: ("", "")
            case .ownerDoesNotList: ("", " does not list you in its allowed IPs")
            case .askerDoesNotList: ("your allowed IPs do not hold ", "")
            case .ownerDisabled: ("", " is disabled or expired")
            case .noCommonFamily: ("you have no address of the family of ", "")
            case .notOwned: ("no device owns the address of ", "")
            }
        }
    }

    /// What to do with a query.
    public enum Answer: Equatable, Sendable {
        /// Send so many bytes.
        case reply(byteCount: Int)
        /// Pass it on: the name is none of ours, and there are resolvers.
        case forward
        /// Drop it: there is no room for an answer.
        case none
    }

    /// The class of almost all names (RFC 1035 3.2.4).
    private static let internet: UInt16 = 1

    private enum Place {
        /// The domain itself, or a name directly under it: where it stands in `entries`, or nil if there is none.
        case apex, name(Int?)
        /// A name under another name.
        case below
        case address(IPAddress)
        case elsewhere
    }

    /// Writes the answer to a query to `out`, at most `room` bytes. `permission` decides whether the one who asks may reach an address.
    ///
    /// A name that does not exist gets NXDOMAIN, one that lacks the asked type an empty answer, both with the SOA record. A name of an address
    /// that the one who asks may not reach gets REFUSED, with the missing side as text (RFC 8914, code 18).
    public func answer(
        _ query: NameQuery, at out: UnsafeMutableRawPointer, room: Int, permission: (IPAddress) -> Permission
    ) -> Answer {
        if let fault = query.fault {
            return error(fault == .malformed ? .malformed : fault == .badVersion ? .badVersion : .notImplemented, query, out, room)
        }
        switch query.type {
        case NameQuery.RecordType.axfr, NameQuery.RecordType.ixfr: return error(.refused, query, out, room)
        default: break
        }
        let place = query.recordClass == Self.internet ? place(of: query.name) : .elsewhere
        switch place {
        case .apex: return answerApex(query, out, room)
        case .name(let entry?): return answer(entry, query, out, room, permission)
        case .name(nil): return answerNothing(.noSuchName, query, out, room, domainOffset: offset(ofDomainIn: query))
        case .below: return answerNothing(.noSuchName, query, out, room, domainOffset: offset(ofDomainIn: query))
        case .address(let address):
            if let entry = self.place(of: address) { return answer(entry, about: address, query, out, room, permission) }
            // A device owns it, so nobody else can know a name for it.
            guard permission(address) != .notOwned else { break }
            return answerNothing(.noSuchName, query, out, room, domainOffset: nil)
        case .elsewhere: break
        }
        guard !isForwarding || query.recordClass != Self.internet else { return .forward }
        return refuseOther(query, out, room)
    }

    private func place(of name: UnsafeRawBufferPointer) -> Place {
        if isDomain(name, from: 0) { return .apex }
        guard name.count > 1 else { return .elsewhere }
        let first = 1 + Int(name[0])
        if isDomain(name, from: first) { return .name(place(of: UnsafeRawBufferPointer(rebasing: name[1..<first]))) }
        var start = first
        while start < name.count, name[start] != 0 {
            start += 1 + Int(name[start])
            if isDomain(name, from: start) { return .below }
        }
        return ReverseName.address(of: name).map(Place.address) ?? .elsewhere
    }

    /// Whether the rest of a name is the domain. Bytes of length are no letters, so their case needs no care.
    private func isDomain(_ name: UnsafeRawBufferPointer, from start: Int) -> Bool {
        guard name.count - start == domain.count else { return false }
        return domain.withUnsafeBytes { Self.equal(UnsafeRawBufferPointer(rebasing: name[start...]), $0.baseAddress!, $0.count) }
    }

    private func offset(ofDomainIn query: NameQuery) -> Int { query.nameEnd - domain.count }

    // MARK: Answers

    private func answer(
        _ place: Int, _ query: NameQuery, _ out: UnsafeMutableRawPointer, _ room: Int, _ permission: (IPAddress) -> Permission
    ) -> Answer {
        let entry = entries[place]
        let (v4, v6) = (IPAddress.v4(IPv4Address(bits: entry.ipv4)), IPAddress.v6(IPv6Address(high: entry.ipv6.high, low: entry.ipv6.low)))
        let first = entry.families & 1 == 0 ? nil : permission(v4)
        let second = entry.families & 2 == 0 ? nil : permission(v6)
        if let best = first.map({ first in second.map { min(first, $0) } ?? first }) ?? second, best != .granted {
            return prohibit(place, best, query, out, room)
        }
        let wantsAll = query.type == NameQuery.RecordType.any
        let has4 = first == .granted && (wantsAll || query.type == NameQuery.RecordType.a)
        let has6 = second == .granted && (wantsAll || query.type == NameQuery.RecordType.aaaa)
        guard has4 || has6 else { return answerNothing(.noError, query, out, room, domainOffset: offset(ofDomainIn: query)) }
        guard var reply = reply(.noError, query, out, room) else { return .none }
        if has4 { reply.append(v4, timeToLive: Self.timeToLive) }
        if has6 { reply.append(v6, timeToLive: Self.timeToLive) }
        return .reply(byteCount: reply.finish())
    }

    /// The name of an address.
    private func answer(
        _ place: Int, about address: IPAddress, _ query: NameQuery, _ out: UnsafeMutableRawPointer, _ room: Int,
        _ permission: (IPAddress) -> Permission
    ) -> Answer {
        let permission = permission(address)
        guard permission == .granted else { return prohibit(place, permission, query, out, room) }
        guard query.type == NameQuery.RecordType.ptr || query.type == NameQuery.RecordType.any else {
            return answerNothing(.noError, query, out, room, domainOffset: nil)
        }
        guard var reply = reply(.noError, query, out, room) else { return .none }
        withLabel(at: place) { label in
            domain.withUnsafeBytes { reply.append(NameQuery.RecordType.ptr, label, of: $0, timeToLive: Self.timeToLive) }
        }
        return .reply(byteCount: reply.finish())
    }

    private func answerApex(_ query: NameQuery, _ out: UnsafeMutableRawPointer, _ room: Int) -> Answer {
        let (wantsSOA, wantsNS) = (query.type == NameQuery.RecordType.soa, query.type == NameQuery.RecordType.ns)
        let wantsAll = query.type == NameQuery.RecordType.any
        guard wantsSOA || wantsNS || wantsAll else { return answerNothing(.noError, query, out, room, domainOffset: offset(ofDomainIn: query)) }
        guard var reply = reply(.noError, query, out, room) else { return .none }
        if wantsSOA || wantsAll { appendStart(&reply, offset(ofDomainIn: query), isAnswer: true) }
        if wantsNS || wantsAll {
            Self.hubBytes { hub in domain.withUnsafeBytes { reply.append(NameQuery.RecordType.ns, hub, of: $0, timeToLive: Self.timeToLive) } }
        }
        return .reply(byteCount: reply.finish())
    }

    /// An answer without a record: there is no such name, or it lacks the asked type. Names of addresses have no SOA record of ours.
    private func answerNothing(
        _ code: NameReply.Code, _ query: NameQuery, _ out: UnsafeMutableRawPointer, _ room: Int, domainOffset: Int?
    ) -> Answer {
        guard var reply = reply(code, query, out, room) else { return .none }
        if let domainOffset { appendStart(&reply, domainOffset, isAnswer: false) }
        return .reply(byteCount: reply.finish())
    }

    private func appendStart(_ reply: inout NameReply, _ domainOffset: Int, isAnswer: Bool) {
        Self.hubBytes { hub in
            domain.withUnsafeBytes {
                reply.appendStart(
                    of: $0, nameOffset: domainOffset, hub: hub, serial: serial, timeToLive: Self.negativeTimeToLive, isAnswer: isAnswer)
            }
        }
    }

    private static let hubText: StaticString = "hub"

    private static func hubBytes(_ body: (UnsafeRawBufferPointer) -> Void) {
        body(UnsafeRawBufferPointer(start: hubText.utf8Start, count: hubText.utf8CodeUnitCount))
    }

    private func reply(
        _ code: NameReply.Code, _ query: NameQuery, _ out: UnsafeMutableRawPointer, _ room: Int
    ) -> NameReply? {
        NameReply(to: query, code, isOurs: true, offersRecursion: isForwarding, at: out, room: room)
    }

    // MARK: Refusals

    private func error(_ code: NameReply.Code, _ query: NameQuery, _ out: UnsafeMutableRawPointer, _ room: Int) -> Answer {
        guard var reply = NameReply(to: query, code, isOurs: false, offersRecursion: isForwarding, at: out, room: room) else { return .none }
        return .reply(byteCount: reply.finish())
    }

    private func prohibit(
        _ place: Int, _ permission: Permission, _ query: NameQuery, _ out: UnsafeMutableRawPointer, _ room: Int
    ) -> Answer {
        guard var reply = NameReply(to: query, .refused, isOurs: false, offersRecursion: isForwarding, at: out, room: room) else { return .none }
        let byteCount = withLabel(at: place) { label in
            reply.finish(.prohibited) { Self.write(permission.text.before, label, permission.text.after, to: $0) }
        }
        return .reply(byteCount: byteCount)
    }

    /// Refuses a name that is none of ours.
    private func refuseOther(_ query: NameQuery, _ out: UnsafeMutableRawPointer, _ room: Int) -> Answer {
        guard var reply = NameReply(to: query, .refused, isOurs: false, offersRecursion: isForwarding, at: out, room: room) else { return .none }
        let byteCount = domainText.withUnsafeBytes { domain in
            reply.finish(.notAuthoritative) { Self.write("this hub answers only for names under ", domain, "", to: $0) }
        }
        return .reply(byteCount: byteCount)
    }

    /// Writes a text of three parts, at most `NameReply.textRoom` bytes. Returns their number.
    private static func write(
        _ before: StaticString, _ middle: UnsafeRawBufferPointer, _ after: StaticString, to out: UnsafeMutableRawPointer
    ) -> Int {
        var count = before.utf8CodeUnitCount
        out.copyMemory(from: before.utf8Start, byteCount: count)
        let middleCount = min(middle.count, NameReply.textRoom - count - after.utf8CodeUnitCount)
        if let base = middle.baseAddress { (out + count).copyMemory(from: base, byteCount: middleCount) }
        count += middleCount
        (out + count).copyMemory(from: after.utf8Start, byteCount: after.utf8CodeUnitCount)
        return count + after.utf8CodeUnitCount
    }
}
