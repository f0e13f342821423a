// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Linux

/// The steps of the data path first, in the order in which a packet meets them, then those of the control side.
/// Built by `make microbench`: the insides of HTTP, Portal and Reconciler are only open to a build for testing.
func runBenchmarks() {
    StandardStreams.output("name                                              ns/op      minimum  allocations/op")
    AEADBenchmarks.run()
    ReplayBenchmarks.run()
    ForwardingBenchmarks.run()
    HandshakeBenchmarks.run()
    RequestBenchmarks.run()
    PlanBenchmarks.run()
    TemplateBenchmarks.run()
    PageBenchmarks.run()
}
