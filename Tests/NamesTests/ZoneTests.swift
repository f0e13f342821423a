// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Support
import Testing

@testable import Names

private func zone(_ domain: String = "hairpin.internal", _ names: [(String, [String])] = usual, isForwarding: Bool = false) -> Zone {
    Zone(
        domain: DomainName(domain)!, names: names.map { ZoneName(label: $0.0, addresses: $0.1.compactMap { IPAddress($0) }) }, serial: 7,
        isForwarding: isForwarding)
}

private let usual = [
    ("hub", ["10.3.2.1", "fd00::3:2:1"]), ("berlin-nas", ["10.3.2.2", "fd00::3:2:2"]), ("old", ["10.3.2.3"]), ("none", []),
    ("cloud", ["10.3.2.2", "fd00::3:2:2"]), ("printer", ["192.168.7.20"]),
]

@Suite struct `A zone` {
    private let usual = zone()

    @Test func `answers with the address of the asked family, under the name as it was asked`() throws {
        let v4 = try #require(usual.reply(Query.bytes("bErLiN-nAs.HAIRPIN.internal", id: 0xABCD)))
        #expect(v4.id == 0xABCD && v4.isAnswer && v4.isOurs && !v4.isTruncated && !v4.offersRecursion && v4.code == 0)
        #expect(v4.bytes[2] & 1 == 1, "the wish for recursion is repeated")
        #expect(v4.questions.map(\.name) == ["bErLiN-nAs.HAIRPIN.internal"])
        #expect(v4.answers == [Message.Record(name: "bErLiN-nAs.HAIRPIN.internal", type: 1, timeToLive: 60, content: [10, 3, 2, 2])])
        #expect(v4.options?.content == [])
        let v6 = try #require(usual.reply(Query.bytes("berlin-nas.hairpin.internal", 28, options: nil)))
        #expect(v6.answers.map(\.content) == [hex("fd00 0000 0000 0000 0000 0003 0002 0002")])
        #expect(v6.additional == [])
    }

    @Test func `answers dig`() throws {
        let reply = try #require(usual.reply(`A query`.dig))
        #expect(reply.code == 0 && reply.answers.map(\.content) == [[10, 3, 2, 2]])
        #expect(Array(reply.bytes[12..<45]) == Array(`A query`.dig[12..<45]))
    }

    @Test func `says that a name has no such record, or that there is no such name, and for how long`() throws {
        for (name, type, code) in [
            ("old.hairpin.internal", 28, 0), ("old.hairpin.internal", 16, 0), ("none.hairpin.internal", 1, 0), ("hairpin.internal", 1, 0),
            ("nobody.hairpin.internal", 1, 3), ("x.old.hairpin.internal", 1, 3), ("_dns-sd._udp.hairpin.internal", 12, 3),
        ] as [(String, UInt16, Int)] {
            let reply = try #require(usual.reply(Query.bytes(name, type)))
            #expect(reply.code == code && reply.isOurs && reply.answers == [], "\(name) \(type)")
            let start = try #require(reply.authorities.first, "\(name)")
            #expect(start.name == "hairpin.internal" && start.type == 6 && start.timeToLive == 10)
            #expect(reply.name(in: start) == "hub.hairpin.internal")
            #expect(Array(start.content.suffix(20).prefix(4)) == [0, 0, 0, 7])
            #expect(Array(start.content.suffix(4)) == [0, 0, 0, 10])
        }
    }

    @Test func `answers for the domain itself`() throws {
        let start = try #require(usual.reply(Query.bytes("hairpin.internal", 6)))
        #expect(start.answers.map(\.type) == [6] && start.isOurs)
        let server = try #require(usual.reply(Query.bytes("Hairpin.Internal", 2)))
        #expect(server.answers.map(server.name(in:)) == ["hub.hairpin.internal"])
        #expect(try #require(usual.reply(Query.bytes("hairpin.internal", 255))).answers.map(\.type) == [6, 2])
    }

    @Test func `gives all addresses to those who ask for any record`() throws {
        #expect(try #require(usual.reply(Query.bytes("berlin-nas.hairpin.internal", 255))).answers.map(\.type) == [1, 28])
        #expect(try #require(usual.reply(Query.bytes("old.hairpin.internal", 255))).answers.map(\.type) == [1])
    }

