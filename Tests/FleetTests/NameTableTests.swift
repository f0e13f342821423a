// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Fleet
import Names
import Net
import Support
import Testing

@Suite struct `The names of devices` {
    /// Devices with these names; the ones further in front were added earlier.
    private func table(_ names: [String], records: [String] = [], domain: String? = "hairpin.internal") -> NameTable {
        let devices = names.enumerated().map { Device.sample($1, UInt8($0 + 2), createdAt: Int64($0)) }
        return NameTable(devices.map(NameTable.Member.init), hub: .sample(domain: domain, records: records))
    }

    private func names(_ names: [String], records: [String] = []) -> [String?] {
        let table = table(names, records: records)
        return names.map { table.name(ofDevice: $0)?.replacing(".hairpin.internal", with: "") }
    }

    @Test func `are their names as labels under the domain`() {
        #expect(table(["Berlin NAS"]).name(ofDevice: "Berlin NAS") == "berlin-nas.hairpin.internal")
        #expect(table(["a"], domain: "vpn.example.org").name(ofDevice: "a") == "a.vpn.example.org")
        #expect(table(["a"], domain: nil).name(ofDevice: "a") == nil)
        #expect(table(["a"]).name(ofDevice: "b") == nil)
    }

    @Test func `of one spelling get numbers, in the order in which they were added`() {
        #expect(names(["Berlin NAS", "berlin_nas", "Berlin (NAS)"]) == ["berlin-nas", "berlin-nas-2", "berlin-nas-3"])
        // A number that is a name already is left out.
        #expect(names(["a b", "a-b-2", "a_b"]) == ["a-b", "a-b-2", "a-b-3"])
        #expect(names(["💾", "💿"]) == ["device", "device-2"])
    }

    @Test func `that are spelled so already come first, whenever they were added`() {
        #expect(names(["Berlin NAS", "BERLIN-NAS"]) == ["berlin-nas-2", "berlin-nas"])
    }

    @Test func `leave the hub's and the admins' names free`() {
        #expect(names(["hub", "cloud"], records: ["cloud=10.3.2.9"]) == ["hub-2", "cloud-2"])
    }

    @Test func `do not change when another device comes or goes later`() {
        let before = names(["Berlin NAS", "berlin_nas", "x"])
        #expect(names(["Berlin NAS", "berlin_nas", "x", "berlin nas!"]).prefix(3) == before[...])
    }

    @Test func `are found in any case, with their addresses`() throws {
        let table = table(["Berlin NAS"], records: ["cloud=device/Berlin NAS", "printer=192.168.7.20+fd07::20", "gone=device/x"])
        let nas = try #require(table.entry(named: "BERLIN-nas.hairpin.internal."))
        #expect(nas.device == "Berlin NAS" && nas.addresses == ["10.3.2.2"] && !nas.isRecord)
        #expect(table.entry(named: "cloud.hairpin.internal")?.addresses == nas.addresses)
        #expect(table.entry(named: "printer.hairpin.internal")?.addresses.count == 2)
        #expect(table.entry(named: "hub.hairpin.internal")?.addresses == ["10.3.2.1", "fd00::3:2:1"])
        for text in ["gone.hairpin.internal", "berlin-nas", "berlin-nas.internal", "x.berlin-nas.hairpin.internal", "hairpin.internal", ""] {
            #expect(table.entry(named: text) == nil, "\(text)")
        }
        #expect(table.zone(serial: 1)?.count == 4)
        #expect(self.table([], domain: nil).zone(serial: 1) == nil)
    }
}

@Suite struct `More names` {
    // Sorted by name, as everywhere.
    private let devices = [Device.sample("a, b", 3), Device.sample("Berlin NAS", 2)]

    private func read(_ text: String) -> Result<[String], Entry.Refusal> {
        Entry.nameRecords(text, among: devices).map { $0.map(\.description) }
    }

    @Test func `are written one a line, with a device or addresses`() {
        let text = "Cloud = berlin nas\n\n  printer=192.168.7.20, fd07::20 \r\ntwo = a, b"
        #expect(read(text) == .success(["cloud=device/Berlin NAS", "printer=192.168.7.20+fd07::20", "two=device/a, b"]))
        guard case .success(let records) = Entry.nameRecords(text, among: devices) else { return }
        let shown = Entry.text(records) { id in devices.first { $0.id == id }?.name }
        #expect(shown == "cloud = Berlin NAS\nprinter = 192.168.7.20, fd07::20\ntwo = a, b")
        #expect(Entry.nameRecords(shown, among: devices) == .success(records))
    }

