// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Support
import Testing

@testable import Fleet

@Suite struct `Pairs that spoke and would be cut` {
    private static let now = UnixTime(seconds: 1_800_000_000)
    private static let day: Int64 = 86_400

    private func spoken(_ pairs: (String, String, Int64)..., watched: Int64? = 40) -> SpokenPairs {
        SpokenPairs(
            pairs.map { SpokenPairs.Pair(first: $0.0, second: $0.1, lastAt: Self.now.adding(seconds: -$0.2)) },
            watchedSince: watched.map { Self.now.adding(seconds: -$0 * Self.day) })
    }

    private func effect(_ devices: [Device], _ edited: [Device], _ spoken: SpokenPairs) -> Effect {
        var effect = Effect(on: .sample(devices), devices: edited)
        effect.note(spoken)
        return effect
    }

    private func lines(_ effect: Effect) -> [String] { effect.lines.map(\.text.description) }

    @Test func `are named, the last to speak first`() {
        let devices = ["a", "b", "c", "d"].enumerated().map { Device.sample($1, UInt8($0 + 2)) }
        let effect = effect(
            devices, [.sample("b", 3, reaching: ["10.3.2.5"])],
            spoken(("a", "b", 3 * Self.day), ("c", "b", 600), ("b", "d", 60), ("a", "c", 60)))
        let found = lines(effect)
        let start = found.firstIndex(of: "2 pairs that exchanged packets in the last 30 days would be cut off:")
        #expect(start.map { Array(found[($0 + 1)...($0 + 2)]) } == ["b and c, within the last two hours", "a and b, 3 d ago"])
        #expect(!found.contains { $0.hasPrefix("b and d,") })
        #expect(effect.json(generation: nil)["spoken_pairs_cut"]?["count"]?.integer == 2)
        #expect(effect.json(generation: nil)["spoken_pairs_cut"]?["pairs"]?.array?.first?["first"]?.string == "b")
    }

    @Test func `are none if the pairs that spoke keep their link, and a change that takes no link away says nothing`() {
        let devices = ["a", "b", "c"].enumerated().map { Device.sample($1, UInt8($0 + 2)) }
        let narrowed = effect(devices, [.sample("a", 2, reaching: ["10.3.2.3"])], spoken(("a", "b", 60)))
        #expect(lines(narrowed).contains("No pair that exchanged packets in the last 30 days would be cut off."))
        let renamed = effect(devices, [.sample("a", 2, reaching: ["10.3.2.0/24", "10.3.2.3"])], spoken(("a", "b", 60)))
        #expect(!lines(renamed).contains { $0.contains("exchanged packets") })
    }

    @Test func `are told with the time since which the hub has watched`() {
        let devices = ["a", "b"].enumerated().map { Device.sample($1, UInt8($0 + 2)) }
        let cut = { (watched: Int64?) in
            let after = effect(devices, [.sample("a", 2, enabled: false)], spoken(("a", "b", 60), watched: watched))
            return lines(after).first { $0.contains("exchanged packets") }
        }
        #expect(cut(29) == "1 pair that exchanged packets since 2026-12-17 08:00 would be cut off:")
        #expect(cut(30) == "1 pair that exchanged packets in the last 30 days would be cut off:")
        #expect(cut(nil) == nil)
    }

    @Test func `include those that lose a network behind one of the two`() {
        let office = Device.sample("office", 3, routes: ["192.168.7.0/24", "192.168.8.0/24"])
        let laptop = { (list: [String]) in Device.sample("laptop", 2, reaching: list) }
        let wide = laptop(["10.3.2.0/24", "192.168.0.0/16"])
        let found = { (device: Device) in lines(effect([wide, office], [device], spoken(("laptop", "office", 60)))) }
        #expect(
            found(laptop(["10.3.2.0/24", "192.168.7.0/24"])).contains(
                "laptop and office, within the last two hours: cut off only from some of the networks behind them"))
        #expect(!found(laptop(["10.3.2.0/24", "192.168.7.0/24", "192.168.8.0/24"])).contains { $0.contains("office, ") })
        let narrow = laptop(["192.168.7.9"])
        let list = Device.sample("office", 3, routes: ["192.168.7.0/24"])
        #expect(
            lines(effect([narrow, list], [laptop([])], spoken(("laptop", "office", 60)))).contains("laptop and office, within the last two hours"))
    }

    @Test func `are all that a removed device has`() {
        let overview = Overview.sample(
            [
                .sample("a", 2), .sample("b", 3), .sample("c", 4, reaching: []),
                .sample("office", 5, routes: ["192.168.7.0/24"], reaching: ["10.3.2.2"]),
            ])
        let cut = CutPairs(
            spoken(("a", "b", 60), ("a", "c", 60), ("a", "gone", 60)), before: overview.reachability, after: nil, now: Self.now)
        #expect(cut.cuts.map(\.pair.second.id) == ["b"])
    }

    @Test func `are eight at most, and the others are counted`() {
        let devices = (2...20).map { Device.sample("d\($0)", UInt8($0)) }
        let pairs = SpokenPairs(
            (3...20).map { SpokenPairs.Pair(first: "d2", second: "d\($0)", lastAt: Self.now) }, watchedSince: UnixTime(seconds: 0))
        let found = lines(effect(devices, [.sample("d2", 2, enabled: false)], pairs))
        #expect(found.contains("18 pairs that exchanged packets in the last 30 days would be cut off:") && found.contains("and 10 more pairs"))
    }
}

@Suite struct `The list of what a device used` {
    private func list(_ device: Device, _ others: [Device], partners: Set<String>) -> [String]? {
        let overview = Overview.sample([device] + others)
        return UsedList(of: device, partners: partners, overview.reachability, hub: overview.hub).map { $0.prefixes.map(\.description) }
    }

    private let others = [
        Device.sample("b", 3, ipv6: "fd00::3:2:3"), Device.sample("c", 4), Device.sample("office", 5, routes: ["192.168.7.0/24"]),
    ]

    @Test func `replaces a wide entry by what it used, and by the hub`() {
        #expect(
            list(.sample("a", 2), others, partners: ["b", "office"])
                == ["10.3.2.1/32", "10.3.2.3/32", "10.3.2.5/32", "fd00::3:2:0/120"])
    }

    @Test func `drops entries of devices that it did not use, and keeps those that nobody has`() {
        let device = Device.sample("a", 2, reaching: ["10.3.2.3", "10.3.2.4", "192.168.7.9", "172.16.0.0/12", "0.0.0.0/0"])
        #expect(list(device, others, partners: ["b"]) == ["10.3.2.3/32", "172.16.0.0/12", "0.0.0.0/0"])
        #expect(list(device, others, partners: ["office", "c"]) == ["10.3.2.4/32", "192.168.7.9/32", "172.16.0.0/12", "0.0.0.0/0"])
    }

    @Test func `is the present one if every device in it was used`() {
        let overview = Overview.sample([.sample("a", 2)] + others)
        let list = UsedList(of: overview.devices[0], partners: ["b", "c", "office"], overview.reachability, hub: overview.hub)
        #expect(list?.isNarrower == false && list?.prefixes == overview.defaults.settings.allowedIPs)
    }

    @Test func `is none for a disabled device`() {
        #expect(list(.sample("a", 2, enabled: false), others, partners: []) == nil)
    }
}
