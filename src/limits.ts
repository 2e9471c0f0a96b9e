/**
 * Every bound of the system, with its unit and its reason.
 *
 * @module
 */

/** The version of the wire protocol; the first frame of every link carries it. */
export const wireVersion = 4;

/** Bytes in a frame of a client link: 1 MiB of commands or outputs, and room for the message around them. */
export const frameBytesMax = 1024 * 1024 + 1024;

/** Bytes in a frame between replicas: a report names every session that sent something in the view. */
export const meshFrameBytesMax = 64 * 1024 * 1024;

/** Bytes of a request's commands, and of the outputs of one request. */
export const batchBytesMax = 1024 * 1024;

/** Commands in one request: bounds the work that one frame asks for. */
export const commandsPerRequestMax = 4096;

/** Requests that a client may have sent without `agreed` (the window W of rule C4). */
export const windowRequests = 64;

/** Requests that a client may have sent without having the output; replicas retain that many outputs. */
export const outstandingRequestsMax = 256;

/**
 * Full requests that may wait in a client before it takes no more commands: as many megabytes. Whoever submits and never
 * waits for an answer is told so instead of filling the memory.
 */
export const waitingRequestsMax = 256;

/**
 * Requests that may wait at a replica that is not the answerer before it nudges clients at once (rule R5), and not only by
 * its timer: so it holds little more than what comes in a round trip, or until a client has told all what is agreed.
 */
export const laggingRequestsMax = 4096;

/** Bytes of commands that a client may have sent without having the outputs. */
export const outstandingBytesMax = 8 * 1024 * 1024;

/** Bytes of outputs that a replica retains for one client that does not confirm them. */
export const retainedBytesMax = 16 * 1024 * 1024;

/** How far a timestamp may be ahead of the clock of the replica that receives it: one bad frame poisons no clock. */
export const timestampJumpMax = 2 ** 24;

/** Sessions that a cluster keeps; more are refused until some expire. */
export const sessionsMax = 100_000;

/** Sessions that have ended and wait for the next view to be forgotten: as many cause a flush. */
export const endedSessionsMax = 10_000;

/** Milliseconds of a replica's running time after which a session without a link may expire. */
export const sessionTtlMs = 3_600_000;

/** The same while the session table is more than half full. */
export const sessionTtlCrowdedMs = 60_000;

/** Milliseconds for which an active client may be silent before others stop waiting for it (rule R6). */
export const leaseMs = 2_000;

/** Milliseconds between two timer events of a replica, at most (rule R6). */
export const replicaTickMs = leaseMs / 8;

/** Milliseconds of silence after which a waiting client sends a heartbeat (rule C6). */
export const heartbeatMs = leaseMs / 4;

/** Milliseconds for which a client stays active after its last request is answered (rule C7). */
export const lingerMs = 5;

/** The same while it waits for an output: less than a heartbeat, so that it costs nothing. */
export const outputLingerMs = 100;

/** Bytes that may wait unsent on a link before it is closed: no replica waits for a client that does not read. */
export const unsentBytesMax = 32 * 1024 * 1024;

/** Bytes that a link's read buffer starts with, and the most it keeps when it is idle. */
export const readBufferBytes = 4 * 1024;

/** Bytes of a link's read buffer under load: one read takes as much as has come. */
export const readBufferBytesMax = 256 * 1024;

/** Links that a replica accepts; further ones are closed at once. */
export const linksMax = 20_000;

/** Milliseconds within which a new link must have said who it is. */
export const helloWithinMs = 5_000;

/** Replicas that a cluster can be started with. */
export const replicasMax = 16;

/** Milliseconds of silence after which the launcher kills a replica that hangs; `--suspect-after` changes it. */
export const suspectAfterMs = 5_000;

/** Milliseconds after which a client says that no view has come yet. */
export const viewNoticeMs = 1_000;

/** Milliseconds after which the want of a view cannot be a flush any more: detection, and a flush, with room. */
export const viewWaitMs = 15_000;

/** Code points in a site's name. */
export const nameCodePointsMax = 200;

/** Bytes that a name may take: a code point takes 4 at most. */
export const nameBytesMax = 4 * nameCodePointsMax;

/** Digits in a ZIP code. */
export const zipDigitsMax = 10;

/** Bytes of UTF-8 of who reports: a person's or a program's name. */
export const whoBytesMax = 64;

/** Bytes of UTF-8 of where a report is from: a name, or the address of a feed. */
export const sourceBytesMax = 200;

/** Bytes of UTF-8 of a note, and of the reason why a site is retired: two sentences. */
export const noteBytesMax = 280;

