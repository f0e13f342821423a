// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Glibc
import Net
import Testing

private let laptop: ForwardingTable.Member = 1
private let phone: ForwardingTable.Member = 2
private let router: ForwardingTable.Member = 3

/// A hub with a laptop, a phone and a router that has a network behind it. All list each other.
private func sampleTable() -> ForwardingTable {
    var table = ForwardingTable()
    table.setOwned([prefix("10.3.2.1"), prefix("fd00::3:2:1")], by: ForwardingTable.hub)
    table.setOwned([prefix("10.3.2.2"), prefix("fd00::3:2:2")], by: laptop)
    table.setOwned([prefix("10.3.2.3"), prefix("fd00::3:2:3")], by: phone)
    table.setOwned([prefix("10.3.2.4"), prefix("fd00::3:2:4"), prefix("192.168.0.0/16")], by: router)
    for member in [laptop, phone, router] {
        table.setAllowed([prefix("10.3.2.0/24"), prefix("fd00::3:2:0/120"), prefix("192.168.0.0/16")], for: member)
    }
    return table
}

extension ForwardingTable {
    fileprivate func decide(_ sender: Member, _ source: String, _ destination: String) -> Verdict {
        decide(from: sender, source: address(source), destination: address(destination))
    }
}

struct `The forwarding decision` {
    /// The same with a way out in IPv4 alone. The laptop lists everything.
    private func tableWithWayOut() -> ForwardingTable {
        var table = sampleTable()
        table.setAllowed([prefix("0.0.0.0/0"), prefix("::/0")], for: laptop)
        table.setAllowed([prefix("0.0.0.0/0"), prefix("::/0")], for: ForwardingTable.hub)
        table.setWays([prefix("0.0.0.0/0"): .out, prefix("::/0"): .closed, prefix("10.3.2.0/24"): .nowhere])
        return table
    }

    @Test func `WG-H-24 lets a packet leave that nobody owns, if its sender lists the destination and the hub has a way out`() {
        let table = tableWithWayOut()
        #expect(table.decide(laptop, "10.3.2.2", "198.51.100.9") == .leave)
        #expect(table.decide(phone, "10.3.2.3", "198.51.100.9") == .refuse(.notInAllowedIPs))
        #expect(table.decide(laptop, "fd00::3:2:2", "2001:db8::1") == .refuse(.noEgress))
        #expect(table.decide(laptop, "10.3.2.2", "10.3.2.99") == .refuse(.noRouteToPeer))
        // What somebody owns does not leave.
        #expect(table.decide(laptop, "10.3.2.2", "192.168.9.9") == .forward(router))
        #expect(table.decide(laptop, "10.3.2.9", "198.51.100.9") == .refuse(.sourceNotAllowed))
    }