    @Test(arguments: [
        ("printer", "“printer” is not a name and what it stands for."), ("printer =", "“printer =” is not a name"),
        ("my printer = 10.0.0.1", "my-printer fits."), ("a.b = 10.0.0.1", "“a.b” cannot be a name."),
        ("printer = nobody", "“nobody” is neither a device nor an address."), ("printer = 10.0.0.1, nobody", "is neither a device nor an address."),
    ])
    func `that are not valid are refused with a sentence`(line: String, message: String) {
        guard case .failure(let refusal) = read(line) else {
            Issue.record("\(line) was taken")
            return
        }
        #expect(refusal.message.description.contains(message), "\(refusal.message)")
    }

    @Test(arguments: [
        (["hub=10.0.0.1"], "hub is the name of the hub."), (["a=10.0.0.1", "a=10.0.0.2"], "a is there twice."),
        (["a=10.0.0.1+10.0.0.2"], "a has two addresses of one family."), (["a=224.0.0.1"], "224.0.0.1 is not the address of a machine."),
        (["a=::"], ":: is not the address of a machine."),
    ])
    func `that break a rule are named`(records: [String], message: String) {
        let errors = Naming(records: records.compactMap { NameRecord($0) }).errors
        #expect(errors.map(\.field) == ["records"])
        #expect(errors.first?.message.description.contains(message) == true, "\(errors)")
    }

    @Test func `are at most a thousand`() {
        let many = (0...Naming.maximumRecords).map { NameRecord("a\($0)=10.0.0.1")! }
        #expect(Naming(records: many).errors.map(\.field) == ["records"])
        #expect(Naming(records: Array(many.dropLast())).errors.isEmpty)
    }

    @Test(arguments: ["local", "x.local", "10.in-addr.arpa", "onion"])
    func `are not under a domain with a meaning of its own`(domain: String) {
        #expect(Naming(domain: DomainName(domain)).errors.map(\.field) == ["domain"])
    }

    @Test func `need room in front of the domain`() {
        let long = [62, 63, 62].map { String(repeating: "a", count: $0) }.joined(separator: ".")
        #expect(Naming(domain: DomainName(long)).errors.map(\.field) == [])
        #expect(Naming(domain: DomainName("a" + long)).errors.map(\.field) == ["domain"])
    }

    @Test(arguments: ["=10.0.0.1", "A=10.0.0.1", "a", "a=", "a=10.0.0.1+", "a b=10.0.0.1"])
    func `in the database are read strictly`(text: String) { #expect(NameRecord(text) == nil) }
}

@Suite struct `A DNS setting with the hub` {
    private func line(_ dns: [String], addresses: [String] = ["10.3.2.2", "fd00::3:2:2"], domain: String? = "hairpin.internal") -> String? {
        var file = ClientConfig.sample(addresses: addresses, dns: dns)
        file.hubAddresses = ["10.3.2.1", "fd00::3:2:1"].compactMap { IPAddress($0) }
        file.domain = domain.flatMap { DomainName($0) }
        return file.text.split(separator: "\n").first { $0.hasPrefix("DNS") }.map(String.init)
    }

    @Test func `puts its addresses and its domain into the file`() {
        #expect(line(["hub"]) == "DNS = 10.3.2.1, fd00::3:2:1, hairpin.internal")
        #expect(line(["hub", "9.9.9.9"]) == "DNS = 10.3.2.1, fd00::3:2:1, hairpin.internal, 9.9.9.9")
    }

    @Test func `has only addresses of families that the device has`() {
        #expect(line(["hub"], addresses: ["10.3.2.2"]) == "DNS = 10.3.2.1, hairpin.internal")
    }

    @Test func `leaves the hub out where it answers for no names`() {
        #expect(line(["hub"], domain: nil) == nil)
        #expect(line(["hub", "9.9.9.9"], domain: nil) == "DNS = 9.9.9.9")
    }

    @Test func `is read from its word`() {
        #expect(DNSEntry("hub") == .hub && DNSEntry.hub.description == "hub")
        #expect(DNSEntry("hub.example.org") == .searchDomain("hub.example.org"))
    }

    @Test func `is said to be useless where the device does not send to the hub`() {
        let (a, b) = (Device.sample("a", 2, reaching: ["10.3.2.3/32"]), Device.sample("b", 3))
        var overview = Overview.sample([a, b])
        #expect(HubNames.unreached(by: a, in: overview) == nil)
        overview = .sample([a, b], dns: ["hub"])
        #expect(HubNames.unreached(by: a, in: overview) == "10.3.2.1")
        #expect(HubNames.unreached(by: b, in: overview) == nil)
        let check = Doctor(from: a, to: b, in: overview).checks.last
        #expect(check?.name == "name" && check?.ok == false)
        #expect(check?.detail.description.contains("its allowed IPs do not hold 10.3.2.1") == true)
        let found = Doctor(from: b, to: Device.sample("c", 4), in: .sample([b, .sample("c", 4)], dns: ["hub"])).checks.last
        #expect(found?.ok == true && found?.detail.description == "The name is c.hairpin.internal.")
    }
}