/** Bytes of UTF-8 of a site's document: a row of a list with one fits a page. */
export const documentBytesMax = 48 * 1024;

/** Milliseconds since 1970 of a time, at most: the end of the year 9999, the last that has four digits. */
export const timeMsMax = 253_402_300_799_999;

/** Milliseconds by which a report may have been observed after it was recorded: clocks differ a little. */
export const observedAheadMsMax = 5 * 60_000;

/** Bytes of one page of a list, of a history or of the changes. */
export const pageBytesMax = 64 * 1024;

/** Pages that one request may ask for: as many as fit its outputs. */
export const pagesPerRequestMax = batchBytesMax / pageBytesMax;

/** Sites that the pages of one request look at, whether they list them or not: about 20 ms. */
export const sitesPerRequestMax = 100_000;

/** Sites that a page may look at in any case, so that each goes on: all of a request together about 10 ms. */
export const sitesPerPageMin = 4096;

/** Bytes of the log of all entries: a place in it is 30 bits, and several replicas share memory. */
export const logBytesMax = 2 ** 30;

/** Bytes of a piece of the log: what was written is never moved. */
export const logChunkBytes = 2 ** 20;

/** Entries of the log from one whose place is kept to the next: so many are passed over to find one by its index. */
export const logBlockEntries = 64;

/** Entries of a site from one that has pointers far back to the next: the others are found from there. */
export const skipEntries = 16;

/** Sites whose records are in the caches of a processor anyway: 64 bytes each. */
export const cachedSitesMax = 4096;

/** Bytes of the records of all sites, whose addresses are set aside when they have become many. */
export const siteBytesMax = 2 ** 30;

/** Slots of a hash table that a look-up looks at: at half of the load, of a million numbers a few are further away. */
export const probesMax = 64;

/** Numbers of one hash among them, each of which is compared: by chance, of a million two or three have the same. */
export const sameHashMax = 4;

/** Texts (who, source) that are kept once, however often they are used; further ones are kept each time. */
export const sharedTextsMax = 65_536;

/**
 * Entries of a site that came while its newest observation was of one moment, and among which an explicit report of that
 * moment is searched for, the newest ones: so a plain report is found there. Explicit ones are found wherever they are.
 */
export const sameMomentMax = 64;

/**
 * Bytes of a snapshot in one frame to a newcomer, and that are read in one turn: plain reports take about 3 ms, and ten
 * times that in a process that has just started.
 */
export const snapshotPieceBytes = 64 * 1024;

/** Milliseconds of a turn that reads or checks a file, before others have one: what a step takes comes on top. */
export const sliceMs = 5;

/** Requests that a newcomer may be behind when the view ends to let it in. */
export const followLagMax = 64;

/** Bytes of them: three of the largest requests, which the newcomer takes in while all wait. */
export const followLagBytesMax = 3 * 1024 * 1024;

/** Milliseconds of running time for which a flush waits for a newcomer; one that is slower is left out. */
export const newcomerWaitMs = 200;

/** Milliseconds of running time for which clients are slowed down for a newcomer that does not come further. */
export const newcomerSlowMs = 1_000;

/** Bytes of requests that a replica with a disk keeps in memory for those that come back with data of their own. */
export const recentBytesMax = 16 * 1024 * 1024;

/**
 * The same while a newcomer follows: clients are slowed down so that half of this comes while it takes the snapshot, and
 * no more is lost but to a newcomer that does not come further.
 */
export const followedBytesMax = 64 * 1024 * 1024;

/**
 * Bytes of requests that a newcomer is sent before it has said that it has followed them, which it does in one turn: of
 * the smallest, each with what it costs beside its commands, about 400, which take 10 ms.
 */
export const followBytesMax = 64 * 1024;

/**
 * Bytes of the journal after which it is replaced by a checkpoint, at least; more if the checkpoint is larger. It bounds
 * the time that a replica takes to read its disk: about a second for 100,000 requests of one command each.
 */
export const checkpointAfterBytes = 6 * 1024 * 1024;

/** Bytes of a checkpoint that one commit writes, at least: no commit takes long. */
export const checkpointPieceBytes = 256 * 1024;

/** Bytes of old rows and pieces that one commit deletes, at least. */
export const deletedBytesPerCommit = 1024 * 1024;

/** Old rows and pieces that one commit deletes, at least. */
export const deletedRowsPerCommit = 1024;

/** Frames in the write-ahead log of a database after which a commit moves them into the database: 4 MB of pages. */
export const walFramesMax = 1000;

