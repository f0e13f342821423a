// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Hairpin Authors

import Linux

/// Work that may take its time, and so is no work for the event loop.
enum Job: Sendable {
    /// With `isPatient` the request goes back when too much waits for slow clients by the time that a worker has it.
    case request(token: UInt64, Request, isPatient: Bool)
    case admission(token: UInt64, Request)
    case step(token: UInt64, EventStream)
    case piece(token: UInt64, ByteStream)
}

/// A few threads that run handlers. The queue before them is bounded: what does not fit is refused with 503.
final class WorkerPool: Sendable {
    private let queue: BlockingQueue<Job>
    private let threads: [Thread]

    init(count: Int, nice: Int32, queueCapacity: Int, service: Service, mailbox: Mailbox) throws(Errno) {
        let queue = try BlockingQueue<Job>(capacity: queueCapacity)
        var threads: [Thread] = []
        do throws(Errno) {
            for index in 0..<count {
                threads.append(try Thread(name: "http-worker-\(index)", nice: nice) { Self.run(queue, service, mailbox) })
            }
        } catch {
            queue.close()
            for thread in threads { thread.join() }
            throw error
        }
        self.queue = queue
        self.threads = threads
    }

    /// False when all workers have enough to do.
    func submit(_ job: Job) -> Bool { queue.offer(job) }

    /// Lets the workers end after what they have in hand, and waits for that.
    func stop() {
        queue.close()
        for thread in threads { thread.join() }
    }

    /// Lets the workers end without waiting for one that is stuck in a handler.
    func abandon() { queue.close() }

    private static func run(_ queue: BlockingQueue<Job>, _ service: Service, _ mailbox: Mailbox) {
        while let job = queue.take() {
            switch job {
            case .request(let token, let request, isPatient: true) where service.queued.isFull: mailbox.send(.deferred(token: token, request))
            case .request(let token, let request, _):
                let response = service.application.answer(to: request)
                // Counts from here on, so that the next request does not overlook it.
                service.queued.add(response.bodyByteCount)
                mailbox.send(.answer(token: token, response))
            case .admission(let token, let request):
                mailbox.send(.admission(token: token, refusal: service.application.refusalOfBody(request)))
            case .step(let token, let source): mailbox.send(.step(token: token, source.next()))
            case .piece(let token, let source): mailbox.send(.piece(token: token, source.step()))
            }
        }
    }
}
