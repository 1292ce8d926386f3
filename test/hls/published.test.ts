/** What the documentation says of the estimates' error on published designs is what the formulas say today. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { PAGE, withTables } from './published-designs.js';

test('the tables of published designs are made from the formulas (npx tsx test/hls/published-designs.ts)', () => {
  const page = readFileSync(PAGE, 'utf8');
  expect(page).toBe(withTables(page));
});