    @Test func `WG-H-24 lets the hub's host pass on what comes in, to a device that lists its source`() {
        let table = tableWithWayOut()
        #expect(table.decide(ForwardingTable.hub, "198.51.100.9", "10.3.2.2") == .forward(laptop))
        #expect(table.decide(ForwardingTable.hub, "198.51.100.9", "10.3.2.3") == .refuse(.notInReceiversAllowedIPs))
        #expect(table.decide(ForwardingTable.hub, "198.51.100.9", "10.3.2.99") == .refuse(.noRouteToPeer))
        #expect(table.decide(ForwardingTable.hub, "198.51.100.9", "198.51.100.8") == .refuse(.noRouteToPeer))
        // Nobody sends as a device, from the tunnel's networks, or by a way that is closed.
        for source in ["10.3.2.3", "10.3.2.99"] { #expect(table.decide(ForwardingTable.hub, source, "10.3.2.2") == .refuse(.sourceNotAllowed)) }
        #expect(table.decide(ForwardingTable.hub, "2001:db8::1", "fd00::3:2:2") == .refuse(.sourceNotAllowed))
        #expect(table.decide(phone, "198.51.100.9", "10.3.2.2") == .refuse(.sourceNotAllowed))
    }

    @Test func `WG-H-24 follows the ways as they change, without counting them as prefixes`() {
        var table = tableWithWayOut()
        let count = sampleTable().prefixCount
        table.recordSteps()
        var copy = table.decisions
        table.setWays([prefix("::/0"): .out])
        #expect(table.decide(laptop, "10.3.2.2", "198.51.100.9") == .refuse(.noRouteToPeer))
        #expect(table.decide(laptop, "fd00::3:2:2", "2001:db8::1") == .leave)
        for step in table.takeSteps() ?? [] { copy.apply(step) }
        #expect(copy.decide(from: laptop, source: address("fd00::3:2:2"), destination: address("2001:db8::1")) == .leave)
        #expect(copy.way(to: address("198.51.100.9")) == .nowhere)
        table.setAllowed(sampleTable().decisions.allows(laptop, address("10.3.2.9")) ? [prefix("10.3.2.0/24")] : [], for: laptop)
        table.setWays([:])
        table.setAllowed([], for: ForwardingTable.hub)
        for member in [laptop, phone, router] { table.remove(member) }
        table.setOwned([], by: ForwardingTable.hub)
        #expect(count > 0 && table.prefixCount == 0)
    }

    @Test func `WG-H-1 sends a packet to the owner of its destination`() {
        #expect(sampleTable().decide(laptop, "10.3.2.2", "10.3.2.3") == .forward(phone))
        #expect(sampleTable().decide(laptop, "fd00::3:2:2", "fd00::3:2:3") == .forward(phone))
    }

    @Test func `WG-H-1 sends a packet for a network to the member that routes it`() {
        #expect(sampleTable().decide(laptop, "10.3.2.2", "192.168.7.7") == .forward(router))
        #expect(sampleTable().decide(router, "192.168.7.7", "10.3.2.2") == .forward(laptop))
    }

    @Test func `WG-H-2 may send a packet back to where it came from`() {
        #expect(sampleTable().decide(router, "192.168.7.7", "192.168.8.8") == .forward(router))
    }

    @Test func `delivers packets for the hub itself, whatever the allowed IPs are`() {
        var table = sampleTable()
        table.setAllowed([], for: laptop)
        #expect(table.decide(laptop, "10.3.2.2", "10.3.2.1") == .deliver)
        #expect(table.decide(laptop, "fd00::3:2:2", "fd00::3:2:1") == .deliver)
    }

    @Test(arguments: ["10.3.2.3", "10.3.2.1", "10.3.2.77", "8.8.8.8"])
    func `WG-X-5 refuses a source that another member or nobody owns`(source: String) {
        #expect(sampleTable().decide(laptop, source, "10.3.2.3") == .refuse(.sourceNotAllowed))
    }

    @Test func `WG-X-5 refuses a source in a more specific prefix of another member`() {
        var table = sampleTable()
        table.setOwned([prefix("10.3.2.3"), prefix("192.168.7.0/24")], by: phone)
        #expect(table.decide(router, "192.168.7.7", "10.3.2.2") == .refuse(.sourceNotAllowed))
        #expect(table.decide(router, "192.168.8.8", "10.3.2.2") == .forward(laptop))
        #expect(table.decide(phone, "192.168.7.7", "10.3.2.2") == .forward(laptop))
    }

    @Test func `WG-H-4 refuses a destination that nobody owns`() {
        #expect(sampleTable().decide(laptop, "10.3.2.2", "10.3.2.77") == .refuse(.noRouteToPeer))
        #expect(sampleTable().decide(laptop, "fd00::3:2:2", "2001:db8::1") == .refuse(.noRouteToPeer))
    }

    @Test func `refuses a destination that the sender's allowed IPs do not contain`() {
        var table = sampleTable()
        table.setAllowed([prefix("10.3.2.4")], for: laptop)
        #expect(table.decide(laptop, "10.3.2.2", "10.3.2.3") == .refuse(.notInAllowedIPs))
        #expect(table.decide(laptop, "10.3.2.2", "10.3.2.4") == .forward(router))
    }

    @Test func `refuses a source that the receiver's allowed IPs do not contain`() {
        var table = sampleTable()
        table.setAllowed([prefix("10.3.2.4")], for: phone)
        #expect(table.decide(laptop, "10.3.2.2", "10.3.2.3") == .refuse(.notInReceiversAllowedIPs))
    }

    @Test func `refuses both directions of a link that one side does not list`() {
        var table = sampleTable()
        table.setAllowed([prefix("10.3.2.4")], for: phone)
        #expect(table.decide(laptop, "10.3.2.2", "10.3.2.3") == .refuse(.notInReceiversAllowedIPs))
        #expect(table.decide(phone, "10.3.2.3", "10.3.2.2") == .refuse(.notInAllowedIPs))
    }

    @Test func `checks the address itself and not the whole prefix of its owner`() {
        var table = sampleTable()
        table.setAllowed([prefix("192.168.7.0/24")], for: laptop)
        #expect(table.decide(laptop, "10.3.2.2", "192.168.7.7") == .forward(router))
        #expect(table.decide(laptop, "10.3.2.2", "192.168.8.8") == .refuse(.notInAllowedIPs))
    }

    @Test func `names the source first, then the route, then the sender's list, then the receiver's`() {
        var table = sampleTable()
        table.setAllowed([], for: laptop)
        table.setAllowed([], for: phone)
        #expect(table.decide(laptop, "10.3.2.99", "10.3.2.77") == .refuse(.sourceNotAllowed))
        #expect(table.decide(laptop, "10.3.2.2", "10.3.2.77") == .refuse(.noRouteToPeer))
        #expect(table.decide(laptop, "10.3.2.2", "10.3.2.3") == .refuse(.notInAllowedIPs))
    }

    @Test func `refuses addresses of different families`() {
        #expect(sampleTable().decide(laptop, "10.3.2.2", "fd00::3:2:3") == .refuse(.badInnerType))
    }

    @Test func `WG-H-16 treats multicast like every other destination`() {
        var table = sampleTable()
        #expect(table.decide(laptop, "10.3.2.2", "224.0.0.251") == .refuse(.noRouteToPeer))
        table.setOwned([prefix("10.3.2.3"), prefix("224.0.0.0/4")], by: phone)
        table.setAllowed([prefix("0.0.0.0/0")], for: laptop)
        #expect(table.decide(laptop, "10.3.2.2", "224.0.0.251") == .forward(phone))
    }

    @Test(arguments: [
        "224.0.0.251", "239.255.255.255", "255.255.255.255", "127.0.0.1", "0.0.0.0", "0.1.2.3", "ff02::1", "::", "::1", "::ffff:10.3.2.2",
    ])
    func `WG-H-23 refuses a source that no machine has, although a wide prefix covers it`(source: String) {
        var table = ForwardingTable()
        table.setOwned([prefix("0.0.0.0/0"), prefix("::/0")], by: laptop)
        table.setOwned([prefix("10.3.2.3"), prefix("fd00::3")], by: phone)
        for member in [laptop, phone] { table.setAllowed([prefix("0.0.0.0/0"), prefix("::/0")], for: member) }
        let isV4 = IPAddress(source)!.isV4
        #expect(table.decide(laptop, source, isV4 ? "10.3.2.3" : "fd00::3") == .refuse(.sourceNotAllowed))
        #expect(table.decide(laptop, isV4 ? "198.51.100.1" : "2001:db8::1", isV4 ? "10.3.2.3" : "fd00::3") == .forward(phone))
    }

    @Test func `refuses members that were never given a list`() {
        var table = ForwardingTable()
        table.setOwned([prefix("10.3.2.2")], by: laptop)
        table.setOwned([prefix("10.3.2.3")], by: 70_000)
        #expect(table.decide(laptop, "10.3.2.2", "10.3.2.3") == .refuse(.notInAllowedIPs))
        table.setAllowed([prefix("10.3.2.3")], for: laptop)
        #expect(table.decide(laptop, "10.3.2.2", "10.3.2.3") == .refuse(.notInReceiversAllowedIPs))
    }

    @Test func `refuses the hub as a sender while it has no list`() {
        #expect(sampleTable().decide(ForwardingTable.hub, "10.3.2.1", "10.3.2.2") == .refuse(.notInAllowedIPs))
    }

    @Test func `sends the hub's packets if both its list and the receiver's allow them`() {
        var table = sampleTable()
        table.setAllowed([prefix("10.3.2.2"), prefix("fd00::3:2:0/120")], for: ForwardingTable.hub)
        #expect(table.decide(ForwardingTable.hub, "10.3.2.1", "10.3.2.2") == .forward(laptop))
        #expect(table.decide(ForwardingTable.hub, "fd00::3:2:1", "fd00::3:2:3") == .forward(phone))
        #expect(table.decide(ForwardingTable.hub, "10.3.2.1", "10.3.2.3") == .refuse(.notInAllowedIPs))
        table.setAllowed([prefix("10.3.2.3")], for: laptop)
        #expect(table.decide(ForwardingTable.hub, "10.3.2.1", "10.3.2.2") == .refuse(.notInReceiversAllowedIPs))
        // Nobody else's list has changed.
        #expect(table.decide(phone, "10.3.2.3", "10.3.2.4") == .forward(router))
    }

    @Test func `delivers packets for a network of the hub, except for addresses that another member owns`() {
        var table = sampleTable()
        table.setOwned([prefix("10.3.2.1"), prefix("0.0.0.0/0")], by: ForwardingTable.hub)
        #expect(table.decide(laptop, "10.3.2.2", "8.8.8.8") == .deliver)
        #expect(table.decide(laptop, "10.3.2.2", "192.168.7.7") == .forward(router))
        #expect(table.decide(laptop, "8.8.8.8", "10.3.2.3") == .refuse(.sourceNotAllowed))
        #expect(table.decide(ForwardingTable.hub, "10.3.2.2", "10.3.2.3") == .refuse(.sourceNotAllowed))
        table.setAllowed([prefix("10.3.2.0/24")], for: ForwardingTable.hub)
        table.setAllowed([prefix("0.0.0.0/0")], for: laptop)
        #expect(table.decide(ForwardingTable.hub, "8.8.8.8", "10.3.2.2") == .forward(laptop))
        table.remove(ForwardingTable.hub)
        #expect(table.decide(laptop, "10.3.2.2", "8.8.8.8") == .refuse(.noRouteToPeer))
        #expect(!table.allows(ForwardingTable.hub, address("10.3.2.2")))
    }
}

struct `A disabled member` {
    /// The phone is disabled, and its address lies in a network of the router.
    private var table: ForwardingTable {
        var table = sampleTable()
        table.setOwned([prefix("10.3.2.4"), prefix("10.3.2.0/28"), prefix("fd00::3:2:0/120")], by: router)
        table.setEnabled(false, for: phone)
        return table
    }

