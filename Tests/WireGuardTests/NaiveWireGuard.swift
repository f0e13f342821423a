// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Crypto

/// A second WireGuard, written from sections 5.4.1 to 5.4.7 of the whitepaper alone, line by line with the paper's names:
/// c is the chaining key, h the hash, k a key, i the initiator and r the responder. Only the curve and the ciphers are shared with the first.
enum Naive {
    static func hash(_ input: [UInt8]) -> [UInt8] { naiveBLAKE2s(input) }
    static func mac(_ key: [UInt8], _ input: [UInt8]) -> [UInt8] { naiveBLAKE2s(input, key: key, byteCount: 16) }

    static func hmac(_ key: [UInt8], _ input: [UInt8]) -> [UInt8] {
        let padded = key + Array(repeating: 0, count: 64 - key.count)
        return hash(padded.map { $0 ^ 0x5C } + hash(padded.map { $0 ^ 0x36 } + input))
    }

    static func kdf(_ count: Int, _ key: [UInt8], _ input: [UInt8]) -> [[UInt8]] {
        let secret = hmac(key, input)
        var results: [[UInt8]] = []
        for number in 1...count { results.append(hmac(secret, (results.last ?? []) + [UInt8(number)])) }
        return results
    }

    /// The product, or zeros if there is none: the naive side does not check.
    static func dh(_ privateKey: PrivateKey, _ publicKey: [UInt8]) -> [UInt8] {
        X25519.agree(privateKey, PublicKey(publicKey)!).map { Array($0) } ?? Array(repeating: 0, count: 32)
    }

    static func seal(_ key: [UInt8], _ plaintext: [UInt8], _ data: [UInt8]) -> [UInt8] {
        var sealed = [UInt8](repeating: 0, count: plaintext.count + 16)
        plaintext.withUnsafeBytes { plaintext in
            data.withUnsafeBytes { data in
                ChaCha20Poly1305.seal(
                    key: Bytes32(exactly: key)!, counter: 0, plaintext: plaintext, authenticating: data, into: &sealed)
            }
        }
        return sealed
    }

    static func open(_ key: [UInt8], _ sealed: ArraySlice<UInt8>, _ data: [UInt8]) -> [UInt8]? {
        var plaintext = [UInt8](repeating: 0, count: max(sealed.count - 16, 1))
        let isAuthentic = sealed.withUnsafeBytes { sealed in
            data.withUnsafeBytes { data in
                ChaCha20Poly1305.open(key: Bytes32(exactly: key)!, counter: 0, ciphertext: sealed, authenticating: data, into: &plaintext)
            }
        }
        return isAuthentic ? Array(plaintext.prefix(sealed.count - 16)) : nil
    }

    static let construction = hash(Array("Noise_IKpsk2_25519_ChaChaPoly_BLAKE2s".utf8))

    static func macs(_ message: [UInt8], receiver: [UInt8], cookie: [UInt8]? = nil) -> [UInt8] {
        let mac1 = mac(hash(Array("mac1----".utf8) + receiver), message)
        return mac1 + (cookie.map { mac($0, message + mac1) } ?? Array(repeating: 0, count: 16))
    }
}

/// The paper's initiator.
final class NaiveInitiator {
    let privateKey: PrivateKey
    /// The static key that it claims to have.
    let publicKey: [UInt8]
    let responder: [UInt8]
    private(set) var presharedKey = [UInt8](repeating: 0, count: 32)
    private let ephemeral = PrivateKey.generate()
    private var c: [UInt8] = []
    private var h: [UInt8] = []

    init(privateKey: PrivateKey, publicKey: [UInt8]? = nil, responder: PublicKey, presharedKey: PresharedKey? = nil) {
        self.privateKey = privateKey
        self.publicKey = publicKey ?? Array(privateKey.publicKey.bytes)
        self.responder = Array(responder.bytes)
        if let presharedKey { self.presharedKey = Array(presharedKey.bytes) }
    }

