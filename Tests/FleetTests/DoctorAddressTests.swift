// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Fleet
import Net
import Support
import Testing

/// What the doctor says of the rules: in words that name the cause and the cure.
@Suite struct `The doctor's words about rules` {
    private func cause(_ from: Device, _ to: Device?, _ address: String? = nil, among others: [Device] = [], test: LinkTest? = nil) -> String? {
        let all = [from, to].compactMap { $0 } + others.filter { $0.id != to?.id }
        let overview = Overview.sample(all, status: .hearing(all))
        let doctor = Doctor(from: from, to: to, address: address.flatMap { IPAddress($0) }, in: overview, test: test)
        if let failure = doctor.firstFailure { #expect(Cure.isNamed(in: failure.detail.description), "\(failure.detail)") }
        return doctor.firstFailure?.detail.description
    }

    private let anna = Device.sample("anna", 2, ipv6: "fd00::3:2:2")
    private let bert = Device.sample("bert", 3, ipv6: "fd00::3:2:3")

    @Test func `name lists that match in different families`() {
        let (anna, bert) = (
            Device.sample("anna", 2, ipv6: "fd00::3:2:2", reaching: ["fd00::3:2:3/128"]),
            Device.sample("bert", 3, ipv6: "fd00::3:2:3", reaching: ["10.3.2.2/32"])
        )
        #expect(cause(anna, bert) == "anna lists bert in IPv6 only, and bert lists anna in IPv4 only: no packet fits both lists. Link the two.")
    }

    @Test func `accept lists that match in one family, and name the other one`() {
        let anna = Device.sample("anna", 2, ipv6: "fd00::3:2:2", reaching: ["10.3.2.3/32"])
        #expect(cause(anna, bert) == nil)
        let doctor = Doctor(from: anna, to: bert, in: .sample([anna, bert], status: .hearing([anna, bert])))
        #expect(doctor.checks.first { $0.name == "in_allowed_ips" }?.detail.description == "Its allowed IPs hold 10.3.2.3, but not fd00::3:2:3.")
    }

    @Test func `say nothing about a list that is there`() {
        // A disabled device lists what it lists.
        let off = Device.sample("bert", 3, enabled: false, ipv6: "fd00::3:2:3")
        #expect(cause(anna, off) == "bert is disabled: the hub does not answer it. Enable it.")
        let doctor = Doctor(from: anna, to: off, in: .sample([anna, off]))
        #expect(doctor.checks.filter { $0.name.hasSuffix("allowed_ips") }.allSatisfy { $0.ok == true })
        #expect(doctor.checks.first { $0.name == "decision" }?.detail.description.hasPrefix("The hub drops it: peer_disabled.") == true)
    }

    @Test(arguments: [
        ("172.20.0.1", true, "No device owns 172.20.0.1. If it is behind bert, add 172.20.0.0/24 to the routes of bert."),
        ("172.20.0.1", false, "No device owns 172.20.0.1. If it is behind a device, add 172.20.0.0/24 to the routes of that device."),
        ("10.3.2.99", false, "No device has the address 10.3.2.99. Add a device with it, or ask about the address of one."),
        (
            "198.51.100.9", false,
            "No device owns 198.51.100.9, and this hub has no exit to the Internet. Let anna send there without the tunnel."
        ),
    ])
    func `name an address that nobody owns`(address: String, isNamed: Bool, words: String) {
        #expect(cause(anna, isNamed ? bert : nil, address, among: [bert]) == words)
    }

    @Test func `advise against sending everything to a hub without an exit`() {
        let anna = Device.sample("anna", 2, reaching: ["0.0.0.0/0"])
        #expect(
            cause(anna, nil, "198.51.100.9")
                == "No device owns 198.51.100.9, and this hub has no exit to the Internet. Take 0.0.0.0/0 out of the allowed IPs of anna: it sends its Internet traffic here."
        )
    }

