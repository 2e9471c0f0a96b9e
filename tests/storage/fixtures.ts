/**
 * Files that earlier versions of the program have written, each as a gzip stream in base64, in pieces.
 *
 * @module
 */

const clusterFile1 = [
  "H4sIAAAAAAACA+3az0vjQBQH8JdUEQXpehDFXoY5KYSlSWpNowdbCVLM1t1aBSk9JDGVYkxqOmpFPNT/wYN3b/qX+G94909wN9Gu",
  "IujNi/D9MD8e7zHzzgOz9cfuCJ+1o/jQEUynHyTLtMoYEY0kM0Nv5GHuP4mkv09psOP01+hjI/Tz6n4yPZxdouxtsgAAAAAAAAB8",
  "H7E8NpPLSYNl4biB7wXHPeHHwy2zVrfKDYs1yhXbYsPkfGePVWsNa92qs9/16q9yfZdtWLsK82LvtVDbbLDatm0rzD0Tfo9V7M3K",
  "a3JhSxqbmZ6WBuPPPQ+d+CCd8rtuaebTVh9dmr7NpewDJQMAAAAAAAAAvq+clKGVE6cfRPuTE6v8rVC5vr55ef8HlAwAAAAAAAAA",
  "+AKDKWmURi9nie4e547O+fBrADe5W9QW24WSulTUjUVVK+V1T80XXL1tOEbJKxpc4aHfF9XQc+LQEZ0o5Kau8G4Uix43m828Yhgl",
  "raU01TTQk0BLg0KrpfD9zokfbne5ec4P/K7gpqpw1w+iU25qFxf/AGSy0ZYAMAAA",
];

/** A directory of one replica, which listens at port 9881, and has the sites "Harvard University" and "MIT", with 7. */
const directoryOf1And3 = {
  "cluster.db": [
    "H4sIAAAAAAACA+3aTUsCQRgH8JnVkAqxixh4GfZUsMiumq7WwReWkjYttUDEaFy3kHyJdQ0jOkifoXv3rn2Kvkb3PkK1W6YEdg7h",
    "/2OemeEZZp7zA1M50tu2yc77VpfbLEbWiCCQDGOEEK8THjIjTHI/KKEf7+7mhI/yZD4viTy8+N3LgSQJPDkTAAAAAAAAwOKwBF8o",
    "HKbjbZs3O6bRGQ5s05osnnxZy1Y1Vs3mdI1NkhvtFisUq9quVmaH5cJBtlxj+1pNYoZlTA+KpSorHuu6xJo3tjlgOb2UmyY3K9QX",
    "CgbpePmrZpdbl24Iv6q5mT9LzXvU7c1p4JU4AwAAAAAAAAAWV5h6yM41H3X6F/6VTGR2sHe/anz3/4/EGQAAAAAAAADwL87oKV0i",
    "3nFi/W34fCtO/hKIaVE14y2ZJ5VYXFFNdStuxGNmQlGiLTmV5Ck5KkpizxzZhZ7BrR632/2emFYk8apv2QMxXa/LUkpVlUbj7hNZ",
    "S9/YADAAAA==",
  ],
  "replica-0.db": [
    "H4sIAAAAAAACA+3bX0hTURwH8N+5984xw13RZKIvVwjSEmsmtFJyaqNGc+ac4V6K67zadG7ruqY+1QjqJYoCoQShLCjqIQiiHgKD",
    "/kADe7CHCuohRPFB6I+UUIHde9caQ1+CCIzv555zd3bO754v7O1wWUe7JxRXpN6oOijHpR1USBxHTkkiIkHrJsoSfvUMRvzKD31w",
    "SB7x0doEqhlLFegDay+Jt8VG67Q2AAAAAAAAgP+UIphtFRUsWRKXu8NK8KgSHIhFQ5F4dmRq8bma/C7J39TscUnZ+cpQj+T2+l37",
    "XD7poM/d2uQLSAdcgWqpezSuDEnNnrZmydvml7ydHk9VjDfbbDaWbDRiYiElmL4JOZsbU5WR44Pdirr23kE1+Hshs/naif2c2VZc",
    "zJL1RqIaHdYan5OmTfylrA5mtpWUsKTFyBqU1QG9czlp+swf/WT62ZyJs6Q1AAAAAAAAAFi/yhlPDQl5JBztK8h3VmcXCj/cnTTe",
    "zYt1JD4WL4mHtQEAAAAAAAAAGCoFgQRPV6+7n21YnLk3eeLa8sOzsrtsYPo8Z2KMLEx4euH61XenYg5eqwyX7Q0cWVXJBCLRyvOt",
    "bj9x5pOp1zcn6yyMX0i9fLvw5XRBFac96R0unRlj855Pz9vn3rdsK59/sBJo+MzxRgZ3482LM89Ss3n12lamCNGca/nKqmKtlApF",
    "wYj5PpF3ayqdw8bH56buLy2K6ff/F0lrAAAAAAAAAPDPhJmJhKSv9mti47nW/GN1pQv+J3vkImONacd5q712Z8127bLv3uVw2NMP",
    "OYj6LfN9DZEllWgr20RO/f/5GUX7ZTUhqz1SZySUUNShUHz020Sevs7S5/9XpDUAAAAAAAAAWF82M578jR/TXzKfzq5HOUV3Lk9s",
    "+QmMu1QQAFAAAA==",
  ],
};

/**
 * A `cluster.db` of version 1, of the cluster "b625f4917638512903c104b3f8a89c68": three ports from 8892, incarnation 3,
 * and a start that was forced from replica 1.
 */
export function clusterFileOfVersion1(): Promise<Uint8Array> {
  return unpacked(clusterFile1);
}

/** Writes a data directory of one replica: a `cluster.db` of version 1, and a replica's file of version 3. */
export async function writeEarlierDirectory(directory: string): Promise<void> {
  for (const [name, pieces] of Object.entries(directoryOf1And3)) {
    Deno.writeFileSync(`${directory}/${name}`, await unpacked(pieces));
  }
}

async function unpacked(pieces: readonly string[]): Promise<Uint8Array> {
  const bytes = Uint8Array.fromBase64(pieces.join(""));
  return await new Response(new Response(bytes).body!.pipeThrough(new DecompressionStream("gzip"))).bytes();
}