    /// 5.4.2. An `ephemeral` given here is sent instead of the real one.
    func initiation(index: [UInt8], timestamp: [UInt8], ephemeral point: [UInt8]? = nil) -> [UInt8] {
        c = Naive.construction
        h = Naive.hash(c + Array("WireGuard v1 zx2c4 Jason@zx2c4.com".utf8))
        h = Naive.hash(h + responder)
        let e = point ?? Array(ephemeral.publicKey.bytes)
        c = Naive.kdf(1, c, e)[0]
        h = Naive.hash(h + e)
        var ck = Naive.kdf(2, c, point == nil ? Naive.dh(ephemeral, responder) : Array(repeating: 0, count: 32))
        c = ck[0]
        let sealedStatic = Naive.seal(ck[1], publicKey, h)
        h = Naive.hash(h + sealedStatic)
        let isHonest = publicKey == Array(privateKey.publicKey.bytes)
        ck = Naive.kdf(2, c, isHonest ? Naive.dh(privateKey, responder) : Array(repeating: 0, count: 32))
        c = ck[0]
        let sealedTimestamp = Naive.seal(ck[1], timestamp, h)
        h = Naive.hash(h + sealedTimestamp)
        let message = [1, 0, 0, 0] + index + e + sealedStatic + sealedTimestamp
        return message + Naive.macs(message, receiver: responder)
    }

    /// 5.4.3 and 5.4.5, the receiving half: the keys for sending and receiving; nil if the message is not the response.
    func keys(from response: [UInt8]) -> (send: [UInt8], receive: [UInt8])? {
        var (c, h) = (c, h)
        let e = Array(response[12..<44])
        c = Naive.kdf(1, c, e)[0]
        h = Naive.hash(h + e)
        c = Naive.kdf(1, c, Naive.dh(ephemeral, e))[0]
        c = Naive.kdf(1, c, Naive.dh(privateKey, e))[0]
        let ctk = Naive.kdf(3, c, presharedKey)
        h = Naive.hash(h + ctk[1])
        guard Naive.open(ctk[2], response[44..<60], h) == [] else { return nil }
        let keys = Naive.kdf(2, ctk[0], [])
        return (keys[0], keys[1])
    }
}

/// The paper's responder.
struct NaiveResponder {
    let privateKey: PrivateKey
    private(set) var presharedKey = [UInt8](repeating: 0, count: 32)

    init(privateKey: PrivateKey, presharedKey: PresharedKey? = nil) {
        self.privateKey = privateKey
        if let presharedKey { self.presharedKey = Array(presharedKey.bytes) }
    }

    /// 5.4.2 to 5.4.5. An `ephemeral` given here is sent instead of the real one. Nil when the initiation is not authentic.
    func response(
        to initiation: [UInt8], index: [UInt8], ephemeral point: [UInt8]? = nil
    ) -> (message: [UInt8], timestamp: [UInt8], send: [UInt8], receive: [UInt8])? {
        let own = Array(privateKey.publicKey.bytes)
        var c = Naive.construction
        var h = Naive.hash(c + Array("WireGuard v1 zx2c4 Jason@zx2c4.com".utf8))
        h = Naive.hash(h + own)
        let ei = Array(initiation[8..<40])
        c = Naive.kdf(1, c, ei)[0]
        h = Naive.hash(h + ei)
        var ck = Naive.kdf(2, c, Naive.dh(privateKey, ei))
        c = ck[0]
        guard let initiator = Naive.open(ck[1], initiation[40..<88], h) else { return nil }
        h = Naive.hash(h + initiation[40..<88])
        ck = Naive.kdf(2, c, Naive.dh(privateKey, initiator))
        c = ck[0]
        guard let timestamp = Naive.open(ck[1], initiation[88..<116], h) else { return nil }
        h = Naive.hash(h + initiation[88..<116])

        let ephemeral = PrivateKey.generate()
        let er = point ?? Array(ephemeral.publicKey.bytes)
        c = Naive.kdf(1, c, er)[0]
        h = Naive.hash(h + er)
        c = Naive.kdf(1, c, point == nil ? Naive.dh(ephemeral, ei) : Array(repeating: 0, count: 32))[0]
        c = Naive.kdf(1, c, point == nil ? Naive.dh(ephemeral, initiator) : Array(repeating: 0, count: 32))[0]
        let ctk = Naive.kdf(3, c, presharedKey)
        h = Naive.hash(h + ctk[1])
        let message = [2, 0, 0, 0] + index + initiation[4..<8] + er + Naive.seal(ctk[2], [], h)
        let keys = Naive.kdf(2, ctk[0], [])
        return (message + Naive.macs(message, receiver: initiator), timestamp, send: keys[1], receive: keys[0])
    }
}
