/**
 * A report where the user wants it: FILE.html, FILE.json, or report.html and report.json in a folder. The folder may be a project that
 * we made of the same model: its report is replaced, and nothing else in it is touched.
 *
 * Keeps true: a folder that is not ours stays as it is, and a project never gets the report of another model.
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fail } from '../diagnostics/diagnostic.js';
import type { ReportData } from '../report/report-data.js';
import { checkOutputFolder, OutputFolder } from './output-folder.js';
import { checkReplaceable, onDisk, replaceFile } from './write-file.js';

type Target = 'html' | 'json' | 'new folder' | 'folder of ours';

export interface ReportTarget {
  readonly path: string;
  readonly kind: Target;
}

export function reportTarget(path: string): ReportTarget {
  const isFolder = onDisk(path, () => existsSync(path) && statSync(path).isDirectory());
  const file = isFolder ? null : /\.html?$/i.test(path) ? 'html' : /\.json$/i.test(path) ? 'json' : null;
  if (file !== null) {
    checkReplaceable(path);
    return { path, kind: file };
  }
  checkOutputFolder(path);
  if (!isFolder || readdirSync(path).length === 0) return { path, kind: 'new folder' };
  if (existsSync(join(path, 'report.json'))) return { path, kind: 'folder of ours' };
  return fail('DYB002', {
    node: path,
    title: 'a folder without a report',
    found: 'dybnn-compile made it, but there is no report.json in it',
    hint: 'name a project, a folder that does not exist, or FILE.html',
  });
}

/**
 * The report that is there already, null where there is none. Throws where it is of another model; call it before work that takes
 * long. `report`: what would be written, before anything was run.
 */
export function reportBefore({ path, kind }: ReportTarget, report: ReportData): ReportData | null {
  if (kind !== 'folder of ours') return null;
  const before = parsed(onDisk(path, () => readFileSync(join(path, 'report.json'), 'utf8')));
  // The same program by the same version of ours: its other fields are what they say.
  if (networkOf(before) === networkOf(report)) return before as ReportData;
  return fail('DYB002', {
    node: path,
    title: 'a project of another model',
    found: 'its report.json describes another network, or another version of it',
    hint: 'give the options that it was compiled with, compile the model into it again, or name another folder or FILE.html',
  });
}

export function writeReport({ path, kind }: ReportTarget, files: ReadonlyMap<string, string | Uint8Array>): void {
  if (kind === 'html' || kind === 'json') {
    replaceFile(path, files.get(`report.${kind}`)!);
  } else if (kind === 'folder of ours') {
    for (const [name, content] of files) replaceFile(join(path, name), content);
  } else {
    const folder = new OutputFolder(path);
    try {
      for (const [name, content] of files) folder.write(name, content);
      folder.commit();
    } finally {
      folder.discard();
    }
  }
}

/** What of a report is the network's and not of what was run. */
function networkOf(report: Partial<ReportData>): string {
  const { generator, input, output, layers, buffers, constants } = report;
  const parts = [generator, input, output, layers, buffers, constants];
  return JSON.stringify(parts, (key, value: unknown) => (key === 'saturated' ? undefined : value));
}

function parsed(text: string): Partial<ReportData> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}