    @Test(arguments: [("10.3.2.2", "10.3.2.3", "10.3.2.9"), ("fd00::3:2:2", "fd00::3:2:3", "fd00::3:2:9")])
    func `keeps its addresses, and nobody reaches it`(source: String, disabled: String, beside: String) {
        #expect(table.owner(of: address(disabled)) == phone)
        #expect(table.decide(laptop, source, disabled) == .refuse(.peerDisabled))
        #expect(table.decide(router, beside, disabled) == .refuse(.peerDisabled))
        #expect(table.decide(ForwardingTable.hub, source == "10.3.2.2" ? "10.3.2.1" : "fd00::3:2:1", disabled) == .refuse(.peerDisabled))
        // The addresses next to it belong to the router.
        #expect(table.decide(laptop, source, beside) == .forward(router))
    }

    @Test func `reaches nobody, not even the hub or itself`() {
        for destination in ["10.3.2.2", "10.3.2.4", "10.3.2.1", "10.3.2.3", "8.8.8.8"] {
            #expect(table.decide(phone, "10.3.2.3", destination) == .refuse(.peerDisabled))
        }
        #expect(table.decide(phone, "10.3.2.2", "10.3.2.1") == .refuse(.sourceNotAllowed))
    }

    @Test func `cannot be impersonated by another member`() {
        #expect(table.decide(router, "10.3.2.3", "10.3.2.2") == .refuse(.sourceNotAllowed))
        #expect(table.decide(laptop, "10.3.2.3", "10.3.2.2") == .refuse(.sourceNotAllowed))
    }

