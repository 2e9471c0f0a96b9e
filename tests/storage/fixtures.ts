/**
 * Files that earlier versions of the program have written.
 *
 * @module
 */

/** A gzip stream in base64, in pieces. */
const clusterFile1 = [
  "H4sIAAAAAAACA+3az0vjQBQH8JdUEQXpehDFXoY5KYSlSWpNowdbCVLM1t1aBSk9JDGVYkxqOmpFPNT/wYN3b/qX+G94909wN9Gu",
  "IujNi/D9MD8e7zHzzgOz9cfuCJ+1o/jQEUynHyTLtMoYEY0kM0Nv5GHuP4mkv09psOP01+hjI/Tz6n4yPZxdouxtsgAAAAAAAAB8",
  "H7E8NpPLSYNl4biB7wXHPeHHwy2zVrfKDYs1yhXbYsPkfGePVWsNa92qs9/16q9yfZdtWLsK82LvtVDbbLDatm0rzD0Tfo9V7M3K",
  "a3JhSxqbmZ6WBuPPPQ+d+CCd8rtuaebTVh9dmr7NpewDJQMAAAAAAAAAvq+clKGVE6cfRPuTE6v8rVC5vr55ef8HlAwAAAAAAAAA",
  "+AKDKWmURi9nie4e547O+fBrADe5W9QW24WSulTUjUVVK+V1T80XXL1tOEbJKxpc4aHfF9XQc+LQEZ0o5Kau8G4Uix43m828Yhgl",
  "raU01TTQk0BLg0KrpfD9zokfbne5ec4P/K7gpqpw1w+iU25qFxf/AGSy0ZYAMAAA",
];

/**
 * A `cluster.db` of version 1, of the cluster "b625f4917638512903c104b3f8a89c68": three ports from 8892, incarnation 3,
 * and a start that was forced from replica 1.
 */
export async function clusterFileOfVersion1(): Promise<Uint8Array> {
  const bytes = Uint8Array.fromBase64(clusterFile1.join(""));
  return await new Response(new Response(bytes).body!.pipeThrough(new DecompressionStream("gzip"))).bytes();
}
