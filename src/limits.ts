/**
 * The bounds of the system, each with its unit and its reason. A bound that only one place needs is there.
 *
 * @module
 */

/** The version of the wire protocol; the first frame of every link carries it. */
export const wireVersion = 9;

/** Bytes in a frame of a client link: 1 MiB of commands or outputs, and room for the message around them. */
export const frameBytesMax = 1024 * 1024 + 1024;

/** Bytes in a frame between replicas: a report names every session that sent something in the view. */
export const meshFrameBytesMax = 64 * 1024 * 1024;

/** Bytes of a request's commands, and of the outputs of one request. */
export const batchBytesMax = 1024 * 1024;

/** Commands in one request: bounds the work that one frame asks for. */
export const commandsPerRequestMax = 4096;

/** Requests that a client may have sent without having the output (the window W of rule C4). */
export const windowRequests = 64;

/** How far a client promises ahead of the timestamp of a request (rule C4). */
export const promiseAhead = 16;

/**
 * By how much the promises of a client may be short in sum (rule R3). A correct client is never short; this many
 * timestamps are a few hundred small requests.
 */
export const promiseDebtMax = 4096;

/** How many times the least that it may a client that is new has to promise, at most (rule R11). */
export const paceMax = 1024;

/**
 * How much further it promises for each millisecond of its round trip: others may send as many requests in turn then,
 * with their own promises.
 */
export const promisePerMs: number = 16 * promiseAhead;

/** Milliseconds of a round trip for which it does so at most. */
export const promisedMsMax = 256;

/** Requests of one session that a replica may have received and not executed before it reads no further (rule R9). */
export const outstandingRequestsMax = 256;

/**
 * Full requests that may wait in a client before it takes no more commands: that many megabytes. A program that
 * submits and never waits for an output gets an error instead of filling the memory.
 */
export const waitingRequestsMax = 256;

/**
 * The same in bytes while other sessions send, too, with {@link requestShareBytes} for each request. A request waits
 * for all that came before it, so nobody may put much there.
 */
export const sessionShareBytes = 4 * 1024;

/** What a request counts besides its commands. */
export const requestShareBytes = 128;

/**
 * Bytes of commands that a client may have sent without having the outputs, and that a replica may have received of it
 * and not executed before it reads no further (rule R9).
 */
export const outstandingBytesMax = 8 * 1024 * 1024;

/** The same of all sessions together: above it, the session that has most loses its link (rule R9). */
export const pendingBytesMax = 256 * 1024 * 1024;

/** Bytes of outputs that a replica retains for one client that does not confirm them. */
export const retainedBytesMax = 16 * 1024 * 1024;

/** The same for all clients. Above it, the view ends, and the sessions that confirm least expire (rule V10). */
export const retainedInAllBytesMax = 128 * 1024 * 1024;

/** Reads of one session that may wait at the answerer for the session's own requests. */
export const waitingReadsMax = 64;

/** Bytes of the reads of all sessions that wait there. */
export const waitingReadBytesMax = 64 * 1024 * 1024;

/** A clock above this is a reason to end the view, because the clocks of the next one begin at 0. */
export const clockMax = 2 ** 52;

/** No honest client sends a timestamp above this: there the clocks stop, until the view ends. */
export const timestampMax = 2 ** 53 - 2 ** 20;

/** Milliseconds of a lull: for a few, the answerer gathers what it has executed, or waits for a client (rule R5). */
export const lullMs = 1;

/** Requests executed after which the answerer tells the others at once (rule R5). */
export const executedTogetherMax = 64;

/**
 * Bytes of commands and outputs after which it does so, too. What takes long to execute is better executed by the
 * others while the client makes its next request than when that has come.
 */
export const executedBytesTogetherMax = 4 * 1024;

/** Sessions that a cluster keeps. It refuses more until some expire. */
export const sessionsMax = 100_000;

/** Sessions that have ended and that the next view will forget. That many cause a flush. */
export const endedSessionsMax = 10_000;

/** Milliseconds of a replica's running time after which a session without a link may expire. */
export const sessionTtlMs = 3_600_000;

/** The same while the session table is more than half full. */
export const sessionTtlCrowdedMs = 60_000;

