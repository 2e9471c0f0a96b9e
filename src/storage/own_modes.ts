/**
 * The modes of files that Vaxlog makes for itself: they are for its own user alone, whatever the umask says.
 *
 * Files that a person asks for, to give them to others, are made as the umask says: exports and archives.
 *
 * @module
 */

/** The mode of a file. */
export const ownFileMode = 0o600;

/** The mode of a directory. */
export const ownDirectoryMode = 0o700;

/** Whether others may reach what has this mode; null: the system has no modes. */
export function isOpenToOthers(mode: number | null): boolean {
  return mode !== null && (mode & 0o077) !== 0;
}
