/** The last step of the build: leaves the checkout's commit beside the code, where `--version` finds it once installed. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { COMMIT_FILE, checkoutCommit, PACKAGE_ROOT } from './package-root.js';

const commit = checkoutCommit();
if (commit !== undefined) writeFileSync(join(PACKAGE_ROOT, COMMIT_FILE), `${commit}\n`);