/** Milliseconds for which others wait for an active client before it loses its link (rule R6). */
export const leaseMs = 2_000;

/** Milliseconds between two timer events of a replica, at most (rule R6). */
export const replicaTickMs = leaseMs / 8;

/** Milliseconds for which a client stays active after its last output (rule C7). */
export const lingerMs = 5;

/** Bytes that may wait unsent on a link before it is closed. So no replica waits for a client that does not read. */
export const unsentBytesMax = 32 * 1024 * 1024;

/** Bytes that may wait unsent on all links of clients at a replica. Then the one that reads least is closed. */
export const allUnsentBytesMax = 128 * 1024 * 1024;

/**
 * Bytes of memory for what has come by all links of clients at a replica and is not whole, or waits for its turn. The
 * link whose frame has been unfinished for longest is closed when more comes.
 */
export const unfinishedBytesMax = 64 * 1024 * 1024;

/**
 * Links of clients at a replica, with as many descriptors to spare on most machines. When one more comes, the one gives
 * way that has said nothing for longest.
 */
export const linksMax = 10_000;

/** Milliseconds of silence after which the launcher kills a replica that hangs; `--suspect-after` changes it. */
export const suspectAfterMs = 5_000;

/**
 * Milliseconds without a view after which the reason cannot be a flush any more: a detection and a flush, with room.
 */
export const viewWaitMs = 15_000;

/** Code points in a site's name. */
export const nameCodePointsMax = 200;

/** Sites that are shown where a name may mean several: as many as fit a window. */
export const candidatesMax = 20;

/** Sites that are counted of those whose name has the same sign behind it: about what fits a page of the list. */
export const candidatesCountedMax = 200;

/** Bytes of a name: a code point takes at most 4. */
export const nameBytesMax = 4 * nameCodePointsMax;

/** Digits in a ZIP code. */
export const zipDigitsMax = 10;

/** Bytes of UTF-8 in the name of the person or program that reports. */
export const whoBytesMax = 64;

/** Bytes of UTF-8 in the name of a token. */
export const byBytesMax = 64;

/** Bytes of UTF-8 in the source of a report: a name, or the address of a feed. */
export const sourceBytesMax = 200;

/** Bytes of UTF-8 in a note, and in the reason of a retirement: two sentences. */
export const noteBytesMax = 280;

/** Bytes of the identifiers of a site, all together: a dozen with the addresses of their systems. */
export const identifiersBytesMax = 1_024;

/** Bytes of UTF-8 in an identifier: the longest that publishers give have 36. */
export const identifierValueBytesMax = 64;

/**
 * Entries of a site that are looked at, from the newest one on, for the report that it shows when another one is taken
 * back. If there is none among them, it shows that nothing is known. A piece of a snapshot may be full of reports that
 * were all taken back, and is read in one turn.
 */
export const retractedEntriesMax = 128;

/** Characters of the id of a published Location, by FHIR. */
export const locationIdMax = 64;

/** Identifiers of all sites together: a dozen of each of a million sites, and about 400 MB of memory. */
export const identifierLinksMax: number = 2 ** 24;

/** Sites that a look-up by an identifier gives, at most: usually there is one. */
export const foundSitesMax = 16;

/** Sites that one site stands for, with itself: a row of a list names all of them. */
export const mergedSitesMax = 10;

/** Entries in one page of the history of merged sites, which is put together from that of each. */
export const mergedEntriesMax = 256;

/** Bytes of UTF-8 in the name of a product: a code of CVX or NDC, or a few words. */
export const productBytesMax = 64;

/** Bytes of UTF-8 in a site's document: a row of a list with one fits a page. */
export const documentBytesMax = 48 * 1024;

/** The latest time, in milliseconds since 1970: the end of the year 9999, the last with four digits. */
export const timeMsMax = 253_402_300_799_999;

/** How many milliseconds later than its recording a report may claim to be observed: clocks differ a little. */
export const observedAheadMsMax = 5 * 60_000;

/** How many milliseconds ahead of a replica's clock that of a client may say that a change is recorded. */
export const recordedAheadMsMax = 5 * 60_000;

