// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Glibc
import Net
import Support
import Testing

struct `A service` {
    @Test(arguments: ["any", "tcp", "udp 53", "tcp 22, 80-90, 443", "icmp", "47"])
    func `is printed as it is written`(text: String) {
        #expect(TransportService(text)?.description == text)
    }

    @Test func `is read in any spelling, and its ports are put in order`() {
        #expect(TransportService("TCP  443,80-90 , 85-100,101")?.description == "tcp 80-101, 443")
        #expect(TransportService("6 22") == TransportService("tcp 22"))
        #expect(TransportService("17") == TransportService("udp"))
        #expect(TransportService("udp 0-65535") == TransportService("udp"))
    }

    @Test(arguments: ["", "sctp", "tcp 65536", "tcp 90-80", "tcp -1", "tcp 1-", "any 22", "icmp 8", "256", "47 22", "tcp 22.", "tcp 022"])
    func `is not read from other texts`(text: String) {
        #expect(TransportService(text) == nil)
    }

    @Test func `has at most 32 ranges of ports`() {
        let list = (0..<33).map { "\($0 * 10)" }
        #expect(TransportService("tcp \(list.prefix(32).joined(separator: " "))") != nil)
        #expect(TransportService("tcp \(list.joined(separator: " "))") == nil)
    }

    @Test func `becomes a set that holds the same packets`() {
        for text in ["any", "tcp", "udp 53, 60-70", "icmp", "47", "tcp 0, 65535"] {
            let service = TransportService(text)!
            let set = ServiceSet(service)
            for number in [0, 1, 6, 17, 47, 58, 255] as [UInt8] {
                for port in [0, 53, 59, 60, 70, 71, 65535] as [UInt16] {
                    let hasPorts = number == 6 || number == 17
                    guard hasPorts || port == 0 else { continue }
                    #expect(set.holds(number: number, port: port) == service.holds(number: number, port: port), "\(text) \(number) \(port)")
                }
            }
        }
    }

    @Test func `is named by what a set holds or leaves out`() {
        let ssh = ServiceSet(TransportService("tcp 22")!)
        #expect(ssh.description == "tcp 22")
        #expect(ServiceSet.all.subtracting(ssh).description == "all but tcp 22")
        #expect(ssh.union(ServiceSet(TransportService("icmp")!)).description == "icmp; tcp 22")
        #expect(ServiceSet.all.description == "all")
        #expect(ssh.subtracting(ssh).description == "none")
        #expect(ServiceSet.all.subtracting(ssh).union(ssh).isAll)
    }
}

/// Members 1 to 4 with one address of each family; member 0 is the hub, and member 4 has a network and the IPv4 Internet behind it.
private func sampleTable() -> ForwardingTable {
    var table = ForwardingTable()
    table.setOwned([prefix("10.0.0.1"), prefix("fd00::1")], by: ForwardingTable.hub)
    for member in 1...4 as ClosedRange<UInt32> {
        table.setOwned([prefix("10.0.0.\(member + 1)"), prefix("fd00::\(member + 1)")], by: member)
        table.setAllowed([prefix("0.0.0.0/0"), prefix("::/0")], for: member)
    }
    table.setOwned([prefix("10.0.0.5"), prefix("fd00::5"), prefix("192.168.0.0/16"), prefix("0.0.0.0/0")], by: 4)
    return table
}

/// The first rule that matches, one rule after the other.
private func naive(
    _ rules: [Rule], _ end: Rule.Action, _ packet: RuleSet.Packet, from: UInt32, to: UInt32?, isInternet: Bool
) -> RuleSet.Decision {
    func holds(_ party: Rule.Party, _ member: UInt32?, _ address: IPAddress) -> Bool {
        switch party {
        case .any: true
        case .members(let members): member.map { members.contains($0) } ?? false
        case .prefix(let prefix): prefix.contains(address)
        case .internet: isInternet
        }
    }
    for (place, rule) in rules.enumerated()
    where holds(rule.from, from, packet.source) && holds(rule.to, to, packet.destination)
        && rule.service.holds(number: packet.number, port: packet.port)
    {
        return RuleSet.Decision(rule: place, action: rule.action)
    }
    return RuleSet.Decision(rule: rules.count, action: end)
}

/// Random rules and packets over few values, so that they often match.
private struct RandomRules {
    var random: SeededGenerator
    let table = sampleTable().decisions

    mutating func pick<T>(_ values: [T]) -> T { values.randomElement(using: &random)! }

    mutating func rule() -> Rule {
        let parties: [Rule.Party] = [
            .any, .members([1]), .members([2, 3]), .members([0]), .members([]), .prefix(prefix("10.0.0.0/24")), .prefix(prefix("10.0.0.2/31")),
            .prefix(prefix("0.0.0.0/0")), .prefix(prefix("fd00::/120")), .prefix(prefix("fd00::3")), .prefix(prefix("192.168.7.0/24")),
        ]
        let services = ["any", "tcp", "tcp 22", "tcp 20-30, 443", "udp", "udp 53, 65535", "icmp", "47", "tcp 0", "udp 0-52"]
        return Rule(
            pick([.allow, .deny, .reset]), from: pick(parties), to: pick(parties + [.internet]), service: TransportService(pick(services))!)
    }

