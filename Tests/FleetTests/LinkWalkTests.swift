// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto
import Net
import Support
import Testing

@testable import Fleet

@Suite struct `A walk over links` {
    private func devices(_ count: Int) -> [Device] {
        (0..<count).map { number in
            // Some list everybody, some a few, some nobody, and some are disabled.
            let list: [String]? = [nil, ["10.3.2.0/27", "fd00::3:2:0/120"], ["10.3.2.5/32", "10.3.2.9/32", "10.3.2.0/28"], []][number % 4]
            return Device.sample(
                "d\(100 + number)", UInt8(number + 2), enabled: number % 7 != 3, ipv6: number % 3 == 0 ? "fd00::3:2:\(number + 2)" : nil,
                reaching: list)
        }
    }

    private func places(_ reachability: Reachability, where isWanted: (Device, Device) -> Bool) -> [LinkWalk.Place] {
        PairLinks(reachability.devices, reachability).all.filter { !$0.isOneSided }
            .map { LinkWalk.Place(first: $0.from, second: $0.to) }
            .filter { isWanted(reachability.devices[$0.first], reachability.devices[$0.second]) }
    }

    @Test(arguments: [1, 2, 7, 1_000], [1, 3, 50, 100_000])
    func `finds each link once, as a look at all pairs does, in parts of any size`(limit: Int, questions: Int) {
        let reachability = Overview.sample(devices(40)).reachability
        let isWanted = { (a: Device, b: Device) in (a.name + b.name).utf8.reduce(0) { $0 &+ Int($1) } % 5 > 1 }
        let walk = LinkWalk(reachability)
        var (found, place, parts): ([LinkWalk.Place], LinkWalk.Place?, Int) = ([], nil, 0)
        repeat {
            var asked = 0
            let part = walk.stretch(after: place, limit: limit, maximumQuestions: questions) {
                asked += 1
                return isWanted($0, $1)
            }
            #expect(part.links.count <= limit && asked <= questions)
            // No part leads to nothing unless its questions were used up.
            #expect(questions < 100_000 || place == nil || !part.links.isEmpty)
            found += part.links
            place = part.last
            parts += 1
        } while place != nil && parts < 10_000
        #expect(found == places(reachability, where: isWanted))
    }

    @Test func `looks at few pairs on a large hub where lists are short`() {
        let many = (0..<3_000).map { number in
            let (high, low) = ((number + 2) / 256, (number + 2) % 256)
            let partner = number % 2 == 0 ? number + 3 : number + 1
            var device = Device.sample(
                "d\(10_000 + number)", 2, ipv4: "10.3.\(high).\(low)", reaching: ["10.3.\(partner / 256).\(partner % 256)/32"])
            device.publicKey = PublicKey([UInt8(high), UInt8(low)] + [UInt8](repeating: 1, count: 30))!
            return device
        }
        let walk = LinkWalk(Overview.sample(many).reachability)
        let part = walk.stretch(after: nil, limit: 2_000, maximumQuestions: 3_000) { _, _ in true }
        #expect(part.links.count == 1_500 && part.last == nil)
    }
}
