/**
 * A generated folder appears whole or not at all, and never in the place of something that is not ours.
 *
 * Flows in: a path and files. Flows out: the folder, with a marker file that lists what we wrote.
 * Keeps true: everything is written beside the target first and takes its place by a rename. A folder without the marker is
 * never touched unless it is empty. Files that the user put into a folder of ours stay.
 */
import {
  cpSync,
  type Dirent,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { basename, dirname, join, parse, resolve, sep } from 'node:path';
import { fail } from '../diagnostics/diagnostic.js';
import { VERSION } from '../version.js';
import { cleanUpOnExit } from './cleanup.js';
import { describeFileError, errorCode } from './file-errors.js';
import { onDisk } from './write-file.js';

export const MARKER = '.dybnn-compile';

/** What `make` leaves in a project; never carried over, because it belongs to the old sources. */
const BUILD_OUTPUTS: ReadonlySet<string> = new Set(['build', 'run']);

/** A mount point, another file system; EEXIST: an empty folder under Windows. */
const CANNOT_RENAME: ReadonlySet<string> = new Set(['EBUSY', 'EXDEV', 'EPERM', 'EACCES', 'EEXIST']);

type TargetState =
  | { readonly kind: 'absent' }
  | { readonly kind: 'empty' }
  /** `generated`: paths that the marker lists. */
  | { readonly kind: 'ours'; readonly generated: ReadonlySet<string> };

/** Throws DYB002 or DYB008 where `OutputFolder` would; call it before work that takes long. */
export function checkOutputFolder(path: string): void {
  onDisk(path, () => stateOf(path, resolveTarget(path)));
}

/** File by file, where the whole is too large to hold in memory. `discard` after `commit` does nothing. */
export class OutputFolder {
  private readonly target: string;
  private readonly draft: string;
  private readonly written = new Set<string>();
  private readonly firstNewParent: string | undefined;
  private readonly forget: () => void;
  private done = false;

  constructor(private readonly path: string) {
    this.target = resolveTarget(path);
    const parent = dirname(this.target);
    this.draft = join(parent, `.${basename(this.target)}.${process.pid}-${randomName()}.tmp`);
    this.firstNewParent = onDisk(path, () => {
      stateOf(path, this.target);
      const made = mkdirSync(parent, { recursive: true });
      mkdirSync(this.draft);
      return made;
    });
    this.forget = cleanUpOnExit(() => this.discard());
  }

  write(name: string, content: string | Uint8Array): void {
    if (!isPlainRelative(name)) throw new Error(`a back end made a file named ${JSON.stringify(name)}`);
    onDisk(this.path, () => {
      const file = join(this.draft, ...name.split('/'));
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, content);
    });
    this.written.add(name);
  }

  commit(): void {
    onDisk(this.path, () => {
      const marker = { generator: `dybnn-compile ${VERSION}`, files: [...this.written].sort() };
      writeFileSync(join(this.draft, MARKER), `${JSON.stringify(marker, null, 1)}\n`);
      this.swap(stateOf(this.path, this.target));
    });
    this.done = true;
    this.forget();
  }

  discard(): void {
    if (this.done) return;
    this.done = true;
    this.forget();
    rmSync(this.draft, { recursive: true, force: true });
    if (this.firstNewParent !== undefined) removeEmptyFolders(dirname(this.target), this.firstNewParent);
  }

  private swap(state: TargetState): void {
    const kept = state.kind === 'ours' ? this.usersFiles(state.generated) : [];
    const isWorkingFolder = state.kind !== 'absent' && this.target === realpathSync(process.cwd());
    if (isWorkingFolder) this.fill(state);
    else if (state.kind === 'ours') this.replace(state, kept);
    else this.renameOver();
  }

  private replace(state: TargetState, kept: readonly string[]): void {
    const old = `${this.draft}.old`;
    try {
      renameSync(this.target, old);
    } catch (error) {
      // A mount point cannot be renamed.
      if (!CANNOT_RENAME.has(errorCode(error) ?? '')) throw error;
      this.fill(state);
      return;
    }
    try {
      renameSync(this.draft, this.target);
    } catch (error) {
      renameSync(old, this.target);
      throw error;
    }
    for (const name of kept) move(join(old, name), join(this.target, name));
    rmSync(old, { recursive: true, force: true });
  }

  private renameOver(): void {
    try {
      renameSync(this.draft, this.target);
    } catch (error) {
      // Someone else may have filled it meanwhile.
      const empty = stateOf(this.path, this.target).kind === 'empty';
      if (!empty || !CANNOT_RENAME.has(errorCode(error) ?? '')) throw error;
      this.fill({ kind: 'empty' });
    }
  }

  /** For a folder that must stay itself (the working folder, a mount point): the marker first, so that a broken run can be repeated. */
  private fill(state: TargetState): void {
    cpSync(join(this.draft, MARKER), join(this.target, MARKER));
    const generated = state.kind === 'ours' ? state.generated : new Set<string>();
    for (const name of [...generated, ...BUILD_OUTPUTS])
      rmSync(join(this.target, name), { recursive: true, force: true });
    for (const name of this.written) move(join(this.draft, name), join(this.target, name));
    rmSync(this.draft, { recursive: true, force: true });
  }

  /** What the user put into a folder of ours. A name that we want to write now is refused before anything changes. */
  private usersFiles(generated: ReadonlySet<string>): string[] {
    const ours = new Set([...generated, MARKER]);
    const found = listFiles(this.target).filter((name) => !ours.has(name) && !BUILD_OUTPUTS.has(name.split('/')[0]!));
    const folders = new Set([...this.written].flatMap(parentsOf));
    const clash = found.find(
      (name) => this.written.has(name) || folders.has(name) || parentsOf(name).some((p) => this.written.has(p)),
    );
    if (clash !== undefined) {
      fail('DYB002', {
        node: this.path,
        title: 'a file of yours is in the way',
        found: `${clash}, which dybnn-compile did not write and now would`,
        hint: 'move it, or name another folder',
      });
    }
    return found;
  }
}