    @Test func `follow a packet through the hub's way out, and name what may stop it there`() {
        let anna = Device.sample("anna", 2, reaching: ["0.0.0.0/0"])
        func doctor(_ gateway: Gateway, _ address: String = "198.51.100.9") -> Doctor {
            var status = HubStatus.hearing([anna])
            status.gateway = gateway
            return Doctor(from: anna, to: nil, address: IPAddress(address)!, in: .sample([anna], status: status))
        }
        var gateway = Gateway(tun: "hp0", egress4: IPAddress("203.0.113.1"))
        let open = doctor(gateway)
        #expect(open.firstFailure == nil)
        #expect(
            open.checks.first { $0.name == "destination_owned" }?.detail.description
                == "No device owns it. The hub's host sends it on, with its own address 203.0.113.1 as the sender.")
        #expect(open.checks.first { $0.name == "way_out" }?.ok == true)
        #expect(doctor(gateway, "10.3.2.99").firstFailure?.detail.description.contains("No device has the address 10.3.2.99.") == true)
        gateway.trouble = .droppedBy(chain: "table inet filter, chain forward")
        let warned = doctor(gateway).checks.first { $0.name == "way_out" }
        #expect(warned?.ok == nil && warned?.detail.description.contains("table inet filter, chain forward drops what it does not accept") == true)
        // Forwarding is off: nothing leaves, and the command is there.
        let closed = doctor(Gateway(tun: "hp0", trouble: .noForwarding(commands: "sysctl -w net.ipv4.ip_forward=1"))).firstFailure?.detail.description
        #expect(closed?.contains("this hub has no exit to the Internet.") == true)
        #expect(closed?.contains("Run as root: sysctl -w net.ipv4.ip_forward=1") == true)
    }

    @Test func `name the owner of an address by its route`() {
        let anna = Device.sample("anna", 2, reaching: ["10.3.2.0/24", "172.20.0.0/24"])
        let (bert, cora) = (Device.sample("bert", 3, routes: ["172.20.0.0/24"]), Device.sample("cora", 4, routes: ["172.20.0.0/28"]))
        #expect(
            cause(anna, bert, "172.20.0.1", among: [cora])
                == "172.20.0.1 belongs to cora, through its route 172.20.0.0/28, not to bert. If that is wrong, remove 172.20.0.0/28 from the routes of cora."
        )
        #expect(cause(anna, bert, "10.3.2.4", among: [cora]) == "10.3.2.4 belongs to cora, not to bert. Ask about cora instead.")
        #expect(cause(anna, bert, "172.20.0.17", among: [cora]) == nil)
        // Without a device, the owner is the receiver.
        let overview = Overview.sample([anna, bert, cora], status: .hearing([anna, bert, cora]))
        #expect(Doctor(from: anna, to: nil, address: "172.20.0.1", in: overview).to?.name == "cora")
        #expect(Doctor.Question(from: anna, to: nil, address: nil, in: overview) == nil)
        #expect(Doctor.Question(from: bert, to: nil, address: "172.20.0.17", in: overview) == nil)
    }

    @Test func `know the hub's own address`() {
        #expect(cause(anna, nil, "10.3.2.1") == nil)
        #expect(cause(.sample("anna", 2), nil, "fd00::3:2:1") == "anna has no IPv6 address, so it cannot send to fd00::3:2:1. Give it one.")
    }

    @Test func `name a hub that only its own host can reach`() {
        var status = HubStatus.hearing([anna])
        status.listen = Endpoint("127.0.0.1:51820")
        let words = "The hub's WireGuard listens on 127.0.0.1:51820 only, which no other machine can reach. Start it with --wireguard [::]:51820."
        #expect(Doctor(from: anna, to: bert, in: .sample([anna, bert], status: status)).firstFailure?.detail.description == words)
        // On a machine that tries it out with itself, it works.
        var both = HubStatus.hearing([anna, bert])
        both.listen = status.listen
        #expect(Doctor(from: anna, to: bert, in: .sample([anna, bert], status: both)).firstFailure == nil)
    }

    // MARK: Tests

    private func test(into bert: ProbeOutcome, into anna: ProbeOutcome = .answered(.milliseconds(2)), address: String? = nil) -> LinkTest {
        let echoes = LinkTest.echoes(
            between: self.anna, and: self.bert, address: address.flatMap { IPAddress($0) }, over: Overview.sample([]).defaults)
        return LinkTest(
            echoes,
            echoes.map { echo in
                if echo.key == self.anna.publicKey { return anna }
                return address != nil && echo.destination == self.bert.ipv4 ? .answered(.milliseconds(1)) : bert
            })
    }

    @Test func `test both directions with one large packet each`() {
        let sizes = test(into: .noAnswer).results.map(\.echo.byteCount)
        #expect(sizes == [1420, nil, 1420, nil])
    }

    @Test func `give the MTU that a test found`() {
        let lost = ProbeOutcome.largeLost(.milliseconds(2), largest: 1200, tried: 1420)
        let words = "Packets of 1,420 bytes do not pass between the hub and bert, 1,200 do: set its MTU to 1200."
        #expect(cause(anna, bert, test: test(into: lost)) == words)
        let none = ProbeOutcome.largeLost(.milliseconds(2), largest: nil, tried: 1420)
        #expect(cause(anna, bert, test: test(into: none))?.hasPrefix("Packets of 576 bytes do not pass between the hub and bert") == true)
        #expect(cause(anna, bert, test: test(into: .answered(.milliseconds(2)))) == nil)
    }

    @Test func `tell a device that answers from an address behind it that does not`() {
        let bert = Device.sample("bert", 3, ipv6: "fd00::3:2:3", routes: ["172.20.0.0/24"])
        let anna = Device.sample("anna", 2, ipv6: "fd00::3:2:2", reaching: ["10.3.2.0/24", "172.20.0.0/24"])
        let words = cause(anna, bert, "172.20.0.1", test: test(into: .noAnswer, address: "172.20.0.1"))
        #expect(words == "bert answers, but 172.20.0.1 behind it does not: it is off, or bert does not forward to it. Check both.")
    }

    @Test func `put what is proved before what is likely`() {
        // bert has been silent for some time, and a test proved that anna's file leaves him out.
        let overview = Overview.sample([anna, bert], status: .hearing([anna]), endpoint: HostPort("203.0.113.1:51820"))
        let doctor = Doctor(from: anna, to: bert, in: overview, test: test(into: .limited, into: .noAnswer))
        #expect(doctor.checks.first { $0.ok == false }?.name == "receiver_key_seen")
        #expect(doctor.firstFailure?.name == "probe_into_sender")
    }

    @Test func `count drops between the two only, and the newest that matters`() {
        var status = HubStatus.hearing([anna, bert])
        let now = UnixTime(seconds: 1_800_000_000)
        func drop(_ reason: DropReason, _ from: Device, _ to: Device?, ago: Int64) -> HubStatus.PairDrop {
            HubStatus.PairDrop(reason: reason, from: from.publicKey, to: to?.publicKey, count: 1, lastAt: now.adding(seconds: -ago))
        }
        let found = { Doctor(from: anna, to: bert, in: .sample([anna, bert], status: status)).firstFailure?.name }
        // A stray packet from a foreign address, such as a router solicitation, belongs to no pair.
        status.pairDrops = [drop(.sourceNotAllowed, anna, nil, ago: 1)]
        #expect(found() == nil)
        // A harmless one does not hide a real one.
        status.pairDrops = [drop(.tooBig, anna, bert, ago: 1), drop(.socketError, anna, bert, ago: 5)]
        #expect(found() == "last_drop")
        // What the rules refused is judged by the rules as they are now.
        status.pairDrops = [drop(.notInAllowedIPs, anna, bert, ago: 1)]
        #expect(found() == nil)
        // A device that was heard since has an endpoint.
        status.pairDrops = [drop(.noEndpoint, anna, bert, ago: 5)]
        #expect(found() == nil)
        // And a test that passed has proved the cause gone.
        status.pairDrops = [drop(.socketError, anna, bert, ago: 5)]
        let overview = Overview.sample([anna, bert], status: status)
        #expect(Doctor(from: anna, to: bert, in: overview, test: test(into: .answered(.milliseconds(1)))).firstFailure == nil)
    }

    @Test func `say who is behind the hub's own address`() {
        func detail(_ status: HubStatus) -> String? {
            let doctor = Doctor(from: anna, to: nil, address: "10.3.2.1", in: .sample([anna], status: status))
            return doctor.checks.first { $0.name == "destination_owned" }?.detail.description
        }
        var status = HubStatus.hearing([anna])
        #expect(detail(status) == "It is the hub's own address. The hub answers pings and questions for names there, and nothing else.")
        status.gateway = Gateway(tun: "hp0")
        #expect(detail(status) == "It is the hub's own address. Packets to it go to the hub's host.")
    }
}