    @Test(arguments: [
        ("2.2.3.10.in-addr.arpa", "berlin-nas.hairpin.internal"), ("1.2.3.10.IN-ADDR.ARPA", "hub.hairpin.internal"),
        ("20.7.168.192.in-addr.arpa", "printer.hairpin.internal"),
        ("2.0.0.0.2.0.0.0.3.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.d.F.ip6.arpa", "berlin-nas.hairpin.internal"),
    ])
    func `gives the first name of an address`(question: String, name: String) throws {
        let reply = try #require(usual.reply(Query.bytes(question, 12)))
        #expect(reply.answers.map(\.name) == [question] && reply.answers.map(\.type) == [12])
        #expect(reply.answers.map(reply.name(in:)) == [name])
        // There is a name, but no address of it.
        #expect(try #require(usual.reply(Query.bytes(question, 1))).answers == [])
    }

    @Test(arguments: [
        "2.3.10.in-addr.arpa", "1.2.2.3.10.in-addr.arpa", "256.2.3.10.in-addr.arpa", "02.2.3.10.in-addr.arpa", "x.2.3.10.in-addr.arpa",
        "in-addr.arpa", "ip6.arpa", "2.0.0.0.ip6.arpa", "2.2.3.10.in-addr.arpa.example", "example.org", "internal", "hairpin.internal.org",
        "xhairpin.internal", "berlin-nas",
    ])
    func `refuses a name that is none of its own`(question: String) throws {
        let reply = try #require(usual.reply(Query.bytes(question, 12), permission: { _ in .notOwned }))
        #expect(reply.code == 5 && !reply.isOurs && reply.answers == [] && reply.authorities == [])
        #expect(reply.extendedError?.code == 20)
        #expect(reply.extendedError?.text == "this hub answers only for names under hairpin.internal")
        #expect(zone(isForwarding: true).outcome(Query.bytes(question, 12), permission: { _ in .notOwned }) == .forward)
    }

    @Test func `says that an address of a device has no name, and refuses one of nobody`() throws {
        let question = Query.bytes("9.7.168.192.in-addr.arpa", 12)
        #expect(try #require(usual.reply(question)).code == 3)
        #expect(try #require(usual.reply(question, permission: { _ in .notOwned })).code == 5)
    }

    @Test(arguments: [
        (Zone.Permission.ownerDoesNotList, "berlin-nas does not list you in its allowed IPs"),
        (.askerDoesNotList, "your allowed IPs do not hold berlin-nas"), (.ownerDisabled, "berlin-nas is disabled or expired"),
        (.noCommonFamily, "you have no address of the family of berlin-nas"), (.notOwned, "no device owns the address of berlin-nas"),
    ])
    func `refuses a name to those who do not reach it, and says what is missing`(permission: Zone.Permission, text: String) throws {
        let questions =
            [("berlin-nas.hairpin.internal", 1), ("BERLIN-NAS.hairpin.internal", 16), ("2.2.3.10.in-addr.arpa", 12)] as [(String, UInt16)]
        for question in questions.map({ Query.bytes($0.0, $0.1) }) {
            let reply = try #require(usual.reply(question, permission: { _ in permission }))
            #expect(reply.code == 5 && !reply.isOurs && reply.answers == [] && reply.authorities == [])
            #expect(reply.extendedError?.code == 18 && reply.extendedError?.text == text)
        }
        // Without EDNS there is no place for the reason (RFC 8914 2).
        let plain = try #require(usual.reply(Query.bytes("berlin-nas.hairpin.internal", options: nil), permission: { _ in permission }))
        #expect(plain.code == 5 && plain.additional == [])
    }

    @Test func `gives only the addresses that are reached`() throws {
        let only4: (IPAddress) -> Zone.Permission = { $0.isV4 ? .granted : .askerDoesNotList }
        #expect(try #require(usual.reply(Query.bytes("berlin-nas.hairpin.internal", 255), permission: only4)).answers.map(\.type) == [1])
        let v6 = try #require(usual.reply(Query.bytes("berlin-nas.hairpin.internal", 28), permission: only4))
        #expect(v6.code == 0 && v6.answers == [])
        let only6: (IPAddress) -> Zone.Permission = { $0.isV4 ? .ownerDisabled : .granted }
        #expect(try #require(usual.reply(Query.bytes("berlin-nas.hairpin.internal", 255), permission: only6)).answers.map(\.type) == [28])
    }