function resolveTarget(path: string): string {
  if (path === '' || path.includes('\0')) fail('DYB008', { node: path, found: 'not a path' });
  const absolute = resolve(path);
  return existsSync(absolute) ? realpathSync(absolute) : absolute;
}

function stateOf(path: string, target: string): TargetState {
  const refuse = (found: string): never => fail('DYB002', { node: path, found });
  if (target === parse(target).root) refuse('the root of the file system');
  if (target === homeFolder()) refuse('your home folder');
  const stat = lstatSync(target, { throwIfNoEntry: false });
  if (!stat) return { kind: 'absent' };
  if (stat.isSymbolicLink()) refuse('a symbolic link that leads nowhere');
  if (!stat.isDirectory()) refuse('a file of that name');
  const names = readdirSync(target);
  if (names.length === 0) return { kind: 'empty' };
  if (!names.includes(MARKER)) {
    const shown = names.slice(0, 3).join(', ');
    refuse(`${shown}${names.length > 3 ? ` and ${names.length - 3} more` : ''}, without our marker file ${MARKER}`);
  }
  const generated = readMarker(join(target, MARKER));
  if (generated === null) return refuse(`a marker file ${MARKER} that cannot be read`);
  return { kind: 'ours', generated };
}

function readMarker(file: string): ReadonlySet<string> | null {
  try {
    const marker: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (typeof marker !== 'object' || marker === null) return null;
    const { generator, files } = marker as { generator?: unknown; files?: unknown };
    if (typeof generator !== 'string' || !generator.startsWith('dybnn-compile') || !Array.isArray(files)) return null;
    return new Set(files.filter((f): f is string => typeof f === 'string' && isPlainRelative(f)));
  } catch (error) {
    if (error instanceof SyntaxError || describeFileError(error) !== null) return null;
    throw error;
  }
}

function homeFolder(): string {
  const home = homedir();
  return existsSync(home) ? realpathSync(home) : home;
}

/** a/b.c: no drive, no root, no climbing, no empty part. */
function isPlainRelative(name: string): boolean {
  return !/[\\:\0]/.test(name) && name.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
}

function parentsOf(name: string): string[] {
  const parts = name.split('/');
  return parts.slice(1).map((_, i) => parts.slice(0, i + 1).join('/'));
}

/** Everything that is not a folder, by path with '/'. Links are listed, not followed. */
function listFiles(folder: string): string[] {
  const entries: Dirent[] = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(folder.length + 1)
        .split(sep)
        .join('/'),
    )
    .sort();
}

function move(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  try {
    renameSync(from, to);
  } catch (error) {
    if (errorCode(error) !== 'EXDEV') throw error;
    cpSync(from, to);
    rmSync(from);
  }
}

/** Folders that we made on the way, from the innermost out to `last`, while they are empty. */
function removeEmptyFolders(first: string, last: string): void {
  for (let folder = first; folder.startsWith(last) && existsSync(folder); folder = dirname(folder)) {
    if (readdirSync(folder).length > 0) return;
    rmSync(folder, { recursive: true });
  }
}

function randomName(): string {
  return Math.random().toString(36).slice(2, 10);
}