    @Test func `is checked before the lists`() {
        var table = table
        table.setAllowed([], for: laptop)
        #expect(table.decide(laptop, "10.3.2.2", "10.3.2.3") == .refuse(.peerDisabled))
        #expect(table.allows(phone, address("10.3.2.2")))
    }

    @Test func `works as before once it is enabled again`() {
        var table = table
        #expect(!table.isEnabled(phone))
        #expect(table.isEnabled(laptop))
        table.setEnabled(true, for: phone)
        #expect(table.isEnabled(phone))
        #expect(table.decide(laptop, "10.3.2.2", "10.3.2.3") == .forward(phone))
        #expect(table.decide(phone, "fd00::3:2:3", "fd00::3:2:2") == .forward(laptop))
    }

    @Test func `stays disabled with other prefixes, and prefixes that it loses are enabled`() {
        var table = table
        table.setOwned([prefix("10.3.2.3"), prefix("172.16.0.0/12")], by: phone)
        #expect(table.decide(laptop, "10.3.2.2", "172.16.1.1") == .refuse(.peerDisabled))
        #expect(table.owner(of: address("fd00::3:2:3")) == router)
        // A prefix that moves away is enabled with its new owner.
        table.setOwned([prefix("10.3.2.2"), prefix("172.16.0.0/12")], by: laptop)
        #expect(table.ownedPrefixes(of: phone) == [prefix("10.3.2.3")])
        table.setAllowed([prefix("0.0.0.0/0")], for: router)
        table.setAllowed([prefix("0.0.0.0/0")], for: laptop)
        #expect(table.decide(router, "10.3.2.9", "172.16.1.1") == .forward(laptop))
    }

