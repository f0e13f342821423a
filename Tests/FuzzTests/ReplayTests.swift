// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Foundation
import Testing

/// How long `make fuzz` runs at each door; nil among the other tests.
private let fuzzSeconds = ProcessInfo.processInfo.environment["FUZZ_SECONDS"].flatMap { Double($0) }

/// The corpus, and changes of it: some with a fixed seed, and for as long as `make fuzz` asks. A fault stops the process.
@Suite struct `Bytes from outside` {
    /// Changes per target: a second or two on a small machine.
    private static let changes = 5_000

    @Test(arguments: FuzzTarget.allCases)
    func `F-9 that are in the corpus are taken without harm`(target: FuzzTarget) throws {
        let inputs = try Corpus.inputs(of: target)
        #expect(inputs.count >= 3)
        for input in inputs { target.run(input.bytes) }
        target.run([])
    }

    @Test(arguments: FuzzTarget.allCases)
    func `F-9 that resemble the corpus are taken without harm`(target: FuzzTarget) throws {
        let inputs = try Corpus.inputs(of: target).map(\.bytes)
        var mutator = Mutator(seed: 20_261_122)
        var taken = 0
        for number in 0..<Self.changes {
            target.run(mutator.change(inputs[number % inputs.count], with: inputs))
            taken += 1
        }
        #expect(taken == Self.changes)
    }

    @Test(.enabled(if: fuzzSeconds != nil), arguments: FuzzTarget.allCases)
    func `F-9 that resemble the corpus are taken without harm for a long time`(target: FuzzTarget) throws {
        let end = Date(timeIntervalSinceNow: try #require(fuzzSeconds))
        let inputs = try Corpus.inputs(of: target).map(\.bytes)
        let seed = UInt64.random(in: 0...UInt64.max)
        print("\(target.rawValue): seed \(seed)")
        var mutator = Mutator(seed: seed)
        // Changes of changes go further than changes of the corpus.
        var pool = inputs
        while Date() < end {
            for _ in 0..<1000 {
                let input = mutator.change(pool.randomElement(using: &mutator)!, with: inputs)
                target.run(input)
                if UInt8.random(in: 0...255, using: &mutator) == 0 { pool.append(input) }
                if pool.count > 4096 { pool = inputs }
            }
        }
        #expect(pool.count >= inputs.count)
    }
}