    @Test func `refuses copies of itself and other classes, also if it forwards`() throws {
        for zone in [usual, zone(isForwarding: true)] {
            for type: UInt16 in [251, 252] { #expect(zone.reply(Query.bytes("hairpin.internal", type))?.code == 5) }
            #expect(zone.reply(Query.bytes("version.bind", 16, recordClass: 3))?.code == 5)
            #expect(zone.reply(Query.bytes("berlin-nas.hairpin.internal", recordClass: 3))?.answers == [])
        }
    }

    @Test func `names what is wrong with a query`() throws {
        let cut = Array(Query.bytes("berlin-nas.hairpin.internal", options: nil).dropLast())
        let malformed = try #require(usual.reply(cut))
        #expect(malformed.code == 1 && malformed.questions.isEmpty && malformed.id == 0x1234)
        let update = try #require(usual.reply(Query.bytes("hairpin.internal", flags: 0x2800)))
        #expect(update.code == 4 && update.bytes[2] >> 3 & 0xF == 5)
        var version = Query.bytes("hairpin.internal")
        version[version.count - 5] = 1
        #expect(try #require(usual.reply(version)).code == 16)
        #expect(usual.outcome(hex("1234 8180 0001 0000 0000 0000 00 0001 0001")) == .ignored)
    }

    @Test func `marks an answer that does not fit as truncated, and never writes more than fits`() throws {
        let query = Query.bytes("berlin-nas.hairpin.internal", 255)
        let whole = try #require(usual.reply(query)).bytes.count
        #expect(whole == 12 + 33 + 16 + 28 + 11)
        for room in 0..<whole {
            guard let reply = usual.reply(query, room: room) else {
                #expect(room < 12 + 33 + 11)
                continue
            }
            #expect(reply.isTruncated && reply.answers.count < 2 && reply.bytes.count <= room)
        }
        // What the sender takes counts as well: 512 bytes without EDNS.
        let long = (0..<3).map { _ in String(repeating: "a", count: 63) }.joined(separator: ".")
        let wide = zone("\(long).internal", [("b", ["10.3.2.2", "fd00::2"])])
        let reply = try #require(wide.reply(Query.bytes("b.\(long).internal", 255, options: nil)))
        #expect(!reply.isTruncated && reply.bytes.count <= 512)
    }

    @Test func `finds every one of many names and addresses, and no others`() throws {
        let names = (0..<5000).map { ("d\($0)", ["10.\($0 / 62500).\($0 / 250 % 250).\($0 % 250 + 1)"]) }
        let large = zone("hairpin.internal", names)
        #expect(large.count == 5000)
        for (label, addresses) in names {
            let reply = try #require(large.reply(Query.bytes("\(label).hairpin.internal")))
            #expect(reply.answers.map { $0.content.map(String.init).joined(separator: ".") } == addresses)
            let parts = addresses[0].split(separator: ".").reversed().joined(separator: ".")
            let back = try #require(large.reply(Query.bytes("\(parts).in-addr.arpa", 12)))
            #expect(back.answers.map(back.name(in:)) == ["\(label).hairpin.internal"])
        }
        #expect(large.reply(Query.bytes("d5000.hairpin.internal"))?.code == 3)
    }

    @Test func `takes the first of equal labels`() throws {
        let twice = zone("hairpin.internal", [("a", ["10.3.2.2"]), ("a", ["10.3.2.3"]), ("b", ["10.3.2.3"])])
        #expect(twice.count == 2)
        #expect(try #require(twice.reply(Query.bytes("a.hairpin.internal"))).answers.map(\.content) == [[10, 3, 2, 2]])
        let back = try #require(twice.reply(Query.bytes("3.2.3.10.in-addr.arpa", 12)))
        #expect(back.answers.map(back.name(in:)) == ["b.hairpin.internal"])
    }
}
