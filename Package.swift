// swift-tools-version: 6.2
// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import PackageDescription

// The fences of the house. A target may import only what its line names: `make build` and `make test`
// run the package manager with `--explicit-target-dependency-import-check error`.
// Sources/Libraries holds module maps of C libraries and the list of common passwords, nothing else; each is imported by the one target that
// fences it.

let gnu: [CSetting] = [.define("_GNU_SOURCE")]
let plain: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]
// Above the data plane, no code uses raw memory.
let safe = plain + [.strictMemorySafety()]

// Intel's multi-buffer library exists for x86-64 only; elsewhere, OpenSSL is used.
#if arch(x86_64)
    let multiBuffer: [Target.Dependency] = ["CIPsecMB"]
    let multiBufferLibrary: [Target] = [
        .systemLibrary(name: "CIPsecMB", path: "Sources/Libraries/IPsecMB", providers: [.apt(["libipsec-mb-dev"])])
    ]
#else
    let multiBuffer: [Target.Dependency] = []
    let multiBufferLibrary: [Target] = []
#endif

let package = Package(
    name: "hairpin",
    // For Tests/Fuzz/run, which links it to libFuzzer.
    products: [.library(name: "FuzzTargets", type: .static, targets: ["FuzzTargets"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    ],
    targets: [
        .executableTarget(
            name: "hairpin",
            dependencies: [
                "Portal", "Reconciler", "Relay", "HTTP", "Store", "Fleet", "WireGuard", "Crypto", "Linux", "Names", "Net", "Words",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ], cSettings: gnu, swiftSettings: safe),

        .target(
            name: "Portal",
            dependencies: [
                "HTTP", "WebAuthn", "Store", "Fleet", "Templates", "Drawing", "Crypto", "Linux", "Names", "Net", "Words",
                .product(name: "Logging", package: "swift-log"),
            ],
            cSettings: gnu, swiftSettings: safe),
        .target(
            name: "Reconciler",
            dependencies: [
                "Store", "Fleet", "Relay", "Crypto", "Linux", "Names", "Net", "Words", .product(name: "Logging", package: "swift-log"),
            ],
            cSettings: gnu, swiftSettings: safe),

        .target(
            name: "HTTP",
            dependencies: ["TLS", "Linux", "Net", "Words", .product(name: "Logging", package: "swift-log")],
            cSettings: gnu, swiftSettings: safe),
        .target(
            name: "Store", dependencies: ["Fleet", "Crypto", "Linux", "Names", "Net", "Words", "CSQLite"], cSettings: gnu, swiftSettings: plain),
        .target(
            name: "Relay",
            dependencies: ["WireGuard", "Crypto", "Linux", "Names", "Net", .product(name: "Logging", package: "swift-log")],
            cSettings: gnu, swiftSettings: plain),

        .target(name: "Fleet", dependencies: ["Crypto", "Names", "Net", "Words", "CCommonPasswords"], cSettings: gnu, swiftSettings: safe),
        .target(name: "WebAuthn", dependencies: ["Crypto", "Words"], cSettings: gnu, swiftSettings: safe),
        .target(name: "Templates", dependencies: ["Words", "Net"], cSettings: gnu, swiftSettings: safe),
        .target(name: "Drawing", dependencies: ["CQREncode"], cSettings: gnu, swiftSettings: safe),

        .target(name: "Names", dependencies: ["Net"], cSettings: gnu, swiftSettings: plain),
        .target(name: "WireGuard", dependencies: ["Crypto", "Net"], cSettings: gnu, swiftSettings: plain),
        .target(
            name: "Crypto", dependencies: ["CSodium", "CGMP", "COpenSSL"] + multiBuffer, cSettings: gnu, swiftSettings: plain),
        .target(name: "TLS", dependencies: ["CSSL"], cSettings: gnu, swiftSettings: plain),
        .target(
            name: "Linux", dependencies: ["Net", "CLinux", "CMnl"], cSettings: gnu, swiftSettings: plain),
        .target(name: "Net", cSettings: gnu, swiftSettings: plain),
        .target(name: "Words", dependencies: ["Net"], cSettings: gnu, swiftSettings: safe),

        .target(name: "CLinux", path: "Sources/Libraries/LinuxHeaders", cSettings: gnu),
        .target(
            name: "CCommonPasswords", path: "Sources/Libraries/CommonPasswords", exclude: ["common-passwords.bin", "make", "NOTICE"]),
        .systemLibrary(name: "CSodium", path: "Sources/Libraries/Sodium", pkgConfig: "libsodium", providers: [.apt(["libsodium-dev"])]),
        .systemLibrary(name: "CGMP", path: "Sources/Libraries/GMP", pkgConfig: "gmp", providers: [.apt(["libgmp-dev"])]),
        .systemLibrary(name: "CSQLite", path: "Sources/Libraries/SQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
        .systemLibrary(name: "CMnl", path: "Sources/Libraries/Mnl", pkgConfig: "libmnl", providers: [.apt(["libmnl-dev"])]),
        .systemLibrary(name: "COpenSSL", path: "Sources/Libraries/OpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CSSL", path: "Sources/Libraries/SSL", pkgConfig: "libssl", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CQREncode", path: "Sources/Libraries/QREncode", pkgConfig: "libqrencode", providers: [.apt(["libqrencode-dev"])]),

        // `make microbench`.
        .executableTarget(
            name: "Benchmarks",
            dependencies: [
                "Portal", "Reconciler", "Relay", "HTTP", "Store", "Fleet", "Templates", "WireGuard", "Crypto", "Linux", "Names", "Net", "Words",
                "CAllocations", .product(name: "Logging", package: "swift-log"),
            ], path: "Tests/Benchmarks", cSettings: gnu, swiftSettings: plain),
        // Counts what the packet path allocates; HouseTests runs it.
        .executableTarget(
            name: "PacketPath", dependencies: ["CAllocations", "Loopback", "Relay", "WireGuard", "Crypto", "Linux", "Names", "Net"],
            path: "Tests/PacketPath", cSettings: gnu, swiftSettings: plain),
        // Writes to a database until StoreTests kills it.
        .executableTarget(
            name: "WriteLoad", dependencies: ["Store", "Fleet", "Crypto", "Linux", "Net"], path: "Tests/WriteLoad", cSettings: gnu,
            swiftSettings: safe),
        .target(name: "CAllocations", path: "Tests/Allocations", cSettings: gnu),

        // The functions that receive bytes from outside; FuzzTests replays the corpus on them.
        .target(
            name: "FuzzTargets", dependencies: ["Relay", "HTTP", "Fleet", "WireGuard", "Crypto", "Linux", "Names", "Net"], path: "Tests/Fuzz/Targets",
            cSettings: gnu, swiftSettings: plain),

        // Fixtures that several test targets share.
        .target(name: "Support", dependencies: ["Fleet", "Crypto", "Names", "Net"], path: "Tests/Support", cSettings: gnu, swiftSettings: plain),

        // Connections for tests of servers.
        .target(name: "Loopback", dependencies: ["Linux", "Net"], path: "Tests/Loopback", cSettings: gnu, swiftSettings: plain),

        .testTarget(name: "NetTests", dependencies: ["Net", "Support"], cSettings: gnu),
        .testTarget(name: "NamesTests", dependencies: ["Names", "Net", "Support"], cSettings: gnu),
        .testTarget(name: "WordsTests", dependencies: ["Words"], cSettings: gnu),
        .testTarget(name: "TemplatesTests", dependencies: ["Templates", "Words"], cSettings: gnu),
        .testTarget(name: "DrawingTests", dependencies: ["Drawing", "Support", "Fleet"], cSettings: gnu),
        .testTarget(
            name: "FleetTests", dependencies: ["Fleet", "Support", "Crypto", "Names", "Net", "Words"], exclude: ["ServerFiles"], cSettings: gnu),
        .testTarget(name: "WebAuthnTests", dependencies: ["WebAuthn", "Support", "Crypto"], cSettings: gnu),
        .testTarget(name: "CryptoTests", dependencies: ["Crypto", "Support"], cSettings: gnu),
        .testTarget(name: "WireGuardTests", dependencies: ["WireGuard", "Crypto", "Net", "Support"], cSettings: gnu),
        .testTarget(name: "LinuxTests", dependencies: ["Linux", "Loopback", "Net", "CLinux"], cSettings: gnu),
        .testTarget(name: "RelayTests", dependencies: ["Relay", "Loopback", "WireGuard", "Crypto", "Linux", "Names", "Net"], cSettings: gnu),
        .testTarget(
            name: "TLSTests",
            dependencies: ["TLS", "HTTP", "Loopback", "Linux", "Net", "Words", "CSSL", .product(name: "Logging", package: "swift-log")],
            cSettings: gnu),
        .testTarget(
            name: "HTTPTests", dependencies: ["HTTP", "Loopback", "Linux", "Net", "Words", .product(name: "Logging", package: "swift-log")],
            cSettings: gnu),
        .testTarget(
            name: "StoreTests", dependencies: ["Store", "Support", "Fleet", "Crypto", "Linux", "Names", "Net", "Words", "WriteLoad"],
            exclude: ["Databases"], cSettings: gnu),
        .testTarget(
            name: "ReconcilerTests",
            dependencies: [
                "Reconciler", "Relay", "Store", "Loopback", "Fleet", "Crypto", "Linux", "Names", "Net", "Words",
                .product(name: "Logging", package: "swift-log"),
            ],
            cSettings: gnu),
        .testTarget(
            name: "PortalTests",
            dependencies: [
                "Portal", "Support", "Loopback", "HTTP", "WebAuthn", "Store", "Fleet", "Templates", "Crypto", "Names", "Net", "Words",
                .product(name: "Logging", package: "swift-log"),
            ], cSettings: gnu),
        .testTarget(
            name: "HairpinTests", dependencies: ["hairpin", "Relay", "WireGuard", "HTTP", "Store", "Fleet", "Crypto", "Linux", "Net", "Words"],
            cSettings: gnu),
        .testTarget(name: "FuzzTests", dependencies: ["FuzzTargets", "Support"], path: "Tests/Fuzz/Replay", cSettings: gnu),
        .testTarget(name: "HouseTests", cSettings: gnu),
        .testTarget(name: "EndToEndTests", dependencies: ["Crypto", "HTTP", "Portal", "Fleet", "Net", "WireGuard", "Words"], cSettings: gnu),
    ] + multiBufferLibrary
)
