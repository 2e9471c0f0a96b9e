/** Few entries, and few bytes of documents, in each segment of sealed history. */
export const fewParts = { segmentEntries: 8, documentBytes: 500 };
