// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import FuzzTargets
import Testing

/// Replays the corpus, and mutations of it with a fixed seed. `make fuzz` continues from here. A fault stops the process.
@Suite struct `Bytes from outside` {
    /// Mutations per target: a second or two on a small machine.
    private static let changes = 5_000

    @Test(arguments: FuzzTarget.allCases)
    func `WG-F-9 that are in the corpus do no harm`(target: FuzzTarget) throws {
        let inputs = try Corpus.inputs(of: target)
        #expect(inputs.count >= 3)
        for input in inputs { target.run(input.bytes) }
        target.run([])
    }

    @Test(arguments: FuzzTarget.allCases)
    func `WG-F-9 that resemble the corpus do no harm`(target: FuzzTarget) throws {
        let inputs = try Corpus.inputs(of: target).map(\.bytes)
        var mutator = Mutator(seed: 20_261_122)
        var taken = 0
        for number in 0..<Self.changes {
            target.run(mutator.change(inputs[number % inputs.count], with: inputs))
            taken += 1
        }
        #expect(taken == Self.changes)
    }
}