/** Bytes of one page of a list, of a history or of the changes. */
export const pageBytesMax = 64 * 1024;

/** Pages that one request may ask for: as many as fit into its outputs. */
export const pagesPerRequestMax = batchBytesMax / pageBytesMax;

/** Sites that the pages of one request look at, whether they list them or not: about 20 ms. */
export const sitesPerRequestMax = 100_000;

/**
 * Sites that a page may look at in any case, so that each page makes progress. All pages of a request take about 10
 * ms.
 */
export const sitesPerPageMin = 4096;

/** Bytes of entries that are read together, except a single entry that is longer: little for each of many watchers. */
export const entriesBytesMax: number = 64 * 1024;

/** Entries of a segment of the log (`tail.ts`). */
export const segmentEntries: number = 2 ** 18;

/** Entries of a log: records keep the index of one in 31 bits. */
export const entriesMax: number = 2 ** 31 - 1;

/** Blocks of old segments that the outputs of one request may need: a block takes about half a millisecond. */
export const blocksPerRequestMax = 64;

/** The same of one page, which ends early then. */
export const blocksPerPageMax = 16;

/** Bytes of the log where none of it is sealed: a place in it is 30 bits, and several replicas share memory. */
export const logBytesMax = 2 ** 30;

/**
 * Bytes of the tail of a log (`tail.ts`): a place in the log in memory is 30 bits, and what waits to be sealed has its
 * share. Entries would have to take a KiB each on average to come near: plain reports take 20 bytes.
 */
export const tailBytesMax: number = 512 * 2 ** 20;

/**
 * How many bytes of the log count as one byte of memory once they are old, so that they are sealed or will be: sealed
 * history takes a third of them at most, by what was measured (`docs/design/log.md`). What replicas must agree on
 * cannot depend on what it takes in one of them.
 */
export const oldBytesPerByte = 3;

/** Bytes of memory for the history of a database in memory, unless others are asked for. */
export const historyMemoryBytes: number = 2 ** 30;

/** The fewest and the most that may be asked for. */
export const historyMemoryBytesMin: number = 64 * 2 ** 20;
export const historyMemoryBytesMax: number = 2 ** 40;

/** Bytes of history that wait to be sealed; below, sealing waits for moments in which nobody asks for anything. */
export const backlogBytesYielding = 64 * 2 ** 20;

/** The same at most, beside a whole tail: a replica whose disk does not take them has no memory for more, and ends. */
export const backlogBytesMax: number = 448 * 2 ** 20;

/**
 * Parts of a segment that a newcomer asks for ahead: each way to a member and back takes some turns of both, and a part
 * has 5 KB as a rule.
 */
export const partsUnderWayMax = 64;

/** Bytes of these parts after which it asks for no more: a part may have 512 KiB. */
export const partBytesUnderWayMax: number = 1024 * 1024;

/** Damaged parts that all other members were asked for in vain, after which a replica waits for a while. */
export const lackedPartsMax = 8;

/** Milliseconds after which a replica tries again to write history that its disk has refused, or nobody had. */
export const sealAgainMs = 30_000;

/**
 * Old segments with entries of a site that are looked into for the report that it shows when another one is taken
 * back. If there is none in them, it shows that nothing is known.
 */
export const retractedSegmentsMax = 32;

/** Bytes of a piece of the log: what is written never moves. */
export const logChunkBytes = 2 ** 20;

/** Entries of the log from one whose place is kept to the next. A look-up by index passes over at most that many. */
export const logBlockEntries = 64;

/** Entries of a site from one with pointers far back to the next. A look-up finds the others from there. */
export const skipEntries = 16;

/** Sites whose records are in a processor's caches anyway: 64 bytes each. */
export const cachedSitesMax = 4096;

/** Bytes of the records of all sites. Their addresses are set aside when there are many. */
export const siteBytesMax = 2 ** 30;

/** Bytes of the texts that one site or report has for itself, as the replica keeps them. */
export const ownTextBytesMax = 2 ** 32;

/** Slots of a hash table that a look-up looks at. At half of the load, a few of a million numbers are further away. */
export const probesMax = 64;