    @Test func `leaves nothing behind when it is removed`() {
        var table = table
        table.remove(phone)
        #expect(table.isEnabled(phone))
        #expect(table.owner(of: address("10.3.2.3")) == router)
        for member in [ForwardingTable.hub, laptop, router] { table.remove(member) }
        #expect(table.prefixCount == 0)
    }
}

struct `A forwarding table` {
    @Test func `WG-A-2 moves a prefix to its new owner and takes it from the old one's list`() {
        var table = sampleTable()
        table.setOwned([prefix("10.3.2.3"), prefix("192.168.0.0/16")], by: phone)
        #expect(table.owner(of: address("192.168.7.7")) == phone)
        #expect(table.ownedPrefixes(of: router) == [prefix("10.3.2.4"), prefix("fd00::3:2:4")])
    }

    @Test func `WG-A-3 does not give a prefix back to an earlier owner`() {
        var table = sampleTable()
        table.setOwned([prefix("192.168.0.0/16")], by: phone)
        table.remove(phone)
        #expect(table.owner(of: address("192.168.7.7")) == nil)
    }

    @Test func `WG-A-4 keeps a prefix with its new owner when the old one drops it`() {
        var table = sampleTable()
        table.setOwned([prefix("192.168.0.0/16")], by: phone)
        table.setOwned([prefix("10.3.2.4")], by: router)
        #expect(table.owner(of: address("192.168.7.7")) == phone)
    }

    @Test func `WG-A-7 replaces all that a member owns at once`() {
        var table = sampleTable()
        table.setOwned([prefix("fd00::3:2:4"), prefix("172.16.0.0/12")], by: router)
        #expect(table.owner(of: address("10.3.2.4")) == nil)
        #expect(table.owner(of: address("172.16.1.1")) == router)
        #expect(table.owner(of: address("fd00::3:2:4")) == router)
    }

    @Test func `WG-A-10 lists what a member owns in the order it was given`() {
        let given = ["192.168.0.0/16", "10.3.2.4/32", "fd00::/64"].map { prefix($0) }
        var table = ForwardingTable()
        table.setOwned(given, by: router)
        #expect(table.ownedPrefixes(of: router) == given)
    }

