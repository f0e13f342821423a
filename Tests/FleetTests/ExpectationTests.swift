// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Net
import Support
import Testing

@testable import Fleet

private typealias Expectation = Fleet.Expectation

@Suite struct `An expectation` {
    private func rule(_ from: Expectation.Side, _ isReached: Bool, _ to: Expectation.Side, id: String = "e") -> Expectation {
        Expectation(id: id, from: from, to: to, isReached: isReached)
    }

    private func tag(_ word: String) -> Expectation.Side { .tag(Tag(word)!) }

    private func state(_ devices: [Device], rules: RuleList = .none) -> ExpectationCheck.State {
        let overview = Overview.sample(devices)
        return ExpectationCheck.State(index: overview.index, defaults: overview.defaults, hub: overview.hub, rules: rules, now: overview.now)
    }

    /// The reasons why it does not hold.
    private func broken(_ expectation: Expectation, _ devices: [Device]) -> [String] {
        ExpectationCheck([expectation], in: state(devices)).breaches.map(\.reasons.description)
    }

    /// The reasons why a change breaks it.
    private func broken(_ expectation: Expectation, _ before: [Device], _ after: [Device]) -> [String] {
        let old = Dictionary(uniqueKeysWithValues: before.map { ($0.id, $0) })
        let new = Dictionary(uniqueKeysWithValues: after.map { ($0.id, $0) })
        let changed = Set(old.keys).union(new.keys).filter { old[$0] != new[$0] }
        return ExpectationCheck([expectation], before: state(before), after: state(after), changed: changed).breaches.map(\.reasons.description)
    }

    private let web = Device.sample("web", 2, tags: ["servers"])
    private let db = Device.sample("db", 3, tags: ["servers"])
    private let guest = Device.sample("guest", 4, reaching: [])

    @Test func `says whether one device reaches another, or must not, and why`() {
        let devices = [web, db, guest]
        #expect(broken(rule(.device("web"), true, .device("db")), devices) == [])
        #expect(broken(rule(.device("web"), false, .device("db")), devices) == ["web and db reach each other"])
        #expect(broken(rule(.device("web"), true, .device("guest")), devices) == ["one-sided: guest does not list web"])
        #expect(broken(rule(.device("guest"), false, .device("web")), devices) == [])
        let off = Device.sample("db", 3, enabled: false)
        #expect(broken(rule(.device("web"), true, .device("db")), [web, off]) == ["db is disabled or expired: nothing passes"])
    }

    @Test func `about a tag is about each of its devices that are enabled`() {
        let nas = Device.sample("nas", 5, reaching: ["10.3.2.2"], tags: ["servers"])
        #expect(broken(rule(.device("web"), true, tag("servers")), [web, db]) == [])
        #expect(broken(rule(tag("servers"), true, tag("servers")), [web, db, nas]).first?.hasSuffix("and 1 more pair") == true)
        let off = Device.sample("nas", 5, enabled: false, tags: ["servers"])
        #expect(broken(rule(tag("servers"), true, tag("servers")), [web, db, off]) == [])
        #expect(broken(rule(.device("web"), true, tag("nobody")), [web, db]) == [])
    }