/** Numbers of one hash that a look-up compares. By chance, two or three of a million have the same hash. */
export const sameHashMax = 4;

/** Pairs of a source and a product that a site keeps apart: a walk along them takes about a microsecond. */
export const strandsPerSiteMax = 256;

/** Milliseconds within which reports of one source about several products belong together: feeds come once a day. */
export const togetherMs = 24 * 3_600_000;

/**
 * Keys whose commands a replica does not execute again. Each command of a batch has one: twenty of the largest batches.
 */
export const answeredKeysMax = 200_000;

/** Bytes of what is kept with these keys: usually 70 to 80 each. A checkpoint writes all of them. */
export const answeredKeyBytesMax: number = 16 * 1024 * 1024;

/**
 * Milliseconds after which a key is new again, by the clocks of those who give it. A client that tries again for over a
 * day has other troubles.
 */
export const keyTtlMs = 24 * 3_600_000;

/** Texts (who, source) that are stored once, however often they are used. Further texts are stored each time. */
export const sharedTextsMax = 65_536;

/**
 * Entries of a site that came while its newest observation was of one moment. An explicit report of that moment is
 * searched for among the newest that many: a plain report is found there. Explicit ones are found wherever they are.
 */
export const sameMomentMax = 64;

/**
 * Bytes of a snapshot in one frame to a newcomer, which reads them in one turn. Plain reports take about 3 ms, and
 * ten times that in a process that has just started.
 */
export const snapshotPieceBytes = 64 * 1024;

/** Requests that a newcomer may be behind when the view ends to let it in. */
export const followLagMax = 64;

/** Bytes of these requests: three of the largest, which the newcomer takes in while everybody waits. */
export const followLagBytesMax = 3 * 1024 * 1024;

/** Milliseconds of running time for which a flush waits for a newcomer. It leaves out a slower one. */
export const newcomerWaitMs = 200;

/** Bytes of requests that a replica with a disk keeps in memory for replicas that come back with their own data. */
export const recentBytesMax = 16 * 1024 * 1024;

/**
 * The same while a newcomer follows. Clients slow down so that half of this comes while it takes the snapshot. Only
 * a newcomer that makes no progress loses more.
 */
export const followedBytesMax = 64 * 1024 * 1024;

/**
 * Bytes of requests that a newcomer is sent before it has said that it has followed them, which it does in one turn.
 * About 400 of the smallest requests, each with its own cost beside its commands, take 10 ms.
 */
export const followBytesMax = 64 * 1024;

/**
 * Bytes of the journal after which a checkpoint replaces it; more if the checkpoint is larger. This bounds the time
 * in which a replica reads its disk: about a second for 100,000 requests of one command each.
 */
export const checkpointAfterBytes = 6 * 1024 * 1024;

/** Copies of the database that a replica sends at a time: each holds a whole one in memory. */
export const copiesMax = 4;

/** Replicas that may live in a lesson: a picture can show no more. */
export const lessonReplicasMax = 5;

/** Clients of a lesson, living or not, for the same reason. */
export const lessonClientsMax = 4;

/** Replicas of a lesson, living or not: every step looks at each, and tells its clock. */
export const lessonReplicasEverMax = 32;

/** The largest value of a lesson's register: it must fit next to a line. */
export const lessonValueMax = 9_999;

/** Commands that a client of a lesson may have waiting. */
export const lessonWaitingMax = 8;

/** Locations of a feed that are looked up at a time: enough to fill requests. */
export const lookUpsTogether = 256;

/** Watchers of a replica. What all of them have not read is 64 MB at most, two frames each. */
export const watchersMax = 500;

/** Requests in a status, the first of those that wait at the replica. */
export const toldRequestsMax = 32;

/** Clients in a status, the first of those that the stability test asks. */
export const toldClientsMax = 16;

/** Milliseconds after which what a site shows is stale: people look at stock every day. */
export const staleAfterMs = 24 * 3_600_000;

/** Bytes that the gateway copies in one turn: about a millisecond. */
export const copiedBytesPerTurn = 1024 * 1024;

/** The largest seed of a lesson: its source of randomness takes 32 bits. */
export const lessonSeedMax = 2 ** 32 - 1;
