/**
 * Every bound of the system, with its unit and its reason.
 *
 * @module
 */

/** The version of the wire protocol; the first frame of every link carries it. */
export const wireVersion = 1;

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
 * Requests that may wait at a replica that is not the answerer before it nudges clients as the answerer does (rule R5): it
 * falls behind the answerer by no more than what a round trip brings.
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

/** Digits in a ZIP code. */
export const zipDigitsMax = 10;

/** Bytes of rows in one page of a list. */
export const pageBytesMax = 64 * 1024;

/** Bytes of a snapshot in one frame to a newcomer. */
export const snapshotPieceBytes = 256 * 1024;

/** Requests that a newcomer may be behind when the view ends to let it in. */
export const followLagMax = 64;

/** Milliseconds of running time for which a flush waits for a newcomer; one that is slower is left out. */
export const newcomerWaitMs = 200;

/** Bytes of requests that a replica with a disk keeps in memory for those that come back with data of their own. */
export const recentBytesMax = 16 * 1024 * 1024;

/** The same while a newcomer follows: it must not fall behind as long as it takes the snapshot. */
export const followedBytesMax = 64 * 1024 * 1024;

/** Bytes of requests that a newcomer is sent before it has said that it has followed them. */
export const followBytesMax = 1024 * 1024;

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

/** Replicas that may live in a lesson, and clients that it may have: more than that no picture shows. */
export const lessonReplicasMax = 5;
export const lessonClientsMax = 4;

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

/** Bytes of the body of a request about a lesson. */
export const lessonRequestBytesMax = 4 * 1024;

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
