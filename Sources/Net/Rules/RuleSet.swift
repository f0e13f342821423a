// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

/// A compiled list of rules: finds the first rule that matches a packet, with a cost that hardly depends on the length of the list.
///
/// Each field of a packet (sender, source address, receiver, destination address, protocol with port) gives a row of bits, one per rule. The
/// first bit that all rows have in common is the first rule that matches. Members, addresses and ports with the same bits share a row.
/// Never changes after it was made. A decision allocates nothing.
public final class RuleSet: Sendable {
    /// The maximum number of rules in a list.
    public static let limit = 1000

    /// The first rule that matches a packet, and what it says.
    public struct Decision: Equatable, Sendable {
        /// The place of the rule in the list; the length of the list when none matched and the end of the list decided.
        public let rule: Int
        public let action: Rule.Action

        public init(rule: Int, action: Rule.Action) { (self.rule, self.action) = (rule, action) }

        /// True if the packet passes.
        public var allows: Bool { action == .allow }
    }

    /// What a packet says about itself, as far as rules ask for it.
    public struct Packet: Sendable {
        public var source: IPAddress
        public var destination: IPAddress
        /// The transport protocol (IANA).
        public var number: UInt8
        /// The destination port; 0 for a protocol without ports.
        public var port: UInt16

        public init(source: IPAddress, destination: IPAddress, number: UInt8, port: UInt16) {
            (self.source, self.destination, self.number, self.port) = (source, destination, number, port)
        }
    }

    /// The number of rules.
    public let count: Int
    /// What the end of the list says.
    public let end: Rule.Action
    /// The rules, in their order.
    public let rules: [Rule]

    private let actions: [Rule.Action]
    private let wordCount: Int
    private let senders: MemberRows
    private let receivers: MemberRows
    private let sources: PrefixRows
    private let destinations: PrefixRows
    private let internet: [UInt64]
    private let services: ServiceRows

    /// Compiles at most `limit` rules; the first ones count.
    public init(_ rules: [Rule], end: Rule.Action = .allow) {
        let rules = Array(rules.prefix(Self.limit))
        (self.rules, self.end, count) = (rules, end, rules.count)
        actions = rules.map(\.action)
        wordCount = max(1, (rules.count + 63) / 64)
        senders = MemberRows(rules.map(\.from), wordCount)
        receivers = MemberRows(rules.map(\.to), wordCount)
        sources = PrefixRows(rules.map(\.from), wordCount)
        destinations = PrefixRows(rules.map(\.to), wordCount)
        internet = rules.contains { $0.to == .internet } ? Bits.row(wordCount, rules.indices.filter { rules[$0].to == .internet }) : []
        services = ServiceRows(rules.map(\.service), wordCount)
    }

    /// True if every packet passes, so that nobody needs to ask.
    public var allowsAll: Bool { end == .allow && rules.allSatisfy { $0.action == .allow } }

    /// The decision about the first packet of a flow. `receiver` is nil when no member owns the destination. `isInternet` says whether the
    /// destination is of the Internet; see `ForwardingTable.Decisions`. The caller has checked that the sender owns the source, and that both
    /// list each other.
    public func decide(
        _ packet: Packet, from sender: ForwardingTable.Member, to receiver: ForwardingTable.Member?, isInternet: @autoclosure () -> Bool
    ) -> Decision {
        let isInternet = !internet.isEmpty && isInternet()
        let (from, to) = (senders.row(of: sender), receivers.row(of: receiver))
        let (source, destination) = (sources.row(of: packet.source), destinations.row(of: packet.destination))
        let service = services.row(number: packet.number, port: packet.port)
        for word in 0..<wordCount {
            let matching =
                (senders.bits[from &+ word] | sources.bits[source &+ word])
                & (receivers.bits[to &+ word] | destinations.bits[destination &+ word] | (isInternet ? internet[word] : 0))
                & services.bits[service &+ word]
            guard matching == 0 else {
                let rule = word &* 64 &+ matching.trailingZeroBitCount
                return Decision(rule: rule, action: actions[rule])
            }
        }
        return Decision(rule: count, action: end)
    }

    /// What rules see of one address of a member. Members and addresses with equal sides are the same to every rule.
    public struct Side: Hashable, Sendable {
        fileprivate let sender: Int
        fileprivate let source: Int
        fileprivate let receiver: Int
        fileprivate let destination: Int
        fileprivate let isInternet: Bool
    }

    /// The side of an address of a member. `isInternet` as for `decide`.
    public func side(of member: ForwardingTable.Member?, _ address: IPAddress, isInternet: @autoclosure () -> Bool) -> Side {
        Side(
            sender: senders.row(of: member), source: sources.row(of: address), receiver: receivers.row(of: member),
            destination: destinations.row(of: address), isInternet: !internet.isEmpty && isInternet())
    }

    /// The services that one address may use at another: those for which `decide` allows the first packet.
    public func services(
        from sender: ForwardingTable.Member, _ source: IPAddress, to receiver: ForwardingTable.Member?, _ destination: IPAddress,
        isInternet: @autoclosure () -> Bool
    ) -> ServiceSet {
        services(from: side(of: sender, source, isInternet: false), to: side(of: receiver, destination, isInternet: isInternet()))
    }

    /// The same for the sides of both.
    public func services(from first: Side, to second: Side) -> ServiceSet {
        var (allowed, open) = (ServiceSet.none, ServiceSet.all)
        for rule in candidates(from: first, to: second) {
            let matched = ServiceSet(rules[rule].service).intersection(open)
            guard !matched.isEmpty else { continue }
            if rules[rule].action == .allow { allowed = allowed.union(matched) }
            open = open.subtracting(matched)
            if open.isEmpty { return allowed }
        }
        return end == .allow ? allowed.union(open) : allowed
    }

    /// The rules about packets from one side to another, whatever their service.
    private func candidates(from first: Side, to second: Side) -> [Int] {
        var found: [Int] = []
        for word in 0..<wordCount {
            var matching =
                (senders.bits[first.sender + word] | sources.bits[first.source + word])
                & (receivers.bits[second.receiver + word] | destinations.bits[second.destination + word]
                    | (second.isInternet ? internet[word] : 0))
            while matching != 0 {
                found.append(word * 64 + matching.trailingZeroBitCount)
                matching &= matching - 1
            }
        }
        return found
    }
}