    @Test func `takes an address, also one behind a device`() {
        let office = Device.sample("office", 5, routes: ["192.168.7.0/24"])
        let laptop = Device.sample("laptop", 6, reaching: ["10.3.2.0/24", "192.168.7.0/25"])
        let to = { (text: String) in Expectation.Side.address(IPAddress(text)!) }
        #expect(broken(rule(.device("laptop"), true, to("192.168.7.9")), [laptop, office]) == [])
        #expect(
            broken(rule(.device("laptop"), true, to("192.168.7.200")), [laptop, office]) == ["packets of laptop to 192.168.7.200 do not pass"])
        #expect(broken(rule(.device("laptop"), false, to("10.3.2.5")), [laptop, office]) == ["packets of laptop to 10.3.2.5 pass"])
        #expect(broken(rule(.device("laptop"), false, to("172.16.0.1")), [laptop, office]) == [])
        let moved = Device.sample("office", 5, routes: [])
        #expect(
            broken(rule(.device("laptop"), true, to("192.168.7.9")), [laptop, office], [laptop, moved])
                == ["packets of laptop to 192.168.7.9 do not pass"])
    }

    @Test func `is about what the rules let the first side start at the second`() throws {
        let devices = [web, db]
        let ssh = ServiceRule(.allow, from: .device("web"), service: TransportService("tcp 22")!)
        let check = { (expectation: Expectation, rules: RuleList) in ExpectationCheck([expectation], in: state(devices, rules: rules)) }
        let reasons = { (expectation: Expectation, rules: RuleList) in check(expectation, rules).breaches.map(\.reasons.description) }
        let (there, back) = (rule(.device("web"), true, .device("db")), rule(.device("db"), true, .device("web")))
        let (some, none) = (RuleList([ssh], end: .deny), RuleList([], end: .deny))
        #expect(reasons(there, some) == [] && reasons(there, none) == ["web and db are linked, but the rules let nothing pass"])
        #expect(check(there, some).limits.mapValues(\.description) == ["e": "web reaches db with tcp 22"])
        #expect(check(there, .none).limits.isEmpty)
        #expect(reasons(back, some) == ["the rules let db start nothing at web"])
        #expect(reasons(rule(.device("db"), false, .device("web")), some) == [])
        #expect(
            reasons(rule(.device("web"), false, .device("db")), some) == ["web reaches db with tcp 22, and db reaches web with nothing"])
        let address = Expectation.Side.address("10.3.2.3")
        #expect(reasons(rule(.device("web"), false, address), some) == ["packets of web to 10.3.2.3 pass with tcp 22"])
        #expect(reasons(rule(.device("web"), true, address), none) == ["packets of web to 10.3.2.3 do not pass: the rules refuse them"])
        #expect(check(rule(.device("web"), true, address), some).limits.mapValues(\.description) == ["e": "web reaches 10.3.2.3 with tcp 22"])
        // A change is checked against what the rules were and are.
        let change = ExpectationCheck([there], before: state(devices, rules: some), after: state(devices, rules: none), changed: nil)
        #expect(change.breaches.count == 1)
    }

    @Test func `stops only a change that breaks it anew`() {
        let reaches = rule(.device("web"), true, .device("guest"))
        let shut = Device.sample("web", 2, reaching: ["10.3.2.3"], tags: ["servers"])
        // Broken before: other changes, and those of the same pair, go on.
        #expect(broken(reaches, [web, db, guest], [shut, db, guest]) == [])
        let all = rule(tag("servers"), true, tag("servers"))
        let nas = Device.sample("nas", 5, reaching: [], tags: ["servers"])
        #expect(broken(all, [web, db, nas], [web, Device.sample("db", 3, reaching: [], tags: ["servers"]), nas]).count == 1)
        #expect(broken(all, [web, db, nas], [web, db, Device.sample("nas", 5, reaching: ["10.9.0.0/16"], tags: ["servers"])]) == [])
    }

    @Test func `stops a tag, an address or a removal that breaks it`() {
        let never = rule(tag("guests"), false, .device("db"))
        let tagged = Device.sample("web", 2, tags: ["servers", "guests"])
        #expect(broken(never, [web, db], [tagged, db]) == ["web and db reach each other"])
        #expect(broken(never, [tagged, db], [Device.sample("web", 2, enabled: true, reaching: ["10.3.2.0/24"], tags: ["guests"]), db]) == [])
        #expect(broken(rule(.device("web"), true, .device("db")), [web, db], [web]) == ["db is removed"])
        #expect(broken(rule(.device("web"), false, .device("db")), [web, db], [web]) == [])
        #expect(broken(rule(.device("web"), true, .device("db")), [web, db], [web, .sample("db", 9, tags: ["servers"])]) == [])
    }

    @Test func `is decided by a part of the table as by all of it`() {
        var generator = Numbers()
        let devices = (2..<60).map { number in
            let entries = (0..<3).map { _ in generator.pick(["10.3.2.0/26", "10.3.2.\(generator.next(60))", "192.168.\(generator.next(4)).0/24"]) }
            return Device.sample(
                "d\(number)", UInt8(number), enabled: generator.next(9) > 0,
                routes: number % 9 == 0 ? ["192.168.\(number / 9).0/24", "192.168.\(number / 9).128/25"] : [],
                reaching: generator.next(4) > 0 ? entries : nil, tags: [generator.pick(["a", "b", "c"])])
        }
        let base = Overview.sample(devices.sorted { $0.name < $1.name })
        let rules = RuleList([
            ServiceRule(.deny, from: .tag(Tag("a")!), to: .tag(Tag("b")!)), ServiceRule(.deny, from: .device("d7")),
            ServiceRule(.deny, from: .tag(Tag("c")!), to: .prefix("192.168.1.0/24")), ServiceRule(.deny, from: .tag(Tag("b")!), to: .internet),
        ])
        let overview = Overview(
            hub: base.hub, defaults: base.defaults, index: base.index, rules: rules, generation: base.generation, status: base.status,
            rates: Rates(), cache: ReachabilityCache(), now: base.now)
        let part = ExpectationCheck.State(
            index: overview.index, defaults: overview.defaults, hub: overview.hub, rules: rules, now: overview.now)
        for number in 0..<200 {
            let from: Expectation.Side = number % 2 == 0 ? .device("d\(2 + generator.next(58))") : tag(generator.pick(["a", "b", "c"]))
            let to: Expectation.Side =
                switch number % 3 {
                case 0: .device("d\(2 + generator.next(58))")
                case 1: tag(generator.pick(["a", "b", "c"]))
                default: .address(IPAddress(generator.pick(["192.168.1.7", "192.168.3.200", "10.3.2.9", "10.3.2.1", "172.16.0.1"]))!)
                }
            let expectation = rule(from, number % 5 > 1, to)
            let whole = ExpectationCheck([expectation], in: ExpectationCheck.State(overview)).breaches
            #expect(ExpectationCheck([expectation], in: part).breaches == whole)
        }
    }

    @Test func `about too many pairs is left out and counted, and a change of one device is not`() {
        let devices = (0..<20).map { Device.sample("d\(10 + $0)", UInt8($0 + 2), tags: ["all"]) }
        let everybody = rule(tag("all"), true, tag("all"))
        #expect(ExpectationCheck([everybody], in: state(devices), maximumPairs: 379).unchecked == ["e"])
        #expect(ExpectationCheck([everybody], in: state(devices), maximumPairs: 380).unchecked == [])
        var after = devices
        after[5].overrides.allowedIPs = .own([])
        let check = ExpectationCheck([everybody], before: state(devices), after: state(after), changed: [after[5].id], maximumPairs: 40)
        #expect(check.unchecked == [] && check.breaches.first?.count == 38)
    }

    @Test func `is read as people write it`() {
        let devices = [db, web]
        let read = { (text: String, address: Bool) in try? Expectation.Side.read(text, among: devices, allowsAddress: address).get() }
        #expect(read("WEB", false) == .device("web"))
        #expect(read("tag:servers", false) == tag("servers"))
        #expect(read("10.9.0.1", true) == .address("10.9.0.1"))
        #expect(read("10.9.0.1", false) == nil && read("zebra", true) == nil && read("", true) == nil && read("tag:", true) == nil)
        let sentence = rule(.device("web"), false, tag("servers")).sentence { $0.uppercased() }
        #expect(sentence.description == "WEB never reaches tag:servers")
    }

    /// The same numbers in each run.
    private struct Numbers {
        private var state: UInt64 = 7

        mutating func next(_ limit: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((state >> 33) % UInt64(limit))
        }

        mutating func pick(_ choices: [String]) -> String { choices[next(choices.count)] }
    }
}