    @Test func `keeps one table for members with equal lists, until none of them uses it`() {
        var table = ForwardingTable()
        let list = [prefix("10.3.2.0/24"), prefix("fd00::/64")]
        for member in 0..<100 as Range<UInt32> { table.setAllowed(list, for: member) }
        #expect(table.prefixCount == 2)
        for member in 0..<99 as Range<UInt32> { table.setAllowed([], for: member) }
        #expect(table.allows(99, address("10.3.2.5")))
        #expect(!table.allows(98, address("10.3.2.5")))
        table.setAllowed([], for: 99)
        #expect(table.prefixCount == 0)
    }

    @Test func `gives a member its new list even when it equals the old one`() {
        var table = sampleTable()
        let before = table.prefixCount
        table.setAllowed([prefix("10.3.2.0/24"), prefix("fd00::3:2:0/120"), prefix("192.168.0.0/16")], for: laptop)
        #expect(table.allows(laptop, address("10.3.2.3")))
        #expect(table.prefixCount == before)
    }

    @Test func `WG-L-2 forgets a removed member`() {
        var table = sampleTable()
        table.remove(phone)
        #expect(table.decide(laptop, "10.3.2.2", "10.3.2.3") == .refuse(.noRouteToPeer))
        #expect(table.decide(phone, "10.3.2.3", "10.3.2.2") == .refuse(.sourceNotAllowed))
        #expect(!table.allows(phone, address("10.3.2.2")))
    }

    @Test func `WG-A-5 is empty after the last member is removed`() {
        var table = sampleTable()
        for member in [laptop, phone, router, ForwardingTable.hub] { table.remove(member) }
        #expect(table.prefixCount == 0)
    }

    @Test func `WG-A-6 is a value: a reader's copy does not see later changes`() {
        var table = sampleTable()
        let copy = table
        table.remove(phone)
        table.setAllowed([], for: laptop)
        #expect(copy.decide(laptop, "10.3.2.2", "10.3.2.3") == .forward(phone))
    }

    /// 255 x 256 x 2 prefixes on one peer, as in the kernel's netns.sh, set again and then moved to another.
    @Test(.timeLimit(.minutes(1)))
    func `WG-A-9 accepts 130,560 prefixes of one member`() {
        let prefixes = (0..<130_560 as Range<UInt32>).map { IPPrefix(host: .v4(IPv4Address(bits: 0x0A00_0000 + $0))) }
        var table = ForwardingTable()
        table.setOwned(prefixes, by: laptop)
        table.setOwned(prefixes.reversed(), by: laptop)
        table.setOwned(prefixes, by: phone)
        #expect(table.owner(of: address("10.1.253.255")) == phone)
        #expect(table.ownedPrefixes(of: laptop).isEmpty)
        table.remove(phone)
        #expect(table.prefixCount == 0)
    }

    /// The goals are 10 microseconds and 100 nanoseconds (the checklist's own), thirty times as much without the optimiser or with a sanitizer.
    @Test func `WG-A-9 changes and looks up one of 100,000 prefixes quickly`() {
        #if DEBUG || SANITIZED
            let slack: Duration = .nanoseconds(30)
        #else
            let slack: Duration = .nanoseconds(1)
        #endif
        var table = ForwardingTable()
        table.setOwned((0..<100_000 as Range<UInt32>).map { IPPrefix(host: .v4(IPv4Address(bits: 0x0A00_0000 + $0))) }, by: laptop)
        let changing = processorTime {
            for number in 0..<1000 as Range<UInt32> { table.setOwned([IPPrefix(host: .v4(IPv4Address(bits: 0x0A10_0000 + number)))], by: phone) }
        }
        #expect(changing / 1000 < slack * 10_000)
        let decisions = table.decisions
        var found = 0
        let looking = processorTime {
            for number in 0..<100_000 as Range<UInt32> where decisions.owner(of: .v4(IPv4Address(bits: 0x0A00_0000 + number))) == laptop {
                found += 1
            }
        }
        #expect(found == 100_000)
        #expect(looking / 100_000 < slack * 100)
    }

    /// Processor time of this thread, so that parallel tests do not count.
    private func processorTime(_ body: () -> Void) -> Duration {
        func now() -> Duration {
            var time = timespec()
            clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
            return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
        }
        let start = now()
        body()
        return now() - start
    }
}
