/** What the operating system said, in words. */
const WORDS: Readonly<Record<string, string>> = {
  ENOENT: 'it does not exist',
  EACCES: 'permission denied',
  EPERM: 'not permitted',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of the path is not a folder',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EROFS: 'the file system is read-only',
  ENAMETOOLONG: 'the name is too long',
  ELOOP: 'too many symbolic links',
  EMFILE: 'too many open files',
  ERR_FS_FILE_TOO_LARGE: 'the file is larger than 2 GiB',
  ERR_INVALID_ARG_VALUE: 'the path holds a zero byte',
};

export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** "permission denied (EACCES)", or null where the error is not the operating system's: then it is our bug. */
export function describeFileError(error: unknown): string | null {
  const code = errorCode(error);
  if (code === undefined) return null;
  const words = WORDS[code];
  if (words !== undefined) return /^E[A-Z]+$/.test(code) ? `${words} (${code})` : words;
  return error instanceof Error && 'syscall' in error ? code : null;
}