/** Milliseconds for which an open waits for another process to let go of the file. */
export const storageWaitMs = 2_000;

/** Milliseconds between two tries of an open that waits. */
export const storageRetryMs = 50;

/** Copies of the database that a replica gives at a time: each holds a whole one in memory. */
export const copiesMax = 4;

/** Milliseconds within which whoever fetches a copy must have asked for the next piece. */
export const copierSilentMs = 10_000;

/** Milliseconds within which a replica must have sent a piece; who fetches it turns to another one then. */
export const copyAnswerMs = 5_000;

/** Milliseconds without a piece from any replica after which a backup is given up. */
export const copyWaitMs = 15_000;

/** Bytes of a copy of the database: more than a replica can hold. */
export const copyBytesMax = 2 ** 32;

/** Replicas that may live in a lesson: more than that no picture shows. */
export const lessonReplicasMax = 5;

/** Clients that a lesson may have, living or not, for the same reason. */
export const lessonClientsMax = 4;

/** Replicas that a lesson may have, living or not: every step looks at each, and tells its clock. */
export const lessonReplicasEverMax = 32;

/** The largest value of a lesson's register: it must fit next to a line. */
export const lessonValueMax = 9_999;

/** Commands that a client of a lesson may have waiting. */
export const lessonWaitingMax = 8;

/** Steps of a lesson: as many are done again when a person goes back, in well under a second. */
export const lessonStepsMax = 2_000;

/** Lessons that a gateway keeps, one per tab of a browser; the one that was idle for longest gives way. */
export const lessonsMax = 64;

/** Milliseconds after which an idle lesson is dropped. */
export const lessonIdleMs = 1_800_000;

/** Steps that one request may ask for. */
export const lessonStepsPerRequestMax = 100;

/** Requests about lessons that may wait for one another: as many as there are lessons. */
export const lessonRequestsMax: number = lessonsMax;

/** Bytes of the body of a request about a lesson, which says what one step is. */
export const lessonRequestBytesMax = 4 * 1024;

/** Milliseconds within which a probe must have become stable; a flush takes less, and a cluster that takes longer is not well. */
export const probeWithinMs = 10_000;

/** Records of an import whose commands are under way at a time: enough to fill requests, and few to wait for. */
export const importRecordsMax = 1_024;

/** Bytes of the documents that are under way at a time in an import: half of what a client may have outstanding. */
export const importBytesMax = 4 * 1024 * 1024;

/** Milliseconds for which an import that is stopped waits for what it has sent. */
export const importStopMs = 10_000;

/** Milliseconds within which more must have come of what is imported from the web; else it is given up. */
export const inputSilentMs = 30_000;

/**
 * Bytes in a line of an input, and about as many characters in a record of CSV; no more is held of a line without an
 * end. A document fits, at six characters for each of its bytes, and all that stands beside it.
 */
export const inputLineBytesMax = 384 * 1024;

/** Bytes of an input that are looked at in one go, so that memory does not depend on how it comes. */
export const inputPieceBytes = 64 * 1024;

/** Arrays and objects of JSON inside one another: feeds have about eight. */
export const jsonDepthMax = 64;

/** Bytes of a feed's manifest. */
export const manifestBytesMax = 1024 * 1024;

/** Bytes of the resources of one feed: they are held until all are there, since any Slot may belong to any Location. */
export const feedBytesMax = 512 * 1024 * 1024;

/** Hours of which the offset from UTC is kept, over all zones: those of a year in one, and an asking is slow. */
export const offsetHoursMax = 10_000;

/** Problems of one kind that the summary of an import shows: enough to know what to look for. */
export const examplesPerKind = 5;

/** Bytes of entries in one frame to a watcher, but for a single entry that is longer: little for each of many. */
export const watchBytesMax = 64 * 1024;

/** Watchers of a replica: what all of them have not read is 64 MB at most, two frames each. */
export const watchersMax = 500;

/** Bytes of entries that go to watchers in one turn: those who catch up make nobody else wait for longer than it takes. */
export const watchTurnBytesMax = 2 * 1024 * 1024;

/** Milliseconds without an entry after which a watcher is told that there was none: less than it waits for an answer. */
export const watchHeartbeatMs = 2_000;

/** Milliseconds within which a watcher must have asked for more; one that comes back later goes on where it was. */
export const watcherSilentMs = 30_000;

/** Milliseconds within which a replica must have answered a watcher, who turns to another one then. */
export const watchAnswerMs = 5_000;

/** Milliseconds without an answer from any replica after which watching is given up. */
export const watchWaitMs = 15_000;