    mutating func packet() -> (packet: RuleSet.Packet, from: UInt32, to: UInt32?) {
        let isV4 = Bool.random(using: &random)
        let sources = isV4 ? ["10.0.0.2", "10.0.0.3", "10.0.0.5", "192.168.7.9"] : ["fd00::2", "fd00::3", "fd00::5"]
        let destinations = isV4 ? ["10.0.0.1", "10.0.0.3", "10.0.0.4", "192.168.7.1", "8.8.8.8"] : ["fd00::1", "fd00::4", "2001:db8::1"]
        let (source, destination) = (address(pick(sources)), address(pick(destinations)))
        let number = pick([6, 6, 17, 17, isV4 ? 1 : 58, 47, 50] as [UInt8])
        let port = number == 6 || number == 17 ? pick([0, 19, 20, 22, 30, 31, 52, 53, 443, 65535] as [UInt16]) : 0
        return (
            RuleSet.Packet(source: source, destination: destination, number: number, port: port), table.owner(of: source)!,
            table.owner(of: destination)
        )
    }
}

/// SOAK_MINUTES, as for other long tests, compares a million pairs of rules and packets.
private let lists = getenv("SOAK_MINUTES") == nil ? 150 : 10_000

struct `A set of rules` {
    @Test func `decides as its list does, one rule after the other`() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = RandomRules(random: SeededGenerator(seed: seed))
        for _ in 0..<lists {
            let rules = (0..<random.pick([0, 1, 3, 10, 63, 64, 65, 130])).map { _ in random.rule() }
            let end = random.pick([Rule.Action.allow, .deny])
            let compiled = RuleSet(rules, end: end)
            for _ in 0..<100 {
                let (packet, from, to) = random.packet()
                let isInternet = random.table.isInternet(packet.destination)
                let expected = naive(rules, end, packet, from: from, to: to, isInternet: isInternet)
                let decision = compiled.decide(packet, from: from, to: to, isInternet: isInternet)
                #expect(decision == expected, "seed \(seed): \(packet)")
                let services = compiled.services(from: from, packet.source, to: to, packet.destination, isInternet: isInternet)
                #expect(services.holds(number: packet.number, port: packet.port) == expected.allows, "seed \(seed): \(packet) \(services)")
                guard decision == expected else { return }
            }
        }
    }

    @Test func `takes the first rule that matches, then the end of the list`() {
        let rules = RuleSet(
            [
                Rule(.allow, from: .members([1]), service: TransportService("tcp 22")!), Rule(.deny, from: .members([1])),
                Rule(.allow, to: .internet),
            ], end: .deny)
        let decide = { (port: UInt16, from: UInt32, to: String) in
            rules.decide(
                RuleSet.Packet(source: address("10.0.0.2"), destination: address(to), number: 6, port: port), from: from, to: 2,
                isInternet: sampleTable().decisions.isInternet(address(to)))
        }
        #expect(decide(22, 1, "10.0.0.3") == RuleSet.Decision(rule: 0, action: .allow))
        #expect(decide(23, 1, "10.0.0.3") == RuleSet.Decision(rule: 1, action: .deny))
        #expect(decide(22, 2, "10.0.0.4") == RuleSet.Decision(rule: 3, action: .deny))
        #expect(decide(22, 2, "8.8.8.8") == RuleSet.Decision(rule: 2, action: .allow))
    }

    @Test func `knows when nobody needs to ask`() {
        #expect(RuleSet([]).allowsAll)
        #expect(RuleSet([Rule(.allow)]).allowsAll)
        #expect(!RuleSet([], end: .deny).allowsAll)
        #expect(!RuleSet([Rule(.reset)]).allowsAll)
    }

    @Test func `calls Internet what nobody owns by a prefix of its own`() {
        let table = sampleTable().decisions
        #expect(table.isInternet(address("8.8.8.8")) && table.isInternet(address("2001:db8::1")))
        #expect(!table.isInternet(address("192.168.3.3")) && !table.isInternet(address("10.0.0.1")) && !table.isInternet(address("fd00::5")))
        var wide = ForwardingTable()
        wide.setOwned([prefix("2000::/3"), prefix("128.0.0.0/1"), prefix("8.0.0.0/8")], by: 1)
        #expect(wide.decisions.isInternet(address("2001:db8::1")) && wide.decisions.isInternet(address("200.0.0.1")))
        #expect(!wide.decisions.isInternet(address("8.8.8.8")))
    }

    @Test func `keeps to its limit`() {
        let rules = RuleSet(Array(repeating: Rule(.deny, service: TransportService("47")!), count: 1000) + [Rule(.deny)])
        let packet = RuleSet.Packet(source: address("10.0.0.2"), destination: address("10.0.0.3"), number: 6, port: 1)
        #expect(rules.count == 1000)
        #expect(rules.decide(packet, from: 1, to: 2, isInternet: false).rule == 1000)
    }
}