@Suite struct `The test of an expectation with pings` {
    private let devices = [Device.sample("a", 2, tags: ["x"]), Device.sample("b", 3, tags: ["x"]), Device.sample("c", 4, tags: ["x"])]

    private func test(_ expectation: Expectation, _ outcome: (LinkTest.Echo) -> ProbeOutcome) -> Expectation.Test? {
        let overview = Overview.sample(devices)
        return ExpectationPings(expectation, in: overview).map { pings in
            pings.result(pings.pairs.map { $0.echoes.map(outcome) }, at: overview.now)
        }
    }

    @Test func `counts pairs that answered, that did not, and that were not connected`() {
        let all = Expectation(id: "e", from: .device("a"), to: .tag(Tag("x")!), isReached: true)
        let found = test(all) { echo in
            if echo.key == devices[1].publicKey { return .noAnswer }
            return .answered(.milliseconds(3))
        }
        #expect(found?.passed == 1 && found?.failed == 1 && found?.untested == 0)
        #expect(found?.firstFailure?.from == "a" && found?.firstFailure?.to == "b")
        let offline = test(all) { _ in .noSession }
        #expect(offline?.untested == 2 && offline?.failed == 0 && offline?.passed == 0)
    }

    @Test func `is only for what must be reached`() {
        #expect(test(Expectation(id: "e", from: .device("a"), to: .device("b"), isReached: false)) { _ in .noAnswer } == nil)
    }
}