/** Links at a replica that ask for its status: far more than there are people who look. */
export const statusLinksMax = 100;

/** Milliseconds within which a link that asks for the status must have asked again. */
export const statusSilentMs = 30_000;

/** Milliseconds within which a replica must have said how it is. */
export const statusAnswerMs = 5_000;

/** Of the requests that wait at a replica, those that it tells of to who asks what it waits for. */
export const toldRequestsMax = 32;

/** Of the clients that the stability test asks, those that it tells of. */
export const toldClientsMax = 16;

/** Bytes of commands of a request that it tells: those of a few plain ones. */
export const toldCommandBytesMax = 256;

/** Bytes of the body of an HTTP request that says one thing: a document in JSON, at six characters for each byte. */
export const httpBodyBytesMax = 320 * 1024;

/** Bytes of the body of a batch over HTTP. */
export const httpBatchBytesMax = 4 * 1024 * 1024;

/** Milliseconds within which the cluster must have answered an HTTP request: far more than it takes to see that a replica failed. */
export const httpAnswerWithinMs = 30_000;

/** Commands in a batch over HTTP. */
export const httpBatchCommandsMax = 10_000;

/** Commands of one batch that are under way at a time: others get their turn, and it is more than one request holds. */
export const httpBatchAtOnce = 1_024;

/** Characters in the URL of an HTTP request: the longest name takes 2,400 when all of it is escaped. */
export const httpUrlCharactersMax = 8 * 1024;

/** Milliseconds within which the body of an HTTP request must be there. */
export const httpBodyWithinMs = 10_000;

/** HTTP requests that are answered at a time; more are told to come back. */
export const httpRequestsMax = 4_096;

/** Bytes of a response from which on it is compressed for who takes that: a smaller one fits into a packet as it is. */
export const gzipBytesMin = 1_400;

/** Bytes of a response that are compressed in one turn: half a millisecond. */
export const gzipPieceBytes = 64 * 1024;

/** Sites or entries in one answer over HTTP. */
export const httpPageMax = 1_000;

/** The same where nobody says how many. */
export const httpPageDefault = 100;

/** Milliseconds within which a probe request must have become stable in a cluster that is healthy. */
export const httpProbeWithinMs = 2_000;

/** Lines about refused HTTP requests that are logged in a second; the others are counted. */
export const httpRefusalLinesPerSecond = 10;

/** Milliseconds between two lines for people about refused HTTP requests. */
export const httpRefusalSummaryMs = 60_000;

/** Idempotency keys that a gateway remembers. */
export const idempotencyKeysMax = 100_000;

/** Bytes of the answers that are remembered with them. */
export const idempotencyBytesMax = 64 * 1024 * 1024;

/** Milliseconds for which a key is remembered: whoever tries again for longer than a day has other troubles. */
export const idempotencyTtlMs = 24 * 3_600_000;

/** Characters in an idempotency key; a UUID has 36. */
export const idempotencyKeyCharactersMax = 128;

/** Watchers of a gateway by Server-Sent Events. */
export const eventWatchersMax = 1_000;

/** Bytes that may wait for one of them to read; it is dropped then, and comes back to where it was. */
export const eventUnreadBytesMax = 1024 * 1024;

/** Bytes of the newest events that are kept for those who come back. */
export const eventKeptBytesMax = 8 * 1024 * 1024;

/** Milliseconds for which events are gathered while there are many: nobody sees it, and each watcher costs a system call. */
export const eventGatherMs = 10;

/** Milliseconds between two comments to watchers by which they, and what is between, know that the gateway lives. */
export const eventHeartbeatMs = 15_000;

/** Milliseconds after which a gateway that gets no entries asks for them again. */
export const mirrorRetryMs = 1_000;

/** Positions of the log whose published files are kept: who has a manifest has time to fetch its files. */
export const publicationsMax = 4;

/** Bytes of all published files that are kept, but for the newest position. */
export const publishedBytesMax = 256 * 1024 * 1024;

/** Milliseconds between two publications, at least: one of 100,000 sites takes more than a second of work. */
export const publishEveryMs = 10_000;

/** Seconds for which a manifest may be taken for new: feeds are polled every one to five minutes. */
export const publishMaxAgeSeconds = 60;

/** Sites that are written for publishing in one turn: a millisecond or two. */
export const publishSitesPerTurn = 64;

/** Milliseconds within which the launcher must have answered its gateway: longer than a crash takes to be certain. */
export const launcherAnswerMs = 10_000;

/** The largest seed of a lesson: 32 bits are all that its source of randomness takes. */
export const lessonSeedMax = 2 ** 32 - 1;
